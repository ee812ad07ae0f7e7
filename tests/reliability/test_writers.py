"""Commands that write in a corpus, while an editor or another command does: no line is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check import fix
from seedkit.cli import common
from seedkit.sources import files
from support.commandline import DEMO, Ran, ran, seedkit
from support.corpora import Files, more, write_files

Corpus = Callable[[Files], Path]
NUMBERED: Files = {
    "seedkit.toml": "",
    "schemas/note.toml": (
        'extends = "builtin:plain"\nfiles = ["seeds/*"]\n[file]\n'
        "name = '(?P<number>\\d{3})\\.txt'\n"
    ),
    "seeds/001.txt": "The tide comes in.\n",
    "INDEX.md": "# Seeds\n\n- [one](seeds/001.txt)\n",
}
LINES = ["Written by hand.", "- a line of prose", "| a | b |", "Zürich — 東京"]


class Editor:
    """Saves INDEX.md at moments of a run: before a text is compared with what is expected."""

    def __init__(self, root: Path, moments: set[int]) -> None:
        self.index, self.moments = root / "INDEX.md", moments
        self.calls, self.lines = 0, list[str]()

    def __enter__(self) -> Editor:
        self._patch = pytest.MonkeyPatch()
        compare, as_checked = files._FileStep._compare, fix._as_checked

        def compared(*given: object) -> None:
            self.save()
            compare(*given)  # type: ignore[arg-type]

        def checked(*given: object) -> bytes | None:
            self.save()
            return as_checked(*given)  # type: ignore[arg-type]

        self._patch.setattr(files._FileStep, "_compare", compared)
        self._patch.setattr(fix, "_as_checked", checked)
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()

    def save(self) -> None:
        """Put a new line at the top, so that all positions in the text change."""
        self.calls += 1
        if self.calls in self.moments:
            line = f"{LINES[self.calls % len(LINES)]} {self.calls}"
            self.lines.append(line)
            self.index.write_text(f"{line}\n\n{self.index.read_text()}")


COMMANDS = [
    ("check", "--fix", "-q"),
    ("check", "--fix", "--unsafe-fixes", "-q"),
    ("add", "../draft.txt", "-q"),
    ("mv", "seeds/001.txt", "seeds/007.txt", "-q"),
    ("rm", "seeds/001.txt", "-q"),
]


@more(0.3)
@given(st.sampled_from(COMMANDS), st.sets(st.integers(1, 12)), st.booleans())
def test_an_editor_that_saves_meanwhile(
    tmp_path_factory: pytest.TempPathFactory,
    command: tuple[str, ...],
    moments: set[int],
    unlisted: bool,
) -> None:
    root = tmp_path_factory.mktemp("x") / "corpus"
    write_files(root, NUMBERED)
    write_files(root.parent, {"draft.txt": "A lamp in the window.\n"})
    gone = "" if command[0] != "check" else "- [gone](seeds/none.txt)\n"
    (root / "INDEX.md").write_text(f"Prose é.\n\n- [one](seeds/001.txt)\n{gone}\nEnd.\n")
    if unlisted:
        write_files(root, {"seeds/002.txt": "Nobody lists it.\n"})
    with Editor(root, moments) as editor:
        said = seedkit(*command, cwd=root)
    lines = (root / "INDEX.md").read_text().split("\n")
    row = "- [one](seeds/001.txt)"
    if said.code == 0:
        row = {"mv": "- [one](seeds/007.txt)", "rm": "End."}.get(command[0], row)
    for line in ["Prose é.", row, "End.", *editor.lines]:
        assert line in lines, "no line of the user's is lost or cut"
    strange = [
        line
        for line in lines
        if line not in ("", "Prose é.", "End.", *editor.lines) and not line.startswith("- [")
    ]
    assert strange == []
    if said.code == 2:
        assert "INDEX.md has changed since it was" in said.err
        assert len(editor.lines) >= 10
    elif command[0] == "add":
        new = "003" if unlisted else "002"
        assert [line for line in lines if f"(seeds/{new}.txt)" in line]
    elif unlisted and command[0] == "check":
        assert [line for line in lines if "(seeds/002.txt)" in line]
    if command[0] in ("mv", "rm"):
        assert (root / "seeds/001.txt").exists() == (said.code == 2)


def test_an_editor_that_never_stops(corpus: Corpus) -> None:
    root = corpus(DEMO)
    with Editor(root, set(range(1, 1000))) as editor:
        said = seedkit("check", "--fix", "--select", "index", cwd=root)
    assert said == ran(
        err="seedkit check: error: INDEX.md has changed since it was checked, and was left alone\n"
        "  help: run the command again\n",
        code=2,
    )
    text = (root / "INDEX.md").read_text()
    assert text.endswith("# Seeds\n\n- [a](seeds/a.txt)\n")
    assert text.count("\n\n") == len(editor.lines) + 1


def test_a_seed_that_is_saved_after_it_was_checked(corpus: Corpus) -> None:
    """Its findings were about another text; what is fixed is the one that is there."""
    root = corpus(DEMO)
    as_checked = fix._as_checked
    texts = iter(["A lamp, and a moth in the window that looks in"])

    def checked(*given: object) -> bytes | None:
        if given[1] == "seeds/b.txt" and (text := next(texts, None)):
            (root / "seeds/b.txt").write_text(text)
        return as_checked(*given)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fix, "_as_checked", checked)
        assert seedkit("check", "--fix", "-q", cwd=root).code == 0
    text = (root / "seeds/b.txt").read_text()
    assert text == "A lamp, and a moth in the window that looks in\n"


def test_a_seed_that_is_saved_while_it_is_added_is_added_once(corpus: Corpus) -> None:
    """What was written can't be undone then, and to start over would write a second one."""
    root = corpus(NUMBERED)
    write_files(root.parent, {"draft.txt": "A lamp in the window.\n"})
    new, compare = root / "seeds/002.txt", files._FileStep._compare

    def compared(step: files._FileStep, path: str, expected: bytes) -> None:
        if path == "INDEX.md" and new.exists():
            new.write_text("A lamp in the window, and a moth.\n")
            (root / path).write_text("# Seeds\n\nMine.\n\n- [one](seeds/001.txt)\n")
        compare(step, path, expected)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files._FileStep, "_compare", compared)
        assert seedkit("add", "../draft.txt", cwd=root) == ran(
            err="seedkit add: error: INDEX.md has changed since it was read, and was left alone; "
            "seeds/002.txt was written, has been saved since, and was left as it is\n"
            "  help: `seedkit check` says what is left to do\n",
            code=2,
        )
    assert sorted(path.name for path in (root / "seeds").iterdir()) == ["001.txt", "002.txt"]
    assert new.read_text() == "A lamp in the window, and a moth.\n"
    assert seedkit("check", "--fix", "-q", cwd=root) == ran()
    assert (root / "INDEX.md").read_text() == (
        "# Seeds\n\nMine.\n\n- [one](seeds/001.txt)\n- [002.txt](seeds/002.txt)\n"
    )


