"""Finds the declarations that samples in Python use, and how each can be broken.

Nothing is imported: modules are looked for as a type checker does, stubs first, and only read.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import re
import site
import sys
import sysconfig
from dataclasses import dataclass, field
from typing import Iterator, Optional, Union

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ANY = "_ShakedownAny"
OTHER = "_ShakedownOther"
GONE = "_removed_by_shakedown_"
#: What changed declarations refer to.
NAMES = f"from typing import Any as {ANY}\nclass {OTHER}: ...\n"
#: A checker complains of the sample alone, not of the copy.
MUTED = "# mypy: ignore-errors\n"
#: What a checker says of a line must be there to be ignored, under `warn_unused_ignores`.
IGNORED = re.compile(r"#\s*(?:type|pyright):\s*ignore")
#: How far a name is followed from module to module.
MOST_HOPS = 20


class Source:
    """A module's text, with places in it as UTF-16 code units."""

    def __init__(self, module: str, path: str, at: str) -> None:
        with open(path, encoding="utf-8-sig", newline="") as file:
            self.text = file.read()
        self.module, self.path, self.at = module, path, at
        self.is_package = os.path.basename(path).startswith("__init__.")
        self.tree = ast.parse(self.text)
        self.lines = [line.encode() for line in ast_lines(self.text)]
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + units(line.decode()))

    def place(self, line: int, column: int) -> int:
        return self.starts[line - 1] + units(self.lines[line - 1][:column].decode())

    def replace(self, node: ast.AST, text: str) -> dict:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        # The place of a decorator is behind its `@`.
        start = self.place(node.lineno, node.col_offset) if first == node.lineno else self.place(first, node.col_offset)
        return self.edit(start, self.place(node.end_lineno, node.end_col_offset), text)

    def edit(self, start: int, end: int, text: str) -> dict:
        return {"file": self.path, "start": start, "end": end, "text": text}

    def rewritten(self, node: ast.stmt, new: ast.stmt) -> dict:
        lines = ast.unparse(ast.fix_missing_locations(new)).split("\n")
        return self.replace(node, ("\n" + " " * node.col_offset).join(lines))

    def preamble(self) -> dict:
        """The names, below the docstring and what must come first."""
        last = None
        for index, node in enumerate(self.tree.body):
            is_docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not is_docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
                break
            last = node
        if last is None:
            return self.edit(0, 0, NAMES)
        end = self.starts[last.end_lineno]
        return self.edit(end, end, NAMES if self.text.endswith("\n") or end < self.starts[-1] else "\n" + NAMES)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def ast_lines(text: str) -> list[str]:
    """Lines as the parser counts them: of all that `splitlines` knows, these alone end one."""
    lines, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\n" or (text[at] == "\r" and text[at + 1 : at + 2] != "\n"):
            lines.append(text[start : at + 1])
            start = at + 1
        at += 1
    return [*lines, text[start:]]


