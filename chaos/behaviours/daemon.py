"""
Forks twice and calls setsid; with `--close` it closes every descriptor as well, and with `--undumpable` nobody but root
may look into it.
"""

import ctypes
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
if "--undumpable" in sys.argv:
    PR_SET_DUMPABLE = 4
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
born("daemon")
time.sleep(LIFETIME)
