"""The paths a user names: relative to the root, and known to the corpus or said to be unknown."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Sequence
from functools import cached_property
from os.path import join, normpath  # a root that git has need not be on disk
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.errors import UsageError
from seedkit.core.text import other_form, shorten, visible
from seedkit.sources.root import BASELINE, SCHEMAS, find_root, is_root

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.core.skipped import Skipped
    from seedkit.corpus.workspace import Workspace


def corpus_root(args: Namespace) -> str:
    """Return the corpus that the options name, or the one around the working directory.

    With `--staged` or `--hook` it may be one that git has and that is not on disk.
    Raises `UsageError`.
    """
    try:
        return _root_on_disk(args)
    except UsageError:
        if not (getattr(args, "staged", False) or getattr(args, "hook", None)):
            raise
        from seedkit.cli.git_root import root_in_git

        found = root_in_git(args.root or working_folder(), named=args.root is not None)
        if found is None:
            raise
        return found


def _root_on_disk(args: Namespace) -> str:
    if args.root is None:
        return find_root(working_folder())
    if not os.path.isdir(args.root):
        raise UsageError(f"--root: {no_folder(args.root)}")
    root: str = os.path.realpath(args.root)
    if not os.access(root, os.R_OK | os.X_OK):
        raise UsageError(f"--root: `{args.root}` can't be read: permission denied")
    if not is_root(root) and not getattr(args, "config", None):  # a setting may name the folders
        raise UsageError(f"--root: there is no corpus in `{args.root}`", help=_other_root(root))
    return root


def no_folder(path: str) -> str:
    """Return what to say of a path that should be a folder, and is none."""
    if os.path.lexists(path):
        return f"`{visible(path)}` is no folder"
    return f"there is no folder `{visible(path)}`"


def _other_root(folder: str) -> str:
    """What to do where a folder is no corpus."""
    try:
        return f"the corpus around it is {find_root(folder)}"
    except UsageError:
        return "`seedkit init` makes one of a folder of texts"


def named_paths(paths: Sequence[str], root: str, *, outside: bool = False) -> list[str]:
    """Return the paths a user named, relative to the root.

    Raises `UsageError` for one that lies outside, unless such are no matter.
    """
    here = working_folder() if paths else root
    relative: list[str] = []
    for path in paths:
        if not path:
            raise UsageError("a PATH is empty")
        folder, name = os.path.split(os.path.normpath(os.path.join(here, path)))
        full = os.path.join(os.path.realpath(folder), name) if name else folder
        inside = os.path.relpath(full, root)
        if not outside and (inside == ".." or inside.startswith(".." + os.sep)):
            raise UsageError(f"`{path}` lies outside the corpus {root}")
        relative.append(inside.replace(os.sep, "/"))
    return relative


def working_folder() -> str:
    """Return the working directory; raises `UsageError` if it was removed."""
    try:
        return os.getcwd()
    except OSError:
        raise UsageError("the working directory is gone", help="go to another") from None


class Scope(NamedTuple):
    """What the paths that a user named come to: how many seeds, and the names, as given, of other
    files that something can be found about, and of those that are neither."""

    seeds: int
    others: Sequence[str]
    strangers: Sequence[str]


def scope_of(
    workspace: Workspace,
    given: Sequence[str],
    paths: Sequence[str],
    overlay: Iterable[str] = (),
    gone: Container[str] = (),
) -> Scope:
    """Return what the named paths come to; of none, the whole corpus.

    `paths` are the `given` ones relative to the root; `overlay` are those that are in memory, and
    `gone` those that are known to be deleted. Raises `UsageError` for one that does not exist.
    """
    if not paths and not overlay:
        return Scope(workspace.seed_count, [], [])
    known = _Known(workspace)
    seeds, others = set[str](), dict[str, str]()
    strange = []
    for each, path in (*zip(given, paths, strict=True), *((path, path) for path in overlay)):
        if path == ".":
            return Scope(workspace.seed_count, [], [])
        found = known.seeds(path)
        if found:
            seeds.update(found)
        elif path in known or path in gone:
            others[path] = each
        elif path in overlay or os.path.lexists(normpath(join(workspace.root, path))):
            strange.append(each)
        else:
            raise UsageError(f"there is no file `{each}`{other_form(path, workspace.paths)}")
    return Scope(len(seeds), list(others.values()), strange)


def skipped_in(workspace: Workspace, paths: Sequence[str] = ()) -> dict[Skipped, int]:
    """Return how many files are neither compared nor searched, by reason; only at the paths, if
    there are any."""
    from seedkit.core.skipped import counted
    from seedkit.sources.source import within

    found = workspace.skipped().items()
    return counted(
        reason for path, reason in found if not paths or any(within(path, each) for each in paths)
    )


def refuse_nothing(scope: Scope, workspace: Workspace, remedy: str = "") -> None:
    """Raise `UsageError` if the paths come to nothing: a silent "clean" would be a lie."""
    if scope.seeds or scope.others or not workspace.seed_count:
        return  # without any seed there is more to say than of the paths
    first, *more = map(shorten, scope.strangers)
    if more:
        message = f"none of the {len(more) + 1:,} PATHs is a seed of this corpus"
    else:
        message = f"`{first}` is no seed of this corpus, and holds none"
    raise UsageError(
        message,
        help=f"`seedkit show-files` lists the seeds{remedy}",
    )


class _Known:
    """The paths that something can be found about: seeds, folders of them, what they need."""

    def __init__(self, workspace: Workspace) -> None:
        settings = workspace.settings
        self._workspace = workspace  # not the rows, which would have to be read
        self._is_seed = workspace.is_seed
        self._index_name = settings.config.index.rpartition("/")[2]
        self._others = {
            SCHEMAS, BASELINE, settings.config.index, settings.config_path,
            *(place.path for place in settings.format_places.values()),
        }  # fmt: skip
        self._exists = workspace.exists

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(self._workspace.paths)  # without a signature for each

    def seeds(self, path: str) -> list[str]:
        """Return the seeds at the path: itself, or those below it."""
        if path in self._files:
            return [path] if self._is_seed(path) else []
        below = f"{path}/"
        return [each for each in self._files if each.startswith(below) and self._is_seed(each)]

    def __contains__(self, path: str) -> bool:
        if path in self._others or path in self._workspace.refused:
            return True
        if path.rpartition("/")[2] == self._index_name and self._exists(path):
            return True  # an index that another one may include
        return any(each.startswith(f"{path}/") for each in self._workspace.refused)
