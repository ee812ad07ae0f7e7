"""`seedkit check --staged` and `--hook`: what git has of the corpus, staged or committed.

Whether a commit has anything to do with the corpus is answered from git and the configuration's own
text, in a few milliseconds: most commits in a repository touch no seed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from posixpath import normpath
from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple

from seedkit.cli.hook import CHANGES, MODES, committing, target
from seedkit.cli.output import note, show
from seedkit.cli.paths import corpus_root, named_paths, working_folder
from seedkit.core.errors import ConfigError, UsageError
from seedkit.core.rules import CONFIG_MISSING_FOLDER
from seedkit.core.text import visible
from seedkit.sources.git import BlobMissing, Blobs, BlobTooLarge, GitError
from seedkit.sources.repository import Repository, repository_at
from seedkit.sources.root import BASELINE, CONFIG_FILES, SCHEMAS, is_root, repository_top

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.core.diagnostic import Diagnostic
    from seedkit.corpus.workspace import Workspace
    from seedkit.sources.git_source import GitSource

_LIMIT = 1_000_000  # bytes of a configuration
_SHORT = 10  # digits of a commit's id that are shown
_GONE = ("D", "T")  # git's letters for a path that is no longer the file it was


class _Corpus(NamedTuple):
    """The paths that a check depends on."""

    seeds: Sequence[str] = ("seeds",)
    index_name: str = "INDEX.md"
    configured: bool = False

    def has(self, path: str) -> bool:
        """Tell whether the path is one of them, or a folder of some."""
        if path.startswith("../"):
            return False
        if path in (*CONFIG_FILES, BASELINE):
            return True
        if path.rpartition("/")[2] == self.index_name.rpartition("/")[2]:
            return True
        folders = (*self.seeds, SCHEMAS)
        return any(_within(path, each) or _within(each, path) for each in folders)


def _within(path: str, folder: str) -> bool:
    return folder == "." or f"{path}/".startswith(f"{folder}/")


class Staged(NamedTuple):
    """The repository around the corpus, and what is staged in it or committed.

    `changes` are the paths that a commit changes, with git's letters; None if there is nothing to
    compare with. `named` are the paths that the user has named, relative to the root. `mode` is
    that of a hook; `commit` is the commit to check, None for the index, and `bases` are the ones
    that it is compared with.
    """

    root: str
    repository: Repository
    changes: Mapping[str, str] | None
    named: Sequence[str]
    mode: str = ""
    commit: str | None = None
    bases: Sequence[str] = ()

    @property
    def deleted(self) -> list[str]:
        """The paths that will be gone."""
        return [path for path, letter in (self.changes or {}).items() if letter == "D"]

    @property
    def is_hook(self) -> bool:
        """Whether a hook runs for a commit or a push, not because somebody asks for it."""
        return bool(self.mode) and (self.commit is not None or committing())


class Focus(NamedTuple):
    """The paths that the report is about, None for all; and whether what is new is, anywhere."""

    paths: Sequence[str] | None
    anywhere: bool = False


def focus(staged: Staged) -> Focus:
    """Return what the report is about; raises `GitError`.

    Those are the paths named, and those that nobody could name, since they are deleted or not on
    disk. A hook for changes that is given no path is about all that have changed; whatever is
    named, what has not changed is not its business. It looks at everything if it can't know what
    has changed. If settings have, files are gone or branches are merged, what becomes new is
    reported wherever it is.
    """
    changes, named = staged.changes, staged.named
    if staged.mode != CHANGES:
        return Focus([*named, *_unnamed(staged, changes or {})] if named else None)
    if changes is None or staged.commit in staged.bases:
        return Focus(None)
    if not staged.is_hook:
        if not named or any(path not in changes and _concerns_all(path) for path in named):
            return Focus(None)  # `--all-files`
        return Focus([*named, *_unnamed(staged, changes)], _spreads(changes))
    own, merges = _own(staged, changes)
    if not named or _is_forced(staged):  # then the runner names what has changed since they parted
        return Focus([*own], merges or _spreads(own))
    given = frozenset(named)
    paths = [path for path in own if not given.isdisjoint(_ways(path))]
    paths += _unnamed(staged, own)
    return Focus(paths, merges or _spreads(own))


def _is_forced(staged: Staged) -> bool:
    """Tell whether what is pushed does not come from all that it is compared with."""
    repository, commit = staged.repository, staged.commit
    return commit is not None and any(
        repository.merge_bases(commit, each) != [each] for each in staged.bases
    )


def _own(staged: Staged, changes: Mapping[str, str]) -> tuple[Mapping[str, str], bool]:
    """The changes that none of the commits has that are based on, and whether those are several."""
    repository, commit, bases = staged.repository, staged.commit, staged.bases
    if commit is None:
        others = [repository.staged(each) or {} for each in repository.merging()]
    else:
        others = [repository.changes(each, commit) for each in bases] if bases[1:] else []
    if not others:
        return changes, False
    return {path: changes[path] for path in changes if all(path in each for each in others)}, True


def _unnamed(staged: Staged, changes: Mapping[str, str]) -> list[str]:
    """The paths that nobody could name who looks at the disk."""
    return [
        path
        for path, letter in changes.items()
        if letter == "D" or not os.path.lexists(os.path.join(staged.root, path))
    ]


def _ways(path: str) -> Iterator[str]:
    """A path and the folders that it lies in."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield "."


