"""Plain words, in the code and in what users read: those that git and ruff use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from support.places import ROOT

# Archaic or roundabout words, each with what to write instead.
INSTEAD = {
    r"mend(s|ed|ing)?": "fix",
    r"anew": "again; rebuild, recompute, rewrite",
    r"(tells? of|told of)": "report",
    r"whoever": "who; or name the reader, the client, the process",
    r"for ever": "without end",
    r"at fault": "wrong; has a finding",
    r"amiss": "wrong",
    r"beside": "next to; in addition to; compared with",
    r"(hereby|hereof|thereof|therein|thereby|wherein|whereby|whereof|lest|ought)": "say it plainly",
}
FORBIDDEN = re.compile(rf"(?<![A-Za-z])({'|'.join(INSTEAD)})(?![A-Za-z])", re.IGNORECASE)
NAMES = re.compile(r"(?<=_)(anew|beside|whoever|mends?|mended)(?=_|\b)|_for_ever(?=_|\b)")


def pages() -> Iterator[Path]:
    """Return every text of the project that people read, but for corpora and expected outputs."""
    for pattern in ("*.md", "docs/*.md", ".ci/*", "action.yml", "benchmarks/*", ".github/**/*.md"):
        yield from ROOT.glob(pattern)
    for folder, kinds in (("seedkit", ("*.py", "*.md", "*.toml")), ("tests", ("*.py",))):
        for kind in kinds:
            yield from (ROOT / folder).rglob(kind)


def test_plain_words() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in sorted(set(pages()) - {Path(__file__), ROOT / "INDEX.md"})
        if path.is_file()
        for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1)
        for match in (*FORBIDDEN.finditer(line), *NAMES.finditer(line))
    ]
    assert found == []


def test_they_are_found() -> None:
    assert FORBIDDEN.findall("recommend amends Anew, besides: beside `told of`")[0][0] == "Anew"
    assert NAMES.search("test_it_is_made_anew")
    assert not FORBIDDEN.search("amend, recommend, besides, foretold of")
