"""What seedkit asks of a git repository: what its index and its commits hold, what is staged."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from seedkit.sources.git import Blobs, GitError, Runner, git_environment, missing, without
from seedkit.sources.git_files import endless_attributes, endless_file

SYMLINK: Final = "120000"  # modes of entries that are no files
SUBMODULE: Final = "160000"

# What names one repository in the environment (`git rev-parse --local-env-vars`), without what
# configures git.
_PLACES: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE")
_OF_A_REPOSITORY: Final = (
    *_PLACES, "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_OBJECT_DIRECTORY", "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE", "GIT_PREFIX",
    "GIT_SHALLOW_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE",
)  # fmt: skip
_DIFFERENCE: Final = (
    "diff-index", "--cached", "--no-renames", "--ignore-submodules=none",
    "--ita-invisible-in-index",
)  # fmt: skip
_EMPTY: Final = frozenset(  # entries of empty files and links, with SHA-1 and with SHA-256
    f"{mode} {name}"
    for mode in ("100644", "100755", SYMLINK)
    for name in (
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    )
)
# Details of an index entry, and the path of the next one.
_DETAILS: Final = r"(?s)(?:  [^\n]*\n)*  size: \d+\tflags: (?P<flags>[0-9a-f]+)\n(?P<next>.*)"
_MERGED: Final = "GITHEAD_"  # begins variables that name the commits that `git merge` merges
_MERGE_LIMIT: Final = 100_000  # characters of MERGE_HEAD
_INTENT_TO_ADD: Final = 1 << 29  # CE_INTENT_TO_ADD in git's read-cache.h

_SHA1: Final = f"100644 {'0' * 40}"

Entries = dict[str, str]  # path: mode and id of the object, with a space between


class Repository:
    """The git repository around a folder. Paths are relative to that folder, with `/`."""

    def __init__(self, git: Runner) -> None:
        self.git = git

    def index(self) -> Entries:
        """Return what a commit of the index would hold; raises `GitError`.

        Entries that are only intended (`git add --intent-to-add`) are not committed.
        """
        entries: Entries = {}
        unmerged = ""
        for field in self.git.fields("ls-files", "--stage", "-z"):
            head, _, path = field.partition("\t")
            if head[-1] != "0":
                unmerged = path
            entries[path] = head[:-2]
        if unmerged:
            raise GitError(
                f"the index has conflicts, in `{unmerged}` for one",
                help="resolve them, and `git add` what is resolved",
            )
        if not _EMPTY.isdisjoint(entries.values()):
            empty = [path for path, entry in entries.items() if entry in _EMPTY]
            for path in self._intended(empty):
                del entries[path]
        return entries

    def tree(self, commit: str) -> Entries:
        """Return what a commit holds; raises `GitError`."""
        entries: Entries = {}
        for field in self.git.fields("ls-tree", "-r", "-z", commit):
            head, _, path = field.partition("\t")
            mode, _, name = head.split(" ")
            entries[path] = f"{mode} {name}"
        return entries

    def staged(self, parent: str = "HEAD") -> dict[str, str] | None:
        """Return the paths that differ between a commit and the index, with git's status letters.

        `D` is a file that is removed, or moved away. None if there is nothing to compare with.
        """
        try:
            fields = self.git.fields(
                *_DIFFERENCE, "--relative", "--name-status", "-z", parent, "--"
            )
        except GitError:
            return None
        return dict(zip(fields[1::2], fields[::2], strict=True))

    def anything_staged(self) -> bool:
        """Tell whether a commit would change anything, in the folder or outside."""
        return self.git.line(*_DIFFERENCE, "--quiet", "HEAD", "--") is None

    def commit(self, revision: str) -> str | None:
        """Return the id of the commit that a branch, a tag or an expression means, None for none.

        Raises `GitError` if there is no repository.
        """
        self.git.output("rev-parse", "--git-dir")
        if revision.startswith("-"):
            return None
        return self.git.line("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")

    def merge_bases(self, one: str, *others: str) -> list[str]:
        """Return the newest commits that one has in common with the others together.

        There may be none, and several if branches were merged into each other.
        """
        found = self.git.line("merge-base", "--all", one, *others) if others else None
        return found.split("\n") if found else []

    def newest(self, commits: Sequence[str]) -> list[str]:
        """Return those of the commits that no other one of them comes from."""
        found = self.git.line("merge-base", "--independent", *commits) if commits[1:] else None
        return found.split("\n") if found else list(commits)

    def parents(self) -> list[str]:
        """Return what a commit would have as parents now; empty before the first one.

        Those are HEAD and what is being merged.
        """
        head = self.commit("HEAD")
        return [] if head is None else list(dict.fromkeys([head, *self.merging()]))

    def merging(self) -> list[str]:
        """Return the commits that are being merged into HEAD.

        `git merge` names them only in the environment of its hooks.
        """
        environment = self.git.environment
        merged = [name.removeprefix(_MERGED) for name in environment if name.startswith(_MERGED)]
        if "GIT_INDEX_FILE" not in environment:
            merged = []  # this is no hook
        path = self.git.line("rev-parse", "--git-path", "MERGE_HEAD")
        if path is not None:
            place = os.path.join(self.git.folder, path)
            with contextlib.suppress(OSError, ValueError), open(place, encoding="ascii") as file:
                merged += file.read(_MERGE_LIMIT).split()
        return list(filter(None, map(self.commit, merged)))

    def heads_of(self, remote: str) -> list[str]:
        """Return the ids of the commits that a remote's branches were last seen at."""
        return self._heads(f"refs/remotes/{remote}/")

    def branches(self) -> list[str]:
        """Return the ids of the commits that branches are at, here and on remotes as last seen."""
        return self._heads("refs/heads/", "refs/remotes/")

    def _heads(self, *refs: str) -> list[str]:
        found = self.git.line("for-each-ref", "--format=%(objectname)", *refs)
        return list(dict.fromkeys(found.split("\n"))) if found else []

    def changes(self, before: str, after: str) -> dict[str, str]:
        """Return the paths that differ between two commits, with git's status letters.

        Raises `GitError`.
        """
        fields = self.git.fields(
            "diff-tree", "-r", "--no-renames", "--ignore-submodules=none", "--relative",
            "--name-status", "-z", before, after, "--",
        )  # fmt: skip
        return dict(zip(fields[1::2], fields[::2], strict=True))

    def is_shallow(self) -> bool:
        """Tell whether the history is cut off."""
        return self.git.line("rev-parse", "--is-shallow-repository") == "true"

    def restage(self, removed: Iterable[str], added: Mapping[str, str]) -> None:
        """Take entries out of the index, and put others in: mode and id by path.

        The working tree is not looked at, but where git can't tell whether a file has changed since
        the index was written. All or nothing; raises `GitError`.
        """
        self._refuse_attributes()
        top = self.git.line("rev-parse", "--show-prefix") or ""  # paths are taken from there
        none = "0" * len(next(iter(added.values()), _SHA1).partition(" ")[2])
        lines = [f"0 {none}\t{top}{path}\0" for path in removed]
        lines += [f"{entry}\t{top}{path}\0" for path, entry in added.items()]
        command = (*self._without_filters(), "update-index", "-z", "--index-info")
        self.git.output(*command, data=os.fsencode("".join(lines)))

    def _refuse_attributes(self) -> None:
        """Raise `GitError` if git would wait for a `.gitattributes` as it writes the index."""
        top = self.git.line("rev-parse", "--show-toplevel")
        if top is not None:
            paths = self.git._replace(folder=top).fields("ls-files", "-z")
            _refuse(endless_attributes(top, paths))

    def _without_filters(self) -> Iterator[str]:
        """Options that switch off the filters that the repository configures.

        Git would run them when it writes the index, on files as young as that. Without them it
        takes such files for changed, and looks again when it is asked next.
        """
        said = self.git.line("config", "--null", "--name-only", "--get-regexp", r"^filter\.") or ""
        for name in {key[len("filter.") :].rpartition(".")[0] for key in said.split("\0")[:-1]}:
            if "=" in name:
                raise GitError(f"git's filter `{name}` can't be switched off")
            for setting in ("clean=", "process=", "required=false"):
                yield from ("-c", f"filter.{name}.{setting}")

    def store(self, data: bytes) -> str:
        """Keep bytes as a blob, with no filter run; return its id. Raises `GitError`."""
        said = self.git.output("hash-object", "-w", "--no-filters", "--stdin", data=data)
        return said.decode().strip()

    def require(self, blobs: Sequence[str]) -> None:
        """Raise `GitError` if one of the blobs is not here, as in a partial clone."""
        listed = "".join(f"{blob}\n" for blob in blobs).encode()
        said = self.git.output("cat-file", "--batch-check", data=listed) if blobs else b""
        for blob, line in zip(blobs, said.split(b"\n"), strict=False):
            if line.split()[1:2] != [b"blob"]:
                raise missing(blob)

    def blobs(self) -> Blobs:
        """Return a reader of the repository's blobs."""
        return Blobs(self.git)

    def submodule(self, path: str) -> Repository | None:
        """Return the repository of the submodule at the path, None if it is not checked out.

        Raises `GitError` if git can't be run there.
        """
        folder = os.path.join(self.git.folder, path)
        if os.path.realpath(folder) != os.path.join(os.path.realpath(self.git.folder), path):
            return None  # there is a link on the way
        if not os.path.lexists(os.path.join(folder, ".git")):
            return None
        _refuse(endless_file(folder))
        return Repository(Runner(folder, without(self.git.environment, _OF_A_REPOSITORY)))

    def _intended(self, paths: Sequence[str]) -> Iterator[str]:
        """Those of the paths whose entries only say that they are going to be added."""
        few = paths if len(paths) <= 100 else ()  # or all: more might not fit a command line
        wanted = frozenset(paths)
        said = os.fsdecode(self.git.output("ls-files", "--debug", "-z", "--", *few))
        path, *rest = said.split("\0")
        for part in rest:
            details = re.fullmatch(_DETAILS, part)
            if details is None:
                return
            if path in wanted and int(details["flags"], 16) & _INTENT_TO_ADD:
                yield path
            path = details["next"]


