"""Random histories of a corpus in git: what is committed, merged, staged, and only on disk.

A history is a list of numbered operations, so that a shrunken one reads as a story. Commits are
made by `git fast-import`, all at once: a history costs three runs of git.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from seedkit.check import baseline
from seedkit.check.baseline import acceptable
from seedkit.check.run import run_check, selection
from seedkit.core.errors import SeedkitError
from seedkit.sources.root import BASELINE
from seedkit.sources.source import MemorySource
from support.commandline import CLEAN
from support.corpora import open_corpus
from support.gitrepo import ALONE

FILE, PROGRAM, LINK = "100644", "100755", "120000"
_WHO = "A <a@example.org> 1700000000 +0000"
_BODY = " ".join(f"word{number}" for number in range(40))
_OTHER = " ".join(f"term{number}" for number in range(40))
_POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d7a' * 16}\nsize 12345\n"


class Blob(NamedTuple):
    """A file in git."""

    data: bytes
    mode: str = FILE

    @classmethod
    def of(cls, text: str) -> Blob:
        """Return a plain file with the text."""
        return cls(text.encode("utf-8", "surrogateescape"))


Tree = Mapping[str, Blob]
HASHED = (
    'extends = "builtin:plain"\nfiles = ["seeds/h/*.txt"]\n[file]\n'
    "name = '(?P<number>\\d)_(?P<id>[0-9a-f]{8})\\.txt'\nunique = [\"id\"]\n"
    'hash = { group = "id", algorithm = "sha256", of = "bytes" }\n'
)
FIRST: Tree = {
    path: Blob.of(text)
    for path, text in {
        **CLEAN,
        "INDEX.md": CLEAN["INDEX.md"] + "- [h](seeds/h/0_b3e35a73.txt)\n",
        "README.md": "About\n",
        "schemas/hashed.toml": HASHED,
        "seeds/h/0_b3e35a73.txt": "A hall of mirrors\n",
    }.items()
}
PATHS = (
    "seeds/a.txt", "seeds/b.txt", "seeds/d/c.txt", "seeds/d/e f.txt", "seeds/ü.txt",
    "seeds/d/B.txt", "more/x.txt", "README.md", "docs/x.md", "seeds/b.txt~", "seeds/m.md",
)  # fmt: skip
TEXTS = (
    "A lamp in the window\n", "A lamp in the window", "first\nLamp  \nlast\n", "w\u200bx\n",
    f"{_BODY}\n", f"{_BODY} more\n", f"{_OTHER}\n{_BODY}\n", _OTHER, "", "x \n\nx \n",
    "caf\udce9 and\n", "one\r\ntwo\r\n", "one\r\ntwo\n", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n",
    _POINTER, "Zebra\n", "Line one\nLine two\nLine three\n", "Line one\nLine two  \nLine three",
)  # fmt: skip
NOTE = CLEAN["schemas/note.toml"]
SETTINGS = (
    ("seedkit.toml", ""),
    ("seedkit.toml", 'ignore = ["text"]\n'),
    ("seedkit.toml", 'per_file_ignores = { "seeds/d/**" = ["text", "index"] }\n'),
    ("seedkit.toml", 'exclude = ["seeds/d/**"]\n'),
    ("seedkit.toml", 'exclude = ["**"]\n'),
    ("seedkit.toml", 'seeds = ["seeds", "more"]\n'),
    ("seedkit.toml", 'index = "seeds/INDEX.md"\n'),
    ("seedkit.toml", "near_duplicate = 0.5\n"),
    ("seedkit.toml", "unknown = 1\n"),
    ("seedkit.toml", None),
    ("pyproject.toml", '[tool.seedkit]\nignore = ["index"]\n'),
    ("pyproject.toml", '[project]\nname = "x"\n'),
    ("schemas/note.toml", NOTE),
    ("schemas/note.toml", NOTE.replace("require", "forbid")),
    ("schemas/note.toml", NOTE.replace("seeds/**", "seeds/*.txt")),
    ("schemas/note.toml", NOTE.replace("seeds/**", "seeds/**/*.txt")),
    ("schemas/note.toml", "files = 1\n"),
    ("schemas/note.toml", None),
    ("schemas/hashed.toml", None),
    ("schemas/hashed.toml", HASHED),
    ("schemas/more.toml", 'extends = "builtin:fortune"\nfiles = ["more/**"]\n'),
    ("seedkit-baseline.json", None),
    ("seedkit-baseline.json", '{"version": 1, "findings": []}\n'),
    ("seedkit-baseline.json", "{"),
)
ROWS = ("all", "bytes", "first", "dangling", "twice", "nested", "none", "docs")

Op = tuple[str, int, int]


def index_of(tree: Tree, style: str) -> dict[str, Blob]:
    """Return the indexes that list the seeds of a tree."""
    seeds = sorted(
        path
        for path in tree
        if path.startswith("seeds/") and path.endswith((".txt", ".md")) and path[-9:] != "/INDEX.md"
    )
    if style == "first":
        seeds = seeds[:1]
    if style == "none":
        seeds = []
    rows = [f"- [{at}](<{path}>)" for at, path in enumerate(seeds)]
    lines = ["# Seeds", "", *rows]
    more: dict[str, Blob] = {}
    if style == "bytes":
        lines = ["# Seeds", "", "| seed | bytes |", "|---|---|"]
        lines += [f"| [x](<{path}>) | {len(tree[path].data)} |" for path in seeds]
    elif style == "dangling":
        lines.append("- [gone](seeds/gone.txt)")
    elif style == "twice":
        lines += rows[:1]
    elif style == "docs":
        lines.append("\nSee [here](docs/x.md), [there](README.md).\n\n- [x](docs/x.md)")
    elif style == "nested":
        inner = [path for path in seeds if path.startswith("seeds/d/")]
        lines = ["# Seeds", "", "- [d](seeds/d/INDEX.md)"]
        lines += [f"- [x](<{path}>)" for path in seeds if path not in inner]
        text = "\n".join(f"- [x](<{path[8:]}>)" for path in inner)
        more["seeds/d/INDEX.md"] = Blob.of(f"# D\n\n{text}\n")
    return {"INDEX.md": Blob.of("\n".join(lines) + "\n"), **more}


def changed(tree: Tree, op: Op) -> Tree:
    """Return what an operation of an editor makes of the files."""
    kind, one, two = op
    files = dict(tree)
    path, text = PATHS[one % len(PATHS)], TEXTS[two % len(TEXTS)]
    seeds = sorted(each for each in files if each.startswith("seeds/"))
    if kind == "write":
        files[path] = Blob.of(text)
    elif kind == "digest":
        for each in [each for each in files if each.startswith(f"seeds/h/{one % 3}_")]:
            del files[each]
        name = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        files[f"seeds/h/{one % 3}_{name}.txt"] = Blob.of(text)
    elif kind == "delete" and seeds:
        del files[seeds[one % len(seeds)]]
    elif kind == "rename" and seeds:
        files[path] = files.pop(seeds[two % len(seeds)])
    elif kind == "edit" and seeds:
        old = files[seeds[one % len(seeds)]]
        files[seeds[one % len(seeds)]] = old._replace(
            data=old.data + Blob.of(text).data[: 3 * two % 50]
        )
    elif kind == "mode" and seeds:
        old = files[seeds[one % len(seeds)]]
        files[seeds[one % len(seeds)]] = old._replace(mode=PROGRAM)
    elif kind == "link":
        files[path] = Blob(b"a.txt", LINK)
    elif kind == "setting":
        path, setting = SETTINGS[one % len(SETTINGS)]
        files.pop(path, None)
        if setting is not None:
            files[path] = Blob.of(setting)
    elif kind == "list":
        files |= index_of(files, ROWS[one % len(ROWS)])
    elif kind == "note":  # a seed that no format matches
        files["schemas/note.toml"] = Blob.of(NOTE.replace("seeds/**", "seeds/**/*.txt"))
        files[f"seeds/n{one % 3}.md"] = Blob.of(text)
    elif kind == "accept":
        files |= index_of(files, "all")
        files |= accepting(files)
    return files


def accepting(tree: Tree) -> dict[str, Blob]:
    """Return the baseline that accepts what is found in a tree; none if it can't be checked."""
    files = {path: blob.data for path, blob in tree.items() if blob.mode != LINK}
    files.pop(BASELINE, None)
    try:
        workspace = open_corpus(MemorySource(files))
        found = run_check(workspace, selection(workspace)).all
    except SeedkitError:
        return {}
    return {BASELINE: Blob.of(baseline.of(filter(acceptable, found)).text())}


