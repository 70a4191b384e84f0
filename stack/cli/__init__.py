"""The commands of a checkout: the local stack, runs on it, and what they leave.

`isogloss.cli` finds them here; a command's module imports what is heavy inside its functions.
"""

COMMANDS = {
    "replicate": ("stack.cli.replicate:replicate", "Run the paper's pipeline and print its tables."),
    "plan": ("stack.cli.plan:plan", "Say what a run would do and cost, before anything runs."),
    "mirror": ("stack.cli.mirror:mirror", "Copy what a run reads from the hub, for machines without it."),
    "report": ("stack.cli.report:report", "Draw a run's report anew, or compare two runs."),
    "export": ("stack.cli.export:export", "Write a run's model as plain transformers load it."),
    "pretrain": ("stack.cli.pretrain:pretrain", "Pre-train an encoder on text of your own."),
    "profile": (
        "stack.cli.profile:profile",
        "Check an experiment before it runs, or print the schema of its file.",
    ),
    "paper": ("stack.cli.paper:paper", "Check the paper's derived figures against its printed scores."),
    "up": ("stack.cli.stack:up", "Start the local stack."),
    "status": ("stack.cli.stack:status", "Show the parts of the local stack."),
    "logs": ("stack.cli.stack:logs", "Show what a part of the local stack has logged."),
    "env": ("stack.cli.stack:env", "Print the settings that reach the local stack, for a shell."),
    "cluster": (
        "stack.cli.cluster:cluster",
        "Say what an installation on Kubernetes needs, and what a cluster lacks.",
    ),
    "down": ("stack.cli.stack:down", "Stop the local stack."),
}
