"""What can go wrong with the local stack, said to a person: the problem, and the fix."""


class StackError(Exception):
    """The stack, or a run on it, cannot do what was asked. `tail` holds the last lines of the log that
    explains it.
    """

    def __init__(self, problem: str, fix: str = "", tail: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix
        self.tail = tail
