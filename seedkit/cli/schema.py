"""`seedkit schema`: print a JSON Schema, or the text of a built-in format."""

from __future__ import annotations

from collections.abc import Sequence

from seedkit.cli.options import Parser
from seedkit.cli.output import show
from seedkit.core.errors import EXIT_CLEAN, UsageError
from seedkit.core.text import shorten
from seedkit.docs.schemas import SCHEMAS, schema_text
from seedkit.formats.load import builtin_names, builtin_text

_PREFIX = "builtin:"


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit schema`; return the exit code."""
    parser = Parser(
        "schema",
        "[NAME]",
        "Print a JSON Schema, or a built-in format as TOML; list what there is.",
        {
            "": "list what there is",
            "config": "print the JSON Schema of the configuration",
            "builtin:fortune": "print a built-in format, to start from",
        },
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("name", metavar="NAME", nargs="?", help="default: list what there is")
    name = parser.parse(arguments, corpus=False).name
    if name is None:
        show(_list())
    elif name in SCHEMAS:
        show([schema_text(name)], raw=True)
    elif name.removeprefix(_PREFIX) in builtin_names():
        show([builtin_text(name.removeprefix(_PREFIX))], raw=True)
    else:
        raise UsageError(f"there is no schema `{shorten(name)}`", help=_remedy(name))
    return EXIT_CLEAN


def _list() -> list[str]:
    rows = [(name, text) for name, (_, text) in SCHEMAS.items()]
    rows += [(f"{_PREFIX}{name}", _title(name)) for name in builtin_names()]
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {text}\n" for name, text in rows]


def _remedy(given: str) -> str:
    import difflib

    names = {name: name for name in SCHEMAS}
    names |= {name: f"{_PREFIX}{name}" for name in builtin_names()}
    near = difflib.get_close_matches(given.removeprefix(_PREFIX), names, n=1)
    return f"`{names[near[0]]}` is similar" if near else "`seedkit schema` lists them"


def _title(builtin: str) -> str:
    import tomllib

    return str(tomllib.loads(builtin_text(builtin)).get("title", ""))
