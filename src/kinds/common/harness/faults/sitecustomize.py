"""Has the modules under test hooked in every Python of a component.

Python imports a module of this name at its start, wherever it is on the path. The environment stays as it is, for the
processes that this one starts. The path is put back, and the next `sitecustomize` is imported as it would have been.
"""

import os
import sys

here = os.path.dirname(os.path.abspath(__file__))


def import_next():
    ours = sys.modules.pop(__name__)
    try:
        import sitecustomize  # noqa: F401
    except ImportError:
        sys.modules[__name__] = ours


try:
    import module_faults
    module_faults.install(os.environ["SHAKEDOWN_FAULT"])
    for name in ("module_faults", "fault_record", "fault_sides", "hooked_calls", "wrong_results", "changed_imports"):
        sys.modules.pop(name, None)
except Exception:
    # An interpreter that is too old, or a run that is over: the program runs by itself.
    pass
sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != here]
import_next()
