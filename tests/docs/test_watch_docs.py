"""The example of docs/watch.md is what happens, and what it says of programs is all there is."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from seedkit.report.watch.json import WatchEvent
from support.corpora import Files
from support.places import ROOT
from support.watching import watching

DOCUMENT = ROOT / "docs" / "watch.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
_BEFORE, _, _AFTER = TEXT.partition("In one terminal:")
FILES = dict(re.findall(r"^`([^`\n]+)`:\n\n```\w*\n(.*?)^```$", _BEFORE, re.MULTILINE | re.DOTALL))
# A path, what is saved there, and what the watch then says; first, what it says as it begins.
SAVES = re.findall(
    r"`(seeds/[^`\n]+)`[^`\n]*:\n\n```\n(.*?)^```$.*?^```\n(.*?)^```$",
    _AFTER,
    re.MULTILINE | re.DOTALL,
)
BEGIN = re.search(r"\$ seedkit watch\n(.*?)^```$", _AFTER, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
def test_the_example(
    corpus: Callable[[Files], Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert sorted(FILES) == ["INDEX.md", "schemas/note.toml", "seedkit.toml", "seeds/mill.txt"]
    assert BEGIN is not None
    assert len(SAVES) == 3
    root = corpus(FILES)
    with watching(root, text=True) as watch:
        for path, content, says in [("", "", BEGIN[1]), *SAVES]:
            if path:
                (root / path).write_text(content)
            before = len(watch.seen)
            whole = before + says.count("\n")
            watch.until(lambda: len(watch.seen) >= whole, says)  # noqa: B023
            assert timeless("".join(watch.seen[before:])) == timeless(says)


def timeless(text: str) -> str:
    return re.sub(r"^\d\d:\d\d:\d\d ", "TIME ", text, flags=re.MULTILINE)


def test_every_event_is_listed() -> None:
    union = WatchEvent.model_fields["root"].annotation
    events = {get_args(model.model_fields["event"].annotation)[0] for model in get_args(union)}
    table = "".join(line for line in TEXT.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", table)) == events
