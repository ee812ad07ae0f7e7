"""Applying edits, against a slow counterpart, and fixing whole corpora without losing a word."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.fix import FixedFile, apply, apply_fixes, edits_by_file, fixable, unified_diff
from seedkit.core.diagnostic import Applicability, Diagnostic, Edit, Fix, Place, Position, Severity
from seedkit.core.text import normalize_newlines
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format
from seedkit.formats.parser import parse
from seedkit.sources.files import Changed
from seedkit.sources.source import DiskSource
from support.corpora import Files, check_corpus, lines, more, open_corpus, write_files

Corpus = Callable[[Files], Path]
PATH = "seeds/a.txt"


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(Place(PATH, Position(1, 1, start), Position(1, 1, end)), text)


def collide(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Two spans that replace share a byte, or one inserts strictly inside the other."""
    if a[0] == a[1] and b[0] == b[1]:
        return False
    if a[0] == a[1]:
        return b[0] < a[0] < b[1]
    if b[0] == b[1]:
        return a[0] < b[0] < a[1]
    return a[0] < b[1] and b[0] < a[1]


def slow_apply(data: bytes, fixes: list[list[tuple[int, int, str]]]) -> tuple[bytes, int]:
    """Put each edit's text before the byte it starts at; drop the bytes that are replaced. What
    several fixes insert before their own insertion at one point is put there once. Those that
    replace least are first.
    """
    taken: list[tuple[int, int, str]] = []
    heads: list[tuple[int, int, str]] = []
    applied = 0
    for fix in sorted(fixes, key=lambda fix: sum(end - start for start, end, _ in fix)):
        if any(collide(new[:2], old[:2]) for new in fix for old in taken):
            continue
        applied += 1
        first, last = fix[0], fix[-1]
        if len(fix) == 2 and first[0] == first[1] == last[0] == last[1]:
            taken += [] if first in heads else [first]
            heads.append(first)
            taken.append(last)
        else:
            taken += fix
    out = b""
    for at in range(len(data) + 1):
        # what is inserted here comes before what replaces the bytes that begin here
        for start, _, text in sorted(taken, key=lambda each: each[1] > each[0]):
            if start == at:
                out += text.encode()
        if at < len(data) and not any(start <= at < end for start, end, _ in taken):
            out += data[at : at + 1]
    return out, applied


spans = st.tuples(st.integers(0, 8), st.integers(0, 4), st.sampled_from(["", "X", "é", "yz"])).map(
    lambda each: (each[0], min(8, each[0] + each[1]), each[2])
)
one_fix = st.lists(spans, min_size=1, max_size=2).filter(
    lambda fix: not any(collide(a[:2], b[:2]) for i, a in enumerate(fix) for b in fix[i + 1 :])
)


@given(st.lists(one_fix, max_size=5))
@more(7)
def test_apply_is_as_the_slow_one(fixes: list[list[tuple[int, int, str]]]) -> None:
    assert apply(b"abcdefgh", [[edit(*each) for each in fix] for fix in fixes]) == slow_apply(
        b"abcdefgh", fixes
    )


def test_a_fix_of_a_line_comes_before_one_that_moves_it() -> None:
    moves, corrects = [edit(0, 4, "cdab")], [edit(2, 3, "C")]
    for fixes in ([moves, corrects], [corrects, moves]):
        assert apply(b"abcd", fixes) == (b"abCd", 1)


def test_apply() -> None:
    assert apply(b"abc", []) == (b"abc", 0)
    assert apply(b"abc", [[edit(1, 1, "X")], [edit(1, 1, "Y")]]) == (b"aXYbc", 2)
    assert apply(b"abc", [[edit(0, 2, "X")], [edit(1, 3, "Y")]]) == (b"Xc", 1)
    assert apply(b"abc", [[edit(0, 1, ""), edit(2, 3, "")], [edit(2, 3, "Z")]]) == (b"abZ", 1)
    assert apply(b"", [[Edit(Place(PATH), "new\n")]]) == (b"new\n", 1)
    assert apply(b"old", [[Edit(Place(PATH), "new\n")]]) == (b"new\n", 1)
    assert apply(b"a\xffb", [[edit(2, 3, "\udcfe")]]) == (b"a\xff\xfe", 1)


