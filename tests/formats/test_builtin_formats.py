"""The built-in formats against examples: good ones are clean, bad ones give what is expected.

`UPDATE=1` in the environment rewrites every expected.txt; read the difference before you keep it.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.run import deduplicate
from seedkit.core.document import Document, Kind, render
from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format, builtin_names
from seedkit.formats.parser import parse
from support.corpora import more
from support.places import DATA, SHARED

EXAMPLES = DATA / "formats"
REAL_SEEDS = SHARED / "seeds"
MUTATIONS = ["delete", "double", "swap", "change", "insert", "crlf", "cut"]
CHARS = ["", " ", "\t", "x", "\n", "\r", "%", "-", "é", "\x00"]
NAMES = builtin_names()


@cache
def analyser(name: str) -> Analyser:
    return Analyser(Layout(name, builtin_format(name, ["*"])))


def examples(name: str, kind: str) -> list[Path]:
    return sorted((EXAMPLES / name).glob(f"{kind}-*.txt"))


def every(kind: str) -> list[Path]:
    return [path for name in NAMES for path in examples(name, kind)]


def findings(name: str, path: Path) -> list[str]:
    found = deduplicate(analyser(name).analyse(path.name, path.read_bytes()).diagnostics).shown
    lines = []
    for diagnostic in found:
        start = diagnostic.place.start
        at = "" if start is None else f":{start.line}:{start.column}"
        lines.append(f"{path.name}{at}: {diagnostic.rule} {diagnostic.message}")
    return lines


def decoded(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def check_tiling(document: Document) -> None:
    """The pieces cover the text without gap or overlap, and hold the sections, in order."""
    at = 0
    for piece in document.pieces:
        assert piece.start == at <= piece.end, document.pieces
        at = piece.end
    assert at == len(document.text)
    assert render(document) == document.text
    pieces = {(p.start, p.end, p.name) for p in document.pieces if p.kind is Kind.SECTION}
    sections = list(document.sections())
    assert {(s.start, s.end, s.name) for s in sections} == pieces
    assert [s.start for s in sections] == sorted(s.start for s in sections)
    before = 0
    for record in document.records:
        assert before <= record.start <= record.end
        before = record.end
        assert all(record.start <= s.start <= s.end <= record.end for s in record.sections)
    for finding in document.findings:
        assert finding.start == -1 or 0 <= finding.start <= finding.end <= len(document.text)


def test_examples_are_of_formats() -> None:
    assert sorted(path.name for path in EXAMPLES.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_format_has_examples(name: str) -> None:
    assert len(examples(name, "good")) >= 2
    assert len(examples(name, "bad")) >= 5


@pytest.mark.parametrize("path", every("good"), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_good(path: Path) -> None:
    assert findings(path.parent.name, path) == []


@pytest.mark.parametrize("name", NAMES)
def test_bad(name: str) -> None:
    expected = EXAMPLES / name / "expected.txt"
    found = [findings(name, path) or [f"{path.name}: nothing"] for path in examples(name, "bad")]
    text = "".join(f"{line}\n" for lines in found for line in lines)
    if os.environ.get("UPDATE"):
        expected.write_text(text, "utf-8", newline="\n")
    assert text == expected.read_text("utf-8")
    assert ": nothing\n" not in text


@pytest.mark.parametrize("name", NAMES)
def test_round_trip(name: str) -> None:
    for path in examples(name, "*"):
        check_tiling(parse(decoded(path), analyser(name).layout))


@pytest.mark.parametrize("name", NAMES)
def test_sections_are_short_words(name: str) -> None:
    for section in analyser(name).layout.sections:
        assert section.name.replace("_", "").isalpha()
        assert section.name == section.name.lower()


@pytest.mark.skipif(not REAL_SEEDS.is_dir(), reason="the user's seed is not in the repository")
def test_real_seed() -> None:
    paths = sorted(REAL_SEEDS.glob("*.txt"))
    assert paths
    for path in paths:
        facts = analyser("news").analyse(f"seeds/{path.name}", path.read_bytes())
        assert facts.diagnostics == ()
        assert (facts.records, facts.sections) == (1, 3)


@pytest.mark.parametrize("name", NAMES)
@more(1.5)
@given(data=st.binary(max_size=200))
def test_any_bytes(name: str, data: bytes) -> None:
    check_tiling(parse(data.decode("utf-8", "surrogateescape"), analyser(name).layout))
    analyser(name).analyse("seeds/x.txt", data)


@st.composite
def mutations(draw: st.DrawFn, name: str) -> str:
    """A good example with some lines deleted, doubled or swapped, and characters changed."""
    text = decoded(draw(st.sampled_from(examples(name, "good"))))
    lines = text.splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 3))):
        if not lines:
            break
        a = draw(st.integers(0, len(lines) - 1))
        b = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(MUTATIONS)):
            case "delete":
                del lines[a]
            case "double":
                lines.insert(b, lines[a])
            case "swap":
                lines[a], lines[b] = lines[b], lines[a]
            case "change":
                at = draw(st.integers(0, len(lines[a]) - 1))
                char = draw(st.sampled_from(CHARS))
                lines[a] = lines[a][:at] + char + lines[a][at + 1 :]
            case "insert":
                lines.insert(a, draw(st.sampled_from(["\n", " \n", "x\n", "%\n", "---\n", "#\n"])))
            case "crlf":
                lines = [line.replace("\n", "\r\n") for line in lines]
            case _:
                del lines[a:]
        lines = [line for line in lines if line]
    return "".join(lines)


@pytest.mark.parametrize("name", NAMES)
@more(2)
@given(data=st.data())
def test_any_mutation(name: str, data: st.DataObject) -> None:
    text = data.draw(mutations(name))
    check_tiling(parse(text, analyser(name).layout))
    analyser(name).analyse("seeds/x.txt", text.encode("utf-8", "surrogateescape"))
