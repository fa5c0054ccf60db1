"""Imports a module in one of several ways, and uses it for the first time:

    python -X faulthandler init.py SCENARIO MODULE [MODULE:FUNCTION | FUNCTION]

Nothing is caught here: an error ends the process as it would end a user's, and the report tells what it was doing.
Other modules are imported late, so that the module on trial is the first to import what it needs.
"""

import sys

THREADS = 4
CHILDREN = 4
INTERPRETERS = 3

before = set(sys.modules)


def tell(doing, not_tried=None, unsupported=None, **more):
    import json
    import os

    path = os.environ.get("SHAKEDOWN_INIT_REPORT")
    if path is None:
        return
    report = {"doing": doing, "notTried": not_tried, "unsupported": unsupported}
    report.update({"form": "import", "differing": [], "open": [], "warning": None, "absent": None})
    report.update(more)
    with open(path + ".part", "w") as file:
        json.dump(report, file)
    os.replace(path + ".part", path)


def pass_gate():
    """Waits until all are let go."""
    import os

    gate = os.environ.get("SHAKEDOWN_INIT_GATE")
    if gate is None:
        return
    tell("waiting for the others")
    with open(gate):
        pass


def load(name):
    __import__(name)
    return sys.modules[name]


def first_use(module, use):
    """Calls the function that uses the module: of a module of its own, or of the module itself."""
    if use is None:
        return
    owner, _, function = use.rpartition(":")
    target = load(owner) if owner else module
    for part in function.split("."):
        target = getattr(target, part)
    target()


