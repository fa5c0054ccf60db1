"""Standard output, apart for each thread."""

import hashlib
import io
import os
import threading

from shakedown_examples.refusals import Watch, refuse

#: What one example prints beyond this is dropped, in characters.
MOST_PRINTED = 1_000_000
LONGEST_TEXT = 4000


class Printed(io.TextIOBase):
    """Standard output that keeps for each thread what that thread prints."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self):
        self.own = threading.local()
        # Modules ask for these when they are imported. What is written there shows nothing, and is not compared.
        self.buffer = open(os.devnull, "wb")

    def fileno(self):
        return 1

    def writable(self):
        return True

    def write(self, text):
        parts = getattr(self.own, "parts", None)
        if parts is None:
            return len(text)
        self.own.length += len(text)
        if self.own.length <= MOST_PRINTED:
            parts.append(text)
        elif Watch.is_on:
            refuse("it prints a lot")
        return len(text)

    def begin(self):
        self.own.parts, self.own.length = [], 0

    def taken(self):
        parts, self.own.parts = self.own.parts, []
        return "".join(parts)


printed = Printed()


def show_value(value):
    if value is not None:
        printed.write(repr(value) + "\n")


def bounded(text):
    if len(text) <= LONGEST_TEXT:
        return text
    return text[:LONGEST_TEXT] + hashlib.sha1(text.encode("utf-8", "replace")).hexdigest()
