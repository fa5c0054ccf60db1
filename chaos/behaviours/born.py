"""Says that a process is there, in a way that owes nothing to Shakedown.

The files `marker` and `births` and the pipe `life` lie in the folder that the leader was started in. All are held
open at high descriptors, which children inherit, so the harness sees them in /proc whatever else a process does to
hide. And when nobody holds `life` any more the pipe ends, so the harness need not see a process to know of it.
"""

import os

MARKER = 200
BIRTHS = 201
LIFE = 202
# Should the harness be gone, nothing here lives longer than this.
LIFETIME = 120


def hold() -> None:
    """Opens all three: once, before anything is forked and before the folder is left."""
    for path, flags, fd in (
        ("marker", os.O_RDONLY, MARKER),
        ("births", os.O_WRONLY | os.O_APPEND, BIRTHS),
        # For reading too: that does not wait for the harness.
        ("life", os.O_RDWR, LIFE),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, fd, inheritable=True)
        os.close(opened)


def born(role: str) -> None:
    """Writes pid (as seen from here, which may be a namespace of its own) and start time, in one piece."""
    with open("/proc/self/stat", "rb") as stat:
        fields = stat.read().rpartition(b")")[2].split()
    os.write(BIRTHS, f"{role} {os.getpid()} {int(fields[19])}\n".encode())


def close_all_but_these() -> None:
    """What a thorough daemon does: the output and the lease go."""
    os.closerange(0, MARKER)
    os.closerange(LIFE + 1, 1024)