def in_threads(name, use):
    """Imports it in several threads at once, and then has them use it in the same moment."""
    pass_gate()
    from threading import Barrier, BrokenBarrierError, Thread

    # Threads take turns every 5 ms otherwise, which is longer than most first uses take.
    sys.setswitchinterval(1e-6)
    errors = []
    barrier = Barrier(THREADS + 1)

    def one():
        try:
            barrier.wait()
            module = load(name)
            barrier.wait()
            barrier.wait()
            first_use(module, use)
        except BrokenBarrierError:
            pass
        except BaseException as error:
            errors.append(error)
            barrier.abort()

    threads = [Thread(target=one) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        tell("importing %s in %d threads at once" % (name, THREADS))
        barrier.wait()
        barrier.wait()
        tell("using %s for the first time, in %d threads at once" % (name, THREADS))
        barrier.wait()
    except BrokenBarrierError:
        pass
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def after_fork(name, use):
    """Imports and uses it, and then once more in children that are forked."""
    import os

    tell("importing %s" % name)
    module = load(name)
    if use is not None:
        tell("using %s for the first time" % name)
        first_use(module, use)
    for number in range(1, CHILDREN + 1):
        what = "running" if use is None else "using %s in" % name
        tell("%s child %d of %d, forked after the import" % (what, number, CHILDREN))
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                first_use(module, use)
                code = 0
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            # As it ended, so do we: whoever looks at us learns of it.
            import resource
            import signal

            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
            os.kill(os.getpid(), os.WTERMSIG(status))
        if status != 0:
            sys.exit(os.WEXITSTATUS(status))


def interpreters():
    """The means to make interpreters: how one is made, given code to run, and ended; None where there are none."""
    try:
        import _interpreters

        def run(identity, code):
            failure = _interpreters.exec(identity, code)
            if failure is not None:
                raise ImportError(failure.formatted)

        return _interpreters.create, run, _interpreters.destroy
    except ImportError:
        pass
    try:
        import _xxsubinterpreters

        return _xxsubinterpreters.create, _xxsubinterpreters.run_string, _xxsubinterpreters.destroy
    except ImportError:
        return None


def standard_modules(name):
    """The modules of the standard library that importing it loads."""
    import json
    import os
    import subprocess

    env = {key: value for key, value in os.environ.items() if key != "SHAKEDOWN_INIT_REPORT"}
    listing = subprocess.check_output([sys.executable, __file__, "modules", name], env=env)
    standard = getattr(sys, "stdlib_module_names", ())
    modules = json.loads(listing.decode().splitlines()[-1])["modules"]
    return [module for module in modules if module.partition(".")[0] in standard]


def without_module(name, use):
    """The same as with the module, but with nothing of it: where this fails as well, it is Python that fails."""
    in_interpreters(name, None, standard_modules(name))


def in_interpreters(name, use, modules=None):
    """Imports and uses it in interpreters of their own, one after the other. A module may fail; it may not crash."""
    means = interpreters()
    if means is None:
        tell(None, "this Python cannot make interpreters")
        return
    create, run, destroy = means
    code = "import sys; sys.path[:] = %r; sys.argv = ['']\n" % (sys.path,)
    code += "shim = {'__name__': 'shim'}\n"
    code += "exec(compile(open(%r).read(), %r, 'exec'), shim)\n" % (__file__, __file__)
    code += "module = None\n"
    code += "for each in %r: module = shim['load'](each)\n" % ([name] if modules is None else modules,)
    refusal = unsupported = None
    for number in range(1, INTERPRETERS + 1):
        which = "interpreter %d of %d" % (number, INTERPRETERS)
        tell("importing %s in %s" % (name, which))
        identity = create()
        try:
            run(identity, code)
        except Exception as error:
            # What it was raised by is gone with that interpreter: its words are all there is.
            refusal = "it refuses to be imported there: " + str(error).split("\n")[0]
        else:
            tell("using %s in %s" % (name, which))
            try:
                run(identity, "shim['first_use'](module, %r)" % use)
            except Exception as error:
                unsupported = "in %s: %s" % (which, str(error).split("\n")[0])
        tell("ending %s" % which)
        destroy(identity)
    tell(None, refusal, unsupported)


def plainly(name, use, **more):
    """Imports and uses it, as any program does."""
    tell("importing %s" % name)
    module = load(name)
    tell("using %s for the first time" % name)
    first_use(module, use)
    tell(None, **more)


def in_a_thread(name, use):
    """Imports and uses it in a thread, and never in the main thread."""
    from threading import Thread

    errors = []

    def one():
        try:
            plainly(name, use)
        except BaseException as error:
            errors.append(error)

    thread = Thread(target=one)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


def once_more(name, use):
    """Reloads it. A module may refuse that; it may not crash."""
    plainly(name, use)
    import importlib

    tell("reloading %s" % name)
    try:
        module = importlib.reload(sys.modules[name])
    except Exception as error:
        tell(None, "it cannot be reloaded: %s: %s" % (type(error).__name__, str(error).split("\n")[0]))
        return
    tell("using %s after it was reloaded" % name)
    first_use(module, use)
    tell(None)


def is_warning(error):
    """Whether it stands for a warning. Those of the compiler become errors of syntax."""
    return isinstance(error, Warning) or (isinstance(error, SyntaxError) and "invalid escape sequence" in str(error))


def without_warnings(name, use):
    """Imports it where warnings are errors. Whose warning it is cannot be known for certain, so it may warn."""
    tell("importing %s" % name)
    try:
        load(name)
    except Exception as error:
        cause = error
        while cause is not None and not is_warning(cause):
            cause = cause.__cause__ or cause.__context__
        if cause is None:
            raise
        tell(None, warning="%s: %s" % (type(cause).__name__, str(cause).split("\n")[0][:300]))
        return
    tell(None)


def has_debug_allocator():
    """Whether new memory is filled as only the debugging allocator fills it."""
    import ctypes

    memory = ctypes.pythonapi
    memory.PyMem_Malloc.restype, memory.PyMem_Malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    memory.PyMem_Free.restype, memory.PyMem_Free.argtypes = None, [ctypes.c_void_p]
    address = memory.PyMem_Malloc(32)
    filled = ctypes.string_at(address, 32) == b"\xcd" * 32
    memory.PyMem_Free(address)
    return filled


def under_debug_allocator(name, use):
    """Imports and uses it, and then makes sure that the allocator was the one that was asked for."""
    plainly(name, use)
    if not has_debug_allocator():
        tell(None, absent="PYTHONMALLOC=debug")


def list_modules(name, use):
    """Writes the names of all modules that importing it loads."""
    load(name)
    loaded = sorted(set(sys.modules) - before)
    import json
    import os

    with open(os.environ.get("SHAKEDOWN_INIT_REPORT", "/dev/stdout"), "w") as file:
        json.dump({"modules": loaded}, file)


def list_costs(name, use):
    """Writes what each import takes by itself, as `python -X importtime` says it."""
    import json
    import os
    import re
    import subprocess

    def imports_of(code):
        command = [sys.executable, "-X", "importtime", "-c", code]
        said = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).stderr
        return re.findall(r"^import time: +(\d+) \| +\d+ \| +([\w.]+)$", said.decode(errors="replace"), re.MULTILINE)

    bare = {module for _, module in imports_of("pass")}
    rows = [(own, module) for own, module in imports_of("import " + name) if module not in bare]
    costs = [{"module": module, "microseconds": int(own)} for own, module in rows]
    with open(os.environ.get("SHAKEDOWN_INIT_REPORT", "/dev/stdout"), "w") as file:
        json.dump({"costs": costs}, file)


SCENARIOS = {
    "process": in_threads,
    "fork": after_fork,
    "subinterpreter": in_interpreters,
    "subinterpreter-control": without_module,
    "modules": list_modules,
    "costs": list_costs,
    "thread": in_a_thread,
    "again": once_more,
    "optimized": plainly,
    "warnings": without_warnings,
    "development": plainly,
    "debug-memory": under_debug_allocator,
    "hash-seed": plainly,
}


def main(scenario, name, use=None):
    SCENARIOS[scenario](name, use)
    if scenario in ("process", "fork"):
        tell(None)


if __name__ == "__main__":
    # As `python -c` has it: modules are found in the folder in which this was started, and not beside this file.
    sys.path[0] = ""
    main(*sys.argv[1:])
