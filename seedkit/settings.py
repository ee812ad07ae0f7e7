"""Everything a run is set by, found and validated: root, configuration, formats."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from seedkit.config import CONFIG_FILES, Config, load_config
from seedkit.diagnostic import Diagnostic, Place, Severity
from seedkit.errors import ConfigError, UsageError
from seedkit.formats.load import builtin_format, load_formats
from seedkit.formats.spec import FormatSpec
from seedkit.source import Source
from seedkit.text import shorten

# A header `[tool.seedkit]` or deeper, or a key `tool.seedkit` in the top table.
_TABLE = re.compile(rb"""^[ \t]*\[?[ \t]*tool[ \t]*\.[ \t]*["']?seedkit["']?[ \t]*[\].=]""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration and formats of one corpus, and where each stands.

    `declared` is False if the corpus has no format of its own; then every seed is `plain`.
    """

    config: Config
    config_path: str | None
    formats: Mapping[str, FormatSpec]
    format_places: Mapping[str, Place]
    declared: bool = True


def find_root(start: str) -> str:
    """Return the nearest folder upwards that is a corpus; raises `UsageError` if there is none."""
    at = os.path.realpath(start)
    while True:
        if _is_root(at):
            return at
        parent = os.path.dirname(at)
        if parent == at:
            raise UsageError(
                f"no corpus here: neither {start} nor any folder above it has a seedkit.toml, a "
                "pyproject.toml with [tool.seedkit], or INDEX.md beside seeds/",
                help="go to a corpus, name one with --root, or write a seedkit.toml (it may be empty)",
            )
        at = parent


def _is_root(folder: str) -> bool:
    if os.path.isfile(os.path.join(folder, "seedkit.toml")):
        return True
    if os.path.isfile(os.path.join(folder, "INDEX.md")) and os.path.isdir(os.path.join(folder, "seeds")):
        return True
    try:
        with open(os.path.join(folder, "pyproject.toml"), "rb") as file:
            return _TABLE.search(file.read(1_000_000)) is not None
    except OSError:
        return False


def load_settings(
    source: Source, *, isolated: bool = False, overrides: tuple[str, ...] = ()
) -> Settings:
    """Read the configuration and the formats; raises `ConfigError` with every fault."""
    config, path = load_config(source, isolated=isolated, overrides=overrides)
    missing = [folder for folder in config.seeds if not source.exists(folder)]
    if missing:
        place = Place(path or CONFIG_FILES[0])
        raise ConfigError(
            [
                Diagnostic(
                    "config/missing-folder",
                    Severity.ERROR,
                    f"there is no folder `{shorten(folder)}` of seeds",
                    place,
                    help="make it, or set `seeds` to the folders that hold seeds",
                )
                for folder in missing
            ]
        )
    formats, places = load_formats(source, config.formats, Place(path or CONFIG_FILES[0]))
    if not formats:
        return Settings(config, path, {"plain": builtin_format("plain", ["*"])}, {}, declared=False)
    return Settings(config, path, formats, places)


