"""Hooks the functions that the modules under test export, as their importers see them.

A module keeps its functions as they are, in its own namespace: what it calls of itself is neither counted nor changed,
and costs nothing. Everybody else who looks up an attribute of the module gets a stand-in. So it is with the methods of
its classes, which are looked up by way of the class: who looks is told by the frame that does.
"""

import atexit
import os
import sys

from fault_record import Record
from fault_sides import Sides, is_try, is_within, twins
from hooked_calls import SABOTAGE, Ending, MethodType, Threads, fault_of, hide, stand_in

ModuleType = type(sys)
FunctionType = type(lambda: None)
BuiltinType = type(len)
MethodDescriptor = type(str.join)
#: Of the operators of classes written in C.
SlotWrapper = type(int.__add__)
ClassMethodDescriptor = type(vars(dict)["fromkeys"])

#: Of the flags of classes: made by a module at its import.
HEAP_TYPE = 1 << 9

#: Others are functions as well: of Cython, nanobind, numpy, and those with a cache.
FUNCTIONS = ("cython_function_or_method", "fused_cython_function", "nb_func", "ufunc", "_lru_cache_wrapper")

#: Special methods that give a result of their own.
SPECIAL = {
    "__%s__" % name
    for name in (
        "call getitem contains len iter next str bytes int float index round "
        "add sub mul truediv floordiv mod matmul pow neg radd rsub rmul and or xor eq ne lt le gt ge"
    ).split()
}

def failed_with(error):
    try:
        said = str(error)
    except Exception:
        said = ""
    return "hooking it failed with %s" % ": ".join(each for each in (type(error).__name__, said) if each)


def is_a(value, kind):
    """As `isinstance`, which also asks for `__class__`: that would have lazy objects make what they stand for."""
    return issubclass(type(value), kind)


def is_renamed(value, module, home):
    """Whether something of an extension says that it is of a module which does not have it: many classes written in Rust or C do.

    :param home: the name of the module that exports it
    """
    file = getattr(sys.modules.get(home), "__file__", None)
    if not isinstance(file, str) or not file.endswith((".so", ".pyd")):
        return False
    return getattr(sys.modules.get(module), getattr(value, "__name__", ""), None) is not value


class Export:
    """Takes the place of a function among the attributes of a module."""

    __slots__ = ("name", "raw", "shown", "space", "sides")

    def __init__(self, name, raw, shown, space, sides):
        self.name, self.raw, self.shown, self.space, self.sides = name, raw, shown, space, sides

    def __get__(self, module, owner=None):
        if module is None:
            return self
        try:
            value = self.space[self.name]
        except KeyError:
            raise AttributeError("module %r has no attribute %r" % (self.space.get("__name__"), self.name)) from None
        if value is not self.raw:
            return value
        return value if self.sides.is_inside(sys._getframe(1)) else self.shown

    def __set__(self, module, value):
        self.space[self.name] = self.raw if value is self.shown else value

    def __delete__(self, module):
        try:
            del self.space[self.name]
        except KeyError:
            raise AttributeError(self.name) from None


