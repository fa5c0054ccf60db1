"""Calls a Python function, or runs a script, from several threads at once, and tells what came of it.

Standard library alone. It is given the path of a request (JSON), and writes a report (JSON) to the file named there.
"""

import concurrent.futures
import ctypes
import faulthandler
import importlib
import json
import os
import pickle
import resource
import runpy
import sys
import threading
import warnings

#: Threads usually take turns every 5 ms, long enough for whole rounds without a neighbour.
SWITCH_INTERVAL = 1e-5
EXAMPLES = 5
LONGEST = 160
#: How the work grows from sample to sample while memory is watched.
DOUBLINGS = 4
MOST_CALLS = 2**16
LEAST_CALLS = 2**3
MEMORY_BUDGET = 2.5
#: A process that wants a core gets at least this part of one, on a machine that is busy.
BUSIEST = 8


def shown(value):
    text = repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def allocator_is_debug():
    """Whether the debugging allocator fills new memory, as it does and no other one.

    None: this interpreter has no such allocator that could be asked.
    """
    try:
        allocate, release = ctypes.pythonapi.PyMem_Malloc, ctypes.pythonapi.PyMem_Free
    except (AttributeError, OSError):
        return None
    allocate.restype, allocate.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    release.restype, release.argtypes = None, [ctypes.c_void_p]
    address = allocate(32)
    try:
        return ctypes.string_at(address, 32) == b"\xcd" * 32
    finally:
        release(address)


def gil_is_enabled():
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def find(name):
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def import_target(request, report):
    """The function, and what makes its argument; tells when an import turns the global lock on."""
    free = not gil_is_enabled()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function = find(request["function"])
        make = find(request["inputs"]) if request["inputs"] else None
    if free and gil_is_enabled():
        words = [str(each.message) for each in caught if "global interpreter lock" in str(each.message)]
        report["gilEnabledBy"] = words[0] if words else ""
    return function, make


class Outcome:
    """What a call gave: its result, or the words of its error."""

    def __init__(self, function, arguments):
        self.error = None
        self.value = None
        try:
            self.value = function(*arguments)
        except BaseException as error:
            self.error = f"{type(error).__name__}: {error}"

    def is_like(self, other):
        try:
            return self.error == other.error and bool(self.value == other.value)
        except Exception:
            return shown(self.value) == shown(other.value)

    def __str__(self):
        return f"an error ({self.error})" if self.error is not None else shown(self.value)


def serial(request, report):
    """What one call after the other gives, in a process that has no other thread."""
    function, make = import_target(request, report)
    outcomes = [Outcome(function, [make()] if make else []) for _ in range(3)]
    report["repeatable"] = all(outcomes[0].is_like(each) for each in outcomes[1:])
    report["shown"] = str(outcomes[0])
    report["error"] = outcomes[0].error
    if make:
        # A function that changes its argument cannot be given the same one again and again.
        shared = make()
        again = [Outcome(function, [shared]) for _ in range(3)]
        report["sharable"] = all(outcomes[0].is_like(each) for each in again)
    try:
        kept = pickle.dumps((outcomes[0].error, outcomes[0].value))
    except Exception:
        kept = None
    if kept is not None:
        with open(request["expected"], "wb") as file:
            file.write(kept)


def expected_of(request, function, make):
    """The outcome of the serial process; of a call made here, before there is any thread, where it cannot be handed over."""
    outcome = Outcome(function, [make()] if make else [])
    if os.path.exists(request["expected"]):
        with open(request["expected"], "rb") as file:
            outcome.error, outcome.value = pickle.load(file)
    return outcome


def hammer(request, report):
    """Rounds, each begun by all threads at the same moment; every future is asked for its result."""
    function, make = import_target(request, report)
    expected = expected_of(request, function, make)
    threads, rounds = request["workers"], request["rounds"]
    barrier = threading.Barrier(threads)
    shared = make() if make and request["sharable"] else None
    progress = [0] * threads

    def work(number):
        wrong = []
        count = 0
        for round_number in range(rounds):
            own = make() if make else None
            uses_shared = shared is not None and round_number % 2 == 0
            arguments = [] if make is None else [shared if uses_shared else own]
            barrier.wait()
            outcome = Outcome(function, arguments)
            progress[number] += 1
            if request["repeatable"] and not outcome.is_like(expected):
                count += 1
                if len(wrong) < EXAMPLES:
                    wrong.append(
                        {
                            "worker": number + 1,
                            "round": round_number + 1,
                            "shared": uses_shared if make else None,
                            "expected": str(expected),
                            "actual": str(outcome),
                        }
                    )
        return count, wrong

    stop_telling = tell_progress(request, progress)
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, number) for number in range(threads)]
        results = [future.result() for future in futures]
    stop_telling()
    report["calls"] = sum(progress)
    report["wrong"] = sum(count for count, _ in results)
    report["mismatches"] = [each for _, wrong in results for each in wrong][:EXAMPLES]


def tell_progress(request, progress):
    """Whoever waits for this process sees in a file that its threads still come further."""
    done = threading.Event()

    def tell():
        while not done.wait(0.1):
            with open(request["journal"], "w") as file:
                json.dump(progress, file)

    threading.Thread(target=tell, daemon=True).start()
    return done.set


def took_long(used, passed, limit):
    """By the processor's clock, since others may want the cores too; calls that mostly wait go by the clock on the wall."""
    return used > limit or (passed > limit and used * BUSIEST < passed)


def memory(request, report):
    """Peaks of memory while the number of calls doubles and doubles again."""
    import gc
    import time

    function, make = import_target(request, report)

    def call(count):
        for _ in range(count):
            Outcome(function, [make()] if make else [])

    count = 1
    while count < MOST_CALLS:
        started, used = time.perf_counter(), time.process_time()
        call(count)
        if took_long(time.process_time() - used, time.perf_counter() - started, MEMORY_BUDGET / 2**DOUBLINGS / 2):
            break
        count *= 2
    report["samples"] = []
    if count < LEAST_CALLS:
        return
    made = 0
    for doubling in range(DOUBLINGS + 1):
        while made < count * 2**doubling:
            call(count // 8)
            made += count // 8
            gc.collect()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        report["samples"].append({"calls": made, "peakBytes": peak * (1 if sys.platform == "darwin" else 1024)})


def script(request, report):
    """Runs a script as it would run by itself, and records the errors that it never retrieves."""
    sys.path[0] = request["shims"]
    import lost_errors

    lost_errors.install(request["lost"])
    started = []
    start = threading.Thread.start

    def count(thread):
        started.append(1)
        start(thread)

    threading.Thread.start = count
    sys.argv = [request["script"]]
    sys.path[0] = os.path.dirname(request["script"])
    try:
        runpy.run_path(request["script"], run_name="__main__")
    finally:
        report["threads"] = len(started)


MODES = {"serial": serial, "hammer": hammer, "memory": memory, "script": script}


def main():
    with open(sys.argv[1]) as file:
        request = json.load(file)
    # Where a crash struck, apart from whatever else is printed. The file stays open: it is written to by a dying process.
    faulthandler.enable(open(request["faults"], "w"))
    sys.setswitchinterval(SWITCH_INTERVAL)
    sys.path[0] = request["cwd"]
    report = {"debugAllocator": allocator_is_debug(), "gilEnabledBy": None}
    try:
        MODES[request["mode"]](request, report)
    finally:
        with open(request["report"], "w") as file:
            json.dump(report, file)


if __name__ == "__main__":
    main()
