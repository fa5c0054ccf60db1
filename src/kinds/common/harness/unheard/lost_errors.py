"""Records errors that nobody retrieves: those of threads, futures, asyncio tasks, and coroutines that are never awaited.

What succeeds costs nothing: a future is watched from the moment it fails. Nothing is imported but what is in memory at the
start anyway: a program's own json.py or traceback.py would be found first, and run.
"""

import atexit
import itertools
import os
import sys

#: How many errors are recorded with their tracebacks; the rest are counted.
EXAMPLES = 20
LINES = 12
LONGEST = 2000

#: A program may replace it, for example by files in memory.
open_file = open


class Losses(object):
    """The errors that have been lost, or may still be retrieved.

    Nothing here raises: a program must not notice that it is watched.

    :param folder: where each process writes a file of its own: a JSON document a line, `{"lines": [...]}` for an error,
        and `{"more": n}` at its end for those that were only counted
    """

    def __init__(self, folder):
        self.folder = folder
        self.written = 0
        self.more = 0
        #: Futures that have failed and that nobody has asked yet, as weak references: whoever drops one has lost its error.
        self.pending = {}
        self.numbers = itertools.count(1)

    def tell(self, error):
        """:param error: an exception, or what is to be said in one line"""
        if self.written >= EXAMPLES:
            self.more += 1
            return
        self.written += 1
        self.write({"lines": [error[:LONGEST]] if isinstance(error, str) else formatted(error)})

    def write(self, document):
        try:
            # In one go: another thread may write as well.
            with open_file(os.path.join(self.folder, "%d.ndjson" % os.getpid()), "ab", 0) as file:
                file.write((in_json(document) + "\n").encode("ascii"))
        except Exception:
            # The folder is gone, and the run with it; or the interpreter is at its very end.
            pass

    def finish(self):
        for future in [reference() for reference in list(self.pending.values())]:
            if future is not None:
                self.tell(future.__dict__.get("_exception"))
        self.pending.clear()
        if self.more > 0:
            self.write({"more": self.more})

    def forget(self):
        """After a fork: what came before is the parent's to tell."""
        self.written = self.more = 0
        self.pending.clear()


def in_json(value):
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s: %s" % (in_json(key), in_json(each)) for key, each in value.items())
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(in_json, value))
    return '"%s"' % "".join(map(escaped, value)) if isinstance(value, str) else str(value)


def escaped(character):
    code = ord(character)
    if character in '"\\':
        return "\\" + character
    if code > 0xFFFF:
        return "\\u%04x\\u%04x" % (0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF))
    return character if 0x1F < code < 0x7F else "\\u%04x" % code


def formatted(error):
    """The last lines of its traceback, much as Python prints it."""
    try:
        lines = ["Traceback (most recent call last):"] + frames_of(error.__traceback__) + words_of(error)
    except Exception:
        # Memory is short.
        lines = [type(error).__name__]
    return [line[:LONGEST] for line in lines[-LINES:]]


def frames_of(traceback):
    lines = []
    while traceback is not None:
        code, number = traceback.tb_frame.f_code, traceback.tb_lineno
        lines.append('  File "%s", line %s, in %s' % (code.co_filename, number, code.co_name))
        lines.extend(source_line(code.co_filename, number))
        traceback = traceback.tb_next
        # Of a recursion without end, the last ones are kept.
        del lines[: -2 * LINES]
    return lines


def source_line(path, number):
    try:
        if os.path.isfile(path):
            with open_file(path, encoding="utf-8", errors="replace") as file:
                for count, line in enumerate(file, 1):
                    if count == number:
                        return ["    " + line.strip()]
    except Exception:
        # There is no such file: the code is not from one.
        pass
    return []


def words_of(error):
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else "%s.%s" % (kind.__module__, kind.__qualname__)
    try:
        words = str(error)
    except Exception:
        words = "<exception str() failed>"
    return ("%s: %s" % (name, words) if words else name).rstrip("\n").split("\n")


def watch_threads(threading, losses):
    hook = threading.excepthook

    def excepthook(args):
        # Threads end themselves by SystemExit; the usual hook says nothing about that either.
        if args.exc_type is not SystemExit and args.exc_value is not None:
            losses.tell(args.exc_value)
        hook(args)

    threading.excepthook = excepthook


def has_hooks(kind):
    """Whether a class notices that another is derived from it."""
    return type(kind) is not type or any("__init_subclass__" in vars(each) for each in kind.__mro__[:-1])


