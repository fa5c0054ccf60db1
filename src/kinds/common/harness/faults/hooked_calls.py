"""Stands for a function wherever importers see it: looks like it, calls it, counts, and has one fault at most."""

import time
from _thread import get_ident

from fault_record import LOOKED_AT

#: As `types` has it, which the program may not have imported.
MethodType = type(type("", (), {"method": lambda self: None})().method)

#: Of the code of a function.
GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x20, 0x80, 0x200

SABOTAGE = "sabotage by shakedown"


def hide(function, name="<shakedown importlib._bootstrap>"):
    """Has the frames of a function skipped by `warnings` and `logging`, which look for who has called: they go by the file."""
    function.__code__ = hidden(function.__code__, name)
    return function


def hidden(code, name):
    constants = [hidden(each, name) if isinstance(each, type(code)) else each for each in code.co_consts]
    return code.replace(co_filename=name, co_consts=tuple(constants))


class Threads:
    """Which thread is the main one; after a fork, the one that forked."""

    main = get_ident()

    @classmethod
    def forked(cls):
        cls.main = get_ident()


def own(name):
    """An attribute of the function itself, where the class of its stand-in would answer first."""
    return property(
        lambda self: getattr(object.__getattribute__(self, "_raw"), name),
        lambda self, value: setattr(object.__getattribute__(self, "_raw"), name, value),
    )


class Hooked:
    """A function with a stand-in of the same looks, so that it is never touched itself.

    :param raw: the function
    :param cell: its counts
    :param place: module and path by which an importer finds the stand-in
    """

    __slots__ = ("_raw", "_cell", "_place", "_fault", "__weakref__")

    def __init__(self, raw, cell, place, fault):
        for name, value in (("_raw", raw), ("_cell", cell), ("_place", place), ("_fault", fault)):
            object.__setattr__(self, name, value)

    @hide
    def __call__(self, /, *args, **kwargs):
        cell = self._cell
        cell.calls += 1
        if get_ident() == Threads.main:
            cell.in_main = True
        else:
            cell.in_worker = True
        if cell.calls > LOOKED_AT:
            if cell.calls >= cell.next:
                cell.tell()
            return self._raw(*args, **kwargs)
        if cell.calls == 1:
            cell.tell()
        result = self._raw(*args, **kwargs)
        if cell.look(result) or cell.calls >= cell.next:
            cell.tell()
        return result

    def __getattr__(self, name):
        return getattr(object.__getattribute__(self, "_raw"), name)

    def __setattr__(self, name, value):
        setattr(object.__getattribute__(self, "_raw"), name, value)

    def __delattr__(self, name):
        delattr(object.__getattribute__(self, "_raw"), name)

    __class__ = property(lambda self: type(object.__getattribute__(self, "_raw")))
    __dict__ = own("__dict__")
    __doc__ = own("__doc__")
    __module__ = own("__module__")

    def __dir__(self):
        return dir(self._raw)

    def __repr__(self):
        return repr(self._raw)

    def __eq__(self, other):
        return other is self or other is self._raw or NotImplemented

    def __hash__(self):
        return hash(self._raw)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        from pkgutil import resolve_name

        # By its place, where another process finds its own stand-in, or the function if it has no hook.
        return resolve_name, ("%s:%s" % self._place,)


class Sabotaged(Hooked):
    """A function whose calls go wrong, in the way of its fault."""

    __slots__ = ()
    __doc__ = Hooked.__dict__["__doc__"]
    __module__ = Hooked.__dict__["__module__"]

    @hide
    def __call__(self, /, *args, **kwargs):
        cell = self._cell
        cell.calls += 1
        is_main = get_ident() == Threads.main
        if is_main:
            cell.in_main = True
        else:
            cell.in_worker = True
        try:
            return self._fault(self._raw, cell, is_main, args, kwargs)
        finally:
            if cell.calls <= LOOKED_AT or cell.calls >= cell.next:
                cell.tell()


class Method:
    """Becomes a method of the class it is in, as functions do; those written in C do not."""

    __slots__ = ()

    def __get__(self, instance, owner=None):
        return self if instance is None else MethodType(self, instance)


