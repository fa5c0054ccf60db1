"""Has a script watched for errors that nobody retrieves, without its knowledge.

Python imports a module of this name at its start, wherever it is on the path. The path and the environment are put back,
and a `sitecustomize` of the system is imported as it would have been.
"""

import os
import sys

here = os.path.dirname(os.path.abspath(__file__))


def put_back():
    rest = os.environ.get("PYTHONPATH", "").split(os.pathsep)[1:]
    if rest:
        os.environ["PYTHONPATH"] = os.pathsep.join(rest)
    else:
        os.environ.pop("PYTHONPATH", None)
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != here]


def import_next():
    ours = sys.modules.pop(__name__)
    try:
        import sitecustomize  # noqa: F401
    except ImportError:
        sys.modules[__name__] = ours


try:
    import lost_errors
    lost_errors.install(os.environ.pop("SHAKEDOWN_UNHEARD"))
    del sys.modules["lost_errors"]
except (ImportError, KeyError, SyntaxError):
    # Another interpreter than was expected: it runs by itself.
    pass
put_back()
import_next()
