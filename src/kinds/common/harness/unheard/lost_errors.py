"""Records errors that nobody retrieves: those of threads, futures, asyncio tasks, and coroutines that are never awaited.

Standard library alone. Nothing is imported before the program imports it, and what succeeds costs nothing: a future is
watched from the moment it fails.
"""

import atexit
import itertools
import os
import sys

#: How many errors are recorded with their tracebacks; the rest are counted.
EXAMPLES = 20
LINES = 12


class Losses(object):
    """The errors that have been lost, or may still be retrieved.

    :param folder: where each process writes a file of its own: a JSON document a line, `{"lines": [...]}` for an error,
        and `{"more": n}` at its end for those that were only counted
    """

    def __init__(self, folder):
        self.folder = folder
        self.written = 0
        self.more = 0
        #: Errors of futures that nobody has asked for yet: their tracebacks, or None.
        self.pending = {}
        self.numbers = itertools.count(1)

    def tell(self, lines):
        if self.written >= EXAMPLES:
            self.more += 1
            return
        self.written += 1
        self.write({"lines": lines})

    def write(self, document):
        import json

        try:
            with open(os.path.join(self.folder, "%d.ndjson" % os.getpid()), "a") as file:
                file.write(json.dumps(document) + "\n")
        except (OSError, ValueError):
            # The folder is gone, and the run with it.
            pass

    def expect(self, error):
        """Returns the number under which the error of a future is pending."""
        number = next(self.numbers)
        self.pending[number] = formatted(error) if len(self.pending) < EXAMPLES else None
        return number

    def finish(self):
        for lines in list(self.pending.values()):
            if lines is None:
                self.more += 1
            else:
                self.tell(lines)
        if self.more > 0:
            self.write({"more": self.more})

    def forget(self):
        """After a fork: what came before is the parent's to tell."""
        self.written = self.more = 0
        self.pending.clear()


def formatted(error):
    import traceback

    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return text.rstrip("\n").split("\n")[-LINES:]


def watch_threads(threading, losses):
    hook = threading.excepthook

    def excepthook(args):
        # Threads end themselves by SystemExit; the usual hook says nothing about that either.
        if args.exc_type is not SystemExit and args.exc_value is not None:
            losses.tell(formatted(args.exc_value))
        hook(args)

    threading.excepthook = excepthook


def watch_futures(base, losses):
    """A future that fails becomes one whose error, once read, counts as retrieved.

    Whoever asks a future for its result or its exception reads that attribute, also after having waited for it.
    """
    set_exception = base.Future.set_exception
    watched = {}

    def read(future):
        number = future.__dict__.pop("_shakedown", None)
        losses.pending.pop(number, None)
        return future.__dict__.get("_exception")

    def write(future, error):
        future.__dict__["_exception"] = error

    def failing(future, error):
        kind = type(future)
        if kind not in watched and "_exception" not in vars(kind):
            members = {"_exception": property(read, write), "__module__": kind.__module__}
            watched[kind] = type(kind.__name__, (kind,), members)
        if error is not None and kind in watched:
            try:
                future.__class__ = watched[kind]
                future.__dict__["_shakedown"] = losses.expect(error)
            except TypeError:
                # A class of the program's own, laid out in another way.
                pass
        set_exception(future, error)

    base.Future.set_exception = failing


def watch_tasks(events, losses):
    handler = events.BaseEventLoop.default_exception_handler

    def default_exception_handler(loop, context):
        error = context.get("exception")
        if error is not None:
            losses.tell(formatted(error))
        return handler(loop, context)

    events.BaseEventLoop.default_exception_handler = default_exception_handler


def watch_coroutines(warnings, losses):
    warn = warnings._warn_unawaited_coroutine

    def _warn_unawaited_coroutine(coroutine):
        losses.tell(["coroutine %s was never awaited" % coroutine.__qualname__])
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
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                spec.loader = Loader(spec.loader, self)
                return spec
        return None


class Loader(object):
    def __init__(self, loader, watcher):
        self.loader = loader
        self.watcher = watcher

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
