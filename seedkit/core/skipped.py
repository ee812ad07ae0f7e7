"""The reasons why a file is neither compared nor searched, so that no summary passes over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, get_args

# Of seeds, in an order that the file table stores.
SkippedSeed = Literal["unreadable", "lfs-pointer", "annex-pointer", "too-large", "binary"]
Skipped = Literal[
    SkippedSeed, "symbolic-link", "special-file", "not-checked-out", "absent-submodule"
]
UNLISTED = "can't be listed"  # how the reason begins why a folder was passed over
NOT_CHECKED_OUT: Final[Skipped] = "not-checked-out"
ABSENT_SUBMODULE: Final[Skipped] = "absent-submodule"  # nobody knows which seeds are in it
SKIPPED_SEEDS: Final[tuple[SkippedSeed, ...]] = get_args(SkippedSeed)

_NOUNS: Final[Mapping[Skipped, tuple[str, str]]] = {
    "unreadable": ("unreadable file", "unreadable files"),
    "lfs-pointer": ("Git LFS pointer", "Git LFS pointers"),
    "annex-pointer": ("git-annex pointer", "git-annex pointers"),
    "too-large": ("file over the size limit", "files over the size limit"),
    "binary": ("binary file", "binary files"),
    "symbolic-link": ("symbolic link", "symbolic links"),
    "special-file": ("special file", "special files"),
    "not-checked-out": ("file not checked out", "files not checked out"),
    "absent-submodule": ("submodule not checked out", "submodules not checked out"),
}


def counted(reasons: Iterable[Skipped]) -> dict[Skipped, int]:
    """Return how often each reason occurs, always in the same order."""
    found = list(reasons)
    return {reason: count for reason in _NOUNS if (count := found.count(reason))}


def describe(counts: Mapping[Skipped, int]) -> str:
    """Return what was skipped as part of a sentence, empty if nothing was."""
    if not counts:
        return ""
    *most, last = (f"{count:,} {_NOUNS[reason][count != 1]}" for reason, count in counts.items())
    return f"skipped {', '.join(most)} and {last}" if most else f"skipped {last}"


def what_it_is(reason: Skipped) -> str:
    """Return what a file is that is skipped for the reason."""
    return _NOUNS[reason][0]


def why_refused(reason: str) -> Skipped:
    """Return why a walk has passed over something, from what it says of that."""
    if reason.startswith("can't be "):
        return "unreadable"
    return "symbolic-link" if reason == "is a symbolic link" else "special-file"
