"""`seedkit show-settings`: print the settings in force, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Sequence

from seedkit.cli.common import Parser, corpus_source, load
from seedkit.cli.output import write
from seedkit.errors import EXIT_CLEAN
from seedkit.text import visible


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit show-settings`; return the exit code."""
    parser = Parser("show-settings", "Print the settings in force, as TOML, and the formats.")
    args = parser.parse_args(arguments)
    disk = corpus_source(args)
    settings = load(args, disk)
    write(f"# root: {visible(disk.root)}\n")
    write(f"# from: {settings.config_path or 'defaults'}\n")
    for key, value in settings.config.model_dump().items():
        write(f"{key} = {_toml(value)}\n")
    write("\n# formats, in the order in which they claim files\n")
    for name, spec in settings.formats.items():
        where = settings.format_places[name].path if name in settings.format_places else "built in"
        write(f"# {name}: {', '.join(map(visible, spec.files))} ({where})\n")
    return EXIT_CLEAN


def _toml(value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return json.dumps(value, ensure_ascii=False)
