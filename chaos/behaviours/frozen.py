"""
A daemon that freezes itself, in a group of version 1's freezer that the harness has made: from then on not even SIGKILL
ends it until the harness thaws it. It lets go of `life`, by which the harness waits for the others.
"""

import os
import sys
import time

from born import LIFE, LIFETIME, born, hold

GROUP = sys.argv[1]


def write(name: str, text: str) -> None:
    with open(os.path.join(GROUP, name), "w", encoding="ascii") as file:
        file.write(text)


hold()
if os.fork() > 0:
    os._exit(0)
os.setsid()
if os.fork() > 0:
    os._exit(0)
os.close(LIFE)
# Inherited from the leader as well.
os.close(6)
write("cgroup.procs", "0")
born("frozen")
write("freezer.state", "FROZEN")
time.sleep(LIFETIME)