class Commit(NamedTuple):
    """A commit, by its number in the history."""

    tree: Tree
    parents: tuple[int, ...]


class History(NamedTuple):
    """Commits in the order in which they were made; `branches` are the newest of each branch.

    `tree` is what is being worked on, on top of `head`, and `merging` what is being merged.
    """

    commits: Sequence[Commit]
    branches: Sequence[int]
    current: int
    tree: Tree
    merging: int | None

    @property
    def head(self) -> int:
        """The commit that is checked out."""
        return self.branches[self.current]

    def merge_bases(self, one: int, others: Sequence[int]) -> list[int]:
        """Return the newest commits that one has in common with any of the others."""
        there = frozenset[int]().union(*(_ancestors(self.commits, each) for each in others))
        return self.newest(there & _ancestors(self.commits, one))

    def newest(self, commits: Collection[int]) -> list[int]:
        """Return those of the commits that no other one of them comes from."""
        older = frozenset[int]().union(
            *(_ancestors(self.commits, each) - {each} for each in commits)
        )
        return sorted(frozenset(commits) - older)


def told(ops: Sequence[Op], first: Tree = FIRST) -> History:
    """Return the history that the operations make."""
    history = History([Commit(first, ())], [0], 0, first, None)
    for op in ops:
        history = _next(history, op)
    return history


