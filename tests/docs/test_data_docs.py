"""Every example of the pages about kinds of data gives what stands there. UPDATE=1 writes it."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from support.commandline import seedkit
from support.corpora import Files
from support.places import ROOT

DOCS = ROOT / "docs"
PAGES = ["csv", "jsonl", "parallel", "splits"]
FILE = re.compile(r"^`([^`\n]+)`:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```console\n\$ seedkit (.*)\n((?:.*\n)*?)```$", re.MULTILINE)


def run(root: Path, command: str) -> str:
    """What a command prints into a pipe."""
    _, out, err = seedkit(*shlex.split(command), cwd=root)
    return out + err


@pytest.mark.parametrize("page", PAGES)
def test_examples(
    page: str, corpus: Callable[[Files], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    path = DOCS / f"{page}.md"
    text = path.read_text("utf-8")
    root = corpus(dict(FILE.findall(text)))
    given = EXAMPLE.findall(text)
    found = [(command, run(root, command)) for command, _ in given]
    if os.environ.get("UPDATE"):
        outputs = iter(found)
        path.write_text(
            EXAMPLE.sub(lambda _: "```console\n$ seedkit {}\n{}```".format(*next(outputs)), text),
            "utf-8",
        )
    assert found == given
