"""The module that a proof breaks."""


def answer() -> int:
    return 42