def _next(history: History, op: Op) -> History:
    kind, one, _ = op
    commits, branches = list(history.commits), list(history.branches)
    if kind == "commit":
        parents = (history.head, *(() if history.merging is None else (history.merging,)))
        branches[history.current] = len(commits)
        commits.append(Commit(history.tree, parents))
        return History(commits, branches, history.current, history.tree, None)
    if kind == "branch":
        commit = one % len(commits)
        tree = commits[commit].tree
        return History(commits, [*branches, commit], len(branches), tree, None)
    if kind == "cross":  # two branches that are merged into each other
        here, there = len(commits), len(commits) + 1
        trees = [changed(history.tree, ("write", number, number)) for number in op[1:]]
        both = merged(history.tree, *trees)
        commits += [Commit(tree, (history.head,)) for tree in trees]
        commits += [Commit(both, (here, there)), Commit(both, (there, here))]
        branches[history.current] = here + 2
        return History(commits, [*branches, there + 2], history.current, both, None)
    if kind == "switch":
        current = one % len(branches)
        return History(commits, branches, current, commits[branches[current]].tree, None)
    if kind == "merge":
        other = branches[one % len(branches)]
        ours, theirs = (_ancestors(commits, each) for each in (history.head, other))
        if other in ours or history.merging is not None:
            return history
        base = commits[max(ours & theirs)].tree
        tree = merged(base, history.tree, commits[other].tree)
        return history._replace(tree=tree, merging=other)
    return history._replace(tree=changed(history.tree, op))


def merged(base: Tree, ours: Tree, theirs: Tree) -> Tree:
    """Return two trees as one; where both have changed a file, ours stays, but INDEX.md has all."""
    files = {}
    for path in sorted({*ours, *theirs}):
        if path.rpartition("/")[2] == "INDEX.md" and path in ours and path in theirs:
            lines = [*ours[path].data.splitlines(True), *theirs[path].data.splitlines(True)]
            files[path] = Blob(b"".join(dict.fromkeys(lines)))
            continue
        chosen = ours if ours.get(path) != base.get(path) else theirs
        if path in chosen:
            files[path] = chosen[path]
    return _without_folders(files)


