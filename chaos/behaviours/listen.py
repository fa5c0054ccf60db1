"""What leader.sh does with the words of the harness, for programs in Python."""

import os
import sys


def obey() -> None:
    """Reads byte by byte: what comes after a line is for whoever is run next."""
    go = os.open("go", os.O_RDONLY)
    line = b""
    while True:
        byte = os.read(go, 1)
        if byte != b"\n":
            line += byte
            continue
        word, _, rest = line.decode().partition(" ")
        line = b""
        if word == "say":
            print(rest, flush=True)
        elif word == "exit":
            sys.exit(int(rest))
