"""Files that stand for others: pointers of Git LFS and of git-annex whose content is not here."""

from __future__ import annotations

import re

_LARGEST = 32_768  # bytes; git-annex reads as much, Git LFS 1,024
_LFS_LARGEST = 1_024
# As `git lfs pointer --check` reads it: the version, then the other keys, sorted.
_LFS = re.compile(
    rb"version (?:https://git-lfs\.github\.com/spec/v1|https://hawser\.github\.com/spec/v1"
    rb"|http://git-media\.io/v/2)\r?\n"
    rb"(?:ext-[0-9]-[A-Za-z0-9_-]+ sha256:[0-9a-f]{64}\r?\n)*"
    rb"oid sha256:[0-9a-f]{64}\r?\n"
    rb"size [0-9]+(?:\r?\n)?"
)
_ANNEX = re.compile(rb"/annex/objects/[A-Z0-9_]+(?:-[smSC][0-9]+)*--[^/\s]+(?:\r?\n[^\0]*)?")


def pointer_of(data: bytes) -> str | None:
    """Return what keeps the content that a file only points to, `LFS` or `annex`, if it does."""
    if data.startswith(b"version http") and len(data) < _LFS_LARGEST and _LFS.fullmatch(data):
        return "LFS"
    if data.startswith(b"/annex/objects/") and len(data) <= _LARGEST and _ANNEX.fullmatch(data):
        return "annex"
    return None