class ClassMember:
    """Takes the place of a method in its class.

    :param raw: what the class has had under this name
    :param shown: called in its place; as a method, or of the class, or by itself
    """

    __slots__ = ("_raw", "_shown", "_sides")

    def __init__(self, raw, shown, sides):
        self._raw, self._shown, self._sides = raw, shown, sides

    def __get__(self, instance, owner=None):
        raw = self._raw
        if self._sides.is_inside(sys._getframe(1)):
            return raw.__get__(instance, owner)
        if isinstance(raw, staticmethod):
            return self._shown
        if isinstance(raw, (classmethod, ClassMethodDescriptor)):
            return MethodType(self._shown, type(instance) if owner is None else owner)
        return self._shown if instance is None else MethodType(self._shown, instance)

    def __call__(self, /, *args, **kwargs):
        return self._shown(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(object.__getattribute__(self, "_raw"), name)

    __class__ = property(lambda self: type(object.__getattribute__(self, "_raw")))


class Hooks:
    """The hooks of this process."""

    def __init__(self, orders):
        self.roots = [each["name"] for each in orders["modules"]]
        self.sides = Sides([*self.roots, *(twin for root in self.roots for twin in twins(root))])
        self.record = Record(orders["folder"])
        self.orders = orders
        if orders["change"].startswith("wrong-"):
            from wrong_results import wrong

            # Later it is no longer to be found.
            orders["wrong"] = wrong
        #: What the first import brings with it; None: nothing.
        self.changed_import = None
        if orders["change"] in ("slow-import", "extra-import", "overflow"):
            from changed_imports import change_import

            self.changed_import = change_import
        target = orders.get("function")
        #: None: all are hooked.
        self.targets = target and {(each["module"], each["name"]) for each in [target, *target["aliases"]]}
        #: By the ids of the functions, which stay alive with their stand-ins.
        self.shown = {}
        self.classes = set()

    def stand_in(self, raw, module, name):
        """:return: the one stand-in of a function; None if it is not to be hooked"""
        known = self.shown.get(id(raw))
        if known is not None:
            cell = object.__getattribute__(known, "_cell")
            if (module, name) not in cell.names:
                cell.names.append((module, name))
                if cell.announced:
                    self.record.write({"fn": cell.number, "as": {"module": module, "name": name}})
            return known
        if self.targets is not None and (module, name) not in self.targets:
            return None
        cell = self.record.cell()
        cell.names.append((module, name))
        fault = None if self.targets is None else fault_of(self.orders)
        self.shown[id(raw)] = stand_in(raw, cell, (module, name), fault)
        return self.shown[id(raw)]

    def is_own_class(self, kind, home):
        module = getattr(kind, "__module__", None)
        if self.sides.is_own(module) or kind in self.classes:
            return True
        is_of_python = module == "builtins" and not kind.__flags__ & HEAP_TYPE
        return not is_of_python and is_renamed(kind, module, home)

    def owner(self, value, home):
        """The name of the module that a function is of.

        :param home: where it was found
        """
        module = getattr(value, "__module__", None)
        if isinstance(module, str) and module != "builtins":
            return home if is_renamed(value, module, home) else module
        bound_to = getattr(value, "__self__", None)
        if isinstance(bound_to, ModuleType):
            return bound_to.__name__
        return home if bound_to is None else type(bound_to).__module__

    def is_function(self, value):
        return type(value) in (FunctionType, BuiltinType, MethodType) or type(value).__name__ in FUNCTIONS

    def is_exported(self, name, space):
        exported = space.get("__all__")
        return not name.startswith("_") or (isinstance(exported, (list, tuple)) and name in exported)

    def hook_module(self, module):
        name, space = module.__name__, module.__dict__
        found = {}
        for key, value in list(space.items()):
            if not isinstance(key, str) or not self.is_exported(key, space):
                continue
            try:
                if is_a(value, type):
                    self.hook_class(value, name, key)
                elif self.is_function(value) and self.sides.is_own(self.owner(value, name)):
                    shown = self.stand_in(value, name, key)
                    if shown is not None:
                        found[key] = Export(key, value, shown, space, self.sides)
            except Exception as error:
                # The others can be hooked all the same.
                self.record.unhookable(name, key, failed_with(error))
        if found:
            self.show(module, found)
        if isinstance(space.get("__getattr__"), FunctionType):
            space["__getattr__"] = self.late(module, space["__getattr__"])

    def show(self, module, exports):
        kind = type(module)
        attributes = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
        module.__class__ = type(kind.__name__, (kind,), {**attributes, **exports})

    def late(self, module, find):
        """For modules that look for an attribute when somebody asks for it (PEP 562)."""

        def __getattr__(name):
            value = find(name)
            is_inside = self.sides.is_inside(sys._getframe(1))
            if is_a(value, type):
                self.hook_class(value, module.__name__, name)
            elif not is_inside and self.is_function(value) and self.sides.is_own(self.owner(value, module.__name__)):
                return self.stand_in(value, module.__name__, name) or value
            return value

        return __getattr__

    def hook_class(self, kind, module, path):
        if not self.is_own_class(kind, module) or issubclass(kind, BaseException):
            return
        for each in kind.__mro__:
            if self.is_own_class(each, module):
                self.classes.add(each)
                self.hook_members(each, module, path)

    def hook_members(self, kind, module, path):
        is_enum = "_member_map_" in vars(kind)
        for name, raw in list(vars(kind).items()):
            place = "%s.%s" % (path, name)
            if is_a(raw, type) and not name.startswith("_") and raw.__qualname__ == "%s.%s" % (kind.__qualname__, name):
                self.hook_class(raw, module, place)
            if is_a(raw, type) or (name.startswith("_") and (name not in SPECIAL or is_enum)):
                continue
            if type(raw) is ClassMember:
                # Another name of the same.
                self.stand_in(object.__getattribute__(raw, "_shown")._raw, module, place)
                continue
            called = self.called(raw)
            shown = called and self.stand_in(called, module, place)
            if shown is None:
                continue
            try:
                type.__setattr__(kind, name, ClassMember(raw, shown, self.sides))
            except (TypeError, AttributeError) as error:
                self.record.cells.remove(object.__getattribute__(shown, "_cell"))
                del self.shown[id(called)]
                self.record.unhookable(module, place, str(error))

    def called(self, raw):
        """The function in a member of a class; None for what is none, or is left alone."""
        is_held = is_a(raw, (staticmethod, classmethod))
        is_method = type(raw) in (FunctionType, MethodDescriptor, SlotWrapper) or type(raw).__name__ in FUNCTIONS
        if (is_held or is_method) and getattr(raw, "__isabstractmethod__", False):
            return None
        if is_held:
            function = raw.__func__
            return function if self.is_function(function) else None
        if type(raw) is ClassMethodDescriptor:
            return lambda kind, /, *args, **kwargs: raw.__get__(None, kind)(*args, **kwargs)
        return raw if is_method else None

    def change_import(self):
        change, self.changed_import = self.changed_import, None
        if change is not None:
            change(self.orders, self.record)

    def loaded(self, module):
        """A module has been executed."""
        try:
            name = module.__name__
            there = sys.modules.get(name)
            root = next((each for each in self.roots if is_within(name, each)), None)
            if root is None:
                reason = "it calls itself %s, which is not within %s" % (name, " or ".join(self.roots))
                self.record.unhookable(name, None, reason)
                return
            self.record.once({"imported": root})
            if is_try(name):
                return
            if not isinstance(there, ModuleType):
                kind = type(there).__name__
                self.record.unhookable(name, None, "it puts an object in its place among the modules, a %s" % kind)
                return
            first = len(self.record.cells)
            self.hook_module(there)
            names = [line for cell in self.record.cells[first:] for line in cell.announce()]
            if names:
                self.record.write(*names)
        except Exception as error:
            self.record.unhookable(getattr(module, "__name__", "?"), None, failed_with(error))


class Loader:
    """Loads as another does, and has the module hooked."""

    def __init__(self, loader, hooks):
        self.loader = loader
        self.hooks = hooks

    def __getattr__(self, name):
        # Whoever only looks for a module finds its loader as it is.
        return getattr(self.__dict__["loader"], name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        self.hooks.change_import()
        self.hooks.loaded(module)


class Finder:
    """Finds modules under test as they would be found."""

    def __init__(self, hooks):
        self.hooks = hooks

    def find_spec(self, name, path=None, target=None):
        if not any(is_within(name, root) for root in self.hooks.roots):
            return None
        if self.hooks.orders["change"] == "import-fails":
            self.hooks.record.changed_import()
            raise ImportError("%s: the import of %s fails" % (SABOTAGE, name), name=name)
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = None if find is None else find(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = Loader(spec.loader, self.hooks)
                return spec
        return None


# Tracebacks leave out the frames of the import system.
for each in (Loader.exec_module, Loader.create_module, Finder.find_spec):
    hide(each, "<frozen importlib._bootstrap>")


def install(path):
    """Hooks this process from now on.

    :param path: of the orders, which are JSON
    """
    with open(path, encoding="utf-8") as file:
        # Without the module for JSON, which the program may not have imported.
        orders = eval(file.read(), {"__builtins__": {}, "null": None, "true": True, "false": False})
    if orders["runtime"] != "python":
        return
    hooks = Hooks(orders)
    hooks.record.begin()
    if not hooks.roots:
        # It is not known what the program tries: what comes with an import comes at the start.
        hooks.change_import()
    sys.meta_path.insert(0, Finder(hooks))
    for name, module in list(sys.modules.items()):
        if any(is_within(name, root) for root in hooks.roots):
            hooks.loaded(module)
    atexit.register(hooks.record.finish)
    os._exit = Ending(os._exit, None, ("os", "_exit"), hooks.record.finish)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: forked(hooks))


def forked(hooks):
    Threads.forked()
    hooks.record.forked()
    try:
        # Children of `multiprocessing` end without `atexit`.
        sys.modules["threading"]._register_atexit(hooks.record.finish)
    except Exception:
        pass
