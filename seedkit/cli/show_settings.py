"""`seedkit show-settings`: print the settings in force, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedkit.cli.opening import corpus_source, load
from seedkit.cli.options import Parser
from seedkit.cli.output import show
from seedkit.cli.paths import working_folder
from seedkit.core.errors import EXIT_CLEAN, UsageError
from seedkit.core.text import visible
from seedkit.infer.write import toml_value
from seedkit.settings.load import Settings
from seedkit.sources.source import DiskSource


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
    root: str | None = None
    try:
        disk = corpus_source(args)
        root = disk.root
    except UsageError:
        if not args.isolated or args.root is not None:
            raise
        disk = DiskSource(working_folder())  # the defaults are the same everywhere
    show(_lines(root, load(args, disk, folders=not args.isolated), args.config))
    return EXIT_CLEAN


def _lines(root: str | None, settings: Settings, overrides: Sequence[str]) -> Iterator[str]:
    origins = [settings.config_path or "defaults", *(["--config"] if overrides else [])]
    yield f"# root: {'none' if root is None else visible(root)}\n"
    yield f"# from: {', '.join(map(visible, origins))}\n"
    for key, value in settings.config.model_dump().items():
        yield f"{key} = {toml_value(value)}\n"
    yield "\n# formats, in the order in which they claim files:\n"
    for name, spec in settings.formats.items():
        place = settings.format_places.get(name)
        where = "built in" if place is None else visible(place.path)
        yield f"# {visible(name)}: {', '.join(map(visible, spec.files))} ({where})\n"
