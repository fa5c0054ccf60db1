"""Threads that run examples: by turns, one whole call at a time, or all at once."""

import os
import random
import sys
import threading

from shakedown_examples.refusals import real_sleep

#: A thread that has its turn and does not come to the end of an operation waits for one that has not.
PATIENCE = 5
MOST_TURNS = 20_000


class Baton:
    """Lets one thread run at a time: whoever has it, and only between two operations of an example is it handed on.

    So each call of the package is made as a whole. What goes wrong even then is state that lies between calls.
    """

    def __init__(self, count, seed):
        self.turn = threading.Condition()
        self.holder = 0
        self.left = set(range(count))
        self.turns = 0
        self.is_stuck = False
        self.chance = random.Random(seed)
        #: One time at every operation, and otherwise now and then: some calls have to follow upon each other.
        self.often = 1 if seed == 0 else 0.3

    def _next(self):
        self.holder = self.chance.choice(sorted(self.left))
        self.turns += 1
        self.turn.notify_all()

    def _wait(self, me):
        while self.holder != me and not self.is_stuck:
            before = self.turns
            if not self.turn.wait(PATIENCE) and self.turns == before and self.holder != me:
                self.is_stuck = True
                self.turn.notify_all()

    def enter(self, me):
        with self.turn:
            self._wait(me)

    def hand_on(self, me):
        with self.turn:
            if self.is_stuck or len(self.left) < 2 or self.turns >= MOST_TURNS:
                return
            if self.chance.random() < self.often:
                self._next()
                self._wait(me)

    def leave(self, me):
        with self.turn:
            self.left.discard(me)
            if self.left:
                self._next()

    def trace(self, me):
        def within(frame, event, _):
            if event in ("opcode", "line"):
                self.hand_on(me)
            return within

        def begin(frame, event, _):
            if event == "call" and frame.f_code.co_filename.startswith("<doctest ") and frame.f_code.co_name == "<module>":
                frame.f_trace_opcodes = True
                return within
            return None

        return begin


def forcing(folder, seed):
    """A switch at every few lines of the package: the interpreter may switch anywhere, and seldom does where it matters."""
    chance = random.Random(seed)

    def within(frame, event, _):
        if event == "line" and chance.random() < 0.3:
            real_sleep(0)
        return within

    def begin(frame, event, _):
        return within if event == "call" and frame.f_code.co_filename.startswith(folder) else None

    return begin


def folder_of(module):
    top = sys.modules.get(module.__name__.partition(".")[0])
    file = getattr(top, "__file__", None) or getattr(module, "__file__", None) or ""
    return os.path.dirname(file) + os.sep if os.path.basename(file).startswith("__init__.") else file


def in_threads(lists, rounds, trace_of=None, baton=None):
    """Has each thread run its examples, in rounds that begin at the same moment.

    Returns by example how often it was run, and each run whose outcome was not that which it has alone.
    """
    barrier = threading.Barrier(len(lists))
    wrong, runs, errors = [], {}, []
    lock = threading.Lock()

    def work(me):
        try:
            for round_number in range(rounds):
                barrier.wait()
                if baton is not None:
                    baton.enter(me)
                if trace_of is not None:
                    sys.settrace(trace_of(me))
                try:
                    mine = [(example, example.run()) for example in lists[me]]
                finally:
                    sys.settrace(None)
                    if baton is not None:
                        baton.leave(me)
                for example, outcomes in mine:
                    with lock:
                        runs[example.name] = runs.get(example.name, 0) + 1
                        if outcomes != example.expected:
                            wrong.append((example, me + 1, round_number + 1, outcomes))
        except BaseException as error:
            errors.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work, args=(me,), daemon=True) for me in range(len(lists))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return runs, wrong


def by_turns(lists, seed):
    """The same with whole calls. Returns the names of those that have another outcome then; None: they wait for each other."""
    baton = Baton(len(lists), seed)
    _, wrong = in_threads(lists, 1, baton.trace, baton)
    return None if baton.is_stuck else {example.name for example, *_ in wrong}
