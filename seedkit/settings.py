"""Everything a run is set by, found and validated: root, configuration, formats."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from seedkit.diagnostic import Diagnostic, Place, Severity
from seedkit.errors import ConfigError, UsageError
from seedkit.source import Source
from seedkit.version import FACTS, __version__

if TYPE_CHECKING:
    from seedkit.config import Config
    from seedkit.formats.spec import FormatSpec

CONFIG_FILES: Final = ("seedkit.toml", "pyproject.toml")  # the first that there is counts
SCHEMAS: Final = "schemas"
from seedkit.text import shorten

# A header `[tool.seedkit]` or deeper, or a key `tool.seedkit` in the top table.
_TABLE = re.compile(
    rb"""^[ \t]*\[?[ \t]*tool[ \t]*\.[ \t]*["']?seedkit["']?[ \t]*[\].=]""", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration and formats of one corpus, and where each stands.

    `format_keys` are digests of what the facts of a format's seeds depend on. `declared` is False if the corpus has no format of its own; then every seed is `plain`.
    """

    config: Config
    config_path: str | None
    formats: Mapping[str, FormatSpec]
    format_places: Mapping[str, Place]
    format_keys: Mapping[str, str]
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
    if os.path.isfile(os.path.join(folder, "INDEX.md")) and os.path.isdir(
        os.path.join(folder, "seeds")
    ):
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
    from seedkit.config import load_config
    from seedkit.formats.load import builtin_format, load_formats

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
    declared = bool(formats)
    if not declared:
        formats = {"plain": builtin_format("plain", ["*"])}
    keys = {name: format_key(name, spec) for name, spec in formats.items()}
    return Settings(config, path, formats, places, keys, declared)


def format_key(name: str, spec: FormatSpec) -> str:
    """Return a digest of what a seed's facts depend on: its format, and the version that judges.

    Which files have the format changes nothing in what is found in each of them.
    """
    rules = spec.model_dump_json(exclude={"files", "title", "extends"})
    data = f"{__version__}.{FACTS}\0{name}\0{rules}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(data).hexdigest()[:16]
