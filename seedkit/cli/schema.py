"""`seedkit schema`: print a JSON Schema, or the text of a built-in format."""

from __future__ import annotations

from collections.abc import Sequence

from seedkit.cli.common import Parser
from seedkit.cli.output import write
from seedkit.errors import EXIT_CLEAN, UsageError
from seedkit.formats.load import builtin_names, builtin_text
from seedkit.schemas import SCHEMAS, schema_text
from seedkit.text import shorten


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit schema`; return the exit code."""
    parser = Parser("schema", "Print a JSON Schema, or a built-in format as TOML.")
    parser.add_argument("name", metavar="NAME", nargs="?", help="default: list what there is")
    args = parser.parse_args(arguments)
    name = args.name
    if name is None:
        for schema, text in SCHEMAS.items():
            write(f"{schema:<22}  {text[1]}\n")
        for builtin in builtin_names():
            write(f"builtin:{builtin:<14}  {_title(builtin)}\n")
    elif name in SCHEMAS:
        write(schema_text(name), raw=True)
    elif name.removeprefix("builtin:") in builtin_names():
        write(builtin_text(name.removeprefix("builtin:")), raw=True)
    else:
        raise UsageError(
            f"there is no schema `{shorten(name)}`", help="`seedkit schema` lists them"
        )
    return EXIT_CLEAN


def _title(builtin: str) -> str:
    import tomllib

    return str(tomllib.loads(builtin_text(builtin)).get("title", ""))
