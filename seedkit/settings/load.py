"""Everything a run is set by, found and validated: root, configuration, formats."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.diagnostic import Diagnostic, Place
from seedkit.core.errors import ConfigError
from seedkit.core.rules import CONFIG_MISSING_FOLDER
from seedkit.core.text import shorten
from seedkit.sources.root import CONFIG_FILES
from seedkit.sources.source import Source
from seedkit.version import FACTS, __version__

if TYPE_CHECKING:
    from seedkit.formats.spec import FormatSpec
    from seedkit.settings.config import Config


class Settings(NamedTuple):
    """The configuration and formats of one corpus, and where each stands.

    `format_keys` are digests of what the facts of a format's seeds depend on. `declared` is False
    if the corpus has no format of its own; then every seed is `plain`.
    """

    config: Config
    config_path: str | None
    formats: Mapping[str, FormatSpec]
    format_places: Mapping[str, Place]
    format_keys: Mapping[str, str]
    declared: bool = True


def load_settings(
    source: Source,
    *,
    isolated: bool = False,
    overrides: tuple[str, ...] = (),
    folders: bool = True,
) -> Settings:
    """Read the configuration and the formats; raises `ConfigError` with every fault.

    That a folder of seeds is missing is one only if `folders` are asked for.
    """
    from seedkit.formats.load import builtin_format, load_formats
    from seedkit.settings.config import load_config, place_of

    config, path = load_config(source, isolated=isolated, overrides=overrides)
    if folders and not all(map(source.exists, config.seeds)):
        overridden = any(each.partition("=")[0].strip() == "seeds" for each in overrides)
        place = Place("--config") if overridden else place_of(source, "seeds")
        raise ConfigError(missing_folders(source, config.seeds, place))
    formats, places = load_formats(source, config.formats, Place(path or CONFIG_FILES[0]))
    declared = bool(formats)
    if not declared:
        formats = {"plain": builtin_format("plain", ["*"])}
    keys = {name: format_key(name, spec, config) for name, spec in formats.items()}
    return Settings(config, path, formats, places, keys, declared)


def missing_folders(source: Source, seeds: Sequence[str], place: Place) -> list[Diagnostic]:
    """Return a finding for each folder of seeds that is not there; `place` names them."""
    return [
        CONFIG_MISSING_FOLDER.diagnostic(
            f"there is no folder `{shorten(folder)}` of seeds",
            place,
            help="make it, or set `seeds` to the folders that hold seeds",
            involved=(folder,),
        )
        for folder in seeds
        if not source.exists(folder)
    ]


def format_key(name: str, spec: FormatSpec, config: Config) -> str:
    """Return a digest of what a seed's facts depend on: its format, and the version that judges.

    Which files have the format changes nothing in what is found in each of them.
    """
    rules = spec.model_dump_json(exclude={"files", "title", "extends"})
    version = f"{__version__}.{FACTS}.{config.passage_tokens}"
    data = f"{version}\0{name}\0{rules}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(data).hexdigest()[:16]