def _without_folders(files: dict[str, Blob]) -> Tree:
    folders = {path[:at] for path in files for at, char in enumerate(path) if char == "/"}
    return {path: blob for path, blob in files.items() if path not in folders}


def _ancestors(commits: Sequence[Commit], commit: int) -> frozenset[int]:
    found: set[int] = set()
    todo = [commit]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += commits[each].parents
    return frozenset(found)


_numbers = st.integers(0, 99)


def _op(*kinds: str) -> st.SearchStrategy[Op]:
    return st.tuples(st.sampled_from(kinds), _numbers, _numbers)


KINDS = ("commit", "commit", "between", "push", "force", "everything")
PUSHES = ("push", "force")
EDITS = (
    "write", "write", "write", "digest", "delete", "rename", "edit", "mode", "link", "setting",
    "list", "list", "note", "accept",
)  # fmt: skip
FLOW = ("commit", "commit", "commit", "branch", "switch", "merge", "merge", "cross")


def drawn(chance: Random) -> tuple[list[Op], tuple[str, int, int, int]]:
    """Return a history and an event by chance."""

    def op(kinds: Sequence[str]) -> Op:
        return chance.choice(kinds), chance.randrange(100), chance.randrange(100)

    kinds: list[tuple[str, ...]] = [
        EDITS if chance.random() < 2 / 3 else FLOW for _ in range(chance.randint(1, 24))
    ]
    one, two, three = (chance.randrange(100) for _ in range(3))
    if chance.random() < 1 / 4:
        kinds += [EDITS, ("commit",), ("branch",), EDITS, ("commit",), ("merge",)]
    if chance.random() < 1 / 4:
        kinds += [("note",), ("accept",), ("commit",), ("rename", "setting", "delete", "edit")]
    return [op(each) for each in kinds], (chance.choice(KINDS), one, two, three)


edits = _op(*EDITS)
_accepted = st.tuples(_op("note"), _op("accept"), _op("commit"), _op("rename", "setting", "edit"))
_one = (edits | edits | _op(*FLOW)).map(lambda op: (op,))
ops = st.lists(_one | _one | _one | _accepted, max_size=20).map(lambda each: [*chain(*each)])
events = st.tuples(st.sampled_from(KINDS), _numbers, _numbers, _numbers)


# -- in git


def import_script(history: History, prefix: str = "") -> bytes:
    """Return what `git fast-import` makes the history of: refs/commits/N, and refs/heads/bN.

    The tree that is being worked on is refs/staged.
    """
    parts: list[bytes] = []
    for number, commit in enumerate(history.commits):
        parts += _commit(f"refs/commits/{number}", commit.tree, commit.parents, prefix)
    parts += _commit("refs/staged", history.tree, (), prefix)
    for number, head in enumerate(history.branches):
        parts.append(f"reset refs/heads/b{number}\nfrom refs/commits/{head}\n\n".encode())
    return b"".join(parts)


def _commit(name: str, tree: Tree, parents: Sequence[int], prefix: str) -> Iterator[bytes]:
    yield f"commit {name}\ncommitter {_WHO}\ndata {len(name)}\n{name}\n".encode()
    for number, parent in enumerate(parents):
        yield f"{'merge' if number else 'from'} refs/commits/{parent}\n".encode()
    yield b"deleteall\n"
    for path, blob in tree.items():
        yield f'M {blob.mode} inline "{prefix}{path}"\ndata {len(blob.data)}\n'.encode()
        yield blob.data + b"\n"
    yield b"\n"


def git(root: Path, *arguments: str, data: bytes = b"", **environment: str) -> str:
    """Run git and return what it says; a failure fails the test."""
    done = subprocess.run(
        ("git", *arguments),
        cwd=root,
        env={**ALONE, **environment},
        input=data,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, (arguments, os.fsdecode(done.stderr))
    return os.fsdecode(done.stdout)


def write_tree(root: Path, tree: Tree) -> None:
    """Write the files of a tree under a folder."""
    for path, blob in tree.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if blob.mode == LINK:
            target.symlink_to(os.fsdecode(blob.data))
        else:
            target.write_bytes(blob.data)
