"""`seedkit check --since REF`: what was found before, where the present work has branched off."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from seedkit.check.run import run_check, selection
from seedkit.check.since import Before, moved_seeds
from seedkit.cli.hook import committing
from seedkit.cli.opening import open_view
from seedkit.cli.output import note
from seedkit.core.errors import ConfigError, UsageError
from seedkit.core.rules import CONFIG_MISSING_FOLDER
from seedkit.sources.git import GitError
from seedkit.sources.git_source import GitSource
from seedkit.sources.repository import Repository, repository_at

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.cli.staged import Staged
    from seedkit.corpus.workspace import Workspace

_SHORT = 10  # digits of a commit's id that are shown


def findings_before(
    args: Namespace, workspace: Workspace, staged: Staged | None = None
) -> list[Before]:
    """Return the findings at each commit that the present state is compared with.

    Those are the commits where it and the revision that is asked for part. HEAD means, for what is
    staged or pushed, the commits that it is based on; none for the first commit of all.
    Raises `UsageError` if there is no such commit, `GitError` if git fails.
    """
    if staged is None:
        repository = repository_at(workspace.root)
        commits: Sequence[str] = base_commits(repository, args.since)
    else:
        repository = staged.repository
        if args.since in (None, "HEAD"):
            commits = parents_of(staged)
        else:
            commits = base_commits(repository, args.since, staged.commit or "HEAD")
    return [_findings_at(commit, repository, args, workspace, staged) for commit in commits]


def parents_of(staged: Staged) -> Sequence[str]:
    """Return the commits that what is staged or pushed is based on; raises `UsageError`.

    If a hook runs where no commit is being made, as in CI, that is the parent of the last commit.
    """
    repository = staged.repository
    if staged.commit is not None:
        parents: Sequence[str] = staged.bases
    elif not staged.mode or committing() or repository.anything_staged():
        return repository.parents()
    else:
        parent = repository.commit("HEAD^")
        parents = [parent] if parent else []
    if not parents and repository.is_shallow():
        raise UsageError(
            "--hook: this clone has not the commits to compare with", help=_deepen(repository)
        )
    return parents


def _findings_at(
    commit: str,
    repository: Repository,
    args: Namespace,
    workspace: Workspace,
    staged: Staged | None,
) -> Before:
    now = workspace.source
    # Both states ask the same commit what was renamed: one fault has one name in both.
    asked = now.before if isinstance(now, GitSource) else "HEAD"
    try:
        source = GitSource.at(now.root, repository, commit, asked)
        then = open_view(args, source, "base", like="index" if staged is not None else "")
    except ConfigError as error:
        if any(each.rule != CONFIG_MISSING_FOLDER.name for each in error.diagnostics):
            note(
                f"seedkit check: note: the configuration at {commit[:_SHORT]} is not valid, "
                "so every finding is new"
            )
        return Before([])
    wanted = selection(then, args.select, args.ignore or ())
    result = run_check(then, wanted)
    findings = [*result.diagnostics, *result.explained]
    return Before(findings, moved_seeds(then, workspace) if findings else {})


def base_commits(repository: Repository, revision: str, commit: str = "HEAD") -> list[str]:
    """Return the commits where a commit and the revision part; several after criss-cross merges.

    It is the revision's own if the commit descends from it. Raises `UsageError` or `GitError`.
    """
    try:
        there, here = repository.commit(revision), repository.commit(commit)
    except GitError as error:
        error.help = error.help or "--since asks git what the corpus was; leave it out"
        raise
    shallow = repository.is_shallow()
    if here is None:
        raise UsageError("--since: there is no commit yet", help="leave it out")
    if there is None:
        raise UsageError(
            f"--since: there is no branch, tag or commit `{revision}` here",
            help=_deepen(repository, revision)
            if shallow
            else "`git branch --all` and `git tag` list what there is; "
            f"`git fetch {_every_branch(repository, revision)}` gets every branch",
        )
    bases = repository.merge_bases(here, there)
    if not bases:
        raise UsageError(
            f"--since: HEAD and `{revision}` have no commit in common",
            help=_deepen(repository, revision)
            if shallow
            else "name a revision that HEAD comes from",
        )
    return bases


def _deepen(repository: Repository, revision: str = "") -> str:
    """The remedy in a shallow clone, perhaps of a single branch."""
    return (
        "this clone has only the newest commits: get the others with "
        f"`git fetch --unshallow {_every_branch(repository, revision)}` "
        "(actions/checkout: `fetch-depth: 0`)"
    )


def _every_branch(repository: Repository, revision: str) -> str:
    """What `git fetch` needs to get every branch of the remote that a revision is of."""
    remotes = (repository.git.line("remote") or "").split()
    asked = [each for each in remotes if revision.startswith(f"{each}/")]
    remote = [*asked, *("origin" for each in remotes if each == "origin"), *remotes, ""][0]
    source = quote(remote) if remote else "URL"
    return f"{source} '+refs/heads/*:refs/remotes/{remote or 'origin'}/*'"
