"""A tree of processes, seven below each; the leaves change their session by turns."""

import os
import time

from born import LIFETIME, born, hold

SIZE = 50
FAN = 7


def grow(number: int) -> None:
    """Like a heap: below number n are those from 7n + 1 to 7n + 7."""
    born("tree")
    for child in range(number * FAN + 1, min(number * FAN + FAN + 1, SIZE)):
        if os.fork() == 0:
            if child % 3 == 0:
                os.setsid()
            grow(child)
            os._exit(0)
    time.sleep(LIFETIME)


hold()
grow(0)
