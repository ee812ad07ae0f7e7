"""What INDEX.md says of a seed is never taken from a part of it that is at fault itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import seedkit
from conftest import Files

Corpus = Callable[[Files], Path]

CARD = """\
files = ["seeds/**"]
[file]
name = '(?P<id>[0-9a-f]{8})\\.txt'
hash = { group = "id", algorithm = "sha256" }
"""
TITLED = """\
files = ["seeds/**"]
[record]
mode = "separator"
delimiter = "--"
[[section]]
name = "title"
delimiter = "TITLE"
pattern = '[^0-9]*'
[[section]]
name = "body"
delimiter = "BODY"
"""
INDEX = """\
| seed | title | records | source |
|---|---|---|---|
| [a](seeds/a.txt) | Zebra | 1 | mine |
"""


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("TITLE\nHorse\nBDOY\nRuns.\n", "format/missing-section"),
        ("TITLE\nHorse\nBODY\nRuns.\nTITLE\nMore\n", "format/duplicate-section"),
        ("Before\nTITLE\nHorse\nBODY\nRuns.\n", "format/stray-text"),
        ("TITLE\nHorse\nBody\nBODY\nRuns.\n", "format/near-delimiter"),
        ("TITLE\nHorse 7\nBODY\nRuns.\n", "section/pattern-mismatch"),
        ("TITLE\nHor\x07se\nBODY\nRuns.\n", "text/control-character"),
        ("TITLE\n<<<<<<< a\nHorse\n=======\nOx\n>>>>>>> b\nBODY\nRuns.\n", "text/conflict-marker"),
        (b"TITLE\nHorse\xff\nBODY\nRuns.\n", "text/invalid-utf8"),
    ],
)
def test_no_title_from_a_broken_record(corpus: Corpus, text: str | bytes, rule: str) -> None:
    root = corpus(
        {"seedkit.toml": "", "schemas/t.toml": TITLED, "INDEX.md": INDEX, "seeds/a.txt": text}
    )
    out = seedkit("check", "--format", "concise", "--fix", cwd=root).out
    assert rule in out
    assert "index/" not in out
    assert (root / "INDEX.md").read_text() == INDEX


def test_the_count_of_records_is_left_open_too(corpus: Corpus) -> None:
    good = "TITLE\nZebra\nBODY\nRuns.\n"
    files = {"seedkit.toml": "", "schemas/t.toml": TITLED, "INDEX.md": INDEX}
    root = corpus({**files, "seeds/a.txt": f"{good}--\n{good}--\nTITLE\nOx\n"})
    out = seedkit("check", "--format", "concise", "--fix", cwd=root).out
    assert "format/missing-section" in out
    assert (root / "INDEX.md").read_text() == INDEX
    (root / "seeds/a.txt").write_text(f"{good}--\n{good}")
    assert "`records` of `seeds/a.txt` is `2`, not `1`" in seedkit("check", cwd=root).out


def test_a_new_row_leaves_them_empty(corpus: Corpus) -> None:
    root = corpus(
        {
            "seedkit.toml": "",
            "schemas/t.toml": TITLED,
            "INDEX.md": INDEX,
            "seeds/a.txt": "TITLE\nZebra\nBODY\nRuns.\n",
            "seeds/b.txt": "TITLE\nOx\nBDOY\nPulls.\n",
        }
    )
    seedkit("check", "--fix", cwd=root)
    assert (root / "INDEX.md").read_text() == f"{INDEX}| [b](seeds/b.txt) |  |   |  |\n"
    (root / "seeds/b.txt").write_text("TITLE\nOx\nBODY\nPulls.\n")
    seedkit("check", "--fix", cwd=root)
    assert (root / "INDEX.md").read_text() == f"{INDEX}| [b](seeds/b.txt) | Ox | 1 |  |\n"


def test_no_id_from_a_name_with_a_wrong_digest(corpus: Corpus) -> None:
    index = "| seed | id |\n|---|---|\n| [a](seeds/00000000.txt) | 12345678 |\n"
    root = corpus(
        {
            "seedkit.toml": "",
            "schemas/card.toml": CARD,
            "INDEX.md": index,
            "seeds/00000000.txt": "Altered.\n",
        }
    )
    out = seedkit("check", "--format", "concise", "--fix", cwd=root).out
    assert "name/wrong-digest" in out
    assert "index/" not in out
    assert (root / "INDEX.md").read_text() == index
