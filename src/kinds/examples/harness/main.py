"""Runs the examples in docstrings of an installed package: alone, and then from several threads at once.

Standard library alone. It is given a mode and the path of a job (JSON), and writes events (NDJSON), each as soon as it is known: a
module may take its process along. Every module is imported in a process of its own, and every example is run in one of its own.
"""

import importlib
import json
import os
import random
import re
import signal
import sys
import threading
import time
import warnings

from shakedown_examples import refusals
from shakedown_examples.apart import apart
from shakedown_examples.found import examples_of
from shakedown_examples.printed import printed, show_value
from shakedown_examples.turns import by_turns, folder_of, forcing, in_threads

#: Threads usually take turns every 5 ms, long enough for most calls to be made without a neighbour.
SWITCH_INTERVAL = 1e-5
#: What takes longer alone is not tried, in seconds.
LONGEST_RUN = 0.3
#: What takes longer is not run under a trace, in seconds.
LONGEST_TRACED = 0.02
#: How long a process may take as a whole, by the clock on the wall.
ALONE_LIMIT, LIMIT, MIXED_LIMIT = 15, 40, 60
#: How long one thread alone may try to see what several have seen.
CHANCE_SECONDS = 5
EXAMPLES_SHOWN = 3
MOST_ROUNDS = 40
MOST_REPEATS = 25
FORCED = "with forced switches"
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def tell(job, event):
    with open(job["events"], "a") as file:
        file.write(json.dumps(event) + "\n")


def gil_is_enabled():
    return getattr(sys, "_is_gil_enabled", lambda: True)()


class Import:
    """Of this process, and of those that it comes from."""

    starts_threads = False


def imported(name, job):
    """A module; tells when its import turns the global lock on."""
    is_free = not gil_is_enabled()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Without a handler, that is the end of this process.
        signal.alarm(job["import"])
        module = importlib.import_module(name)
        signal.alarm(0)
    if is_free and gil_is_enabled():
        words = [str(each.message) for each in caught if "global interpreter lock" in str(each.message)]
        tell(job, {"type": "lock", "module": name, "words": words[0] if words else ""})
    # Threads do not come along into the processes of examples, which may need them, or what they have locked.
    Import.starts_threads = Import.starts_threads or threading.active_count() > 1
    # What it has printed so far, or may have put in the place of ours.
    sys.stdout, sys.displayhook = printed, show_value
    return module


def place_of(example):
    return {"module": example.module.__name__, "name": example.name, "file": example.file, "line": example.line}


def first_run(example):
    """What it gives in a process that has done nothing else; or why it is not for threads."""
    random.seed(os.getpid())
    kept_apart = [object() for _ in range(random.randrange(10_000))]
    files = os.listdir()
    sys.addaudithook(refusals.audit)
    refusals.Watch.is_on = True
    started = time.perf_counter()
    try:
        outcomes = example.run()
    except refusals.Refusal:
        outcomes = []
    cost = time.perf_counter() - started
    refusals.Watch.is_on = False
    del kept_apart
    if refusals.Watch.reason is not None:
        return {"dropped": refusals.Watch.reason}
    # By C, of which nobody tells.
    if os.listdir() != files:
        return {"dropped": "it writes files"}
    if cost > LONGEST_RUN:
        return {"dropped": "it takes long"}
    if not example.passes(outcomes):
        return {"dropped": "it does not give what it says"}
    if any(ADDRESS.search(output) for output, _ in outcomes):
        return {"dropped": "it prints addresses"}
    return {"cost": cost, "outcomes": outcomes}


def alone(example):
    first = first_run(example)
    if "dropped" in first:
        return first
    example.expected = first["outcomes"]
    started = time.perf_counter()
    if example.run() != example.expected:
        return {"dropped": "it gives something else the second time"}
    # The first time it may have to prepare something.
    first["cost"] = min(first["cost"], time.perf_counter() - started)
    if in_threads([[example]], 1)[1]:
        return {"dropped": "it gives something else outside of the main thread"}
    for seed in range(3):
        wrong = by_turns([[example]] * 2, seed)
        if wrong is None:
            return {"dropped": "it holds a lock from one call to the next"}
        if wrong:
            return {"dropped": "it keeps state from one call to the next"}
    return first