def watch_futures(base, losses):
    """A future that fails becomes one whose error, once read, counts as retrieved.

    Whoever asks a future for its result or its exception reads that attribute, also after having waited for it. Whoever
    cancels it wants neither: `Executor.map` does so with what follows the first error.
    """
    from _weakref import ref

    set_exception, cancel = base.Future.set_exception, base.Future.cancel
    watched = {}

    def settle(future):
        """Returns whether the error of a future was still to be retrieved."""
        return losses.pending.pop(future.__dict__.pop("_shakedown", None), None) is not None

    def read(future):
        settle(future)
        return future.__dict__.get("_exception")

    def write(future, error):
        future.__dict__["_exception"] = error

    def watched_kind(kind):
        if kind not in watched:

            def dropped(future):
                if settle(future):
                    losses.tell(future.__dict__.get("_exception"))
                if hasattr(kind, "__del__"):
                    kind.__del__(future)

            members = {"_exception": property(read, write), "__del__": dropped}
            members.update({name: getattr(kind, name) for name in ("__module__", "__qualname__", "__doc__")})
            watched[kind] = type(kind.__name__, (kind,), members)
            watched[watched[kind]] = watched[kind]
        return watched[kind]

    def failing(future, error):
        kind = type(future)
        # One that is done, or was given up, has no error to lose.
        is_open = future.__dict__.get("_state") in (base.PENDING, base.RUNNING)
        if isinstance(error, BaseException) and is_open and "_given_up" not in future.__dict__ and not has_hooks(kind):
            try:
                future.__class__ = watched_kind(kind)
                number = next(losses.numbers)
                losses.pending[number] = ref(future)
                future.__dict__["_shakedown"] = number
            except Exception:
                # A class of the program's own, laid out in another way.
                pass
        return set_exception(future, error)

    def cancelling(future):
        is_cancelled = cancel(future)
        if not is_cancelled:
            settle(future)
            future.__dict__["_given_up"] = True
        return is_cancelled

    base.Future.set_exception = failing
    base.Future.cancel = cancelling


def watch_tasks(events, losses):
    handler = events.BaseEventLoop.default_exception_handler

    def default_exception_handler(loop, context):
        error = context.get("exception")
        if error is not None:
            losses.tell(error)
        return handler(loop, context)

    events.BaseEventLoop.default_exception_handler = default_exception_handler


def watch_coroutines(warnings, losses):
    warn = warnings._warn_unawaited_coroutine

    def _warn_unawaited_coroutine(coroutine):
        losses.tell("coroutine %s was never awaited" % coroutine.__qualname__)
        warn(coroutine)

    # The warning names the line of the program, as it would without us: frames of the import system are skipped, and that
    # is told by the name of their file.
    code = _warn_unawaited_coroutine.__code__.replace(co_filename="<importlib._bootstrap>")
    _warn_unawaited_coroutine.__code__ = code
    warnings._warn_unawaited_coroutine = _warn_unawaited_coroutine


WATCHED = {
    "threading": watch_threads,
    "concurrent.futures._base": watch_futures,
    "asyncio.base_events": watch_tasks,
    "warnings": watch_coroutines,
}


class Watcher(object):
    """Finds the modules that are watched as they would be found, and watches each once it has been loaded."""

    def __init__(self, losses):
        self.losses = losses

    def watch(self, name, module):
        try:
            WATCHED[name](module, self.losses)
        except AttributeError:
            # A Python that does this otherwise, or not at all.
            pass

    def find_spec(self, name, path=None, target=None):
        if name not in WATCHED:
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = None if find is None else find(name, path, target)
            if spec is not None and hasattr(spec.loader, "exec_module"):
                spec.loader = Loader(spec.loader, self)
                return spec
            if spec is not None:
                return spec
        return None


class Loader(object):
    def __init__(self, loader, watcher):
        self.loader = loader
        self.watcher = watcher

    def __getattr__(self, name):
        # Whoever only looks for a module finds its loader as it is.
        return getattr(self.__dict__["loader"], name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        self.watcher.watch(module.__name__, module)


def install(folder):
    """Watches this process from now on.

    :return: what was lost so far, and whose `finish` is called at the end of the process
    """
    losses = Losses(folder)
    watcher = Watcher(losses)
    for name in WATCHED:
        if name in sys.modules:
            watcher.watch(name, sys.modules[name])
    sys.meta_path.insert(0, watcher)
    atexit.register(losses.finish)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=losses.forget)
    return losses
