"""A kubectl that answers from the JSON file that ISOGLOSS_STUB_ANSWERS names: {"get nodes -o json": …}.

No cluster was at hand: the answers are written in the form of the API, not recorded from one. `kustomize` is
kubectl's own. What the file does not hold is answered as kubectl answers for a server that is away.
"""

import json
import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Answer one call."""
    arguments = sys.argv[1:]
    if arguments[0] == "kustomize":
        return subprocess.run(
            [str(Path(sys.executable).with_name("kubectl")), *arguments], check=False
        ).returncode
    answers = json.loads(Path(os.environ["ISOGLOSS_STUB_ANSWERS"]).read_text())
    if arguments[:2] == ["auth", "can-i"]:
        refused = arguments[3] in answers.get("refused", [])
        print("no" if refused else "yes")
        return int(refused)
    answer = answers.get(" ".join(arguments))
    if answer is None:
        print(
            "The connection to the server was refused - did you specify the right host or port?",
            file=sys.stderr,
        )
        return 1
    print(answer if isinstance(answer, str) else json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
