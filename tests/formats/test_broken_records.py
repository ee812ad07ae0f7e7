"""What INDEX.md says of a seed is never taken from a part of it that has a finding itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.diagnostic import Diagnostic
from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_names
from seedkit.formats.parser import parse
from seedkit.manifest.target import escape_text
from seedkit.settings.load import load_settings
from seedkit.sources.source import DiskSource
from support.broken_corpora import texts_of
from support.commandline import seedkit
from support.corpora import Files, write_files

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
        ("TITLE\nHorse\nBDYO\nRuns.\n", "format/missing-section"),
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


# -- any format

ROW = "| [{0}](seeds/{0}.txt) | Zebra | 99 | 12345678 |\n"
NAMED = """\
extends = "builtin:{}"
files = ["seeds/**"]
[file]
name = '(?P<id>[0-9a-f]{{8}})\\.txt'
hash = {{ group = "id", algorithm = "sha256" }}
"""
# Of these, the text of a section is the same with them and without.
LAYOUT = ("newline", "newlines", "trailing-whitespace")
texts = st.sampled_from(builtin_names()).flatmap(
    lambda name: st.tuples(st.just(name), texts_of(name))
)


def cells(root: Path, name: str) -> list[str]:
    """The cells of a seed's row but for the first."""
    (row,) = [x for x in (root / "INDEX.md").read_text().split("\n") if x.startswith(f"| [{name}]")]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[2:-1]]


@given(texts, st.booleans(), st.sampled_from(["", 'ignore = ["format", "text", "section"]\n']))
def test_no_cell_from_a_broken_record_of_any_format(
    tmp_path_factory: pytest.TempPathFactory, seed: tuple[str, str], named: bool, settings: str
) -> None:
    """Neither of a listed seed nor of another, whether the fault is reported or not."""
    format_name, text = seed
    data = text.encode("utf-8", "surrogateescape")
    right = hashlib.sha256(data).hexdigest()[:8]
    name, other = (right, "0" * 8) if named else ("0" * 8, right)
    root = tmp_path_factory.mktemp("corpus")
    files = {"seedkit.toml": settings, "schemas/f.toml": NAMED.format(format_name)}
    index = f"| seed | title | records | id |\n|---|---|---|---|\n{ROW.format(name)}"
    write_files(root, {**files, "INDEX.md": index})
    write_files(root, {f"seeds/{name}.txt": data, f"seeds/{other}.txt": data})
    seedkit("check", "--fix", cwd=root)
    layout = Layout("f", load_settings(DiskSource(str(root))).formats["f"])
    for each, untouched in ((name, ["Zebra", "99", "12345678"]), (other, ["", "", ""])):
        data = (root / f"seeds/{each}.txt").read_bytes()
        found = Analyser(layout).analyse(f"seeds/{each}.txt", data).diagnostics
        document = parse(data.decode("utf-8", "surrogateescape"), layout)
        first = document.records[0] if document.records else None
        title = next((s for s in first.sections if s.name == "title"), None) if first else None
        structural = [d for d in found if d.rule.startswith(("format/", "text/conflict"))]
        said = cells(root, each)
        if structural:
            assert said[1] == untouched[1], found
        if any(d.rule == "name/wrong-digest" for d in found):
            assert said[2] == untouched[2]
        if first is not None and title is not None:
            of_record = [d for d in structural if at(data, d)[0] <= first.end]
            of_title = [
                d
                for d in found
                if d.rule.startswith(("text/", "section/")) and not d.rule.endswith(LAYOUT)
                and at(data, d)[0] <= title.end and title.start <= at(data, d)[1]
            ]  # fmt: skip
            if of_record or of_title:
                assert said[0] == untouched[0], found
            elif not any(d.rule.startswith("text/invalid") for d in found):
                assert said[0] == escape_text(document.value(title)) or said[0] == untouched[0]


def at(data: bytes, found: Diagnostic) -> tuple[int, int]:
    """Where in the text a finding is, in code points; one of the whole file is everywhere."""
    if found.place.start is None or found.place.end is None:
        return 0, len(data)
    start, end = found.place.start.offset, found.place.end.offset
    before, inside = (data[:each].decode("utf-8", "surrogateescape") for each in (start, end))
    return len(before), len(inside)
