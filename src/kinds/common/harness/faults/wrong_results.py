"""Other values of the same types: a number that is one more, a text with one other character, a list without its last."""

import sys

from hooked_calls import hide, named

#: What a value without anything to change is changed to.
SAME = object()

#: How deep the value to be changed may lie.
DEEPEST = 4


def wrong(result, raw, cell):
    """The wrong result in place of a result. What comes late or bit by bit is wrong when it comes.

    :param raw: the function, for its names
    """
    kind = type(result).__name__
    if kind == "coroutine":
        return named(wrong_later(result, cell), raw)
    if kind == "generator":
        return named(wrong_once(result, cell), raw)
    if kind == "async_generator":
        return named(wrong_once_later(result, cell), raw)
    if type(result).__module__ in ("builtins", "itertools") and hasattr(result, "__next__"):
        return wrong_once((each for each in result), cell)
    if kind in ("Future", "Task") and hasattr(result, "add_done_callback"):
        return wrong_future(result, cell)
    return counted(result, cell)


def counted(value, cell):
    changed = other(value)
    if changed is SAME:
        return value
    cell.changed += 1
    return changed


def counted_late(value, cell):
    changed = other(value)
    if changed is SAME:
        return value
    cell.change_late()
    return changed


@hide
async def wrong_later(coroutine, cell):
    return counted_late(await coroutine, cell)


@hide
def wrong_once(generator, cell):
    """Its first item that can be changed is; what is sent to it or thrown into it arrives."""
    is_changed = False
    sent = None
    try:
        item = next(generator)
        while True:
            if not is_changed:
                before, item = item, counted_late(item, cell)
                is_changed = item is not before
            try:
                sent = yield item
            except GeneratorExit:
                generator.close()
                raise
            except BaseException as error:
                item = generator.throw(error)
            else:
                item = generator.send(sent)
    except StopIteration as end:
        return end.value if is_changed else counted_late(end.value, cell)


@hide
async def wrong_once_later(generator, cell):
    is_changed = False
    try:
        item = await generator.__anext__()
        while True:
            if not is_changed:
                before, item = item, counted_late(item, cell)
                is_changed = item is not before
            try:
                sent = yield item
            except GeneratorExit:
                await generator.aclose()
                raise
            except BaseException as error:
                item = await generator.athrow(error)
            else:
                item = await generator.asend(sent)
    except StopAsyncIteration:
        return


def wrong_future(future, cell):
    """Futures of `concurrent.futures` and of asyncio."""
    is_own = type(future).__module__.startswith("concurrent.")
    another = future.__class__() if is_own else future.get_loop().create_future()

    def settle(done):
        if done.cancelled():
            another.cancel()
        elif done.exception() is not None:
            another.set_exception(done.exception())
        else:
            another.set_result(counted_late(done.result(), cell))

    future.add_done_callback(settle)
    return another


def other(value, depth=0):
    """Another value of the same type; `SAME` where there is none to be had."""
    try:
        for kind, change in CHANGES:
            if isinstance(value, kind) and not isinstance(value, type):
                return change(value, depth)
        return other_object(value, depth)
    except Exception:
        # A type that will not have it.
        return SAME


def same_type(value, changed):
    return changed if type(changed) is type(value) else type(value)(changed)


def other_bool(value, depth):
    return not value


def other_member(value, depth):
    members = [each for each in type(value) if each is not value]
    return members[0] if members else SAME


def other_integer(value, depth):
    return same_type(value, value + 1)


def other_float(value, depth):
    if value != value or value in (float("inf"), float("-inf")):
        return same_type(value, 0.0)
    return same_type(value, value + 1 if value + 1 != value else value / 2)


def other_complex(value, depth):
    return same_type(value, value + 1)