def diagnostic(applicability: Applicability | None, *edits: Edit) -> Diagnostic:
    fix = None if applicability is None else Fix("fix", edits or (edit(0, 1, ""),), applicability)
    return Diagnostic("text/bom", Severity.ERROR, "m", Place(PATH), fix=fix)


@pytest.mark.parametrize(
    ("applicability", "safe", "unsafe"),
    [
        (None, False, False),
        (Applicability.SAFE, True, True),
        (Applicability.UNSAFE, False, True),
        (Applicability.DISPLAY_ONLY, False, False),
    ],
)
def test_fixable(applicability: Applicability | None, safe: bool, unsafe: bool) -> None:
    found = diagnostic(applicability)
    assert fixable(found, unsafe=False) is safe
    assert fixable(found, unsafe=True) is unsafe
    assert bool(edits_by_file([found], unsafe=False)) is safe


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_fixes_in_the_files_own_encoding(tmp_path: Path) -> None:
    write_files(tmp_path, {PATH: "é x".encode("latin-1")})
    source = DiskSource(str(tmp_path))
    found = diagnostic(Applicability.SAFE, edit(2, 3, "ü"))  # offsets are those of UTF-8
    checked = {PATH: digest(b"\xe9 x")}
    assert apply_fixes([found], source, {PATH: "latin-1"}, checked, unsafe=False) == [
        FixedFile(PATH, b"\xe9 x", b"\xe9\xfcx", 1)
    ]
    impossible = diagnostic(Applicability.SAFE, edit(2, 3, "日"))
    assert apply_fixes([impossible], source, {PATH: "latin-1"}, checked, unsafe=False) == []


def test_a_fix_creates_a_file_that_is_missing(tmp_path: Path) -> None:
    found = diagnostic(Applicability.SAFE, Edit(Place("INDEX.md"), ""))
    source = DiskSource(str(tmp_path))
    absent = {"INDEX.md": b""}
    assert apply_fixes([found], source, {}, absent, unsafe=False) == [
        FixedFile("INDEX.md", None, b"", 1)
    ]
    (tmp_path / "INDEX.md").touch()
    assert apply_fixes([found], source, {}, {"INDEX.md": digest(b"")}, unsafe=False) == []


@pytest.mark.parametrize("checked", [{}, {PATH: b""}, {PATH: digest(b"other")}])
def test_edits_are_applied_only_to_the_text_that_was_checked(
    tmp_path: Path, checked: dict[str, bytes]
) -> None:
    write_files(tmp_path, {PATH: "text"})
    found = diagnostic(Applicability.SAFE, edit(0, 1, ""))
    with pytest.raises(Changed, match="has changed since it was checked"):
        apply_fixes([found], DiskSource(str(tmp_path)), {}, checked, unsafe=False)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            b"one\ntwo \nthree\n",
            b"one\ntwo\nthree\n",
            "@@ -1,3 +1,3 @@\n one\n-two \n+two\n three\n",
        ),
        (b"one\n", b"one", "@@ -1 +1 @@\n-one\n+one\n\\ No newline at end of file\n"),
        (b"one", b"one\n", "@@ -1 +1 @@\n-one\n\\ No newline at end of file\n+one\n"),
        (b"a\nb", b"c\nb", "@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n"),
        (b"", b"one\n", "@@ -0,0 +1 @@\n+one\n"),
        (b"one\r\n", b"one\n", "@@ -1 +1 @@\n-one\\r\n+one\n"),
    ],
)
def test_unified_diff(before: bytes, after: bytes, expected: str) -> None:
    change = FixedFile("seeds/\x1b.txt", before, after, 1)
    head = "--- a/seeds/\\x1b.txt\n+++ b/seeds/\\x1b.txt\n"
    assert "".join(unified_diff(change)) == head + expected


# -- whole corpora

