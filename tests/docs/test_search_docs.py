"""Every example of docs/search.md gives what stands there. UPDATE=1 writes what it gives."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.settings.engines import ENGINES, STORED
from support.commandline import seedkit
from support.corpora import Files
from support.places import ROOT

DOCUMENT = ROOT / "docs" / "search.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([^`\n]+)`:\n\n```\w*\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
EXAMPLE = re.compile(r"^```console\n\$ seedkit (.*)\n((?:.*\n)*?)```$", re.MULTILINE)


@pytest.fixture
def root(corpus: Callable[[Files], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    return corpus(FILES)


def run(root: Path, command: str, *options: str) -> str:
    """What a command prints, at a terminal or into a pipe, errors and all."""
    words = shlex.split(command)
    pipe = words[-2:] == ["|", "cat"]
    first, *others = words[:-2] if pipe else words
    _, out, err = seedkit(first, *options, *others, cwd=root, terminal=not pipe)
    return out + err


@pytest.mark.parametrize("engine", STORED)
def test_examples(root: Path, engine: str) -> None:
    assert len(FILES) == 9
    given = EXAMPLE.findall(TEXT)
    assert len(given) > 25
    seedkit("index", "--engine", engine, cwd=root)  # or there may be a line of progress
    found = [(command, run(root, command, "--engine", engine)) for command, _ in given]
    if os.environ.get("UPDATE") and engine == "tantivy":
        outputs = iter(found)
        text = EXAMPLE.sub(
            lambda match: "```console\n$ seedkit {}\n{}```".format(*next(outputs)), TEXT
        )
        DOCUMENT.write_text(text, encoding="utf-8")
    assert found == given


def test_every_engine_has_a_line() -> None:
    lines = "".join(f"| `{each.name}` | {each.about} |\n" for each in ENGINES)
    table = re.compile(r"(?<=^\| engine \| \|\n\|---\|---\|\n)(?:\|.*\n)*", re.MULTILINE)
    if os.environ.get("UPDATE"):
        DOCUMENT.write_text(table.sub(lines, DOCUMENT.read_text("utf-8")), encoding="utf-8")
    assert table.findall(DOCUMENT.read_text("utf-8")) == [lines]
