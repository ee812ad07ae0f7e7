"""What a hook that pre-commit or prek runs is about, as they say it in the environment."""

from __future__ import annotations

import os
from typing import Final, NamedTuple

CORPUS: Final = "corpus"
CHANGES: Final = "changes"
MODES: Final = (CORPUS, CHANGES)  # what `--hook` reports: everything, or what concerns the changes


class Target(NamedTuple):
    """The revision to check, and where its changes begin; empty if that is not known."""

    revision: str
    before: str
    remote: str


def target() -> Target | None:
    """Return which commits are pushed, or were asked for by `--to-ref`; None for the index.

    Of a push that includes the first commit of all, only the branch is named.
    """
    get = os.environ.get
    revision = get("PRE_COMMIT_TO_REF")
    before = get("PRE_COMMIT_FROM_REF", "") if revision else ""
    revision = revision or get("PRE_COMMIT_LOCAL_BRANCH")
    return Target(revision, before, get("PRE_COMMIT_REMOTE_NAME", "")) if revision else None


def committing() -> bool:
    """Tell whether a commit is being made: git names the index to the hooks of one."""
    return "GIT_INDEX_FILE" in os.environ
