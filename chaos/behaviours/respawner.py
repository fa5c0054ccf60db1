"""Two processes, each in a session of its own; when one of them is killed, the other makes a new one."""

import os
import signal
import time

from born import LIFETIME, born, hold

# However it is ended, it gives up after this time, and after so many.
UNTIL = time.monotonic() + 10
MOST = 400


def live() -> None:
    for _ in range(MOST):
        if time.monotonic() > UNTIL:
            break
        # Each holds the writing end of one pipe and writes nothing: the other one reads its end.
        of_child, of_parent = os.pipe(), os.pipe()
        if os.fork() > 0:
            mine, other = of_parent, of_child
        else:
            os.setsid()
            born("respawner")
            mine, other = of_child, of_parent
        os.close(mine[0])
        os.close(other[1])
        os.read(other[0], 1)
        os.close(other[0])
        os.close(mine[1])
    time.sleep(LIFETIME)


hold()
# What has been killed is not to stay as a zombie.
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
born("respawner")
live()
