"""Writes as fast as it can, as much as that, and then stays."""

import sys
import time

from born import LIFETIME, born, hold

MEGABYTES = 64

hold()
born("flood")
line = b"0123456789 abcdefghijklmnopqrstuvwxyz .................................\n"
block = line * (65536 // len(line))
for _ in range(MEGABYTES * 16):
    sys.stdout.buffer.write(block)
sys.stdout.buffer.flush()
time.sleep(LIFETIME)
