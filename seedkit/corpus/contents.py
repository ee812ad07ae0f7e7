"""What the bytes of a seed hold, if it is compressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedkit.sources.compressed import expand, is_compressed
from seedkit.sources.source import MOST

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace


def expanded(workspace: Workspace, path: str, data: bytes) -> bytes:
    """Return what a seed with these bytes holds, as much as its format allows; raises `Refused`."""
    if not is_compressed(path):
        return data
    name = workspace.seed_format(path)
    return expand(path, data, workspace.formats[name].file.max_bytes if name else MOST)
