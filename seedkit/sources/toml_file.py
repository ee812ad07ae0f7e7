"""Reads a TOML file of the corpus: settings or a format."""

from __future__ import annotations

from seedkit.core.diagnostic import Place
from seedkit.core.errors import ConfigError
from seedkit.core.rules import CONFIG_UNREADABLE_FILE
from seedkit.core.validation import InvalidToml, TomlSource
from seedkit.sources.root import MAX_BYTES
from seedkit.sources.source import Refused, Source


def read_toml(source: Source, path: str) -> TomlSource:
    """Read and parse a TOML file of the corpus; raises `ConfigError`."""
    try:
        return TomlSource(path, source.read(path, MAX_BYTES))
    except InvalidToml as error:
        raise ConfigError([error.diagnostic]) from None
    except (Refused, OSError) as error:
        reason = (
            error.message if isinstance(error, Refused) else (error.strerror or str(error)).lower()
        )
        message = f"file can't be read: {reason}"
        raise ConfigError(
            [
                CONFIG_UNREADABLE_FILE.diagnostic(
                    message,
                    Place(path),
                    help=getattr(error, "help", None),
                )
            ]
        ) from None