def depending(examples):
    """Those that depend on what was run before them."""
    return sorted({each.name for order in (examples, examples[::-1]) for each in order if each.run() != each.expected})


def within(until):
    return time.monotonic() < until


def survey(name, job, until):
    examples = examples_of(imported(name, job))
    order = sorted(examples)
    random.Random(1).shuffle(order)
    if job["only"] is not None:
        order = [each for each in order if each in job["only"]]
    work = first_run if job["only"] is not None else alone
    kept = []
    for key in order:
        example = examples[key]
        state = example.uses_process_state()
        if state is not None:
            given = {"dropped": f"it uses {state}, which is one for the whole process"}
        elif Import.starts_threads:
            given = {"dropped": "its package starts threads when it is imported"}
        elif not within(until):
            given = {"dropped": "there was no time for it"}
        else:
            parted = apart(lambda: work(example), job, ALONE_LIMIT, job["stall"])
            given = parted.value or {"dropped": parted.words}
        tell(job, {"type": "example", **place_of(example), **given})
        if "outcomes" in given:
            example.expected = given["outcomes"]
            kept.append(example)
    if job["only"] is None and kept:
        kept.sort(key=lambda each: each.line or 0)
        dropped = apart(lambda: depending(kept), job, MIXED_LIMIT, job["stall"]).value
        for each in kept if dropped is None else [each for each in kept if each.name in dropped]:
            tell(job, {"type": "depends", "module": name, "name": each.name})
    return True


