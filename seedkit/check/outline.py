"""Findings about what is known of all seeds besides their texts: names, and folders not listed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from seedkit.core.diagnostic import Diagnostic
from seedkit.core.errors import SeedkitError
from seedkit.core.skipped import ABSENT_SUBMODULE, UNLISTED
from seedkit.corpus.facts import pack_findings, unpack_findings, unpack_groups
from seedkit.corpus.workspace import Workspace

if TYPE_CHECKING:
    from seedkit.rules.name import Member

_OUTLINE = "outline"  # a stored result
WORTH_REMEMBERING = 20_000  # findings; reading more back costs as much as finding them again
# What a stored result may raise that is not as it was written.
FAULTS = (SeedkitError, OSError, ValueError, TypeError, LookupError, AttributeError)


def outline_findings(workspace: Workspace) -> tuple[set[str], list[Diagnostic]]:
    """Return the formats that seeds have, and what their names say, each by itself well-formed."""
    skipped = workspace.skipped()
    unread = [path for path in skipped if not workspace.is_there(path)]
    unlisted = hidden_folders(workspace)
    mark = workspace.metadata_version and repr(
        (workspace.metadata_version, workspace.files_key, unread, unlisted)
    )
    known = workspace.recall(_OUTLINE) if mark else None
    if known is not None:
        try:
            before, used, packed = json.loads(known)
            if before == mark and isinstance(used, list):
                return set(used), unpack_findings(packed)
        except FAULTS:
            pass  # it is found again
    used = {row.format for row in workspace.rows.values()}
    names = list(_names(workspace, unread, complete=not unlisted))
    if workspace.is_kept and len(names) <= WORTH_REMEMBERING:
        value = json.dumps([mark, sorted(used), pack_findings(names)])
        workspace.remember(_OUTLINE, value)
    return used, names


def _names(workspace: Workspace, unread: Sequence[str], *, complete: bool) -> Iterable[Diagnostic]:
    """What names say together; those of files that are not read count, they are there. They are
    `complete` if all folders were listed."""
    from seedkit.rules.name import check_names, name_groups

    rows = workspace.rows

    def members(format_name: str) -> list[Member]:
        found = [
            (path, unpack_groups(row.groups))
            for path, row in rows.items()
            if row.format == format_name
        ]
        layout = workspace.layout(format_name)
        found += [
            (path, name_groups(path, layout) or {})
            for path in unread
            if workspace.format_of(path) == format_name
        ]
        return sorted(found, key=lambda member: member[0])

    return check_names(rows, workspace.formats, members, complete=complete)


def unseen(workspace: Workspace) -> list[tuple[str, str]]:
    """Return what can't be listed or looked at, and why."""
    return [each for each in workspace.refused.items() if each[1].startswith("can't be ")]


def hidden_folders(workspace: Workspace) -> list[str]:
    """Return the folders of seeds of which nobody knows what is in them."""
    skipped = workspace.skipped()
    absent = [path for path, reason in skipped.items() if reason == ABSENT_SUBMODULE]
    return [*absent, *filter(workspace.is_seed, _unlisted(workspace))]


def _unlisted(workspace: Workspace) -> list[str]:
    """Return the folders that can't be listed."""
    return [path for path, reason in unseen(workspace) if reason.startswith(UNLISTED)]
