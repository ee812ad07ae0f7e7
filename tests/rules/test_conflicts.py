"""Merge conflicts are recognised by all three of git's markers, and by nothing less."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seedkit.core.text import find_conflicts

OURS, THEIRS = "<<<<<<< HEAD\n", ">>>>>>> topic\n"


def found(text: str) -> list[str]:
    return [text[conflict.start : conflict.end] for conflict in find_conflicts(text)]


@pytest.mark.parametrize(
    "text",
    [
        f"{OURS}a\n=======\nb\n{THEIRS}",
        f"{OURS}||||||| base\n=======\nb\n{THEIRS}",
        f"{OURS}a\n=======\n=======\nb\n{THEIRS}",  # a separator that is content
        f"\ufeff{OURS}=======\n{THEIRS}",
        "<<<<<<<<< a\n=========\n>>>>>>>>> b",  # conflict-marker-size=9
        f"{OURS}a\n========\n=======\n>>>>>>>> quote\n{THEIRS}",
        f"{OURS}<<<<<<< again\n=======\n{THEIRS}",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_conflict_is_an_opening_a_separator_and_a_closing(text: str, newline: str) -> None:
    text = text.replace("\n", newline)
    assert len(found(f"before{newline}{text}after") if text[0] == "<" else found(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Title\n=======\n\n>>>>>>> a quote of a quote\n",
        f"{OURS}a\n{THEIRS}",
        f"{OURS}a\n=======\nb\n",
        f"=======\n{OURS}a\n{THEIRS}",
        f"{OURS}a\n======= b\n{THEIRS}",
        "<<<<<<<\n=======\n>>>>>>>\n",  # git labels them
        f" {OURS}=======\n{THEIRS}",
        f"{OURS}=======\n  {THEIRS}",
        "<<<<<<<< a\n=======\n>>>>>>> b\n",
        "<<<<<< a\n======\n>>>>>> b\n",
        "",
    ],
)
def test_less_than_that_is_content(text: str) -> None:
    assert found(text) == []


def test_each_conflict_is_found_with_its_lines() -> None:
    one = "<<<<<<< a\n1\n=======\n2\n>>>>>>> b"
    two = "<<<<<<< c\n=======\n3\n>>>>>>> d"
    text = f"top\n{one}\nmiddle\n{two}\n"
    assert found(text) == [one, two]
    assert [text[c.start : c.first_end] for c in find_conflicts(text)] == ["<<<<<<< a", "<<<<<<< c"]


@pytest.mark.parametrize("style", [[], ["--diff3"], ["--zdiff3"], ["--marker-size=12"]])
def test_what_git_writes_is_recognised(tmp_path: Path, style: list[str]) -> None:
    for name, line in (("ours", "a"), ("base", "b"), ("theirs", "c")):
        (tmp_path / name).write_text(f"same\n{line}\nsame\n")
    command = ["git", "merge-file", "-p", *style, "ours", "base", "theirs"]
    merged = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    assert len(found(merged)) == 1, merged
