"""Findings about some seeds together, remembered until one of these or the settings change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from seedkit.core.diagnostic import Diagnostic
from seedkit.corpus.facts import pack_findings, unpack_findings
from seedkit.version import FACTS, FINGERPRINTS, __version__

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

Parts = Mapping[str, Sequence[str]]  # paths of seeds, by the name of what they are together


def remembered(
    workspace: Workspace,
    name: str,
    settings: object,
    parts_of: Callable[[], Parts],
    find: Callable[[Parts], tuple[list[Diagnostic], bool]],
) -> list[Diagnostic]:
    """Return what `find` finds in some seeds, or what was stored under `name`, if it still holds.

    It depends on `settings`, formats, and the seeds. `find` also tells whether all were as they are
    known to be; otherwise nothing is stored.
    """
    about = repr((__version__, FACTS, FINGERPRINTS, settings, workspace.files_key))
    now = [workspace.content_version, about]
    stored = workspace.recall(name) if workspace.content_version else None
    before, key, packed = json.loads(stored) if stored is not None else ([], "", "")
    if before == now:
        return unpack_findings(packed)
    parts = parts_of()
    here = _key(workspace, parts, about)
    found, sure = (unpack_findings(packed), True) if here == key else find(parts)
    if sure and workspace.is_kept:
        value = json.dumps([now, here, pack_findings(found)])
        workspace.remember(name, value)
    return found


def _key(workspace: Workspace, parts: Parts, about: str) -> str:
    """A name for all that the findings depend on."""
    digest = hashlib.sha256(about.encode("utf-8", "surrogateescape"))
    for name, paths in parts.items():
        for path in paths:
            content = workspace.seed_digest(path) or b""
            digest.update(repr((name, path, workspace.seed_format(path), content)).encode())
    return digest.hexdigest()
