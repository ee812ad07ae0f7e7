"""`seedkit check --since REF`: what was found before, where the present work has branched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedkit.check import judge, selection
from seedkit.cli.output import note
from seedkit.cli.views import open_view
from seedkit.errors import ConfigError, UsageError
from seedkit.git import GitError
from seedkit.gitsource import GitSource
from seedkit.repository import Repository, repository_at
from seedkit.since import Before, moved_seeds

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.workspace import Workspace

_SHORT = 10  # digits of a commit's id that are shown
_DEEPEN = (
    "this clone has only the newest commits: get the others with `git fetch --unshallow` "
    "(actions/checkout: `fetch-depth: 0`)"
)


def findings_before(args: Namespace, workspace: Workspace) -> Before:
    """Return the findings at the commit where HEAD and the revision that is asked for part.

    Raises `UsageError` if there is no such commit, `GitError` if git fails.
    """
    root = workspace.source.root
    repository = repository_at(root)
    commit = base_commit(repository, args.since)
    try:
        source = GitSource.at(root, repository, commit)
        then = open_view(args, source, "base", like="index" if args.staged else "")
    except ConfigError as error:
        if any(each.rule != "config/missing-folder" for each in error.diagnostics):
            note(
                f"seedkit check: note: the configuration at {commit[:_SHORT]} is not valid, "
                "so every finding is new"
            )
        return Before([])
    wanted = selection(then, args.select, args.ignore or ())
    findings = judge(then, wanted).diagnostics
    return Before(findings, moved_seeds(then, workspace) if findings else {})


def base_commit(repository: Repository, revision: str) -> str:
    """Return the commit where HEAD and the revision part.

    It is the revision's own if HEAD descends from it. Raises `UsageError` or `GitError`.
    """
    try:
        there, here = repository.commit(revision), repository.commit("HEAD")
    except GitError as error:
        error.help = error.help or "--since asks git what the corpus was; leave it out"
        raise
    shallow = repository.is_shallow()
    if here is None:
        raise UsageError("--since: there is no commit yet", help="leave it out")
    if there is None:
        raise UsageError(
            f"--since: there is no branch, tag or commit `{revision}` here",
            help=_DEEPEN
            if shallow
            else "`git branch --all` and `git tag` list what there is; `git fetch` gets more",
        )
    base = repository.merge_base(there, here)
    if base is None:
        raise UsageError(
            f"--since: HEAD and `{revision}` have no commit in common",
            help=_DEEPEN if shallow else "name a revision that HEAD comes from",
        )
    return base
