"""On which side of the modules under test another module is: what they look up of their own is neither counted nor changed."""

import sys

#: Modules within a package that try it.
TRIES = {"test", "tests", "conftest", "examples", "benchmarks", "integration"}

OUTSIDE, INSIDE, BETWEEN, COMPARES = range(4)

STANDARD = getattr(sys, "stdlib_module_names", None) or {
    *("asyncio", "concurrent", "contextlib", "copy", "ctypes", "dataclasses", "enum", "functools", "importlib", "inspect"),
    *("json", "multiprocessing", "pickle", "pkgutil", "runpy", "threading", "timeit", "typing", "unittest"),
}

#: Compare what they find by a name with the function itself.
PICKLING = ("pickle", "copyreg", "multiprocessing", "concurrent.futures.process")


def is_within(name, module):
    return name == module or name.startswith(module + ".")


def is_try(name):
    return any(part in TRIES or part.startswith("test_") or part.endswith("_test") for part in name.split("."))


def twins(root):
    """The extension that a module takes its functions from has its name with an underscore in front."""
    twin = "_" + root.split(".")[0]
    return [twin] if root in STANDARD or twin not in STANDARD else []


class Sides(dict):
    """On which side the modules of a process are, by their names."""

    def __init__(self, roots):
        dict.__init__(self)
        self.roots = roots

    def is_own(self, name):
        return isinstance(name, str) and any(is_within(name, root) for root in self.roots) and not is_try(name)

    def __missing__(self, name):
        side = OUTSIDE
        if not isinstance(name, str):
            return side
        if self.is_own(name):
            side = INSIDE
        elif any(is_within(name, each) for each in PICKLING):
            side = COMPARES
        elif name.split(".")[0] in STANDARD:
            side = BETWEEN
        self[name] = side
        return side

    def is_inside(self, frame):
        """Whether a module under test is who looks; what the standard library looks up it does for somebody else."""
        side = self[frame.f_globals.get("__name__")]
        if side < BETWEEN:
            return side == INSIDE
        return side == COMPARES or self.is_for_inside(frame.f_back)

    def is_for_inside(self, frame):
        while frame is not None:
            side = self[frame.f_globals.get("__name__")]
            if side < BETWEEN:
                return side == INSIDE
            frame = frame.f_back
        return False