def place_in(codes):
    """Which of the characters is changed: a letter or a digit, as near to the middle as there is one."""
    middle = len(codes) // 2
    for distance in range(len(codes) // 2 + 1):
        for at in (middle + distance, middle - distance):
            if 0 <= at < len(codes) and is_plain(codes[at]):
                return at
    return middle


def is_plain(code):
    return 48 <= code <= 57 or 65 <= code <= 90 or 97 <= code <= 122


def other_code(code):
    """A digit stays one, and a letter of either case."""
    for first, last in ((48, 57), (65, 90), (97, 122)):
        if first <= code <= last:
            return first if code == last else code + 1
    return code ^ 1


def other_text(value, depth):
    if not value:
        return same_type(value, "x")
    middle = len(value) // 2
    codes = [ord(each) for each in value] if len(value) < 20_000 else [ord(each) for each in value[middle : middle + 100]]
    at = place_in(codes)
    offset = 0 if len(value) < 20_000 else middle
    changed = chr(other_code(codes[at]))
    return same_type(value, value[: offset + at] + changed + value[offset + at + 1 :])


def other_bytes(value, depth):
    data = bytearray(value)
    if not data:
        return same_type(value, b"x")
    at = place_in(data)
    data[at] = other_code(data[at])
    return same_type(value, bytes(data))


def other_view(value, depth):
    return memoryview(other_bytes(value.tobytes(), depth)).cast("B").cast(value.format, value.shape)


def other_array(value, depth):
    changed = value[:]
    changed[0] = other(value[0])
    return changed if value[0] != changed[0] else SAME


def within(items, depth):
    """Changes the first of some values that can be changed. Returns where, or None."""
    if depth < DEEPEST:
        for at, item in items:
            changed = other(item, depth + 1)
            if changed is not SAME:
                return at, changed
    return None


def other_list(value, depth):
    if len(value) > 1:
        changed = value[:-1]
    elif value:
        found = within(enumerate(value), depth)
        changed = value[:]
        if found is None:
            changed.clear()
        else:
            changed[0] = found[1]
    else:
        changed = [None]
    return same_type(value, changed)


def other_tuple(value, depth):
    """As long as before: whoever takes it apart counts."""
    found = within(enumerate(value), depth)
    if found is None:
        return SAME
    changed = value[: found[0]] + (found[1],) + value[found[0] + 1 :]
    return type(value)._make(changed) if hasattr(value, "_make") else same_type(value, changed)


def other_set(value, depth):
    # The same one in each process: the order of a set is not.
    gone = {min(value, key=repr)} if value else set()
    return same_type(value, value - gone if gone else value | {None})


def other_dict(value, depth):
    import copy

    found = within(value.items(), depth)
    changed = copy.copy(value)
    if found is not None:
        changed[found[0]] = found[1]
    elif value:
        del changed[next(iter(value))]
    else:
        changed["shakedown"] = None
    return changed


def attributes(value):
    """The names of what an object holds."""
    names = [name for kind in type(value).__mro__ for name in slots(kind)]
    names += list(getattr(value, "__dict__", ()))
    return [name for name in names if not name.startswith("_") and hasattr(value, name)]


def slots(kind):
    found = vars(kind).get("__slots__", ())
    return [found] if isinstance(found, str) else list(found)


def other_object(value, depth):
    """A copy with one attribute changed. What holds on to the world has no copy that could be handed on."""
    kind = type(value)
    if isinstance(value, type) or callable(value) or any(hasattr(kind, name) for name in ("__del__", "__exit__", "__next__")):
        return SAME
    if kind.__module__ == "numpy" and hasattr(value, "flat"):
        return other_numbers(value)
    found = within([(name, getattr(value, name)) for name in attributes(value)], depth)
    if found is None:
        return SAME
    import copy

    changed = copy.copy(value)
    if changed is value:
        return SAME
    object.__setattr__(changed, *found)
    return changed


def other_numbers(value):
    changed = value.copy()
    if changed.size == 0:
        return SAME
    changed.flat[0] = other(changed.flat[0].item())
    return changed


def from_module(module, *names):
    """Classes of a module: where the program has not imported it, there are no values of theirs."""
    return tuple(getattr(sys.modules[module], name) for name in names if hasattr(sys.modules.get(module), name))


class Late:
    """A class of a module that may be imported at any time."""

    def __init__(self, module, *names):
        self.module, self.names = module, names

    def __instancecheck__(self, value):
        return isinstance(value, from_module(self.module, *self.names))


def other_moment(value, depth):
    datetime = sys.modules["datetime"]
    return value + datetime.timedelta(days=1)


def other_time(value, depth):
    return value.replace(second=(value.second + 1) % 60)


def other_uuid(value, depth):
    return type(value)(int=value.int ^ 1)


#: In this order: a bool is an integer as well, and a member of an enum may be one.
CHANGES = (
    (bool, other_bool),
    (Late("enum", "Enum"), other_member),
    (int, other_integer),
    (float, other_float),
    (complex, other_complex),
    (str, other_text),
    ((bytes, bytearray), other_bytes),
    (memoryview, other_view),
    (list, other_list),
    (tuple, other_tuple),
    ((set, frozenset), other_set),
    (dict, other_dict),
    (Late("array", "array"), other_array),
    (Late("decimal", "Decimal"), other_integer),
    (Late("fractions", "Fraction"), other_integer),
    (Late("datetime", "date", "timedelta"), other_moment),
    (Late("datetime", "time"), other_time),
    (Late("uuid", "UUID"), other_uuid),
)