def _spreads(changes: Mapping[str, str]) -> bool:
    """Tell whether changes may have effects that don't follow from their paths."""
    return any(letter in _GONE or is_setting(path) for path, letter in changes.items())


def _concerns_all(path: str) -> bool:
    """Tell whether a path is about all seeds."""
    return is_setting(path) or path == "INDEX.md"


def is_setting(path: str) -> bool:
    """Tell whether a path is the configuration, a format or the baseline."""
    return path in (*CONFIG_FILES, BASELINE) or _within(path, SCHEMAS)


def look(root: str, named: Sequence[str]) -> Staged:
    """Return what is staged; raises `GitError`."""
    repository = repository_at(root)
    return Staged(root, repository, repository.staged(), named)


def look_for_hook(root: str, named: Sequence[str], mode: str) -> Staged:
    """Return what the hook that runs us is about; raises `UsageError` or `GitError`."""
    _refuse_other_repository(root)
    about = target()
    if about is None:
        return look(root, named)._replace(mode=mode)
    repository = repository_at(root)
    commit = repository.commit(about.revision)
    if commit is None:
        raise UsageError(
            f"--hook: there is no branch, tag or commit `{about.revision}` here",
            help="`git branch --all` and `git tag` list what there is; `git fetch` gets more",
        )
    before = repository.commit(about.before) if about.before else None
    others = [
        *([before] if before else []),
        *(repository.heads_of(about.remote) if about.remote else ()),
    ]
    bases = repository.merge_bases(commit, *others)
    if before and about.remote:  # what the branch is there, which a forced push leaves behind
        bases = repository.newest([before, *(each for each in bases if each != before)])
    changes: dict[str, str] | None = {} if bases else None
    for base in bases:
        changes = {**repository.changes(base, commit), **(changes or {})}
    return Staged(root, repository, changes, named, mode, commit, bases)


def _refuse_other_repository(root: str) -> None:
    """Raise `UsageError` for a corpus in another repository than that of the commit or push.

    A commit of the repository around a submodule says which of its commits is pinned; the index of
    the submodule, and what is checked out there, may be others.
    """
    here, there = repository_top(os.path.realpath(working_folder())), repository_top(root)
    if here is not None and there is not None and here != there:
        raise UsageError(
            f"--hook: `{visible(os.path.relpath(there))}` is a repository of its own: a commit or "
            "push of this one has nothing of its files",
            help="install the hook there; in CI, check it with `seedkit check --root`",
        )