def rounds_for(cost, job):
    """As many as there is time for, and how often each thread runs an example in one: what is short hardly meets itself."""
    runs = int(job["each"] / max(cost * job["threads"], 1e-6))
    rounds = max(3, min(MOST_ROUNDS, runs))
    return rounds, max(1, min(MOST_REPEATS, runs // rounds))


def differences(wrong):
    shown = []
    for example, thread, round_number, outcomes in wrong[:EXAMPLES_SHOWN]:
        place = next(index for index, each in enumerate(outcomes) if each != example.expected[index])
        given = {"thread": thread, "round": round_number, "source": example.statements[place].source.strip()}
        shown.append({**given, "expected": example.expected[place], "actual": outcomes[place]})
    return shown


def depends_on_turns(example, lists):
    """Whether it comes to something else with whole calls too, as they take turns."""
    return any(example.name in (by_turns(lists, seed) or ()) for seed in range(10 if len(lists[0]) > 1 else 20))


def judged(lists, rounds, trace_of, how):
    """What one way to run examples together comes to."""
    runs, wrong = in_threads(lists, rounds, trace_of)
    found = []
    for name in sorted({example.name for example, *_ in wrong}):
        own = [each for each in wrong if each[0].name == name]
        event = {**place_of(own[0][0]), "count": len(own), "runs": runs[name], "how": how, "shown": differences(own)}
        found.append({**event, "because": "state" if depends_on_turns(own[0][0], lists) else None})
    return {"runs": sum(runs.values()), "wrong": found}


def ways(example, job):
    """It is run by all threads at once: as it is, and with switches where there would hardly ever be one."""
    lists = [[example]] * job["threads"]
    rounds, repeats = rounds_for(example.cost, job)
    folder = folder_of(example.module)
    yield lambda: judged([[example] * repeats] * job["threads"], rounds, None, "as it is")
    if example.cost > LONGEST_TRACED:
        return
    # A thread alone under the same trace has to come to the same, or that would be what makes the difference.
    if not in_threads([[example]], 1, lambda me: forcing(folder, me))[1]:
        yield lambda: judged(lists, max(3, rounds // 4), lambda me: forcing(folder, me), FORCED)


def is_chance(example, runs, how):
    """Whether it comes to something else now and then in one thread alone, too."""
    trace_of = (lambda me: forcing(folder_of(example.module), me)) if how == FORCED else None
    until = time.monotonic() + CHANCE_SECONDS
    for _ in range(3 * runs // MOST_REPEATS + 1):
        if in_threads([[example] * MOST_REPEATS], 1, trace_of)[1]:
            return True
        if not within(until):
            return False
    return False


def run_ways(example, job):
    runs, wrong = 0, []
    for way in ways(example, job):
        result = way()
        runs += result["runs"]
        wrong += result["wrong"]
        if wrong:
            break
    return {"runs": runs, "wrong": wrong}


def run_mixed(examples, job):
    """All examples of a module in each thread, in other orders."""
    lists = []
    for seed in range(job["threads"]):
        own = list(examples)
        random.Random(seed).shuffle(own)
        lists.append(own)
    return judged(lists, max(2, min(10, int(job["each"] * 4 / max(sum(each.cost for each in examples), 1e-4)))), None, "mixed")


def report(job, parted, again, place, examples):
    """What came of a process in which threads ran; a crash and a hang count only if they happen again."""
    if parted.value is not None:
        for each in parted.value["wrong"]:
            example = next(other for other in examples if other.name == each["name"])
            # In a process that nothing has gone wrong in.
            alone = lambda: is_chance(example, each["runs"], each["how"])
            if each["because"] is None and apart(alone, job, LIMIT, job["stall"]).value:
                each["because"] = "chance"
            tell(job, {"type": "wrong", **place, **each})
        return tell(job, {"type": "ran", **place, "runs": parted.value["runs"]})
    is_crash = parted.code is not None or (parted.given_up is None and parted.signal not in (0, signal.SIGKILL))
    kind = "hang" if parted.is_stuck else "crash" if is_crash else None
    tries = 0
    is_again = False
    while kind is not None and tries < 3 and not is_again:
        tries += 1
        more = again()
        is_same = more.is_stuck if kind == "hang" else (more.signal, more.code) == (parted.signal, parted.code)
        is_again = more.value is None and is_same
    if kind is None or not is_again:
        return tell(job, {"type": "unclear", **place, "how": kind or "slow", "faults": parted.faults[:40]})
    tell(job, {"type": kind, **place, "signal": parted.signal, "code": parted.code, "faults": parted.faults[:80]})


def together(name, job, until):
    examples = examples_of(imported(name, job))
    sys.setswitchinterval(SWITCH_INTERVAL)
    mixed = []
    for known in job["kept"][name]:
        example = examples.get(known["name"])
        if example is None:
            continue
        example.expected, example.cost = known["outcomes"], known["cost"]
        if not within(until):
            tell(job, {"type": "untried", **place_of(example)})
            continue
        run = lambda: apart(lambda: run_ways(example, job), job, LIMIT, job["stall"])
        parted = run()
        report(job, parted, run, place_of(example), [example])
        if parted.value is not None and not parted.value["wrong"]:
            mixed.append(example)
    if len(mixed) > 1 and within(until):
        run = lambda: apart(lambda: run_mixed(mixed, job), job, MIXED_LIMIT, job["stall"])
        place = {"module": name, "name": f"the {len(mixed)} examples of {name}", "file": mixed[0].file, "line": None}
        report(job, run(), run, place, mixed)
    return True


def each_module(root, names, mode, job, seconds):
    """Modules of one package, which all find that imported: it may take long, and has to be there first in any case."""
    imported(root, job)
    until = time.monotonic() + seconds
    for index, name in enumerate(names):
        now = time.monotonic()
        if now >= until:
            tell(job, {"type": "unreached", "module": name})
            continue
        share = (until - now) / (len(names) - index)
        parted = apart(lambda: mode(name, job, now + share), job, share + MIXED_LIMIT, None)
        if parted.value is None:
            tell(job, {"type": "unloaded", "module": name, "words": parted.words})
    return True


def main():
    with open(sys.argv[2]) as file:
        job = json.load(file)
    # Where examples are, there is nothing else.
    folder = os.path.join(job["scratch"], "here")
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    sys.path[0] = folder
    sys.dont_write_bytecode = True
    sys.stdout = printed
    refusals.watch()
    mode = {"alone": survey, "together": together}[sys.argv[1]]
    by_root = {}
    for name in job["modules"]:
        by_root.setdefault(name.partition(".")[0], []).append(name)
    seconds = job["seconds"]
    for root, names in by_root.items():
        share = seconds * len(names) / len(job["modules"])
        # Nothing of a package is imported in this process.
        parted = apart(lambda: each_module(root, names, mode, job, share), job, share + MIXED_LIMIT, None)
        if parted.value is None:
            tell(job, {"type": "unloaded", "module": root, "words": parted.words})


if __name__ == "__main__":
    main()
