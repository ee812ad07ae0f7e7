"""`seedkit show-settings`: print the settings in force, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from seedkit.cli.common import corpus_source, load
from seedkit.cli.options import Parser
from seedkit.cli.output import show
from seedkit.errors import EXIT_CLEAN
from seedkit.settings import Settings
from seedkit.text import visible


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit show-settings`; return the exit code."""
    parser = Parser(
        "show-settings",
        "",
        "Print the settings in force, as the TOML that would set them, and the formats.",
        {
            "": "print the settings of the corpus",
            "--isolated": "print the defaults",
            "--config engine=whoosh": "see what an override does",
        },
    )
    args = parser.parse(arguments)
    disk = corpus_source(args)
    show(_lines(disk.root, load(args, disk), args.config))
    return EXIT_CLEAN


def _lines(root: str, settings: Settings, overrides: Sequence[str]) -> Iterator[str]:
    origins = [settings.config_path or "defaults", *(["--config"] if overrides else [])]
    yield f"# root: {visible(root)}\n"
    yield f"# from: {', '.join(origins)}\n"
    for key, value in settings.config.model_dump().items():
        yield f"{key} = {_toml(value)}\n"
    yield "\n# formats, in the order in which they claim files:\n"
    for name, spec in settings.formats.items():
        place = settings.format_places.get(name)
        where = "built in" if place is None else visible(place.path)
        yield f"# {name}: {', '.join(map(visible, spec.files))} ({where})\n"


def _toml(value: object) -> str:
    """The value in TOML, whose strings are JSON's, but for DEL."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_toml(key)} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    text = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