def repository_at(folder: str) -> Repository:
    """Return the repository around a folder, with the index that a hook has been given.

    Git tells a hook of its repository in the environment, and means the top of its working tree.
    That misleads in another folder, and more so in another repository; so it is compared with what
    git finds from the folder itself. Raises `GitError` if git can't be run.
    """
    if not os.path.isdir(folder):
        return _not_on_disk(folder)
    _refuse(endless_file(folder))
    environment = git_environment()
    if not any(name in environment for name in _PLACES):
        return Repository(Runner(folder, environment))
    alone = Runner(folder, without(environment, _OF_A_REPOSITORY))
    said = Runner("", environment).line("rev-parse", "--absolute-git-dir", "--show-toplevel")
    directory, _, top = (said or "").partition("\n")
    found = alone.line("rev-parse", "--absolute-git-dir")
    if not top or found not in (None, directory):
        return Repository(alone)
    if found is None:
        environment |= {"GIT_DIR": directory, "GIT_WORK_TREE": top}
    else:
        environment = without(environment, ("GIT_DIR", "GIT_WORK_TREE"))
    if "GIT_INDEX_FILE" in environment:
        environment["GIT_INDEX_FILE"] = os.path.join(top, environment["GIT_INDEX_FILE"])
    return Repository(Runner(folder, environment))


def _not_on_disk(folder: str) -> Repository:
    """Return the repository around a folder that is not checked out.

    Git is run in an empty working tree that has such a folder: nobody looks at files there.
    """
    around = folder
    while not os.path.isdir(around):
        around = os.path.dirname(around)
    git = repository_at(around).git
    directory = git.output("rev-parse", "--absolute-git-dir")
    top = os.fsdecode(git.output("rev-parse", "--show-toplevel")).removesuffix("\n")
    tree = os.path.realpath(tempfile.mkdtemp())
    place = os.path.join(tree, os.path.relpath(folder, top))
    os.makedirs(place)
    places = {"GIT_DIR": os.fsdecode(directory).removesuffix("\n"), "GIT_WORK_TREE": tree}
    repository = Repository(Runner(place, {**git.environment, **places}))
    weakref.finalize(repository, shutil.rmtree, tree, ignore_errors=True)
    return repository


def _refuse(endless: tuple[str, int] | None) -> None:
    """Raise `GitError` for a file that git would wait for."""
    if endless is not None:
        from seedkit.sources.walk import kind_of

        path, mode = endless
        raise GitError(
            f"git can't be run: `{path}` is {kind_of(mode)}", help="a file is needed there"
        )
