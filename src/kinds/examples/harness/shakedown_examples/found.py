"""The examples in the docstrings of a module, and what each of their statements comes to."""

import ast
import doctest
import traceback
import types

from shakedown_examples.printed import bounded, printed
from shakedown_examples.refusals import Refusal

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
#: Modules whose business is the state of the whole process: what they do in one thread is meant to be seen in others.
OF_PROCESS = {"gc", "warnings", "logging", "locale", "signal", "tracemalloc", "resource", "weakref"}


class Example:
    """The examples of one docstring, which are run one after the other."""

    def __init__(self, test, module):
        self.name = test.name
        self.module = module
        self.file = getattr(module, "__file__", None) or module.__name__
        self.globals = test.globs
        flags = doctest._extract_future_flags(test.globs)
        self.statements = [each for each in test.examples if not each.options.get(doctest.SKIP)]
        self.codes = [
            compile(each.source, f"<doctest {test.name}>", "single", flags, True) for each in self.statements
        ]
        first = self.statements[0].lineno if self.statements else 0
        self.line = None if test.lineno is None else test.lineno + first + 1

    def run(self):
        """What each statement prints, and the words of its error."""
        namespace = dict(self.globals)
        outcomes = []
        for code in self.codes:
            printed.begin()
            error = None
            try:
                exec(code, namespace)
            except Refusal:
                raise
            except BaseException as caught:
                error = bounded(traceback.format_exception_only(type(caught), caught)[-1].strip())
            outcomes.append([bounded(printed.taken()), error])
        return outcomes

    def passes(self, outcomes):
        checker = doctest.OutputChecker()
        for statement, (output, error) in zip(self.statements, outcomes):
            flags = FLAGS
            for flag, is_set in statement.options.items():
                flags = flags | flag if is_set else flags & ~flag
            if statement.exc_msg is not None or error is not None:
                wanted = statement.exc_msg
                if wanted is None or error is None:
                    return False
                if wanted.partition(":")[0].rpartition(".")[2].strip() != error.partition(":")[0].rpartition(".")[2]:
                    return False
            elif not checker.check_output(statement.want, output, flags):
                return False
        return True

    def uses_process_state(self):
        """The name of such a module, if it uses one; a variable may be called the same."""
        for statement in self.statements:
            for node in ast.walk(ast.parse(statement.source)):
                is_module = isinstance(node, ast.Name) and isinstance(self.globals.get(node.id), types.ModuleType)
                names = [node.id] if is_module else []
                if isinstance(node, ast.Import):
                    names = [each.name.partition(".")[0] for each in node.names]
                if isinstance(node, ast.ImportFrom):
                    names = [(node.module or "").partition(".")[0]]
                for name in names:
                    if name in OF_PROCESS:
                        return name
        return None


class Finder(doctest.DocTestFinder):
    def _get_test(self, obj, name, module, globs, source_lines):
        try:
            return super()._get_test(obj, name, module, globs, source_lines)
        except Exception:
            # What looks like an example and is none.
            return None


def is_public(name, module):
    parts = name[len(module) :].strip(".").split(".")
    return all(not each.startswith("_") or (each.startswith("__") and each.endswith("__")) for each in parts)


def examples_of(module):
    found = {}
    for test in Finder(exclude_empty=True).find(module, module.__name__):
        if not is_public(test.name, module.__name__) or test.name in found:
            continue
        try:
            example = Example(test, module)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if example.codes:
            found[test.name] = example
    return found
