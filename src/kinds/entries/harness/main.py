"""Imports modules, each in a process of its own:

    python -I -X faulthandler entries.py JOB

JOB is a file with a line for each module: its name, and perhaps a space and the path to a function in it. Beside it
are written, for each by its number, N.json with what came of it and N.out with what it printed; and JOB.ndjson with
when it began and how its process ended.

Each process is a copy of this one, which is far cheaper than a fresh interpreter and the same to the module: that is why
this imports nothing that a bare interpreter would not have.
"""

import os
import sys

LIMIT = 20


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


def main(job):
    folder = os.path.dirname(job)
    with open(job) as file:
        wanted = [line.rstrip("\n").partition(" ") for line in file]
    journal = open(job + ".ndjson", "w", 1)
    running = {}
    waiting = list(enumerate(wanted))
    processes = os.cpu_count() or 1
    while waiting or running:
        while waiting and len(running) < processes:
            index, (name, _, attribute) = waiting.pop(0)
            journal.write('{"type": "begun", "index": %d}\n' % index)
            running[start(name, attribute, os.path.join(folder, str(index)))] = index
        pid, status = os.wait()
        if pid not in running:
            continue
        signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
        journal.write('{"type": "ended", "index": %d, "code": %d, "signal": %d}\n' % (running.pop(pid), code, signal))


if __name__ == "__main__":
    main(sys.argv[1])
