"""What a process tells of its hooked functions: a file of its own, to which it appends.

Nothing here raises, and nothing is imported that an interpreter has not loaded by itself: the program must not notice.
"""

import os
import time

#: How many results of a function are looked at for their types.
LOOKED_AT = 8


def quoted(text):
    """A text in JSON."""
    plain = [c if " " <= c <= "~" and c not in '"\\' else "".join("\\u%04x" % unit for unit in utf16(c)) for c in text]
    return '"%s"' % "".join(plain)


def utf16(character):
    code = ord(character)
    return (code,) if code < 0x10000 else (0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF))


def encoded(value):
    if value is None:
        return "null"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{%s}" % ",".join("%s:%s" % (quoted(key), encoded(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return "[%s]" % ",".join(map(encoded, value))
    return str(value)


class Record:
    """:param folder: where each process makes a file, a JSON document a line"""

    def __init__(self, folder):
        self.folder = folder
        self.path = None
        self.cells = []
        self.numbers = 0
        #: What was told before, so that it is told once.
        self.told = set()

    def write(self, *documents):
        try:
            if self.path is None:
                # In another PID namespace the same number may be another process.
                self.path = os.path.join(self.folder, "%d-%x.ndjson" % (os.getpid(), time.time_ns()))
            text = "".join(encoded(each) + "\n" for each in documents).encode()
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
            try:
                os.write(file, text)
            finally:
                os.close(file)
        except Exception:
            # The folder is gone, full, or another user's; or the interpreter is at its very end.
            pass

    def cell(self):
        self.numbers += 1
        self.cells.append(Cell(self, self.numbers))
        return self.cells[-1]

    def once(self, document):
        key = encoded(document)
        if key not in self.told:
            self.told.add(key)
            self.write(document)

    def unhookable(self, module, name, reason):
        self.once({"unhookable": {"module": module, "name": name, "reason": reason}})

    def changed_import(self):
        self.write({"changedImports": 1})

    def begin(self):
        """While it can: a process that becomes another user's is no longer able to write, and never ends here."""
        self.write({"began": 1})

    def finish(self):
        untold = [cell.counts() for cell in self.cells if cell.calls > cell.told or cell.changed > cell.told_changed]
        self.write(*untold, {"ended": 1})

    def forked(self):
        """In the child: what came before is the parent's to tell."""
        self.path = None
        for cell in self.cells:
            cell.begin()
        self.begin()


class Cell:
    """The counts of one function in this process. Threads may lose a count to each other, and nothing else.

    :param number: in this process
    """

    __slots__ = (
        *("record", "number", "names", "calls", "changed", "told", "told_changed"),
        *("in_main", "in_worker", "results", "announced", "next"),
    )

    def __init__(self, record, number):
        self.record = record
        self.number = number
        self.names = []
        self.begin()

    def begin(self):
        self.calls = 0
        self.changed = 0
        self.told = 0
        self.told_changed = 0
        self.in_main = False
        self.in_worker = False
        self.results = []
        self.announced = False
        #: At how many calls they are told next. Each time by half as many more: whoever is killed has told two thirds.
        self.next = 1

    def announce(self):
        self.announced = True
        return [{"fn": self.number, "as": {"module": module, "name": name}} for module, name in self.names]

    def counts(self):
        self.told = self.calls
        self.told_changed = self.changed
        threads = "both" if self.in_main and self.in_worker else "worker" if self.in_worker else "main"
        document = {"fn": self.number, "calls": self.calls, "changed": self.changed, "from": threads}
        if self.results:
            document["results"] = self.results
        return document

    def change_late(self):
        """What a call gave was changed after the call was told: an item of an iterator, or the result of a coroutine."""
        self.changed += 1
        if self.changed > self.told_changed + self.told_changed // 2:
            self.tell()

    def look(self, result):
        """Returns whether a result is the first of its type."""
        name = type(result).__name__
        if name in self.results:
            return False
        self.results.append(name)
        return True

    def tell(self):
        self.next = self.calls + self.calls // 2 + 1
        self.record.write(*([] if self.announced else self.announce()), self.counts())
