"""`seedkit repeats` as it is used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import CLEAN, ran, seedkit
from conftest import Files

Corpus = Callable[[Files], Path]

VERSE = "The tide comes in over the flats and lifts the boats one after the other off the mud. "
OTHER = "Nobody in the village could say who had lit the lamp or for whom it had been burning. "
FILES = {
    **CLEAN,
    "seeds/a.txt": VERSE + OTHER + "\n",
    "seeds/b.txt": VERSE + OTHER + "\n",
    "seeds/c.txt": VERSE.upper() + OTHER + "\n",
    "seeds/d.txt": "A boat.\n",
}


@pytest.fixture
def root(corpus: Corpus) -> Path:
    return corpus(FILES)


def test_nothing(corpus: Corpus) -> None:
    code, out, err = seedkit("repeats", cwd=corpus(CLEAN))
    assert (code, err) == (0, "")
    assert "2 seeds" in out


def kinds(*options: str, root: Path) -> list[str]:
    code, out, err = seedkit("repeats", "--format", "json", *options, cwd=root)
    content = json.loads(out)
    found = [each["kind"] for each in (*content["groups"], *content["passages"])]
    assert (code, err) == (int(bool(found)), "")
    return found


def test_kinds(root: Path) -> None:
    found = kinds(root=root)
    assert "duplicate-seed" in found
    assert kinds("--kind", "duplicate-seed,boilerplate", root=root) == ["duplicate-seed"]
    assert kinds("--kind", "boilerplate", root=root) == []
    assert kinds("seeds/d.txt", root=root) == []
    assert kinds("seeds/a.txt", root=root) != []
    assert kinds("seeds", "--config", 'ignore=["repeat"]', root=root) == found
    assert kinds("--config", 'select=["text"]', root=root) == found


def test_sections(corpus: Corpus) -> None:
    news = 'extends = "builtin:fortune"\nfiles = ["*"]\n'
    root = corpus(
        {**CLEAN, "schemas/note.toml": news, "seeds/a.txt": f"{VERSE}{OTHER}\n%\n{VERSE}{OTHER}\n"}
    )
    (passage,) = json.loads(
        seedkit("repeats", "--kind=repeated-section", "--format=json", cwd=root).out
    )["passages"]
    assert passage["kind"] == "repeated-section"
    assert passage["text"].strip() == (VERSE + OTHER).strip()
    assert [place["start"]["line"] for place in passage["occurrences"]] == [1, 3]


def test_pairs(root: Path) -> None:
    code, out, err = seedkit(
        "repeats", "--pairs", "--near-duplicate=0.7", "--format=json", "seeds/a.txt", cwd=root
    )
    assert (code, err) == (1, "")
    assert {(pair["a"], pair["b"]) for pair in json.loads(out)["pairs"]} >= {
        ("seeds/a.txt", "seeds/b.txt")
    }


@pytest.mark.parametrize("name", ["full", "concise"])
def test_for_people(root: Path, name: str) -> None:
    code, out, err = seedkit("repeats", "--format", name, "--passage-tokens=10", cwd=root)
    assert (code, err) == (1, "")
    assert "seeds/a.txt" in out
    assert "\x1b" not in out
    assert "\x1b[" in seedkit("repeats", "--color=always", "--format", name, cwd=root).out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--kind", ""], "--kind: no kind is named"),
        (
            ["--kind", "copy"],
            "--kind: `copy` is not one of duplicate-seed, same-text, near-duplicate, "
            "contained-seed, repeated-passage, repeated-section, boilerplate",
        ),
        (["--near-duplicate", "nan"], "--near-duplicate: `nan` is not a number above 0, up to 1"),
        (["--near-duplicate", "x"], "--near-duplicate: `x` is not a number above 0, up to 1"),
        (["--near-duplicate", "1.1"], "--near-duplicate: `1.1` is not a number above 0, up to 1"),
        (
            ["--passage-tokens", "7"],
            "--passage-tokens: `7` is not a number of tokens, 8 to 1,000,000",
        ),
        (["--format", "xml"], "--format: `xml` is not one of full, concise, json"),
    ],
)
def test_wrong_usage(root: Path, options: list[str], message: str) -> None:
    assert seedkit("repeats", *options, cwd=root) == ran(
        err=f"seedkit repeats: error: {message}\n  help: see `seedkit repeats --help`\n", code=2
    )


def test_paths(root: Path) -> None:
    assert seedkit("repeats", "nowhere", cwd=root) == ran(
        err="seedkit repeats: error: there is no file `nowhere`\n", code=2
    )
    (root / "README.md").write_text("")
    assert seedkit("repeats", "README.md", cwd=root).err == (
        "seedkit repeats: note: README.md is no seed of this corpus\n"
    )
