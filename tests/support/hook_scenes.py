"""What hooks should say: an oracle of clean checkouts, and repositories for hooks to run in."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from seedkit.check.baseline import key_of
from seedkit.check.run import deduplicate, run_check, selection
from seedkit.check.since import moved_seeds
from seedkit.core.diagnostic import Diagnostic, sort_key
from seedkit.core.errors import ConfigError, SeedkitError
from seedkit.core.rules import RULES
from seedkit.core.text import visible
from seedkit.corpus.workspace import Workspace
from support.commandline import seedkit
from support.corpora import open_corpus
from support.histories import (
    LINK,
    PUSHES,
    History,
    Op,
    Tree,
    changed,
    git,
    import_script,
    write_tree,
)

# -- the oracle

_EXPLAINED = [rule.name for rule in RULES.values() if rule.superseded_by or rule.family == "index"]


class Clean(NamedTuple):
    """What `check` finds in a clean checkout, or what it stops at.

    `findings` are all that the baseline does not accept, those as well that others explain.
    """

    findings: Sequence[Diagnostic]
    stopped: str = ""
    workspace: Workspace | None = None

    @property
    def checks(self) -> bool:
        """Whether there was anything that could be checked."""
        return not self.stopped and all(each.rule != EMPTY for each in self.findings)


class Checkouts:
    """Clean checkouts, each in a folder of its own, without a cache.

    `inside` is where the corpus lies in them.
    """

    def __init__(self, folder: Path, inside: str) -> None:
        self._folder, self._inside = folder, inside
        self._known: list[tuple[Tree, Path | None, Clean]] = []

    def check(self, tree: Tree, git_folder: Path | None = None) -> Clean:
        """Return what `check` finds in a checkout of the tree.

        With git's folder the tree is staged in it: git knows what was renamed since HEAD.
        """
        for other, knows, clean in self._known:
            if (other, knows) == (tree, git_folder):
                return clean
        root = self._folder / str(len(self._known))
        write_tree(root / self._inside, tree)
        if git_folder is not None:
            shutil.copytree(git_folder, root / ".git")
            git(root, "read-tree", "--empty")
            git(root, "add", "--force", "--all", ".")
        clean = _checked(root / self._inside)
        self._known.append((tree, git_folder, clean))
        return clean

    def new(
        self, tree: Tree, bases: Iterable[Tree], git_folder: Path | None = None
    ) -> list[Diagnostic]:
        """Return what is found in a checkout of the tree, and in none of the others."""
        now = self.check(tree, git_folder)
        new = list(now.findings)
        if now.stopped or any(each.rule == EMPTY for each in new):
            return new  # without seeds nothing is checked, whatever was there before
        for base in bases:
            then = self.check(base, git_folder)
            if then.stopped:
                continue
            assert now.workspace is not None and then.workspace is not None
            moved = moved_seeds(then.workspace, now.workspace)
            left = [key_of(each) for each in then.findings]
            known = set()
            for each in now.findings:
                key = key_of(as_then(each, moved))
                if key in left:
                    left.remove(key)
                    known.add(id(each))
            new = [each for each in new if id(each) not in known]
        return new


def as_then(found: Diagnostic, moved: Mapping[str, str]) -> Diagnostic:
    """Return a finding with the former names of seeds."""
    place, message = found.place, found.message
    for path, former in moved.items():
        message = message.replace(f"`{path}`", f"`{former}`")
    return found._replace(
        place=place._replace(path=moved.get(place.path, place.path)), message=message
    )


def _checked(root: Path) -> Clean:
    try:
        workspace = open_corpus(root)
        return Clean(_all_findings(workspace), "", workspace)
    except ConfigError as error:
        return Clean(error.diagnostics, "configuration")
    except SeedkitError as error:
        return Clean([], error.message)


def _all_findings(workspace: Workspace) -> list[Diagnostic]:
    """Return all findings: where one may explain others, each rule is asked for alone."""
    found = run_check(workspace, selection(workspace)).diagnostics
    wanted = selection(workspace)
    for rule in filter(wanted.wants, _EXPLAINED):
        alone = run_check(workspace, selection(workspace, [rule])).diagnostics
        found = [each for each in found if each.rule != rule]
        found += [each for each in alone if each.rule == rule]
    return sorted((_without_row(each) for each in found), key=sort_key)


def _without_row(found: Diagnostic) -> Diagnostic:
    """Return a finding without the row that it explains."""
    related = tuple(each for each in found.related if "another name" not in each.message)
    return found._replace(related=related)


def differing(tree: Tree, bases: Iterable[Tree]) -> set[str]:
    """Return the files that are other ones than in each of the bases."""
    found = [{p for p in {*tree, *base} if tree.get(p) != base.get(p)} for base in bases]
    return set.intersection(*found)


def is_gone(path: str, tree: Tree) -> bool:
    """Tell whether there is no such file in a tree any more, or a link in its place."""
    return path not in tree or tree[path].mode == LINK


def concerns(found: Diagnostic, paths: set[str]) -> bool:
    """Tell whether a finding is at one of the files, about it, or fixed there."""
    fixed = () if found.fix is None else found.fix.edits
    related = (each.place for each in found.related)
    places = (found.place, *related, *(each.place for each in fixed))
    return any(path in paths for path in (*found.involved, *(place.path for place in places)))


def is_setting(path: str) -> bool:
    """Tell whether a file says what is to be checked."""
    return path.startswith("schemas/") or path in (
        "seedkit.toml", "pyproject.toml", "seedkit-baseline.json"
    )  # fmt: skip


def lines(found: Iterable[Diagnostic]) -> list[str]:
    """Return findings as `PATH:LINE:COLUMN HEADLINE`."""
    result = []
    for each in found:
        start = each.place.start
        at = "" if start is None else f":{start.line}:{start.column}"
        message = visible(each.message).replace("this is only a pointer", "git has only a pointer")
        headline = f"{each.severity.value}[{each.rule}]: {message}"
        result.append(f"{visible(each.place.path)}{at} {headline}")
    return sorted(result)


_FOUND = re.compile(r"^(\w+\[[\w/-]+\]: .*)\n *--> (.*)$", re.MULTILINE)
_ERROR = re.compile(r"^seedkit check: error: (.*)$", re.MULTILINE)


def reported(text: str) -> list[str]:
    """Return the findings of a report for people, in the same form; or errors."""
    found = sorted(f"{place} {headline}" for headline, place in _FOUND.findall(text))
    return found or _ERROR.findall(text)


# -- the hook


class Event(NamedTuple):
    """Why a hook runs.

    `bases` are what the target is compared with, None if there is nothing. `names` are those of the
    files that a runner names, None if it names none.
    """

    target: Tree
    bases: Sequence[Tree] | None
    environment: dict[str, str]
    names: Sequence[str] | None
    everything: bool = False


class Place(NamedTuple):
    """Where a hook runs: the folder of the corpus, what is not checked out, and how files lie.

    `unstaged` are edits that are only on disk; those of files that git knows are not, if a runner
    has put them aside. The index that is committed is another file than usual if `partial`, as in
    `git commit FILE`. Names of files come in two runs if `split`.
    """

    folder: str = ""
    sparse: str | None = None
    unstaged: Sequence[Op] = ()
    aside: bool = True
    partial: bool = False
    split: bool = False


class Said(NamedTuple):
    """What a hook says: how it ends, its findings, its errors, and whether it had nothing to do."""

    code: int
    found: Sequence[str]
    errors: Sequence[str]
    nothing: bool


class Scene:
    """A repository with a history, and clean checkouts of it."""

    def __init__(self, folder: Path, history: History, place: Place) -> None:
        self.history, self.place = history, place
        self.root = folder / "repo"
        self.root.mkdir(parents=True)
        self.checkouts = Checkouts(folder / "clean", place.folder)
        git(self.root, "init", "--quiet", "--initial-branch=none")
        script = import_script(history, place.folder)
        git(self.root, "fast-import", "--quiet", data=script)
        git(self.root, "symbolic-ref", "HEAD", f"refs/heads/b{history.current}")
        git(self.root, "read-tree", "refs/staged")
        self._write()
        self.index = ".git/index"
        if place.partial:
            self.index = ".git/next-index-1.lock"
            (self.root / ".git/index").rename(self.root / self.index)
            git(self.root, "read-tree", "HEAD")

    def _write(self) -> None:
        staged, place = self.history.tree, self.place
        disk = staged
        for op in place.unstaged:
            disk = changed(disk, op)
        untracked = {path: blob for path, blob in disk.items() if path not in staged}
        if place.aside:
            disk = {**staged, **untracked}
        absent: list[str] = []
        if place.sparse is not None:
            absent = [path for path in staged if f"{path}/".startswith(place.sparse)]
            names = "".join(f"{place.folder}{path}\0" for path in absent)
            command = ("update-index", "--skip-worktree", "-z", "--stdin")
            git(self.root, *command, data=names.encode())
        write_tree(
            self.root / place.folder,
            {path: blob for path, blob in disk.items() if path not in absent},
        )
        if untracked and not place.aside:
            first = min(untracked)
            git(self.root, "add", "--force", "--intent-to-add", f"{place.folder}{first}")

    def names(self, *arguments: str) -> list[str]:
        """Return the files that git lists and that are on disk, as a runner names them."""
        said = git(self.root, *arguments, "-z", GIT_INDEX_FILE=self.index).split("\0")[:-1]
        return [path for path in said if os.path.lexists(self.root / path)]

    def commit(self, *, named: bool) -> Event:
        """Return what a commit is about."""
        history = self.history
        parents = [history.head, *([] if history.merging is None else [history.merging])]
        if history.merging is not None:
            other = git(self.root, "rev-parse", f"refs/commits/{history.merging}")
            (self.root / ".git/MERGE_HEAD").write_text(other)
        names = ("diff", "--staged", "--name-only", "--no-ext-diff", "--diff-filter=ACMRTUXB")
        return Event(
            history.tree,
            [history.commits[each].tree for each in parents],
            {"GIT_INDEX_FILE": self.index},
            self.names(*names) if named else None,
        )

    def between(self, before: int, after: int, remote: Sequence[int] = ()) -> Event:
        """Return what `--from-ref` and `--to-ref` are about, or a push."""
        history = self.history
        for number, each in enumerate(remote):
            git(self.root, "update-ref", f"refs/remotes/origin/{number}", f"refs/commits/{each}")
        bases = history.merge_bases(after, [before, *remote])
        if remote:
            bases = history.newest([before, *bases])
        ends = f"refs/commits/{before}", f"refs/commits/{after}"
        environment = {"PRE_COMMIT_FROM_REF": ends[0], "PRE_COMMIT_TO_REF": ends[1]}
        if remote:
            environment["PRE_COMMIT_REMOTE_NAME"] = "origin"
            environment["PRE_COMMIT_LOCAL_BRANCH"] = "refs/heads/x"
        return Event(
            history.commits[after].tree,
            [history.commits[each].tree for each in bases] or None,
            environment,
            self.names("diff", "--name-only", "--no-ext-diff", "...".join(ends)),
            after in bases,
        )

    def everything(self) -> Event:
        """Return what `--all-files` is about."""
        if self.place.partial:  # nobody is committing
            (self.root / self.index).rename(self.root / ".git/index")
            self.index = ".git/index"
        return Event(self.history.tree, None, {}, self.names("ls-files", "--deduplicate"))

    def run(self, event: Event, mode: str) -> Said:
        """Run the hook; once for each half of the files, if they are split."""
        arguments: tuple[str, ...] = (mode,)
        if mode != "changes":
            event = event._replace(names=None)
        if mode == "new":
            arguments = ("corpus", "--since", "HEAD")
        halves: list[Sequence[str]] = [()]
        if event.names is not None:
            arguments = (*arguments, "--force-exclude")
            half = len(event.names) // 2 if self.place.split else 0
            halves = [event.names[half:], *([event.names[:half]] if half else [])]
        root = ("--root", self.place.folder.rstrip("/")) if self.place.folder else ()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in event.environment.items():
                patch.setenv(name, value)
            rans = [
                seedkit("check", "--hook", *arguments, *root, *half, cwd=self.root)
                for half in halves
            ]
        outs = [ran.out for ran in rans if ran.out not in NOTHING]
        inside = self.place.folder
        found = {each.removeprefix(inside) for out in outs for each in reported(out)}
        errors = {each.removeprefix(inside) for ran in rans for each in reported(ran.err)}
        return Said(max(ran.code for ran in rans), sorted(found), sorted(errors), not outs)


EMPTY = "config/no-seeds"  # is always reported
NOTHING = {"Nothing of the corpus is staged.\n", "Nothing of the corpus has changed.\n"}


def agree(scene: Scene, event: Event, said: Callable[[str], Said]) -> None:
    """Compare what the hooks say, by their modes, with what clean checkouts have."""
    checkouts, (target, bases) = scene.checkouts, event[:2]
    staged = "PRE_COMMIT_TO_REF" not in event.environment  # then git knows what was renamed
    git_folder = scene.root / ".git" if staged else None
    clean = checkouts.check(target, git_folder)
    new = None
    if bases is not None and not event.everything:
        new = checkouts.new(target, bases, git_folder)
    empty = any(each.rule == EMPTY for each in clean.findings)
    unchecked = [not checkouts.check(each, git_folder).checks for each in (target, *(bases or ()))]
    expected = clean.findings
    if new is not None and bases is not None and not empty:
        changes = differing(target, bases)
        spreads = any(is_setting(path) or is_gone(path, target) for path in changes)
        anywhere = new if len(bases) > 1 or spreads else []
        expected = [d for d in clean.findings if d in anywhere or concerns(d, changes)]
    still = unchecked[0] and any(unchecked[1:])
    idle = bases is not None and (target in bases or new == [] or still)
    compare("corpus", said("corpus"), clean, clean.findings, idle=idle)
    everything = not event.environment
    if not everything or (scene.root / scene.place.folder / "INDEX.md").exists():
        compare("changes", said("changes"), clean, expected, idle=idle)
    if new is not None:
        compare("new", said("new"), clean, new, idle=idle)


def compare(
    mode: str, said: Said, clean: Clean, expected: Sequence[Diagnostic], *, idle: bool
) -> None:
    """Fail if a hook says anything else than what was expected.

    It may say that it has nothing to do if it is `idle`: if nothing is new.
    """
    if said.nothing and not said.errors:
        assert (said.code, idle) == (0, True), mode
    elif clean.stopped:
        assert (said.code, said.found) == (2, []), (mode, said)
        assert said.errors == (lines(clean.findings) or [clean.stopped]), (mode, said)
    else:
        shown = deduplicate(expected).shown
        assert (said.found, said.errors) == (sorted(set(lines(shown))), []), (mode, said)
        failed = any(each.severity.value != "info" for each in shown)
        assert said.code == failed, (mode, said)


def ends(history: History, event: tuple[str, int, int, int]) -> tuple[int, int]:
    """Return the commits that an event is about, mostly the older one first."""
    count = len(history.commits)
    kind, one, two, three = event
    before, after = one % count, two % count
    if kind == "force":  # whatever the branch was there
        return before, max(before, after)
    return (before, after) if three % 8 == 0 else (min(before, after), max(before, after))


def happened(scene: Scene, event: tuple[str, int, int, int]) -> Event:
    """Return what an event is about."""
    kind, one, _, three = event
    before, after = ends(scene.history, event)
    count = len(scene.history.commits)
    if kind == "commit":
        return scene.commit(named=one % 2 == 0)
    if kind == "between":
        return scene.between(before, after)
    if kind in PUSHES:
        return scene.between(before, after, [before, three % count])
    return scene.everything()
