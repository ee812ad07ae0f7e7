"""The house rules that a machine can check: layers, import points, sizes, no hidden state."""

from __future__ import annotations

import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from seedkit.settings.engines import ENGINES
from support.places import ROOT

PACKAGE = ROOT / "seedkit"

# What lies directly in seedkit/, from the ground up. A module belongs to its folder, and imports
# only from its own one and those before it, under TYPE_CHECKING too.
PACKAGES = (
    "version",
    "core",
    "repeats",
    "sources",
    "manifest",
    "formats",
    "store",
    "rules",
    "settings",
    "corpus",
    "check",
    "search",
    "infer",
    "edit",
    "watch",
    "report",
    "docs",
    "cli",
    "__main__",
)

# Within that order: who may import this at all.
ONLY_FROM = {
    "report": ("report", "cli"),
    "corpus.reconcile": ("corpus",),
    "store.database": ("store", "corpus", "cli"),
    "manifest": ("manifest", "rules", "corpus", "edit"),
}

# Third-party packages, and heavy parts of the standard library: where they may be imported.
IMPORT_POINTS = {
    "re2": ("core.patterns",),
    "pathspec": ("core.patterns",),
    "platformdirs": ("store.location",),
    "yaml": ("formats.yaml_data",),
    "sqlite3": ("store.database", "store.blobs"),
    "pydantic": (
        "settings.config",
        "formats.field_spec",
        "formats.field_spec",
        "formats.spec",
        "formats.load",
        "report.check.json",
        "report.add.json",
        "report.overlap.json",
        "report.repeats.json",
        "report.search.json",
        "report.watch.json",
        "docs",
    ),
    "argparse": ("cli",),
    "numpy": ("repeats", "corpus.repeated"),
    "watchdog": ("watch.events",),
    **{each.library: (f"search.engines.{each.name}",) for each in ENGINES if each.library},
    "Stemmer": ("search.analysis",),
    "subprocess": ("sources.git",),
}

# Names bound at the top of a module that change as the program runs, with the reason.
MUTABLE = {
    "core.processes._work": "set once as a worker process starts",
    "repeats.fold._TABLE": "code points as they were first met, a block at a time",
    "repeats.fold._FOLDER": "what stretches of text fold to, as they were met",
    "repeats.fold._POWERS": "powers of the hash's base, more of them when a text needs more",
}

MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    .removesuffix("__init__")
    .rstrip("."): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
del MODULES[""]  # the package itself, which is empty but for its version


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


@cache
def nodes(module: str) -> list[ast.AST]:
    return list(ast.walk(tree(module)))


def dotted(node: ast.AST) -> str:
    """Return a name, or names with dots between, as they are written; of anything else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


@cache
def imports(module: str, *, types: bool = False) -> frozenset[str]:
    """What a module imports, in functions too: full names of modules and members.

    With `types`, what it imports under TYPE_CHECKING is among it.
    """
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if not types and isinstance(node, ast.If) and dotted(node.test) == "TYPE_CHECKING":
            for statement in node.orelse:
                visit(statement)
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            assert node.module is not None
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree(module))
    return frozenset(found)


@cache
def inner_imports(module: str, *, types: bool = False) -> frozenset[str]:
    """The modules of seedkit that a module imports."""
    names = {
        name.removeprefix("seedkit.")
        for name in imports(module, types=types)
        if name.startswith("seedkit.")
    }
    return frozenset(name for name in names if name in MODULES and name != module)


def under(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def layer(module: str) -> int:
    return PACKAGES.index(module.partition(".")[0])


def test_every_package_has_its_place() -> None:
    assert {module.partition(".")[0] for module in MODULES} == set(PACKAGES)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_downwards(module: str) -> None:
    names = inner_imports(module, types=True)
    assert [name for name in sorted(names) if layer(name) > layer(module)] == []


def test_there_are_no_cycles() -> None:
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " → ".join((*way[way.index(module) :], module))
        if module not in done:
            for name in sorted(inner_imports(module)):
                visit(name, (*way, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


@pytest.mark.parametrize("module", MODULES)
def test_what_few_may_import(module: str) -> None:
    for name in inner_imports(module):
        for restricted, allowed in ONLY_FROM.items():
            if under(name, (restricted,)):
                assert under(module, allowed), f"{module} imports {name}"


@pytest.mark.parametrize("module", MODULES)
def test_single_import_points(module: str) -> None:
    for name in sorted({name.split(".")[0] for name in imports(module)}):
        if name in IMPORT_POINTS:
            assert under(module, IMPORT_POINTS[name]), f"{module} imports {name}"


def calls(module: str) -> Iterator[ast.Call]:
    return (node for node in nodes(module) if isinstance(node, ast.Call))


@pytest.mark.parametrize("module", MODULES)
def test_nothing_prints_and_lines_are_ours(module: str) -> None:
    """`print` knows no terminal; `splitlines` splits where seedkit's lines do not end."""
    for call in calls(module):
        name = dotted(call.func)
        assert name != "print", f"{module}:{call.lineno}"
    for node in nodes(module):
        if isinstance(node, ast.Attribute):
            assert node.attr != "splitlines", f"{module}:{node.lineno}"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_run_or_unpickled(module: str) -> None:
    """Nothing a corpus brings may become code."""
    for call in calls(module):
        name = dotted(call.func)
        assert name not in (
            "eval",
            "exec",
            "compile",
            "__import__",
            "os.system",
            "yaml.unsafe_load",
        ), name
    assert not imports(module) & {"pickle", "marshal", "shelve"}


