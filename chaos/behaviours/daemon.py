"""Forks twice and calls setsid; with `--close` it closes every descriptor as well."""

import os
import sys
import time

from born import LIFETIME, born, close_all_but_these, hold

hold()
if os.fork() > 0:
    os._exit(0)
os.setsid()
if os.fork() > 0:
    os._exit(0)
os.chdir("/")
if "--close" in sys.argv:
    close_all_but_these()
born("daemon")
time.sleep(LIFETIME)
