"""Forks on and on: the child goes on, the parent ends, so a process lives for less than a millisecond. Then it stays."""

import os
import time

from born import LIFETIME, born, hold

HOPS = 5000
SECONDS = 5
# To write down each birth would take longer than the birth.
SAID_EVERY = 20

hold()
until = time.monotonic() + SECONDS
for hop in range(HOPS):
    if time.monotonic() > until:
        break
    if hop % SAID_EVERY == 0:
        born("hopper")
    if os.fork() > 0:
        os._exit(0)
born("hopper")
time.sleep(LIFETIME)
