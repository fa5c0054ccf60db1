"""Faults on purpose: ORJSON_EXAMPLE_BREAK names one, and the suite should then be caught out."""

from __future__ import annotations

import functools
import os
import traceback
from collections.abc import Callable

FAULTS = ("server-500", "import-error", "thread-swallows", "client-crash")
CHOSEN = os.environ.get("ORJSON_EXAMPLE_BREAK", "")

# A misspelt fault breaks nothing, and would pass for a suite that notices nothing.
# An ordinary exception, because gunicorn starts a worker that calls sys.exit again and again, for ever.
if CHOSEN and CHOSEN not in FAULTS:
    raise ValueError(f"ORJSON_EXAMPLE_BREAK={CHOSEN}: unknown fault, expected one of {', '.join(FAULTS)}")


def document_fails() -> bool:
    return CHOSEN == "server-500"


def break_import() -> None:
    if CHOSEN == "import-error":
        __import__("a_module_nobody_installed")


def crash_client(request: int) -> None:
    if CHOSEN == "client-crash" and request == 250:
        raise RuntimeError("the client itself is broken")


Case = tuple[object, bytes]
Work = Callable[[list[Case]], int]


def swallow(work: Work) -> Work:
    """Every thread fails, prints that it did, and claims its work all the same.

    This is what becomes of futures whose result nobody asks for: exit code 0.
    """
    if CHOSEN != "thread-swallows":
        return work

    @functools.wraps(work)
    def careless(cases: list[Case]) -> int:
        try:
            return work([(value, b"not what orjson writes") for value, _ in cases])
        except AssertionError:
            traceback.print_exc()
            return len(cases)

    return careless