FORMATS = ("news", "fortune", "tldr", "plain")
FRAGMENTS = [
    "a line",
    "a line ",
    "%",
    "% ",
    "#",
    "# title",
    "> said",
    "- do",
    "`run`",
    "e\u0301",
    "caf\u00e9",
    "\ufeff",
    "\t",
    " ",
    "",
    "",
    "\x00",
    "\u200b",
    "日本",
    "\u2028",
    "word " * 30,
]
newlines = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
seeds = st.lists(st.tuples(st.sampled_from(FRAGMENTS), newlines), max_size=8).map(
    lambda pieces: "".join(text + newline for text, newline in pieces)
)
files_of = st.dictionaries(
    st.tuples(st.sampled_from(FORMATS), st.integers(0, 2)),
    seeds | seeds.map(lambda text: text[:-1]),
    max_size=5,
)


@cache
def layout(name: str) -> Layout:
    return Layout(name, builtin_format(name, ["*"]))


def values(format_name: str, text: str) -> list[tuple[str, str]]:
    document = parse(text, layout(format_name))
    return [(s.name, normalize_newlines(document.value(s))) for s in document.sections()]


def repaired(root: Path, *, unsafe: bool = False) -> tuple[int, list[Diagnostic]]:
    from seedkit.check.repair import repair
    from seedkit.check.run import run_check, selection

    workspace = open_corpus(root)
    source = DiskSource(str(root))
    result = repair(
        workspace, source, partial(run_check, workspace, selection(workspace)), unsafe=unsafe
    )
    return result.findings, result.left.diagnostics


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()
    }


@given(files_of, st.sampled_from(["", 'ignore = ["index"]\n']))
def test_fixing_keeps_every_section_and_is_done_at_once(
    tmp_path_factory: pytest.TempPathFactory, files: dict[tuple[str, int], str], config: str
) -> None:
    root = tmp_path_factory.mktemp("corpus")
    write_files(root, {"seedkit.toml": config, "seeds/.keep": ""})
    for name in FORMATS:
        text = f'extends = "builtin:{name}"\nfiles = ["seeds/{name}-*"]\n'
        write_files(root, {f"schemas/{name}.toml": text})
    written = {f"seeds/{name}-{n}.txt": (name, text) for (name, n), text in files.items()}
    write_files(root, {path: text for path, (_, text) in written.items()})
    repaired(root)
    after = contents(root)
    for path, (name, text) in written.items():
        assert values(name, after[path].decode()) == values(name, text)
    fixed, left = repaired(root)
    assert contents(root) == after
    assert fixed == 0
    assert lines(left) == lines(check_corpus(root))


@given(files_of)
def test_unsafe_fixing_ends_too(
    tmp_path_factory: pytest.TempPathFactory, files: dict[tuple[str, int], str]
) -> None:
    root = tmp_path_factory.mktemp("corpus")
    write_files(root, {"seedkit.toml": "", "seeds/.keep": ""})
    for name in FORMATS:
        text = f'extends = "builtin:{name}"\nfiles = ["seeds/{name}-*"]\n'
        write_files(root, {f"schemas/{name}.toml": text})
    write_files(root, {f"seeds/{name}-{n}.txt": text for (name, n), text in files.items()})
    repaired(root, unsafe=True)
    after = contents(root)
    assert repaired(root, unsafe=True)[0] == 0
    assert contents(root) == after


def test_a_fix_is_told_and_made(corpus: Corpus) -> None:
    root = corpus(
        {
            "seedkit.toml": 'select = ["text"]\n',
            "schemas/lines.toml": 'files = ["seeds/**"]\n[file]\nnewline = "lf"\n'
            'final_newline = "require"\n[[section]]\nname = "text"\n',
            "seeds/a.txt": "\ufeffone\r\ntwo ",
        }
    )
    assert lines(check_corpus(root)) == [
        "seeds/a.txt:1:1: text/bom: file starts with a byte order mark",
        "seeds/a.txt:1:5: text/wrong-newline: lines end with CRLF, LF is required",
        "seeds/a.txt:2:4: text/trailing-whitespace: trailing white space",
        "seeds/a.txt:2:5: text/missing-final-newline: no newline at the end of the file",
    ]
    fixed, left = repaired(root)
    assert fixed == 3
    assert (root / "seeds/a.txt").read_bytes() == b"one\ntwo \n"
    assert lines(left) == ["seeds/a.txt:2:4: text/trailing-whitespace: trailing white space"]
    assert repaired(root, unsafe=True)[0] == 1
    assert (root / "seeds/a.txt").read_bytes() == b"one\ntwo\n"
    assert check_corpus(root) == []
