"""A PATH narrows a check to what concerns it, wherever that stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.check.run import run_check, selection
from support.commandline import CLEAN
from support.corpora import Files, lines, open_corpus

Corpus = Callable[[Files], Path]

INDEX = """\
| seed | bytes |
|---|---|
| [a](seeds/a.txt) | 7 |
| [b](seeds/b.txt) | 21 |
| [gone](seeds/gone.txt) | 4 |
| [b](seeds/b.txt) | 21 |

| seed | sha256 |
|---|---|
| [lamp](seeds/lamp.txt) | e2528f5c |
"""
VALUE = "INDEX.md:3:22: index/wrong-value: `bytes` of `seeds/a.txt` is `19`, not `7`"
GONE = "INDEX.md:5:10: index/dangling-entry: `seeds/gone.txt` does not exist"
TWICE = "INDEX.md:6:7: index/listed-twice: `seeds/b.txt` is listed twice"
MOVED = (
    "INDEX.md:10:10: index/renamed-seed: `seeds/lamp.txt` does not exist, "
    "the seed is now `seeds/light/lamp.txt`"
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("seeds/a.txt", [VALUE]),
        ("seeds/gone.txt", [GONE]),
        ("seeds/b.txt", [TWICE]),
        ("seeds/lamp.txt", [MOVED]),
        ("seeds/light", [MOVED]),
        ("seeds", [VALUE, GONE, TWICE, MOVED]),
        ("INDEX.md", [VALUE, GONE, TWICE, MOVED]),
        ("schemas", []),
    ],
)
def test_what_the_index_says_of_a_seed(corpus: Corpus, path: str, expected: list[str]) -> None:
    root = corpus({**CLEAN, "INDEX.md": INDEX, "seeds/light/lamp.txt": "Light\n"})
    workspace = open_corpus(root)
    assert lines(run_check(workspace, selection(workspace), [path]).diagnostics) == expected
