"""How the paths of a corpus are shown: relative to the reader's working directory."""

from __future__ import annotations

import os
import posixpath
from typing import NamedTuple

from seedkit.core.diagnostic import Place
from seedkit.core.text import visible


class Paths(NamedTuple):
    """Turns paths relative to the root into paths relative to a folder; as they are by default.

    `inside` is that folder, if it lies in the corpus; `before` is what comes before each path, if
    it does not. `kept` are names of no file of the corpus: they stay as the user gave them.
    """

    inside: str = ""
    before: str = ""
    kept: frozenset[str] = frozenset()

    def of(self, path: str) -> str:
        """Return the path, exactly as an open call from that folder would need it."""
        if path in self.kept or path.startswith("--"):  # an option, which a setting came from
            return path
        if not self.inside:
            return self.before + path
        if path.startswith(f"{self.inside}/"):
            return path[len(self.inside) + 1 :]
        return posixpath.relpath(path or ".", self.inside)

    def shown(self, path: str) -> str:
        """Return the path, safe on a terminal and in a log."""
        return visible(self.of(path))

    def location(self, place: Place) -> str:
        """Return `path:line:column`, or just the path for a whole file, safe on a terminal."""
        path = self.shown(place.path)
        return path if place.start is None else f"{path}:{place.start.line}:{place.start.column}"


def paths_from(root: str, folder: str) -> Paths:
    """Return how the paths of a corpus at `root` are written for a reader in `folder`.

    Both are absolute, without links. A reader neither in the corpus nor in a folder around it gets
    absolute paths.
    """
    if root == folder:
        return Paths()
    try:
        common = os.path.commonpath((root, folder))
    except ValueError:  # on different drives
        common = ""
    if common == root:
        return Paths(inside=os.path.relpath(folder, root).replace(os.sep, "/"))
    if common == folder:
        return Paths(before=os.path.relpath(root, folder).replace(os.sep, "/") + "/")
    return Paths(before=root.rstrip(os.sep).replace(os.sep, "/") + "/")