def code_lines(module: str) -> int:
    """Lines of a module, docstrings aside."""
    text = MODULES[module].read_text("utf-8")
    docs = 0
    for node in nodes(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            string = node.body[0]
            docs += (string.end_lineno or string.lineno) - string.lineno + 1
    return text.count("\n") - docs


def test_modules_are_small() -> None:
    sizes = {module: code_lines(module) for module in MODULES}
    assert {module: size for module, size in sizes.items() if size > 400} == {}
    assert statistics.median(sizes.values()) < 200


def top_level_names(module: str) -> dict[str, ast.expr | None]:
    """Variables bound at the top of a module, with their values; no functions, classes, imports."""
    names: dict[str, ast.expr | None] = {}
    for node in tree(module).body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names |= {
                    name.id: node.value for name in ast.walk(target) if isinstance(name, ast.Name)
                }
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = node.value
    return names


_CHANGING = re.compile(
    "append|add|update|extend|insert|setdefault|pop|popitem|clear|remove|discard|sort|reverse"
)


@pytest.mark.parametrize("module", MODULES)
def test_there_is_no_hidden_state(module: str) -> None:
    """Names at the top of a module are constants, types or aliases, and nothing changes them."""
    names = top_level_names(module)
    constant = re.compile(r"_?[A-Z][A-Z0-9_]*|_?[A-Z][A-Za-z0-9]*|__\w+__")
    for name in names:
        if not constant.fullmatch(name):
            assert f"{module}.{name}" in MUTABLE, f"{module}.{name} looks like a variable"
    changed: set[str] = set()
    for node in nodes(module):
        if isinstance(node, ast.Global):
            changed.update(node.names)
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(
            node.ctx, ast.Store | ast.Del
        ):
            changed.add(dotted(node.value))
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and _CHANGING.fullmatch(node.func.attr)
        ):
            changed.add(dotted(node.func.value))
    for name in changed & set(names):
        assert f"{module}.{name}" in MUTABLE, f"{module} changes {name}"


# Class names that two modules still have: each is in seedkit/repeats/, where texts are numbers, and
# `Place` and `Repeats` are in another package too, where they are of paths.
SHARED_NAMES = frozenset(("Groups", "Place", "Repeats", "_Batch"))


def test_a_class_name_is_defined_once() -> None:
    names = Counter(
        node.name
        for module in MODULES
        for node in tree(module).body
        if isinstance(node, ast.ClassDef)
    )
    assert {name for name, count in names.items() if count > 1} == SHARED_NAMES


def test_declared_state_exists() -> None:
    for qualified in MUTABLE:
        module, _, name = qualified.rpartition(".")
        assert name in top_level_names(module)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module: str) -> None:
    doc = ast.get_docstring(tree(module))
    assert doc, f"{module} has no docstring"
    first = doc.partition("\n\n")[0]
    assert first.endswith("."), f"{module}: it begins with no sentence"
    assert "?" not in first, f"{module}: it begins with a question; say what it does"
    assert "\n" not in first, f"{module}: its first sentence is not one line"


def test_every_path_in_the_architecture_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    named = set(re.findall(r"`([\w.-]*(?:/[\w.-]*)+|[\w-]+\.(?:py|toml|md|json))`", text))
    assert named, "no path is named"
    folders = ("seedkit", "tests", "docs", "benchmarks", "schemas", "seeds")
    names = {path.name for folder in folders for path in (ROOT / folder).rglob("*")}
    missing = [
        path
        for path in sorted(named)
        if not (ROOT / path).exists() and ("/" in path or path not in names)
    ]
    assert missing == []


def test_every_package_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    folders = {path.parent.relative_to(ROOT) for path in PACKAGE.rglob("*/__init__.py")}
    assert [each for each in sorted(folders) if f"`{each.as_posix()}/`" not in text] == []


# What the workspace gives out as values: settings, which never change, and mappings by path.
VALUES = frozenset(
    ("config", "formats", "settings", "rows", "refused", "paths", "signatures", "index_name")
)


def test_nobody_reaches_through_the_workspace() -> None:
    """A workspace is asked itself: its parts (source, file table, log) are its own."""
    reaching = [
        f"{module}:{node.lineno}: {dotted(node)}"
        for module in MODULES
        for node in nodes(module)
        if isinstance(node, ast.Attribute)
        and (chain := re.search(r"(?:^|\.)_?workspace\.(\w+)(\.\w+)?$", dotted(node)))
        and (chain[1].startswith("_") or (chain[2] and chain[1] not in VALUES))
    ]
    assert reaching == []
