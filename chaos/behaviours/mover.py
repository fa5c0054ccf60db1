"""Moves to another process group, and to another session, again and again; and closes its descriptors on the way."""

import os
import time

from born import LIFETIME, born, close_all_but_these, hold

MOVES = 100
PAUSE = 0.02

hold()
for move in range(MOVES):
    if os.fork() > 0:
        # The parent is there a moment longer, so this one is no hopper.
        time.sleep(PAUSE / 2)
        os._exit(0)
    if move % 2 == 0:
        os.setsid()
    else:
        os.setpgid(0, 0)
    if move == 0:
        close_all_but_these()
    born("mover")
    time.sleep(PAUSE)
time.sleep(LIFETIME)
