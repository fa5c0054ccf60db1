"""Forks on and on: the child goes on, the parent ends, so a process lives for a millisecond or less. Then it stays."""

import os
import time

from born import LIFETIME, born, hold

HOPS = 2000
SECONDS = 5

hold()
until = time.monotonic() + SECONDS
for _ in range(HOPS):
    if time.monotonic() > until:
        break
    born("hopper")
    if os.fork() > 0:
        os._exit(0)
born("hopper")
time.sleep(LIFETIME)
