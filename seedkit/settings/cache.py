"""Stores validated settings and reads them again; `FrozenSettings`: models as plain attributes.

They are used if the files that they came from are still the same.

Loading pydantic takes longer than checking a corpus in which nothing has changed, so settings that
have been validated once are kept as JSON, and come back as these.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any, cast

from seedkit.core.diagnostic import Place
from seedkit.core.files import keyed_checksum, replacing
from seedkit.settings.load import Settings
from seedkit.sources.root import CONFIG_FILES, SCHEMAS
from seedkit.sources.source import Refused, Source, read_file
from seedkit.version import FACTS, __version__


class FrozenSettings:
    """A tree of attributes. It is read where a model of `config` or `formats.spec` is expected."""

    def __init__(self, values: dict[str, Any]) -> None:
        """Take the values of a dumped model; tables become trees themselves."""
        for name, value in values.items():
            setattr(self, name, _plain(value) if name not in _TABLES_OF_VALUES else value)

    def model_copy(self, *, update: dict[str, Any]) -> FrozenSettings:
        """Return a copy with some attributes replaced, as a model does."""
        copy = FrozenSettings({})
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(update)
        return copy


_TABLES_OF_VALUES = frozenset(
    ("per_file_ignores", "splits", "parallel")
)  # their keys are the user's, not attributes


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return FrozenSettings(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


FILE = "settings.json"
_MODELS = (
    "settings/config.py",
    "settings/load.py",
    "formats/load.py",
    "formats/spec.py",
    "formats/field_spec.py",
)
_LIMIT = 50_000_000  # bytes


def settings_key(source: Source, isolated: bool, overrides: tuple[str, ...]) -> str:
    """Return a digest of everything that settings are made from; empty if they can't be read."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((__version__, FACTS, isolated, overrides, _installation())).encode())
    try:
        paths = [name for name in CONFIG_FILES if source.exists(name)]
        if source.exists(SCHEMAS):
            scan = source.scan([SCHEMAS])
            if scan.refused:
                return ""
            paths += sorted(path for path in scan.files if path.endswith((".toml", ".json")))
        for path in paths:
            data = source.read(path, 1_000_000)
            digest.update(repr((path, len(data))).encode())
            digest.update(data)
    except (OSError, Refused):
        return ""
    return digest.hexdigest()


def _installation() -> list[tuple[str, int, int]]:
    """Names, sizes and times of the files that say what settings are: they may be replaced."""
    here = Path(__file__).parent.parent
    builtin = here / "formats" / "builtin"
    try:
        files = [here / name for name in _MODELS] + [builtin / name for name in os.listdir(builtin)]
        signatures = ((file.name, file.stat()) for file in files)
        return sorted((name, status.st_size, status.st_mtime_ns) for name, status in signatures)
    except OSError:
        return []


def recall(folder: Path, key: str) -> Settings | None:
    """Return the settings remembered under the key, None if there are none or they are damaged."""
    try:
        seal, _, body = read_file(str(folder / FILE), _LIMIT).partition(b"\n")
        if seal != keyed_checksum(body, key).encode():
            return None
        values = json.loads(body)
        return Settings(
            config=cast(Any, FrozenSettings(values["config"])),
            config_path=values["config_path"],
            formats={name: cast(Any, FrozenSettings(each)) for name, each in values["formats"]},
            format_places={name: Place(path) for name, path in values["places"].items()},
            format_keys=values["keys"],
            declared=values["declared"],
        )
    except (OSError, Refused, ValueError, KeyError, TypeError, AttributeError):
        return None


def remember(folder: Path, key: str, settings: Settings) -> None:
    """Keep validated settings under the key. What can't be written is validated again next time."""
    values = {
        "config": settings.config.model_dump(),
        "config_path": settings.config_path,
        "formats": [[name, spec.model_dump()] for name, spec in settings.formats.items()],
        "places": {name: place.path for name, place in settings.format_places.items()},
        "keys": settings.format_keys,
        "declared": settings.declared,
    }
    body = json.dumps(values, separators=(",", ":")).encode()
    with contextlib.suppress(OSError), replacing(folder / FILE) as file:
        file.write(keyed_checksum(body, key).encode() + b"\n" + body)
