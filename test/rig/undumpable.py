"""
Becomes a daemon that the finders of an ordinary user cannot look into: not dumpable, as ssh-agent and gpg-agent are, in
a session of its own, without the files and the environment that it was given. Called as: undumpable.py PROGRAM ARGUMENT
"""
import ctypes
import os
import sys

if os.fork() > 0:
    os._exit(0)
os.setsid()
if os.fork() > 0:
    os._exit(0)
for fd in range(0, 64):
    try:
        os.close(fd)
    except OSError:
        pass
PR_SET_DUMPABLE = 4
ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
while True:
    ctypes.CDLL(None).sleep(600)