def glance(arguments: Sequence[str]) -> tuple[Namespace, Staged | None]:
    """Return what is staged, with the options; None if these are not those of a plain hook.

    Loading all options takes longer than the answer may: that most commits have nothing to
    do with the corpus. Raises `UsageError` or `GitError`.
    """
    from argparse import ArgumentError, ArgumentParser, Namespace

    parser = ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for flag in ("--staged", "--force-exclude", "--exit-zero"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("-q", "--quiet", action="store_true")
    for option in ("--root", "--cache-dir", "--since", "--select", "--ignore", "--hook"):
        parser.add_argument(option)
    parser.add_argument("--color", choices=("auto", "always", "never"))
    parser.add_argument("paths", nargs="*")
    try:
        args, unknown = parser.parse_known_intermixed_args(arguments)
    except ArgumentError:
        return Namespace(), None
    if unknown or args.hook not in (None, *MODES):
        return args, None
    root = corpus_root(args)
    named = named_paths(args.paths, root, outside=args.force_exclude)
    return args, look_for_hook(root, named, args.hook) if args.hook else look(root, named)


def nothing_to_check(args: Namespace, staged: Staged) -> bool:
    """Tell, and say, that the commit has nothing to do with the corpus; False if that is not plain.

    A file that goes away may be one that INDEX.md links to. If nothing at all is staged, there is
    no commit that could have nothing to do with it: a whole check is wanted, as in CI. So it is
    if a hook is run by hand, and if it is to check all that is pushed. Where there are no seeds,
    there is something to say.
    """
    if args.since not in (None, "HEAD"):
        return False  # there may be something new that is committed already
    changes, named = staged.changes, staged.named
    blobs = staged.repository.blobs()
    without = no_corpus(staged)
    if without:
        if not args.quiet:
            show([without])
        return True
    if changes is None or any(letter in _GONE for letter in changes.values()):
        return False
    if named and not args.force_exclude:
        return False  # of a path that is no seed there would be something to say
    if staged.commit is not None:
        if staged.mode != CHANGES or staged.commit in staged.bases:
            return False
    elif not named and (
        not committing() if staged.mode else not (changes or staged.repository.anything_staged())
    ):
        return False
    corpus = _configured(blobs, staged.commit or "")
    judged = changes if staged.is_hook or not named else named
    if corpus is None or any(map(corpus.has, judged)):
        return False
    if not _has_seeds(blobs, corpus, staged.commit or "HEAD"):
        return False
    if not args.quiet:
        what = "is staged" if staged.commit is None else "has changed"
        show([f"Nothing of the corpus {what}.\n"])
    return True


def no_corpus(staged: Staged) -> str:
    """Return the sentence that a hook says where there is no corpus, as in a branch of web pages.

    It is empty if there is one, or one on disk that git knows nothing of.
    """
    if not staged.mode or _has_corpus(staged):
        return ""
    if staged.commit is not None:
        return f"There is no corpus in commit {staged.commit[:_SHORT]}.\n"
    return "" if is_root(staged.root) else "There is no corpus in git's index.\n"


def _has_corpus(staged: Staged) -> bool:
    """Tell whether the commit or the index has anything that belongs to a corpus."""
    blobs = staged.repository.blobs()
    corpus = _configured(blobs, staged.commit or "")
    if corpus is None or corpus.configured:
        return True
    names = (*corpus.seeds, corpus.index_name, SCHEMAS, BASELINE)
    if staged.commit is None:
        return bool(staged.repository.git.line("ls-files", "--", *names))
    return any(blobs.has(f"{staged.commit}:./{name}") for name in names)


def _has_seeds(blobs: Blobs, corpus: _Corpus, revision: str) -> bool:
    """Tell whether a commit has one of the folders of seeds."""
    return any(folder == "." or blobs.has(f"{revision}:./{folder}") for folder in corpus.seeds)


def _configured(blobs: Blobs, revision: str) -> _Corpus | None:
    """What the configuration says in a commit or the index, unless that takes more than a look."""
    for name in CONFIG_FILES:
        try:
            values = _parsed(blobs.read(f"{revision}:./{name}", _LIMIT))
        except BlobMissing:
            continue
        except (GitError, BlobTooLarge, ValueError, RecursionError):
            return None
        if name != CONFIG_FILES[0]:
            tool = values.get("tool")
            values = tool.get("seedkit") if isinstance(tool, dict) else None
            if values is None:
                continue
        if not isinstance(values, dict):
            return None
        seeds, index = values.get("seeds", ["seeds"]), values.get("index", "INDEX.md")
        if not isinstance(index, str) or not isinstance(seeds, list):
            return None
        if not all(isinstance(each, str) for each in seeds):
            return None
        return _Corpus([normpath(each) for each in seeds], index, configured=True)
    return _Corpus()


def _parsed(toml: bytes) -> Any:
    if not toml.strip():
        return {}  # a file that only marks the root
    from seedkit.core.toml import parse

    return parse(toml.decode())


def open_staged(args: Namespace, staged: Staged) -> Workspace:
    """Return the refreshed workspace of what is or will be committed; see `open_workspace`."""
    from seedkit.cli.opening import open_view
    from seedkit.sources.git_source import GitSource

    if staged.commit is not None:
        committed = GitSource.at(staged.root, staged.repository, staged.commit)
        return open_view(args, committed, "revision", like="index")
    try:
        source = GitSource.staged(staged.root, staged.repository)
    except GitError as error:
        option = "--hook" if staged.mode else "--staged"
        error.help = error.help or f"{option} checks git's index; leave it out to check the disk"
        raise
    try:
        workspace = open_view(args, source, "index")
    except ConfigError as error:
        error.diagnostics = [_to_be_added(each, staged) for each in error.diagnostics]
        raise
    _refuse_untracked(args.paths, staged, workspace, source)
    return workspace


def _to_be_added(found: Diagnostic, staged: Staged) -> Diagnostic:
    """Return the finding, with another remedy if it is that git's index lacks a folder on disk."""
    if found.rule != CONFIG_MISSING_FOLDER.name:
        return found
    (folder,) = found.involved
    if not os.path.isdir(os.path.join(staged.root, folder)):
        return found
    option = "--hook" if staged.mode else "--staged"
    return found._replace(help=f"`git add {quote(folder)}`: {option} checks git's index")


def _refuse_untracked(
    given: Sequence[str], staged: Staged, workspace: Workspace, source: GitSource
) -> None:
    """Raise `UsageError` for a path of the corpus that git knows nothing of: it is not judged."""
    config = workspace.config
    corpus = _Corpus(config.seeds, config.index)
    deleted = staged.deleted
    remedy = f"`git add` it, or check it without {'--hook' if staged.mode else '--staged'}"
    for each, path in zip(given, staged.named, strict=True):
        if not corpus.has(path) or path in deleted or source.exists(path):
            continue
        intended = staged.repository.git.line("ls-files", "--error-unmatch", "--", path) is not None
        if intended and staged.mode:
            note(f"seedkit check: note: `{each}` is only going to be added: it is not checked")
        elif intended:
            raise UsageError(
                f"`{each}` is only going to be added: git's index has no content of it yet",
                help=remedy,
            )
        else:
            raise UsageError(f"`{each}` is not in git's index", help=remedy)