def module_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """What is defined, under a condition or not."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from module_level(node.body)
            yield from module_level(getattr(node, "orelse", []))
            for handler in getattr(node, "handlers", []):
                yield from module_level(handler.body)


def names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.AnnAssign):
        return [node.target.id] if isinstance(node.target, ast.Name) else []
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


class Modules:
    """Finds modules as a type checker does."""

    def __init__(self, job: dict) -> None:
        paths = sysconfig.get_paths()
        self.installed = list(dict.fromkeys([paths["purelib"], paths["platlib"], *site.getsitepackages(), site.getusersitepackages()]))
        first = [os.path.realpath(path) for path in job["paths"]]
        found = [os.path.realpath(path) for path in sys.path[1:] if path]
        self.paths = list(dict.fromkeys([*first, *found, *map(os.path.realpath, self.installed)]))
        self.root = os.path.realpath(job["root"])
        self.sources: dict[str, Optional[Source]] = {}

    def is_own(self, source: Source) -> bool:
        inside = os.path.realpath(source.path).startswith(self.root + os.sep)
        return inside and not any(f"{os.sep}{name}{os.sep}" in source.path for name in ("site-packages", "dist-packages"))

    def source(self, module: str) -> Optional[Source]:
        if module not in self.sources:
            self.sources[module] = self.read(module)
        return self.sources[module]

    def read(self, module: str) -> Optional[Source]:
        top, *rest = module.split(".")
        if top in getattr(sys, "stdlib_module_names", sys.builtin_module_names):
            return None
        folders = [(path, f"{top}-stubs") for path in self.paths] + [(path, top) for path in self.paths]
        for path, name in folders:
            parts = os.path.join(name, *rest)
            for candidate in (os.path.join(parts, "__init__.pyi"), parts + ".pyi", os.path.join(parts, "__init__.py"), parts + ".py"):
                file = os.path.join(path, candidate)
                if os.path.isfile(file):
                    at = os.path.join(top, *candidate.split(os.sep)[1:]) if os.sep in candidate else candidate
                    try:
                        return Source(module, file, at)
                    except (SyntaxError, UnicodeDecodeError):
                        return None
        return None

    def all_of(self, top: str) -> list[Source]:
        """Every file of a top-level module, so that its copy is whole."""
        root = self.source(top)
        if root is None or not root.is_package:
            return [] if root is None else [root]
        found = [root]
        base = os.path.dirname(root.path)
        for folder, folders, files in os.walk(base):
            folders[:] = [name for name in folders if name.isidentifier() and name != "__pycache__"]
            for name in files:
                stem, extension = os.path.splitext(name)
                if extension not in (".py", ".pyi"):
                    continue
                parts = os.path.relpath(folder, base).split(os.sep)
                inner = [part for part in [*parts, stem] if part not in (".", "__init__")]
                source = self.source(".".join([top, *inner]))
                if source is not None and source not in found:
                    found.append(source)
        return found


@dataclass
class Site:
    """Where a name is defined, and the module by which it was asked for."""

    source: Source
    nodes: list[ast.stmt]
    entry: Source
    #: The import by which the entry has it; None: it is defined there.
    alias: Optional[ast.alias]


class Resolver:
    def __init__(self, modules: Modules) -> None:
        self.modules = modules

    def absolute(self, source: Source, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        parts = source.module.split(".")
        kept = parts[: len(parts) - node.level + (1 if source.is_package else 0)]
        return ".".join([*kept, *([node.module] if node.module else [])])

    def site(self, module: str, name: str, hops: int = MOST_HOPS) -> Optional[Site]:
        source = self.modules.source(module)
        if source is None or hops == 0:
            return None
        nodes = [node for node in module_level(source.tree.body) if name in names_of(node)]
        if nodes:
            return Site(source, nodes, source, None)
        stars = []
        for node in module_level(source.tree.body):
            if not isinstance(node, ast.ImportFrom):
                continue
            origin = self.absolute(source, node)
            for alias in node.names:
                if alias.name == "*":
                    stars.append(origin)
                elif (alias.asname or alias.name) == name:
                    found = self.site(origin, alias.name, hops - 1)
                    return found and Site(found.source, found.nodes, source, alias)
        # What comes by a star is gone only when it is gone where it comes from.
        return next((found for star in stars if (found := self.site(star, name, hops - 1))), None)


@dataclass
class Use:
    subject: str
    site: Site
    #: The class of which it is a method; None: it belongs to a module.
    owner: Optional[ast.ClassDef] = None
    positional: int = 0
    keywords: set[str] = field(default_factory=set)
    is_misused: bool = False


class Sample(ast.NodeVisitor):
    """What one file uses, by the names that it imports and what it makes of them."""

    def __init__(self, surveyor: "Surveyor", text: str, is_negative: bool) -> None:
        self.surveyor, self.is_negative = surveyor, is_negative
        #: The lines that must be refused.
        self.refused = {number for number, line in enumerate(ast_lines(text), 1) if IGNORED.search(line)}
        #: By local name, the module that it stands for.
        self.modules: dict[str, str] = {}
        #: By local name, the module and the name in it.
        self.names: dict[str, tuple[str, str]] = {}
        #: By local name, the use that is its class.
        self.instances: dict[str, Use] = {}

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.split(".")[0]
            self.modules[alias.asname or top] = alias.name if alias.asname else top
            self.surveyor.modules_used.add(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level != 0 or node.module is None:
            return
        for alias in node.names:
            local = alias.asname or alias.name
            if self.surveyor.resolver.site(node.module, alias.name) is None and self.surveyor.modules.source(f"{node.module}.{alias.name}"):
                self.modules[local] = f"{node.module}.{alias.name}"
                self.surveyor.modules_used.add(self.modules[local])
                continue
            self.surveyor.modules_used.add(node.module)
            self.names[local] = (node.module, alias.name)
            self.use(node.module, alias.name)

    def use(self, module: str, name: str) -> Optional[Use]:
        return self.surveyor.use(module, name)

    def dotted(self, node: ast.expr) -> Optional[str]:
        """The module that an expression stands for."""
        if isinstance(node, ast.Name):
            return self.modules.get(node.id)
        if isinstance(node, ast.Attribute) and (outer := self.dotted(node.value)) is not None:
            inner = f"{outer}.{node.attr}"
            return inner if self.surveyor.modules.source(inner) is not None else None
        return None

    def used(self, node: ast.expr) -> Optional[Use]:
        """The use that an expression is."""
        found = self.looked_up(node)
        if found is not None:
            found.is_misused = found.is_misused or self.is_negative or node.lineno in self.refused
        return found

    def looked_up(self, node: ast.expr) -> Optional[Use]:
        if isinstance(node, ast.Name) and node.id in self.names:
            return self.use(*self.names[node.id])
        if not isinstance(node, ast.Attribute):
            return None
        if (module := self.dotted(node.value)) is not None:
            return self.use(module, node.attr)
        owner = self.class_of(node.value)
        return owner and self.surveyor.method(owner, node.attr)

    def class_of(self, node: ast.expr) -> Optional[Use]:
        """The class whose instance, or which itself, an expression is."""
        if isinstance(node, ast.Name) and node.id in self.instances:
            return self.instances[node.id]
        if isinstance(node, ast.Await):
            return self.class_of(node.value)
        if isinstance(node, ast.Call):
            called = self.used(node.func)
            return called and self.surveyor.result_class(called)
        found = self.used(node)
        return found if found is not None and isinstance(found.site.nodes[0], ast.ClassDef) and found.owner is None else None

    def bind(self, target: Optional[ast.expr], owner: Optional[Use]) -> None:
        if isinstance(target, ast.Name) and owner is not None:
            self.instances[target.id] = owner

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self.bind(target, self.class_of(node.value) if isinstance(node.value, (ast.Call, ast.Await)) else None)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.bind(node.target, self.class_of(node.annotation))
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        if node.annotation is not None and (owner := self.class_of(node.annotation)) is not None:
            self.instances[node.arg] = owner
        self.generic_visit(node)

    def visit_withitem(self, node: ast.withitem) -> None:
        self.bind(node.optional_vars, self.class_of(node.context_expr))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        found = self.used(node.func)
        if found is not None and not any(isinstance(each, ast.Starred) for each in node.args):
            found.positional = max(found.positional, len(node.args))
            found.keywords |= {keyword.arg for keyword in node.keywords if keyword.arg}
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.used(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.used(node)
        self.generic_visit(node)


def without_result(node: Function) -> bool:
    returns = node.returns
    if returns is None or (isinstance(returns, ast.Constant) and returns.value is None):
        return True
    return isinstance(returns, (ast.Name, ast.Attribute)) and ast.unparse(returns).split(".")[-1] in ("NoReturn", "Never")


def parameters_of(node: Function) -> list[ast.arg]:
    arguments = node.args
    optional = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *optional]


def is_static(node: Function) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)


def is_property(node: Function) -> bool:
    return any(ast.unparse(each).split(".")[-1] in ("property", "cached_property") for each in node.decorator_list)


class Changer:
    def __init__(self, use: Use) -> None:
        self.use = use
        self.source = use.site.source
        self.nodes = use.site.nodes

    def changes(self) -> dict:
        values = [node for node in self.nodes if isinstance(node, (ast.Assign, ast.AnnAssign))]
        functions = [node for node in self.nodes if isinstance(node, FUNCTIONS)]
        properties = [node for node in functions if is_property(node)]
        called = [node for node in functions if node not in properties]
        classes = [node for node in self.nodes if isinstance(node, ast.ClassDef)]
        found = {
            "removed": self.removed(),
            "wrong-return-type": self.returning(called),
            "wrong-type": [*self.typed(values, OTHER), *self.returning(properties)],
            "loses-parameter": self.shorter(called or self.constructors(classes), bool(classes)),
            "loses-types": [*self.untyped(called), *self.typed(values, ANY), *self.any_returning(properties), *self.any_class(classes)],
        }
        return {change: edits if change == "removed" else [self.source.preamble(), *edits] for change, edits in found.items() if edits}

    def returning(self, nodes: list[Function], type: str = OTHER) -> list[dict]:
        if all(without_result(node) for node in nodes):
            return []
        return [self.source.replace(node.returns, type) for node in nodes if node.returns is not None]

    def any_returning(self, nodes: list[Function]) -> list[dict]:
        return self.returning(nodes, ANY)

    def typed(self, nodes: list, type: str) -> list[dict]:
        edits = []
        for node in nodes:
            if isinstance(node, ast.AnnAssign):
                edits.append(self.source.replace(node.annotation, type))
            elif len(node.targets) == 1:
                new = ast.AnnAssign(target=node.targets[0], annotation=ast.Name(id=type), value=node.value, simple=1)
                edits.append(self.source.rewritten(node, new))
        return edits

    def constructors(self, classes: list[ast.ClassDef]) -> list[Function]:
        made = [each for node in classes for each in module_level(node.body) if isinstance(each, FUNCTIONS)]
        return [each for each in made if each.name == "__init__"] or [each for each in made if each.name == "__new__"]

    def shorter(self, nodes: list[Function], is_constructor: bool) -> list[dict]:
        """Without the last parameter that is given something, and those behind it."""
        edits = []
        for node in nodes:
            new = copy.deepcopy(node)
            arguments = new.args
            bound = 1 if (self.use.owner is not None or is_constructor) and not is_static(node) else 0
            places = len(arguments.posonlyargs) + len(arguments.args)
            last = min(self.use.positional + bound, places)
            if self.use.positional > 0 and last > bound:
                kept = last - 1
                arguments.posonlyargs = arguments.posonlyargs[:kept]
                arguments.args = arguments.args[: max(0, kept - len(arguments.posonlyargs))]
                dropped = places - kept
                arguments.defaults = arguments.defaults[: max(0, len(arguments.defaults) - dropped)]
                arguments.vararg = None
            else:
                given = [index for index, each in enumerate(arguments.kwonlyargs) if each.arg in self.use.keywords]
                if not given:
                    continue
                del arguments.kwonlyargs[given[-1]], arguments.kw_defaults[given[-1]]
            edits.append(self.source.rewritten(node, new))
        return edits

    def untyped(self, nodes: list[Function]) -> list[dict]:
        typed = [node for node in nodes if node.returns is not None or any(each.annotation for each in parameters_of(node))]
        edits = []
        for node in typed:
            new = copy.deepcopy(node)
            bound = 1 if self.use.owner is not None and not is_static(node) else 0
            for each in parameters_of(new)[bound:]:
                each.annotation = ast.Name(id=ANY)
            new.returns = ast.Name(id=ANY)
            edits.append(self.source.rewritten(node, new))
        return edits

    def any_class(self, nodes: list[ast.ClassDef]) -> list[dict]:
        # What takes types as arguments must go on taking them.
        if any(isinstance(base, ast.Subscript) for node in nodes for base in node.bases) or any(getattr(node, "type_params", []) for node in nodes):
            return []
        return [self.source.replace(node, f"class {node.name}({ANY}): ...") for node in nodes]

    def removed(self) -> list[dict]:
        site, name = self.use.site, self.use.subject.split(".")[-1]
        if site.alias is not None:
            text = f"{site.alias.name} as {GONE}{name}"
            alias = site.alias
            return [site.entry.edit(site.entry.place(alias.lineno, alias.col_offset), site.entry.place(alias.end_lineno, alias.end_col_offset), text)]
        if self.use.owner is not None:
            return [self.source.rewritten(node, self.named(node, GONE + name)) for node in self.nodes]
        # Whoever refers to it in its own file still finds it, so that nothing else changes.
        edits = [
            self.source.replace(node, GONE + name)
            for node in ast.walk(self.source.tree)
            if isinstance(node, ast.Name) and node.id == name
        ]
        for node in self.nodes:
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                edits.append(self.renamed(node, GONE + name))
        return edits

    def named(self, node: ast.stmt, name: str) -> ast.stmt:
        new = copy.deepcopy(node)
        if isinstance(new, FUNCTIONS):
            new.name = name
        elif isinstance(new, ast.AnnAssign):
            new.target = ast.Name(id=name)
        elif isinstance(new, ast.Assign):
            new.targets = [ast.Name(id=name)]
        return new

    def renamed(self, node: Union[Function, ast.ClassDef], name: str) -> dict:
        """The name behind `def` or `class`, which the parser gives no place."""
        start = self.source.place(node.lineno, node.col_offset)
        text = self.source.lines[node.lineno - 1][node.col_offset :].decode()
        at = text.index(node.name, text.index("class" if isinstance(node, ast.ClassDef) else "def") + 3)
        start += units(text[:at])
        return self.source.edit(start, start + units(node.name), name)


class Surveyor:
    def __init__(self, job: dict) -> None:
        self.job = job
        self.modules = Modules(job)
        self.resolver = Resolver(self.modules)
        self.uses: dict[str, Use] = {}
        self.modules_used: set[str] = set()

    def use(self, module: str, name: str) -> Optional[Use]:
        site = self.resolver.site(module, name)
        if site is None:
            return None
        return self.uses.setdefault(name, Use(name, site))

    def method(self, owner: Use, name: str) -> Optional[Use]:
        node = owner.site.nodes[0]
        if not isinstance(node, ast.ClassDef):
            return None
        nodes = [each for each in module_level(node.body) if name in names_of(each)]
        if not nodes:
            return None
        source = owner.site.source
        return self.uses.setdefault(f"{node.name}.{name}", Use(f"{node.name}.{name}", Site(source, nodes, source, None), node))

    def result_class(self, called: Use) -> Optional[Use]:
        node = called.site.nodes[0]
        if isinstance(node, ast.ClassDef) and called.owner is None:
            return called
        if not isinstance(node, FUNCTIONS) or not isinstance(node.returns, (ast.Name, ast.Constant)):
            return None
        name = node.returns.id if isinstance(node.returns, ast.Name) else str(node.returns.value)
        site = self.resolver.site(called.site.source.module, name)
        if site is None or not isinstance(site.nodes[0], ast.ClassDef):
            return None
        # Of a class that is never named only the methods are used.
        return self.uses.get(name) or Use(name, site)

    def survey(self) -> dict:
        for file in self.job["files"]:
            with open(file["path"], encoding="utf-8-sig") as text:
                content = text.read()
            Sample(self, content, file["isNegative"]).visit(ast.parse(content))
        samples = {os.path.realpath(file["path"]) for file in self.job["files"]}
        uses = [use for use in self.uses.values() if os.path.realpath(use.site.source.path) not in samples]
        wanted = self.job["modules"]
        if wanted:
            uses = [use for use in uses if use.site.source.module.split(".")[0] in {each.split(".")[0] for each in wanted}]
        else:
            uses = [use for use in uses if self.modules.is_own(use.site.source)] or uses
        tops = sorted({source.module.split(".")[0] for use in uses for source in (use.site.source, use.site.entry)})
        copies = [source for top in tops for source in self.modules.all_of(top)]
        described = [{"subject": use.subject, "isMisused": use.is_misused, "changes": Changer(use).changes()} for use in uses]
        return {
            "copies": [{"file": each.path, "at": each.at, "muted": [each.edit(0, 0, MUTED)]} for each in copies],
            "folders": [],
            "uses": [use for use in described if use["changes"]],
            "unused": self.unused({top for top in tops}),
        }

    def unused(self, tops: set[str]) -> list[str]:
        names = []
        for module in sorted(self.modules_used):
            source = self.modules.source(module) if module.split(".")[0] in tops else None
            for node in module_level(source.tree.body) if source else []:
                if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                    names.append(node.name)
                elif isinstance(node, ast.ImportFrom) and node.level > 0:
                    names.extend(alias.asname or alias.name for alias in node.names if alias.name != "*")
        return [name for name in dict.fromkeys(names) if not name.startswith("_") and name not in self.uses]


with open(sys.argv[1], encoding="utf-8") as file:
    job = json.load(file)
with open(job["result"], "w", encoding="utf-8") as file:
    json.dump(Surveyor(job).survey(), file)
