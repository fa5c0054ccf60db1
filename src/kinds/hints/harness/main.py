"""What a Python package has at run time, and how its stubs differ from that:

    python hints.py names JOB
    python hints.py stubs JOB

Run by the Python of the environment that the package is in. Its job (JSON) names the modules, and the file for the result.
`stubs` uses mypy's stubtest, from an environment of its own that the job names: only that knows which differences matter.
"""

import importlib
import inspect
import json
import keyword
import sys
import types


def is_public(name):
    return not name.startswith("_")


def is_own(value, roots):
    origin = getattr(value, "__module__", None)
    return isinstance(origin, str) and origin.split(".")[0] in roots


def may_be_imported(module, name):
    """Whether an import can be written for it, and succeeds: what is made when it is asked for may need what is not here."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        return False
    try:
        return hasattr(module, name)
    except Exception:
        return False


def names_of(name, roots):
    """What `from module import …` may be written for: `__all__`, or else what it has made itself.

    Of a package without `__all__` also what comes from private modules below it: nobody can import that from elsewhere.
    """
    if any(keyword.iskeyword(part) for part in name.split(".")):
        raise SyntaxError(f"no import can be written for {name}")
    module = importlib.import_module(name)
    is_compiled = not (getattr(module, "__file__", None) or "").endswith((".py", ".pyc"))
    promised = getattr(module, "__all__", None)
    if isinstance(promised, (list, tuple)):
        own = [each for each in promised if may_be_imported(module, each)]
        return {"isPromised": True, "isCompiled": is_compiled, "names": own, "lifted": []}
    found = {
        each: value.__module__
        for each, value in sorted(vars(module).items())
        if is_public(each) and isinstance(value, (type, types.FunctionType)) and is_own(value, roots)
    }
    below = [
        each
        for each, origin in found.items()
        if hasattr(module, "__path__") and origin.startswith(name + "._") and getattr(module, each).__name__ == each
    ]
    return {
        "isPromised": False,
        "isCompiled": is_compiled,
        "names": [each for each, origin in found.items() if origin == name],
        "lifted": below,
    }


def names(job):
    found = []
    for name in job["modules"]:
        try:
            found.append({"module": name, **names_of(name, job["roots"])})
        except BaseException as error:
            # Whether it should have been imported is judged elsewhere.
            found.append({"module": name, "error": f"{type(error).__name__}: {error}"})
    return found


def signature_is_certain(value):
    """Only a plain function says of itself how it may be called; one that stands for another says how that may be."""
    return isinstance(value, types.FunctionType) and not hasattr(value, "__wrapped__") and not hasattr(value, "__signature__")


def kind_of(stub, nodes):
    if isinstance(stub, nodes.Decorator):
        return kind_of(stub.func, nodes)
    if isinstance(stub, (nodes.FuncDef, nodes.OverloadedFuncDef)):
        return "function"
    if isinstance(stub, nodes.TypeInfo):
        is_only_type = stub.is_protocol or stub.typeddict_type is not None or stub.is_newtype
        return "type" if is_only_type else "class"
    return "variable" if isinstance(stub, nodes.Var) else "type"


def owner_of(module, path):
    """The class at run time that a member is declared in."""
    value = sys.modules.get(module)
    for part in path[:-1]:
        value = getattr(value, part, None)
    return value


def below(owner):
    """All classes that derive from one."""
    found, left = set(), [owner]
    while left:
        for each in type.__subclasses__(left.pop()):
            if each not in found:
                found.add(each)
                left.append(each)
    return found


def is_elsewhere(owner, name):
    """Its class answers to any name, or is one that there are no objects of: those below it have what it promises."""
    if not isinstance(owner, type):
        return False
    answers = any("__getattr__" in vars(each) for each in owner.__mro__)
    return answers or any(hasattr(each, name) for each in below(owner))


def told(error, files, nodes):
    module, *path = error.object_path
    stub, runtime = error.stub_object, error.runtime_object
    is_missing = type(runtime).__name__ == "Missing"
    needed = None
    if not is_missing and signature_is_certain(runtime):
        parameters = inspect.signature(runtime).parameters.values()
        if all(each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in parameters):
            needed = [each.name for each in parameters if each.default is each.empty]
    tree = files.get(module)
    return {
        "module": module,
        "path": path,
        "message": error.message,
        "stub": None if type(stub).__name__ == "Missing" else kind_of(stub, nodes),
        "isMissing": is_missing,
        "isElsewhere": bool(path) and is_elsewhere(owner_of(module, path), path[-1]),
        "needed": needed,
        "file": tree.path if tree is not None else None,
        "line": getattr(stub, "line", None),
    }


def stubs(job):
    sys.path.append(job["tools"])
    from mypy import build, errors, nodes, stubtest
    from mypy.modulefinder import BuildSource
    from mypy.options import Options

    options = Options()
    options.incremental = False
    options.ignore_missing_imports = True
    options.python_executable = sys.executable
    sources = [BuildSource(each["file"], each["module"], None) for each in job["stubs"]]
    try:
        built = build.build(sources=sources, options=options)
    except errors.CompileError as error:
        return {"refused": error.messages, "errors": [], "differences": []}
    stubtest._all_stubs = built.files
    found = []
    for each in job["stubs"]:
        for error in stubtest.test_module(each["module"]):
            found.append(told(error, built.files, nodes))
    return {"refused": [], "errors": built.errors, "differences": found}


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        request = json.load(file)
    result = {"names": names, "stubs": stubs}[sys.argv[1]](request)
    with open(request["result"], "w") as file:
        json.dump(result, file)
