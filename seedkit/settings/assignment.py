"""Which files are seeds, and of what format: what the settings say about a path."""

from __future__ import annotations

import hashlib
import re
import sys
from functools import cached_property
from typing import TYPE_CHECKING

from seedkit.core.patterns import Globs
from seedkit.settings.load import Settings
from seedkit.sources.root import BASELINE, CONFIG_FILES
from seedkit.version import FACTS, FINGERPRINTS, __version__

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout


_OWN = frozenset({*CONFIG_FILES, BASELINE})
# A pattern that names nothing, as `**` or `*.*`, and is not tied to the top by a slash.
_TAKES_ALL = re.compile(r"!?(?:\*\*/)*(?:[*?.]|\[(?:\\.|[^\]\\])+\])+/?")


class Assignment:
    """The formats of a corpus, and the files that they claim."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._layouts: dict[str, Layout] = {}

    @cached_property
    def keys(self) -> dict[str, str]:
        """For each format a digest of all that its seeds' facts depend on; `""` is no format."""
        return {"": f"{__version__}.{FACTS}", **self._settings.format_keys}

    @cached_property
    def names(self) -> list[str]:
        """The formats in an order that does not depend on how they are declared; first none."""
        return ["", *sorted(self._settings.format_keys)]

    @cached_property
    def key(self) -> str:
        """A digest of what decides which format a path has."""
        config = self._settings.config
        assignment = [[name, spec.files] for name, spec in self._settings.formats.items()]
        return _digest((FACTS, config.seeds, config.exclude, config.index, assignment))

    @cached_property
    def files_key(self) -> str:
        """A digest of all that a file table depends on except the files."""
        return _digest((self.key, self.keys, self.names, sys.byteorder))

    @cached_property
    def index_name(self) -> str:
        """What an index, and each that it includes, is called."""
        return self._settings.config.index.rpartition("/")[2]

    @cached_property
    def _excluded(self) -> Globs | None:
        exclude = self._settings.config.exclude
        return Globs(exclude) if exclude else None

    @cached_property
    def _has_top(self) -> bool:
        """Whether files at the top can be seeds."""
        return "." in self._settings.config.seeds

    @cached_property
    def _at_top(self) -> list[Globs]:
        """What formats match at the top: all of their patterns but those that name nothing.

        README.md, LICENSE and the like are no seeds because all in folders is.
        """
        specs = self._settings.formats.values()
        named = [[p for p in spec.files if not _TAKES_ALL.fullmatch(p)] for spec in specs]
        return [Globs(patterns) for patterns in named if patterns]

    @cached_property
    def _globs(self) -> list[tuple[str, Globs]]:
        return [(name, Globs(spec.files)) for name, spec in self._settings.formats.items()]

    def format_of(self, path: str) -> str:
        """Return the name of the first format that matches the path, empty if none does."""
        return next((name for name, globs in self._globs if globs.match(path)), "")

    def is_seed(self, path: str) -> bool:
        """Tell whether a file under the seeds folders is a seed: not excluded, and no index."""
        return path.rpartition("/")[2] != self.index_name and self._is_kept(path)

    def is_index(self, path: str) -> bool:
        """Tell whether a file under the seeds folders has an index's name, and is not excluded."""
        return path.rpartition("/")[2] == self.index_name and self._is_kept(path)

    def is_left_at_top(self, path: str) -> bool:
        """Tell whether a file is no seed only because no pattern names it at the top."""
        name = path.rpartition("/")[2]
        return (
            name != self.index_name
            and self._is_unnamed(path)
            and not self._is_own(path)
            and not self._is_excluded(path)
        )

    def _is_kept(self, path: str) -> bool:
        return not (self._is_own(path) or self._is_unnamed(path) or self._is_excluded(path))

    def _is_own(self, path: str) -> bool:
        """Tell whether it is a file of seedkit's, or hidden, where everything may be a seed."""
        own = path.startswith(("schemas/", ".")) or path in _OWN
        return own and self._has_top

    def _is_unnamed(self, path: str) -> bool:
        if "/" in path or not self._has_top:
            return False
        return not any(globs.match(path) for globs in self._at_top)

    def _is_excluded(self, path: str) -> bool:
        return self._excluded is not None and self._excluded.match(path)

    def layout(self, format_name: str) -> Layout:
        """Return the compiled form of a format."""
        from seedkit.formats.layout import Layout

        found = self._layouts.get(format_name)
        if found is None:
            found = Layout(format_name, self._settings.formats[format_name])
            self._layouts[format_name] = found
        return found

    def group_names(self) -> frozenset[str]:
        """Return the names of all groups of all formats' file names."""
        patterns = [self.layout(name).name_pattern for name in self._settings.formats]
        return frozenset(name for each in patterns if each is not None for name in each.names)

    def fingerprint_keys(self) -> dict[str, str]:
        """Return by format what a fingerprint is computed with: the format, and what tokens are."""
        config = self._settings.config
        tokens = f"{FINGERPRINTS} {config.similarity_tokens} {config.passage_tokens}"
        return {name: f"{key} {tokens}" for name, key in self.keys.items()}

    def encoding(self, format_name: str) -> str:
        """Return how a format's seeds are encoded; what has no format is taken for UTF-8."""
        return self._settings.formats[format_name].file.encoding if format_name else "utf-8"


def _digest(value: object) -> str:
    data = repr(value).encode("utf-8", "surrogateescape")
    return hashlib.sha256(data).hexdigest()[:16]
