"""Work in a process of its own, which may crash or get stuck."""

import faulthandler
import json
import os
import select
import signal
import time
import traceback

from shakedown_examples.refusals import real_sleep

#: A process that uses less of a core than this only waits.
LEAST_WORK = 0.02
LONGEST_ERROR = 200


class Parted:
    """How a process of its own ended: what it gave; by what error, signal or exit; where it was then."""

    def __init__(self, answer, status, given_up, faults):
        self.value, self.error = answer.get("value"), answer.get("error")
        self.signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        #: With which code it has ended on its own, without an answer.
        self.code = os.WEXITSTATUS(status) if os.WIFEXITED(status) and not answer else None
        #: Why it was ended from here, if it was.
        self.given_up = given_up
        self.faults = faults

    @property
    def is_stuck(self):
        return self.given_up == "stuck"

    @property
    def words(self):
        """Why there is no value."""
        if self.given_up is not None or self.signal == signal.SIGALRM:
            return "it does not end"
        if self.signal:
            return f"it crashes ({signal.Signals(self.signal).name})"
        return self.error or "it ends its process"


def seconds_used(pid):
    """Of processors, by a process; None: this system does not tell."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return None


def children_of(pid):
    """Of a process, with theirs; none where this system does not tell."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(each) for each in file.read().split()]
    except OSError:
        return []
    return found + [other for each in found for other in children_of(each)]


def end_with_children(pid):
    others = children_of(pid)
    for each in [pid, *others]:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            pass


def has_ended(pid):
    """Whether a process has ended, which is left to be waited for."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def read_all(reader, pid, limit, stall):
    """What a process writes, and why it was ended: it did nothing for `stall` seconds ("stuck"), or takes longer than `limit`.

    Processes that it has left behind may keep its pipe open.
    """
    parts = []
    started = worked = time.monotonic()
    used = 0.0
    while True:
        if select.select([reader], [], [], 0.5)[0]:
            part = os.read(reader, 65536)
            if not part:
                return b"".join(parts), None
            parts.append(part)
            continue
        if has_ended(pid) and not select.select([reader], [], [], 0)[0]:
            return b"".join(parts), None
        now, more = time.monotonic(), seconds_used(pid)
        if more is None or more - used > LEAST_WORK * (now - worked):
            used, worked = more or 0.0, now
        is_stuck = stall is not None and now - worked > stall
        if is_stuck or now - started > limit:
            # It writes down where each of its threads is.
            os.kill(pid, signal.SIGUSR1)
            real_sleep(0.5)
            end_with_children(pid)
            return b"", "stuck" if is_stuck else "slow"


def answer_of(work):
    try:
        return {"value": work()}
    except BaseException as error:
        return {"error": traceback.format_exception_only(type(error), error)[-1].strip()[:LONGEST_ERROR]}


def apart(work, job, limit, stall):
    """Does work in a process of its own."""
    faults = os.path.join(job["scratch"], f"faults-{os.getpid()}")
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            file = open(faults, "w")
            faulthandler.enable(file)
            faulthandler.register(signal.SIGUSR1, file, all_threads=True)
            # What others print shows nothing here, and is not meant for anybody.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            text = json.dumps(answer_of(work))
            with os.fdopen(writer, "w") as pipe:
                pipe.write(text)
        finally:
            os._exit(0)
    os.close(writer)
    text, given_up = read_all(reader, pid, limit, stall)
    os.close(reader)
    _, status = os.waitpid(pid, 0)
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {}
    lines = []
    if os.path.exists(faults):
        with open(faults) as file:
            lines = file.read().split("\n")
        os.remove(faults)
    return Parted(answer, status, given_up, lines)