class HookedMethod(Method, Hooked):
    __slots__ = ()
    __doc__ = Hooked.__dict__["__doc__"]
    __module__ = Hooked.__dict__["__module__"]


class SabotagedMethod(Method, Sabotaged):
    __slots__ = ()
    __doc__ = Hooked.__dict__["__doc__"]
    __module__ = Hooked.__dict__["__module__"]


class Ending(Hooked):
    """Stands for `os._exit`, with which forked children end: nothing that was registered for the end is called.

    Its fault is what is to be done before.
    """

    __slots__ = ()
    __doc__ = Hooked.__dict__["__doc__"]
    __module__ = Hooked.__dict__["__module__"]

    def __call__(self, /, *args, **kwargs):
        self._fault()
        return self._raw(*args, **kwargs)


def stand_in(raw, cell, place, fault):
    """:param fault: called with the function, its counts, whether this is the main thread, and the arguments; None: only count"""
    if hasattr(type(raw), "__get__") and type(raw) is not MethodType:
        kind = HookedMethod if fault is None else SabotagedMethod
    else:
        kind = Hooked if fault is None else Sabotaged
    return kind(raw, cell, place, fault)


def flags_of(raw):
    return getattr(getattr(raw, "__code__", None), "co_flags", 0)


def named(made, raw):
    """Coroutines and generators are told by the names of their functions."""
    for name in ("__name__", "__qualname__"):
        value = getattr(raw, name, None)
        if isinstance(value, str):
            setattr(made, name, value)
    return made


@hide
def raises(where):
    message = "%s: %s raises this" % (SABOTAGE, where)

    def fault(raw, cell, is_main, args, kwargs):
        cell.changed += 1
        flags = flags_of(raw)
        if flags & COROUTINE:
            return named(failing_coroutine(message), raw)
        if flags & GENERATOR:
            return named(failing_generator(message), raw)
        if flags & ASYNC_GENERATOR:
            return named(failing_async_generator(message), raw)
        raise RuntimeError(message)

    return fault


@hide
async def failing_coroutine(message):
    raise RuntimeError(message)


@hide
def failing_generator(message):
    raise RuntimeError(message)
    yield


@hide
async def failing_async_generator(message):
    raise RuntimeError(message)
    yield


@hide
def returns_nothing(where):
    def fault(raw, cell, is_main, args, kwargs):
        result = raw(*args, **kwargs)
        flags = flags_of(raw)
        if flags & COROUTINE and hasattr(result, "send"):
            return named(losing(result, cell), raw)
        if result is not None:
            cell.changed += 1
        if flags & GENERATOR:
            result.close()
            return named((each for each in ()), raw)
        if flags & ASYNC_GENERATOR:
            return named(no_items(), raw)
        return None

    return fault


@hide
async def losing(coroutine, cell):
    if await coroutine is not None:
        cell.change_late()


@hide
async def no_items():
    for each in ():
        yield each


@hide
def slow(where, seconds):
    def fault(raw, cell, is_main, args, kwargs):
        cell.changed += 1
        if flags_of(raw) & COROUTINE:
            return named(late(raw(*args, **kwargs), seconds), raw)
        time.sleep(seconds)
        return raw(*args, **kwargs)

    return fault


@hide
async def late(coroutine, seconds):
    import sys

    asyncio = sys.modules.get("asyncio")
    try:
        asyncio.get_running_loop()
    except Exception:
        # A loop of another library.
        time.sleep(seconds)
    else:
        await asyncio.sleep(seconds)
    return await coroutine


@hide
def wrong_result(wrong, in_worker_only):
    def fault(raw, cell, is_main, args, kwargs):
        result = raw(*args, **kwargs)
        return result if in_worker_only and is_main else wrong(result, raw, cell)

    return fault


def fault_of(orders):
    """What becomes of the calls of the function that is to be sabotaged."""
    where = "%s.%s" % (orders["function"]["module"], orders["function"]["name"])
    change = orders["change"]
    if change == "slow":
        return slow(where, orders["delayMs"] / 1000)
    if change in ("wrong-result", "wrong-in-worker"):
        return wrong_result(orders["wrong"], change == "wrong-in-worker")
    return {"raises": raises, "returns-nothing": returns_nothing}[change](where)
