"""`seedkit overlap`: how much of some texts occurs in others, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.commandline import CLEAN, seedkit
from support.corpora import Files, write_files

HERON = "the heron stands in the shallow water below the weir and waits for eels all morning"
MILL = "the miller lets the water on to the wheel when the bell of the church has rung twice"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def overlap(folder: Path, files: Files, *args: str) -> tuple[int, list[str]]:
    write_files(folder, files)
    ran = seedkit("overlap", *args, cwd=folder)
    return ran.code, (ran.out + ran.err).splitlines()


def test_a_run_is_named_with_both_places(folder: Path) -> None:
    files = {
        "a.txt": f"First.\n\n{HERON}, it is said.\n",
        "b.txt": f"So {HERON.upper()}. Really?\n",
    }
    assert overlap(folder, files, "a.txt", "b.txt") == (
        1,
        [
            "b.txt:1:4: 16 words also occur at a.txt:3:1: "
            "THE HERON STANDS IN THE SHALLOW WATER BELOW THE WEIR AND WA…",
            "",
            "88.9% of `b.txt` also occurs in `a.txt`: 16 of 18 words, in 1 of 1 text.",
        ],
    )


def test_nothing_in_common(folder: Path) -> None:
    assert overlap(folder, {"a.txt": HERON, "b.txt": MILL}, "a.txt", "b.txt") == (
        0,
        ["No 13 words in a row of `b.txt` occur in `a.txt`."],
    )
    assert overlap(folder, {}, "a.txt", "b.txt", "-q") == (0, [])


def test_records_of_lines_and_rows(folder: Path) -> None:
    """Strings are compared decoded, without the names of keys, and cells without quotes."""
    lines: list[Any] = [
        {"id": 7, "text": f"Näh, {HERON}"},
        {"text": "short"},
        {"meta": [{"t": MILL}]},
    ]
    files = {
        "train.jsonl": "".join(json.dumps(each) + "\n" for each in lines),
        "test.csv": f'id,text\n1,"well,\n{HERON}"\n2,short\n3,"{MILL}"\n',
    }
    assert overlap(folder, files, "train.jsonl", "test.csv") == (
        1,
        [
            "test.csv:2: 16 words also occur at train.jsonl:1: "
            "the heron stands in the shallow water below the weir and wa…",
            "test.csv:5: 18 words also occur at train.jsonl:3: "
            "the miller lets the water on to the wheel when the bell of …",
            "",
            "82.9% of `test.csv` also occurs in `train.jsonl`: 34 of 41 words, in 2 of 4 texts.",
        ],
    )


def test_a_short_record_is_shared_as_a_whole(folder: Path) -> None:
    files = {
        "train.jsonl": '{"q": "What is a weir?", "a": "A low dam."}\n{"q": "And?"}\n',
        "test.jsonl": '{"q": "what is a weir", "a": "A low dam!"}\n{"q": "what is a weir"}\n{}\n',
    }
    assert overlap(folder, files, "train.jsonl", "test.jsonl") == (
        1,
        [
            "test.jsonl:1: same text as train.jsonl:1: what is a weir A low dam!",
            "",
            "63.6% of `test.jsonl` also occurs in `train.jsonl`: 7 of 11 words, in 1 of 3 texts.",
        ],
    )


def test_runs_end_with_a_text(folder: Path) -> None:
    words = HERON.split()
    split = {"a": " ".join(words[:8]), "b": " ".join(words[8:]), "c": "too"}
    files = {"a.txt": HERON, "b.jsonl": json.dumps(split) + "\n"}
    assert overlap(folder, files, "a.txt", "b.jsonl")[0] == 0
    assert overlap(folder, files, "a.txt", "b.jsonl", "--tokens", "8")[1][-1] == (
        "94.1% of `b.jsonl` also occurs in `a.txt`: 16 of 17 words, in 1 of 1 text."
    )


def test_folders_and_corpora(folder: Path) -> None:
    """Of a corpus its seeds are compared, and not INDEX.md; of another folder, what is text."""
    files: Files = {
        **{f"c/{path}": content for path, content in CLEAN.items()},
        "c/seeds/h.txt": f"{HERON}\n", "c/drafts/m.txt": f"{MILL}\n",
        "new/deep/x.md": f"# Heading\n\n{HERON}\n{MILL}\n", "new/i.png": b"\x89PNG\0\0",
        "new/latin.txt": HERON.encode() + " déjà".encode("latin-1"),
    }  # fmt: skip
    code, said = overlap(folder, files, "c", "new")
    assert code == 1
    assert said[0].startswith("new/deep/x.md:3:1: 16 words also occur at c/seeds/h.txt:1:1: the")
    assert [line.partition(":")[0] for line in said[:2]] == ["new/deep/x.md", "new/latin.txt"]
    assert said[-1] == ("seedkit overlap: note: new/i.png is not compared: no text, it has a NUL")


@pytest.mark.parametrize("args", [("a.txt", "i.png"), ("i.png", "a.txt"), ("d", "a.txt", "-q")])
def test_nothing_is_said_of_what_could_not_be_compared(folder: Path, args: tuple[str, ...]) -> None:
    """It would look as if nothing was shared."""
    files: Files = {"a.txt": HERON, "i.png": b"\x89PNG\0\0", "d/i.png": b"\0"}
    code, said = overlap(folder, files, *args)
    assert (code, len(said)) == (2, 1)
    assert said[0].startswith("seedkit overlap: error: `")
    assert said[0].endswith("i.png` can't be compared: no text, it has a NUL")


def test_a_damaged_line_is_compared_as_it_is(folder: Path) -> None:
    files = {"a.txt": HERON, "b.jsonl": f'{{"text": "{HERON}\n', "c.csv": f'a,"{HERON}\n'}
    assert overlap(folder, files, "a.txt", "b.jsonl")[1][0].startswith("b.jsonl:1: 16 words")
    assert overlap(folder, files, "a.txt", "c.csv")[1][0].startswith("c.csv:1: 16 words")


def test_characters_where_there_are_no_spaces(folder: Path) -> None:
    text = "川の上流には小さな村があって水車が回る"
    files = {"a.txt": f"昔々、{text}。", "b.txt": f"{text}のだ"}
    code, said = overlap(folder, files, "a.txt", "b.txt")
    assert (code, said[0]) == (1, f"b.txt:1:1: 19 words also occur at a.txt:1:4: {text}")


@pytest.mark.parametrize(("share", "code"), [("0.88", 1), ("0.89", 0), ("1", 0), ("0", 1)])
def test_a_share_may_be_allowed(folder: Path, share: str, code: int) -> None:
    files = {"a.txt": HERON, "b.txt": f"So {HERON} now"}
    assert overlap(folder, files, "a.txt", "b.txt", "-q", "--fail-over", share)[0] == code


def test_json(folder: Path) -> None:
    files = {"a.jsonl": json.dumps([HERON]), "b.txt": f"\n  {HERON}\n"}
    write_files(folder, files)
    ran = seedkit("overlap", "a.jsonl", "b.txt", "--format", "json", cwd=folder)
    assert (ran.code, ran.err) == (1, "")
    assert json.loads(ran.out) == {
        "version": 1, "reference": "a.jsonl", "target": "b.txt", "least": 13, "share": 1.0,
        "tokens": 16, "shared": 16, "items": 1, "touched": 1, "skipped": {},
        "runs": [
            {
                "whole": True,
                "place": {"path": "b.txt", "line": 1, "column": 1},
                "tokens": 16,
                "elsewhere": {"path": "a.jsonl", "line": 1, "column": None},
                "text": f"\n  {HERON}\n",
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("a.txt",), "two things are compared: A and B"),
        (("a.txt", "a.txt", "a.txt"), "two things are compared: A and B"),
        (("a.txt", "no\x1b.txt"), "there is no `no\\x1b.txt`"),
        (("a.txt", "empty"), "there are no texts in `empty`"),
        (("a.txt", "a.txt", "--fail-over", "2"), "--fail-over: `2` is not a share, from 0 to 1"),
        (("a.txt", "a.txt", "--fail-over", "x"), "--fail-over: `x` is not a share, from 0 to 1"),
    ],
)
def test_usage(folder: Path, args: tuple[str, ...], said: str) -> None:
    (folder / "empty").mkdir()
    code, lines = overlap(folder, {"a.txt": HERON}, *args)
    assert (code, lines[0]) == (2, f"seedkit overlap: error: {said}")
