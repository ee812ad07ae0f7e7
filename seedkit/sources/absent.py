"""Lists files that git knows and that are not checked out; asks it only where there may be some."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from seedkit.core.skipped import ABSENT_SUBMODULE, Skipped
from seedkit.sources.git_files import may_be_missing
from seedkit.sources.source import DiskSource, OverlaySource, Source, within


def not_checked_out(
    source: Source, folders: Sequence[str], there: Callable[[], Container[str]]
) -> dict[str, Skipped]:
    """Return the files and submodules under the folders that git knows and has not checked out.

    `there` returns those on disk. Nothing is returned if git can't tell.
    """
    if isinstance(source, OverlaySource):
        return not_checked_out(source.base, folders, there)
    if not isinstance(source, DiskSource):
        from seedkit.sources.git_source import GitSource

        absent = source.absent_submodules if isinstance(source, GitSource) else ()
        under = (path for path in absent if any(within(path, folder) for folder in folders))
        return dict.fromkeys(under, ABSENT_SUBMODULE)
    if not may_be_missing(source.root):
        return {}
    from seedkit.sources.git import GitError
    from seedkit.sources.tracked import tracked

    try:
        known = tracked(source)
        if known is None:
            return {}
        return dict(sorted(known.not_checked_out(there(), folders).items()))
    except GitError:
        return {}
