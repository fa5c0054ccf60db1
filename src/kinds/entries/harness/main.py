"""Imports modules, each in a process of its own:

    python -I entries.py JOB

JOB is a file with a line for each module: `top` or `sub`, its name, and perhaps the path to a function in it. Beside it
are written, for each by its number, N.json with what came of it and N.out with what it printed; and JOB.ndjson with
when it began and how its process ended. What a top module has loaded is not imported once more: `import a.b` begins with
`import a` in any case.

Each process is a copy of this one, which is far cheaper than a fresh interpreter and the same to the module: that is why
this imports nothing that a bare interpreter would not have.
"""

import os
import sys
import time

LIMIT = 20
# After so many seconds no more are begun.
ENOUGH = 100


def frames_of(error):
    """The files in which it was raised, the outermost first, without those of the import system."""
    files = []
    trace = error.__traceback__
    while trace is not None:
        files.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return [file for file in files if not file.startswith("<frozen ") and file != __file__]


def tell(path, told):
    import json

    with open(path, "w") as file:
        json.dump(told, file)


def describe(error):
    import traceback

    kind = type(error)
    name, path = getattr(error, "name", None), getattr(error, "path", None)
    lines = "".join(traceback.format_exception(kind, error, error.__traceback__)).splitlines()
    return {
        "type": kind.__name__,
        "module": kind.__module__,
        "message": str(error)[:1000],
        "name": name if isinstance(name, str) else None,
        "path": path if isinstance(path, str) else None,
        "files": frames_of(error)[-20:],
        "stack": [line[:300] for line in lines[-12:]],
    }


def one(name, attribute, result):
    """Runs in a process of its own, and never returns."""
    try:
        __import__(name)
        target = sys.modules[name]
        for part in attribute.split(".") if attribute else ():
            if not hasattr(target, part):
                tell(result, {"type": "lacks"})
                os._exit(0)
            target = getattr(target, part)
    except BaseException as error:
        tell(result, {"type": "threw", "error": describe(error)})
        os._exit(0)
    with open(result + ".loaded", "w") as file:
        file.write("\n".join(list(sys.modules)))
    tell(result, {"type": "imported"})
    os._exit(0)


def start(name, attribute, base):
    pid = os.fork()
    if pid != 0:
        return pid
    import _signal
    import faulthandler

    output = os.open(base + ".out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    faulthandler.enable(2)
    faulthandler.dump_traceback_later(LIMIT - 1, file=2)
    _signal.alarm(LIMIT)
    one(name, attribute, base + ".json")


def loaded_by(result):
    """What a module had loaded once it was imported."""
    try:
        with open(result + ".loaded") as file:
            return file.read().split("\n")
    except OSError:
        return []


class Imports:
    def __init__(self, job):
        self.folder = os.path.dirname(job)
        self.journal = open(job + ".ndjson", "w", 1)
        self.running = {}

    def base(self, index):
        return os.path.join(self.folder, str(index))

    def end_one(self):
        pid, status = os.wait()
        if pid in self.running:
            signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
            line = '{"type": "ended", "index": %d, "code": %d, "signal": %d}\n'
            self.journal.write(line % (self.running.pop(pid), code, signal))

    def carry_out(self, wanted):
        started = time.monotonic()
        for index, name, attribute in wanted:
            while len(self.running) >= (os.cpu_count() or 1):
                self.end_one()
            if time.monotonic() - started > ENOUGH:
                break
            self.journal.write('{"type": "begun", "index": %d}\n' % index)
            self.running[start(name, attribute, self.base(index))] = index
        while self.running:
            self.end_one()

    def pass_over(self, index):
        self.journal.write('{"type": "loaded", "index": %d}\n' % index)


def main(job):
    with open(job) as file:
        wanted = [line.rstrip("\n").split(" ") for line in file]
    tops = [(index, name, attribute) for index, (sort, name, attribute) in enumerate(wanted) if sort == "top"]
    imports = Imports(job)
    imports.carry_out(tops)
    loaded = {each for index, _, _ in tops for each in loaded_by(imports.base(index) + ".json")}
    others = []
    for index, (sort, name, attribute) in enumerate(wanted):
        if sort == "sub" and attribute == "" and name in loaded:
            imports.pass_over(index)
        elif sort == "sub":
            others.append((index, name, attribute))
    imports.carry_out(others)


if __name__ == "__main__":
    main(sys.argv[1])
