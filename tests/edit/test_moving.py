"""`seedkit mv` and `seedkit rm`: a seed and all that is written of it, or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.files import TEMPORARY
from seedkit.manifest import SeedSummary
from seedkit.manifest.listing import CorpusFiles as MarkdownCorpus
from seedkit.manifest.load import Indexes, load_indexes
from seedkit.manifest.moves import Move, Unclear, move_row, remove_rows
from seedkit.sources import files
from seedkit.sources.source import DiskSource
from support.commandline import Ran, ran, seedkit
from support.corpora import Files, more, write_files
from support.faulty import Faults
from support.markdown_texts import random_text

Corpus = Callable[[Files], Path]
NAME = r"(?P<number>\d{3})\.txt"
FORMAT = (
    f'extends = "builtin:plain"\nfiles = ["seeds/**"]\n[file]\nname = \'{NAME}\'\n'
    'unique = ["number"]\nfinal_newline = "require"\n'
)
INDEX = (
    "# Seeds\n\nWritten by hand.\n\n| Seed | number | Source |\n|---|---|---|\n"
    "| [001.txt](seeds/001.txt) | 001 | a letter |\n"
    "| [002.txt](seeds/002.txt) | 002 | a diary, see [the letter](seeds/001.txt#end) |\n\nEnd.\n"
)
BASE: Files = {
    "seedkit.toml": "",
    "schemas/note.toml": FORMAT,
    "seeds/001.txt": "The tide comes in",
    "seeds/002.txt": "A lamp in the window.\n",
    "INDEX.md": INDEX,
}


def state(root: Path) -> dict[str, bytes]:
    found = [path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def accepted(root: Path) -> None:
    assert seedkit("check", "--baseline-update", "-q", cwd=root).code == 0


def clean(root: Path) -> bool:
    return seedkit("check", "-q", cwd=root).code == 0


# -- mv


def test_row_cells_links_and_baseline_follow(corpus: Corpus) -> None:
    root = corpus(BASE)
    accepted(root)
    assert seedkit("mv", "seeds/001.txt", "seeds/007.txt", cwd=root) == ran(
        "Moved seeds/001.txt to seeds/007.txt\nChanged INDEX.md and seedkit-baseline.json\n"
    )
    assert not (root / "seeds/001.txt").exists()
    assert (root / "seeds/007.txt").read_text() == "The tide comes in"
    assert (root / "INDEX.md").read_text() == INDEX.replace("001", "007")
    assert seedkit("check", cwd=root) == ran(
        "Checked 2 seeds, no findings, 1 accepted by the baseline.\n"
    )
    seedkit("mv", "seeds/007.txt", "seeds/001.txt", "-q", cwd=root)
    assert (root / "INDEX.md").read_text() == INDEX, "there and back, nothing has changed"
    assert clean(root)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- [x](seeds/001.txt)\n", "- [x](seeds/a/003.txt)\n"),
        ("1. [001](<seeds/001.txt>)\n", "1. [003](<seeds/a/003.txt>)\n"),
        ("- [one][1]\n\n[1]: seeds/001.txt\n", "- [one][1]\n\n[1]: seeds/a/003.txt\n"),
        ("- [1] and [1]\n\n[1]: seeds/001.txt\n", "- [1] and [1]\n\n[1]: seeds/a/003.txt\n"),
        ("- [x](SEEDS/001.TXT)\n", "- [x](seeds/a/003.txt)\n"),
        ("| a |\n|---|\n| [`001.txt`](seeds/001.txt?v=1) |\n",
         "| a |\n|---|\n| [`003.txt`](seeds/a/003.txt?v=1) |\n"),
        ("| a | number |\r\n|---|---|\r\n| [x](seeds/001.txt) | 1 |\r\n",
         "| a | number |\r\n|---|---|\r\n| [x](seeds/a/003.txt) | 1 |\r\n"),
        ("- [x](seeds/001.txt)\n- [x](seeds/001.txt)\n",
         "- [x](seeds/a/003.txt)\n- [x](seeds/a/003.txt)\n"),
    ],
)  # fmt: skip
def test_rows_of_every_kind_are_linked_to_the_new_path(
    corpus: Corpus, before: str, after: str
) -> None:
    """A cell that was wrong before stays as it is: that is for people to decide."""
    root = corpus({**BASE, "INDEX.md": before})
    said = seedkit("mv", "seeds/001.txt", "seeds/a/003.txt", "-q", cwd=root)
    assert said == ran()
    assert (root / "INDEX.md").read_bytes().decode() == after


def test_an_index_below(corpus: Corpus) -> None:
    root = corpus({
        **BASE,
        "INDEX.md": "- [more](seeds/INDEX.md)\n- [two](seeds/002.txt)\n",
        "seeds/INDEX.md": "- [one](001.txt)\n",
    })  # fmt: skip
    seedkit("mv", "001.txt", "sub/", "-q", cwd=root / "seeds")
    assert (root / "seeds/INDEX.md").read_text() == "- [one](sub/001.txt)\n"


def test_a_table_that_is_sorted_stays_so(corpus: Corpus) -> None:
    rows = [f"| [{number:03}.txt](seeds/{number:03}.txt) | {number} |" for number in (1, 2, 4)]
    seeds = {f"seeds/{number:03}.txt": f"It is number {number}.\n" for number in (1, 2, 4)}
    index = "\n".join(["| Seed | n |", "|---|---|", *rows, "", "End.", ""])
    root = corpus({**BASE, "seedkit.toml": 'index_order = "path"\n', **seeds, "INDEX.md": index})
    for old, new, order in (
        ("001", "005", ["002", "004", "005"]),
        ("004", "000", ["000", "002", "005"]),
        ("002", "003", ["000", "003", "005"]),
    ):
        seedkit("mv", f"seeds/{old}.txt", f"seeds/{new}.txt", "-q", cwd=root)
        lines = (root / "INDEX.md").read_text().split("\n")
        assert [line[3:6] for line in lines[2:-3]] == order
        assert (lines[:2], lines[-3:]) == (["| Seed | n |", "|---|---|"], ["", "End.", ""])
        assert clean(root)


@pytest.mark.parametrize("new", ["000", "003", "005"])
def test_a_list_that_is_sorted_stays_so(corpus: Corpus, new: str) -> None:
    seeds = {f"seeds/{number:03}.txt": f"It is number {number}.\n" for number in (1, 2, 4)}
    items = [f"- [x](seeds/{number:03}.txt)\n  of {number}\n" for number in (1, 2, 4)]
    settings = {"seedkit.toml": 'index_order = "path"\n'}
    root = corpus({**BASE, **settings, **seeds, "INDEX.md": "".join([*items, "\nEnd.\n"])})
    seedkit("mv", "seeds/002.txt", f"seeds/{new}.txt", "-q", cwd=root)
    moved = sorted([items[0], items[2], items[1].replace("002", new)])
    assert (root / "INDEX.md").read_text() == "".join([*moved, "\nEnd.\n"])
    assert clean(root)


def test_entries_of_other_seeds_that_name_it(corpus: Corpus) -> None:
    """That a seed repeats another is accepted under the name that the other one has."""
    root = corpus({**BASE, "seeds/003.txt": "A lamp in the window.\n"})
    seedkit("check", "--fix", "-q", cwd=root)
    accepted(root)
    seedkit("mv", "seeds/002.txt", "seeds/009.txt", "-q", cwd=root)
    assert clean(root)
    seedkit("rm", "seeds/003.txt", "-q", cwd=root)
    assert seedkit("check", cwd=root) == ran("Checked 2 seeds, no findings.\n")


def test_what_was_moved_already_is_recorded(corpus: Corpus) -> None:
    root = corpus(BASE)
    accepted(root)
    (root / "seeds/001.txt").rename(root / "seeds/005.txt")
    assert seedkit("mv", "seeds/001.txt", "seeds/005.txt", cwd=root) == ran(
        "Recorded that seeds/001.txt is now seeds/005.txt\n"
        "Changed INDEX.md and seedkit-baseline.json\n"
    )
    assert clean(root)


def test_a_name_with_findings_is_refused(corpus: Corpus) -> None:
    root = corpus(BASE)
    before = state(root)
    move = ("mv", "seeds/002.txt", "seeds/lamp.txt")
    assert seedkit(*move, cwd=root) == ran(
        f"error[name/pattern]: name `lamp.txt` does not match `{NAME}`\n --> seeds/002.txt\n"
        "  = help: rename the file as format `note` declares\n\n",
        "seedkit mv: nothing was moved, because of 1 finding under the new name\n"
        "  help: --ignore name/pattern moves it all the same\n",
        code=1,
    )
    assert state(root) == before
    assert seedkit(*move, "--ignore", "name", "-q", cwd=root) == ran()


def test_the_other_seed_is_not_blamed(corpus: Corpus) -> None:
    """Which of two seeds with one number is reported depends on their paths."""
    root = corpus({**BASE, "seeds/a/003.txt": "A clock.\n"})
    before = state(root)
    code, out, _ = seedkit("mv", "seeds/002.txt", "seeds/003.txt", cwd=root)
    assert (code, out) == (
        1,
        "error[name/not-unique]: number `003` is also that of `seeds/a/003.txt`\n"
        " --> seeds/002.txt\n  = note: seeds/a/003.txt: the other\n"
        "  = help: give one a number of its own\n\n",
    )
    assert state(root) == before


def test_a_move_to_another_format_is_reported(corpus: Corpus) -> None:
    other = FORMAT.replace("seeds/**", "seeds/b/*").replace(NAME, r"(?P<number>\d{3})\.md")
    root = corpus({**BASE, "schemas/a.toml": other})
    assert seedkit("mv", "seeds/002.txt", "seeds/b/002.md", "--dry-run", cwd=root) == ran(
        "Would move seeds/002.txt to seeds/b/002.md, and its format to `a`\nWould change INDEX.md\n"
    )


def test_what_is_ignored_stays_accepted(corpus: Corpus) -> None:
    root = corpus({**BASE, "seeds/lamp.txt": "A clock.\n"})
    seedkit("check", "--fix", "--select", "index", "-q", cwd=root)
    accepted(root)
    seedkit("mv", "seeds/lamp.txt", "seeds/a/lamp.txt", "--ignore", "name", "-q", cwd=root)
    assert clean(root)


def test_seeds_are_renumbered_one_by_one(corpus: Corpus) -> None:
    root = corpus({
        **BASE,
        "schemas/note.toml": f'{FORMAT}sequential = "number"\n',
        "seeds/001.txt": "The tide comes in.\n",
    })  # fmt: skip
    for old, new, number in (("002", "003", "3 follows 1: 2"), ("001", "002", "")):
        said = seedkit("mv", f"seeds/{old}.txt", f"seeds/{new}.txt", cwd=root)
        assert (said.code, said.err) == (
            0,
            f"seedkit mv: note: number {number} missing: renumber, or add what is missing\n"
            if number
            else "",
        )
    assert clean(root)


# -- rm


def test_row_and_baseline_go_with_a_seed(corpus: Corpus) -> None:
    root = corpus({**BASE, "seeds/a/b/003.txt": "No end"})
    seedkit("check", "--fix", "--select", "index", "-q", cwd=root)
    accepted(root)
    said = seedkit("rm", "seeds/001.txt", "seeds/a/b/003.txt", cwd=root)
    assert said == ran(
        "Removed seeds/001.txt\nRemoved seeds/a/b/003.txt\n"
        "Changed INDEX.md and seedkit-baseline.json\n"
    )
    row = "| [001.txt](seeds/001.txt) | 001 | a letter |\n"
    assert (root / "INDEX.md").read_text() == INDEX.replace(row, "")
    assert [path.name for path in (root / "seeds").iterdir()] == ["002.txt"], "no empty folder"
    assert seedkit("check", cwd=root) == ran("Checked 1 seed, no findings.\n")


def test_records_of_a_seed_that_is_gone(corpus: Corpus) -> None:
    root = corpus(BASE)
    accepted(root)
    (root / "seeds/001.txt").unlink()
    assert seedkit("rm", "seeds/001.txt", cwd=root) == ran(
        "Removed what is recorded of seeds/001.txt\nChanged INDEX.md and seedkit-baseline.json\n"
    )
    assert clean(root)


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def test_what_git_could_not_bring_back_is_kept(corpus: Corpus) -> None:
    root = corpus(BASE)
    git(root, "init", "-q")
    lost = (
        "seedkit rm: error: {} from the last commit: git could not bring {} back\n"
        "  help: commit first, or use --force\n"
    )
    both = ("rm", "seeds/001.txt", "seeds/002.txt")
    said = lost.format("seeds/001.txt and 1 more differ", "them")
    assert seedkit(*both, cwd=root) == ran(err=said, code=2)
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")
    (root / "seeds/001.txt").write_text("Edited.\n")
    said = lost.format("seeds/001.txt differs", "it")
    assert seedkit(*both, cwd=root) == ran(err=said, code=2)
    assert len(state(root)) == len(BASE)
    (root / "seeds/001.txt").write_bytes(b"The tide comes in")
    (root / "seeds/002.txt").write_bytes(b"A lamp in the window.\r\n")
    assert seedkit(*both, "-q", cwd=root) == ran(), "line ends are git's, perhaps"
    (root / "seeds/003.txt").write_text("Never committed.\n")
    assert seedkit("rm", "seeds/003.txt", "-qf", cwd=root) == ran()


def status(root: Path) -> list[str]:
    command = ["git", "status", "--short", "."]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True)
    return sorted(run.stdout.split("\n")[:-1], key=lambda line: line[3:])


def committed(root: Path, folder: str = ".") -> None:
    git(root / folder, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")


@pytest.mark.parametrize("folder", [".", ".."])
def test_git_sees_a_move_and_a_removal(corpus: Corpus, folder: str) -> None:
    """Also where the corpus is not the top of its repository; what is not staged stays so."""
    root = corpus({**BASE, "seeds/003.txt": "A clock.\n"})
    seedkit("check", "--fix", "--select", "index", "-q", cwd=root)
    accepted(root)
    committed(root, folder)
    with (root / "seeds/001.txt").open("a") as seed:
        seed.write("\nand goes out")
    seedkit("mv", "seeds/001.txt", "seeds/a/007.txt", "-q", cwd=root)
    staged = ["M  INDEX.md", "M  seedkit-baseline.json", "RM seeds/001.txt -> seeds/a/007.txt"]
    assert status(root) == staged
    assert seedkit("check", "--staged", "-q", cwd=root) == ran()
    (root / "INDEX.md").write_text((root / "INDEX.md").read_text() + "More prose.\n")
    assert seedkit("rm", "seeds/003.txt", cwd=root) == ran(
        "Removed seeds/003.txt\nChanged INDEX.md\n",
        "seedkit: note: INDEX.md has other changes, too: stage it with `git add`\n",
    )
    now = ["MM INDEX.md", staged[1], staged[2], "D  seeds/003.txt"]
    assert status(root) == now


def test_a_move_into_a_submodule_leaves_it_one(corpus: Corpus, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    write_files(inner, {"004.txt": "A bell.\n"})
    committed(inner)
    root = corpus(BASE)
    committed(root)
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", str(inner), "seeds/in")
    seedkit("check", "--fix", "--select", "index", "-q", cwd=root)
    git(root, "add", ".")
    git(root, "commit", "-qm", "submodule")
    seedkit("mv", "seeds/002.txt", "seeds/in/005.txt", "-q", cwd=root)
    assert status(root) == ["M  INDEX.md", "D  seeds/002.txt", " ? seeds/in"]
    assert status(root / "seeds/in") == ["?? 005.txt"]


def test_if_git_can_not_follow_nothing_is_done(corpus: Corpus) -> None:
    root = corpus(BASE)
    committed(root)
    before = state(root)
    (root / ".git/index.lock").touch()
    for command in (("mv", "seeds/001.txt", "seeds/a/003.txt"), ("rm", "seeds/001.txt")):
        code, out, err = seedkit(*command, cwd=root)
        assert (code, out) == (2, "")
        assert err.startswith(f"seedkit {command[0]}: error: git: Unable to create '")
        assert state(root) == before
        assert not (root / "seeds/a").exists()


def test_what_is_not_checked_out_is_not_gone(corpus: Corpus) -> None:
    root = corpus(BASE)
    committed(root)
    git(root, "update-index", "--skip-worktree", "seeds/001.txt")
    (root / "seeds/001.txt").unlink()
    before = state(root)
    said = (
        "error: seeds/001.txt is not checked out here, marked skip-worktree\n"
        "  help: `git update-index --no-skip-worktree seeds/001.txt && git checkout -- "
        "seeds/001.txt` brings it\n"
    )
    for name, *paths in (
        ("rm", "seeds/001.txt"),
        ("mv", "seeds/001.txt", "seeds/002.txt"),
        ("mv", "seeds/001.txt", "seeds/003.txt"),
        ("mv", "seeds/002.txt", "seeds/001.txt"),
    ):
        assert seedkit(name, *paths, cwd=root) == ran(err=f"seedkit {name}: {said}", code=2)
    assert state(root) == before


def test_a_filter_that_can_not_be_switched_off(corpus: Corpus) -> None:
    """Git might run it; tests/cli/test_staged.py has the others."""
    root = corpus(BASE)
    committed(root)
    git(root, "config", "filter.a=b.clean", "touch ran")
    before = state(root)
    assert seedkit("mv", "seeds/001.txt", "seeds/003.txt", cwd=root) == ran(
        err="seedkit mv: error: git's filter `a=b` can't be switched off\n", code=2
    )
    assert state(root) == before


def test_what_git_does_not_know_is_not_staged(corpus: Corpus) -> None:
    root = corpus(BASE)
    committed(root)
    (root / "seeds/003.txt").write_text("A clock.\n")
    seedkit("check", "--fix", "--select", "index", "-q", cwd=root)
    git(root, "add", "--intent-to-add", "seeds/003.txt")
    seedkit("mv", "seeds/003.txt", "seeds/004.txt", "-q", cwd=root)
    assert status(root) == [" M INDEX.md", " D seeds/003.txt", "?? seeds/004.txt"]
    git(root, "mv", "seeds/002.txt", "seeds/005.txt")
    git(root, "add", "INDEX.md")
    seedkit("mv", "seeds/002.txt", "seeds/005.txt", "-q", cwd=root)
    renamed = "R  seeds/002.txt -> seeds/005.txt"
    assert status(root) == ["M  INDEX.md", renamed, " D seeds/003.txt", "?? seeds/004.txt"]


# -- refused


def test_nothing_is_written_for_a_look(corpus: Corpus) -> None:
    root = corpus(BASE)
    before = state(root)
    assert seedkit("mv", "seeds/001.txt", "seeds/003.txt", "--dry-run", cwd=root) == ran(
        "Would move seeds/001.txt to seeds/003.txt\nWould change INDEX.md\n"
    )
    assert seedkit("rm", "seeds/001.txt", "--diff", cwd=root) == ran(
        "--- a/INDEX.md\n+++ b/INDEX.md\n@@ -5,5 +5,4 @@\n | Seed | number | Source |\n"
        " |---|---|---|\n-| [001.txt](seeds/001.txt) | 001 | a letter |\n"
        " | [002.txt](seeds/002.txt) | 002 | a diary, see [the letter](seeds/001.txt#end) |\n \n",
        "Would remove seeds/001.txt\n",
    )
    assert state(root) == before


NO_SEED = "`seedkit show-files` lists the seeds"
ANOTHER = "choose another name or folder, or see `seeds` and `exclude` in the configuration"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("mv", "OLD and NEW are needed, 0 paths given\n  help: see `seedkit mv --help`"),
        ("mv seeds/1", "OLD and NEW are needed, 1 path given\n  help: see `seedkit mv --help`"),
        ("mv seeds/009.txt seeds/003.txt", "there is no file `seeds/009.txt`"),
        ("mv seeds/001.txt seeds/002.txt", "seeds/002.txt exists"),
        (
            "mv seeds/001.txt seeds/./001.txt",
            "`seeds/001.txt` and `seeds/./001.txt` are the same file",
        ),
        ("mv seeds seeds2", "`seeds` is a folder\n  help: name a seed"),
        ("mv INDEX.md seeds/3.txt", f"`INDEX.md` is no seed of this corpus\n  help: {NO_SEED}"),
        (
            "mv seeds/001.txt texts/001.txt",
            f"texts/001.txt would not be a seed: it is not in `seeds`\n  help: {ANOTHER}",
        ),
        (
            "mv seeds/001.txt seeds/1.txt~",
            "seeds/1.txt~ would not be a seed: files of that name are passed over\n"
            f"  help: {ANOTHER}",
        ),
        ("rm", "no SEED is named\n  help: see `seedkit rm --help`"),
        ("rm seeds", "`seeds` is a folder\n  help: name the seeds in it"),
        ("rm INDEX.md", f"INDEX.md is no seed\n  help: {NO_SEED}"),
        (
            "rm seeds/001.txt seeds/9.txt",
            "there is no seed seeds/9.txt, and nothing is recorded of one",
        ),
    ],
)
def test_what_is_refused(corpus: Corpus, command: str, message: str) -> None:
    root = corpus(BASE)
    before = state(root)
    name, *arguments = command.split(" ")
    said = seedkit(name, *arguments, cwd=root)
    assert said == ran(err=f"seedkit {name}: error: {message}\n", code=2)
    assert state(root) == before


CORRECT = "correct it by hand, then run the command again"


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (
            "- [1](seeds/001.txt)\n  - [2](seeds/002.txt)\n",
            "the row at INDEX.md:1:7 can't be changed: its item holds other items, or is in one\n"
            f"  help: {CORRECT}",
        ),
        (
            "Prose.\n- [1](seeds/001.txt)\n2. [2](seeds/002.txt)\n",
            "the row at INDEX.md:2:7 can't be changed: other rows would not be read as they are "
            f"now\n  help: {CORRECT}",
        ),
        (
            "<<<<<<< a\n- [1](seeds/001.txt)\n=======\n- [2](seeds/002.txt)\n>>>>>>> b\n",
            "index `INDEX.md` has a merge conflict\n  help: keep what should be listed, and remove "
            "the lines of `<<<<<<<`, `=======`, `>>>>>>>`",
        ),
        (
            "- \xff\n",
            "index `INDEX.md` is not UTF-8, it has the byte 0xff\n  help: save it as UTF-8",
        ),
    ],
)
def test_an_index_that_can_not_be_changed(corpus: Corpus, index: str, message: str) -> None:
    root = corpus({**BASE, "INDEX.md": index.encode("latin-1")})
    before = state(root)
    said = seedkit("rm", "seeds/001.txt", cwd=root)
    assert said == ran(err=f"seedkit rm: error: {message}\n", code=2)
    if message.startswith("index"):
        said = seedkit("mv", "seeds/001.txt", "seeds/005.txt", cwd=root)
        assert said == ran(err=f"seedkit mv: error: {message}\n", code=2)
    assert state(root) == before


# -- ended in the middle


class Killed(BaseException):
    """The run ends here."""


def run_until(root: Path, steps: int, *command: str) -> Ran | None:
    """Run a command that is killed after it has changed so many files; None if it was."""
    write_all = files.write_all

    def stopped(disk: DiskSource, changes: list[files.Change], *rest: Callable[[], None]) -> None:
        if steps < len(changes):
            for each in changes[:steps]:
                write_all(disk, [each])
            raise Killed
        write_all(disk, changes, *rest)

    with pytest.MonkeyPatch.context() as patch:
        for module in ("cli.add", "cli.moving"):
            patch.setattr(f"seedkit.{module}.write_all", stopped)
        try:
            return seedkit(*command, cwd=root)
        except Killed:
            return None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="paths and calls are Linux's")
@pytest.mark.parametrize(
    "command",
    [
        ("mv", "seeds/001.txt", "seeds/a/003.txt"),
        ("rm", "seeds/001.txt", "seeds/002.txt"),
        ("add", "../draft.txt", "--to", "seeds/a"),
    ],
)
def test_any_operation_that_fails_undoes_all(corpus: Corpus, command: tuple[str, ...]) -> None:
    root = corpus({**BASE, "seeds/0.md": "Kept.\n"})
    (root.parent / "draft.txt").write_text("A clock without hands.\n")
    seedkit("check", "--fix", "--select", "index", "-q", cwd=root)
    accepted(root)
    before = state(root)
    seedkit(*command, "-q", cwd=root)
    after = state(root)
    assert before != after
    step = int(os.environ.get("STEP", "7"))  # 1 tries each
    for failing in range(len(command), failing_once(root, before, -1, command), step):
        failing_once(root, before, failing, command)
        now = {path: data for path, data in state(root).items() if TEMPORARY not in path}
        assert now in (before, after), failing


def failing_once(root: Path, before: Files, failing: int, command: tuple[str, ...]) -> int:
    """Run a command from the beginning, let one of its operations fail, return how many it has."""
    for path in state(root).keys() - before.keys():
        (root / path).unlink()
    write_files(root, before)
    with Faults(root, failing=failing) as faults:
        said = seedkit(*command, "-q", cwd=root)
    assert said.code in (0, 1, 2), said
    if said.code:
        now = {path: data for path, data in state(root).items() if TEMPORARY not in path}
        assert now == before, failing
    return len(faults.done)


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("in_git", [True, False])
def test_a_move_that_was_killed_is_reported_and_can_be_done_again(
    corpus: Corpus, steps: int, in_git: bool
) -> None:
    root = corpus(BASE)
    accepted(root)
    if in_git:
        committed(root)
    move = ("mv", "seeds/001.txt", "seeds/003.txt")
    assert run_until(root, steps, *move) is None
    assert "The tide comes in" in (root / "seeds/003.txt").read_text()
    said = seedkit("check", "--format", "concise", cwd=root).out
    if steps == 1 and in_git:
        assert "error[index/renamed-seed]" in said
        assert "[*]" in said
        assert seedkit("check", "--fix", "-q", cwd=root) == ran()
        assert "| [003.txt](seeds/003.txt) | 003 | a letter |" in (root / "INDEX.md").read_text()
        return
    if steps == 1:
        assert "error[index/dangling-entry] `seeds/001.txt` does not exist\n" in said
        assert "error[index/unlisted-seed] `seeds/003.txt` is not listed in `INDEX.md`\n" in said
    seedkit(*move, "-q", cwd=root)
    assert clean(root)
    assert "| [003.txt](seeds/003.txt) | 003 | a letter |" in (root / "INDEX.md").read_text()


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_removal_that_was_killed_is_reported_and_can_be_done_again(
    corpus: Corpus, steps: int
) -> None:
    root = corpus({**BASE, "seeds/003.txt": "A clock.\n"})
    seedkit("check", "--fix", "--select", "index", "-q", cwd=root)
    accepted(root)
    removal = ("rm", "seeds/001.txt", "seeds/002.txt")
    assert run_until(root, steps, *removal) is None
    assert not clean(root), "rows of missing seeds, or a baseline that is stale"
    gone = [path for path in removal[1:] if not (root / path).exists()]
    assert gone == list(removal[1 : 1 + min(steps, 2)])
    if steps < 3:
        assert seedkit(*removal, "-q", cwd=root) == ran()
    else:
        accepted(root)
    assert clean(root)


def test_an_addition_that_was_killed_is_reported_with_a_safe_fix(corpus: Corpus) -> None:
    root = corpus({**BASE, "seeds/001.txt": "The tide comes in.\n"})
    (root.parent / "draft.txt").write_text("A clock without hands.\n")
    assert run_until(root, 1, "add", "../draft.txt") is None
    assert seedkit("check", "--format", "concise", cwd=root).out == (
        "seeds/003.txt:1:1: error[index/unlisted-seed] `seeds/003.txt` is not listed in "
        "`INDEX.md` [*]\nFound 1 error in 3 seeds, 1 fixable with --fix.\n"
    )
    assert seedkit("check", "--fix", "-q", cwd=root) == ran()
    row = "| [003.txt](seeds/003.txt) | 003 |  |\n"
    assert (root / "INDEX.md").read_text() == INDEX.replace("\n\nEnd.", f"\n{row}\nEnd.")


# -- any index, any sequence

LISTED = ["s/a", "s/b", "s/r", "s/x", "s/x y", "s/a b", "s/e", "s/c", "s/o", "s/u", "s/m", "s/é"]


def listed_in(text: str, seeds: Collection[str]) -> tuple[Indexes, MarkdownCorpus, list[str]]:
    indexes = load_indexes("INDEX.md", seeds, lambda path: text.encode())
    assert indexes is not None
    known = MarkdownCorpus(seeds, ["s"], lambda path: False, "INDEX.md")
    blocks = [(file, block) for file in indexes.files for block in file.manifest.blocks]
    return indexes, known, [p for file, block in blocks for p in known.listing(file, block).paths]


@more(5)
@given(st.randoms(use_true_random=False), st.sampled_from(LISTED))
def test_in_any_text_a_row_follows_or_is_left_and_no_other_changes(
    random: Random, path: str
) -> None:
    text = random_text(random)
    indexes, known, before = listed_in(text, [*LISTED, "s/z z"])
    summary = SeedSummary("note", "", 1, 1, "", {}, ())
    try:
        moved = move_row(indexes, known, Move(path, "s/z z", summary, summary))
        gone = remove_rows(indexes, known, [path])
    except Unclear:
        return
    changed = moved.get("INDEX.md", text), gone.get("INDEX.md", text)
    after, left = (listed_in(each, [*LISTED, "s/z z"])[2] for each in changed)
    assert after == ["s/z z" if each == path else each for each in before]
    assert left == [each for each in before if each != path]


COMMANDS = st.lists(
    st.tuples(st.sampled_from(["mv", "rm", "add"]), st.integers(0, 4), st.integers(0, 4)),
    min_size=1,
    max_size=4,
)
PLACES = ["", "a/", "b c/"]
INDEXES = [
    INDEX,
    "Prose.\n\n- [one](seeds/001.txt)\n- [two](seeds/002.txt): it is of glass\n\nEnd.\n",
    "1. [*one*][x]\n2. [002](<seeds/002.txt>)\n\n[x]: seeds/001.txt 'a title'\n",
]


@more(0.4)
@given(COMMANDS, st.sampled_from(INDEXES))
def test_the_index_is_always_right(
    tmp_path_factory: pytest.TempPathFactory, commands: list[tuple[str, int, int]], index: str
) -> None:
    root = tmp_path_factory.mktemp("x") / "corpus"
    write_files(root, {**BASE, "seeds/001.txt": "The tide comes in.\n", "INDEX.md": index})
    texts = iter(["A clock.", "Two moths.", "Some salt.", "An oar."])
    for verb, one, two in commands:
        before = state(root)
        seeds = sorted(path for path in before if path.startswith("seeds/"))
        new = f"seeds/{PLACES[two % 3]}{one * 5 + two:03}.txt"
        if verb == "mv":
            said = seedkit("mv", seeds[one % len(seeds)], new, "-q", cwd=root)
        elif verb == "rm" and len(seeds) > 1:
            said = seedkit("rm", seeds[one % len(seeds)], "-q", cwd=root)
        else:
            (root.parent / "draft.txt").write_text(f"{next(texts)}\n")
            said = seedkit("add", "../draft.txt", "--to", str(Path(new).parent), "-q", cwd=root)
        if said.code:
            assert state(root) == before
        assert seedkit("check", "--select", "index,name,text", "-q", cwd=root) == ran()
        for line in {"Written by hand.", "Prose.", "End.", "[x]: "}:
            text = (root / "INDEX.md").read_text()
            assert text.count(line) == index.count(line)