def nested(root: Path, *command: str, first: tuple[str, ...]) -> tuple[Ran, Ran]:
    """Run a command within another one, just before that one writes."""
    inner: list[Ran] = []
    write_all = files.write_all

    def writing(*given: object, **options: object) -> None:
        if not inner:
            inner.append(ran())
            inner[0] = seedkit(*command, cwd=root)
        write_all(*given, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "_PATIENCE", 0.0)
        for module in ("sources.files", "cli.add", "cli.moving"):
            patch.setattr(f"seedkit.{module}.write_all", writing)
        outer = seedkit(*first, cwd=root)
    return outer, inner[0]


@pytest.mark.parametrize("first", [("check", "--fix"), ("check", "--baseline-update")])
@pytest.mark.parametrize(
    "second",
    [
        ("check", "--fix"),
        ("check", "--baseline-update"),
        ("add", "../draft.txt"),
        ("mv", "seeds/a.txt", "seeds/c.txt"),
        ("rm", "seeds/a.txt"),
    ],
)
def test_a_second_writer_waits_and_then_names_the_first(
    corpus: Corpus, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    import os

    root = corpus(DEMO)
    (root.parent / "draft.txt").write_text("A moth.\n")
    outer, inner = nested(root, *second, first=first)
    assert outer.code == 0
    assert inner == ran(
        err=f"seedkit {second[0]}: error: another seedkit command is writing in this corpus: "
        f"`seedkit {' '.join(first)}`, process {os.getpid()}\n  help: try again when it is done\n",
        code=2,
    )


def test_who_only_reads_does_not_wait(corpus: Corpus) -> None:
    root = corpus(DEMO)
    outer, inner = nested(root, "check", "-q", first=("check", "--fix"))
    assert (outer.code, inner.code) == (0, 1)


def test_somebody_at_a_terminal_is_told_why_nothing_happens(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = corpus(DEMO)
    times = iter(range(10**6))
    monkeypatch.setattr("seedkit.core.files.time.sleep", lambda seconds: None)
    monkeypatch.setattr("seedkit.core.files.time.monotonic", times.__next__)
    monkeypatch.setattr("time.monotonic", times.__next__)
    from argparse import Namespace

    args = Namespace(cache_dir=None, quiet=False)
    with common.writing(args, str(root), "add"):
        said = seedkit("check", "--fix", cwd=root, terminal=True)
    assert said.code == 2
    assert said.err.split("\n")[0] == (
        "seedkit: waiting for another seedkit command that writes in this corpus"
    )


def test_without_a_cache_there_is_no_lock_and_everything_else(
    corpus: Corpus, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = corpus(DEMO)
    (cache / "file").touch()
    monkeypatch.setenv("SEEDKIT_CACHE_DIR", str(cache / "file/below"))
    assert seedkit("check", "--fix", "-q", cwd=root).code == 0


def test_several_processes_give_each_number_once(corpus: Corpus) -> None:
    root = corpus(NUMBERED)
    words = ["A lamp.", "A moth.", "A clock."]
    processes = []
    for number, text in enumerate(words):
        (root.parent / f"{number}.txt").write_text(text)
        command = [sys.executable, "-m", "seedkit", "add", f"../{number}.txt", "-q"]
        processes.append(subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE))
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert said == [b""] * len(words)
    texts = {path.name: path.read_text() for path in (root / "seeds").iterdir()}
    assert sorted(texts) == [f"{number:03}.txt" for number in range(1, 5)]
    assert sorted(texts.values()) == sorted([*words, "The tide comes in.\n"])
    assert (root / "INDEX.md").read_text().count("](seeds/") == 4
    assert seedkit("check", "-q", cwd=root).code == 0
