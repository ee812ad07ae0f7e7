"""What file names have in common, and how new ones are made."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.patterns import compile_pattern
from seedkit.edit.destination import Unfillable, digest_filler, fill, number_filler, text_filler
from seedkit.infer.names import digest_of, name_facts
from seedkit.infer.shapes import class_pattern, common_prefix, digits_pattern, words_pattern


def hexadecimal(i: int, digits: int = 16) -> str:
    return hashlib.sha256(str(i).encode()).hexdigest()[:digits]


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["000_f58ef1cb9b988d29.txt"], r"(?P<number>\d{3})_(?P<id>[0-9a-f]{16})\.txt"),
        (
            [f"{i:03}_{hexadecimal(i)}.txt" for i in range(5)],
            r"(?P<number>\d{3})_(?P<id>[0-9a-f]{16})\.txt",
        ),
        ([f"{hexadecimal(i, 40)}" for i in range(5)], r"(?P<id>[0-9a-f]{40})"),
        ([f"bug{i}.phpt" for i in (9, 23, 117)], r"bug(?P<number>\d+)\.phpt"),
        ([f"note-{i:04}.md" for i in range(3)], r"note-(?P<number>\d{4})\.md"),
        (["note_001.txt"], r"note_(?P<number>\d{3})\.txt"),
        ([str(i) for i in (38401, 38402, 38409)], r"(?P<number>\d+)"),
        ([f"s{i // 4:02}e{i % 4:02}.srt" for i in range(8)], r"s(?P<number>\d{2})e\d{2}\.srt"),
        (
            ["2024-01-31-snow.md", "2024-02-01-more-snow.md", "2025-05-05-sun.md"],
            r"(?P<date>\d{4}-\d{2}-\d{2})-(?P<name>[a-z][a-z-]*)\.md",
        ),
        (["1999.txt", "2001.txt", "2024.txt"], r"(?P<number>\d{4})\.txt"),
        (
            [f"{kind}_{i}.tsv" for kind in ("dev", "test", "train") for i in range(9)],
            r"(?:dev|test|train)_(?P<number>\d+)\.tsv",
        ),
        (["tar.md", "git-log.md", "7z.md"], r"(?P<name>[a-z0-9][a-z0-9-]*)\.md"),
        (["Één.txt", "café.txt", "b_c.txt"], r"(?P<name>[\pL\pM\pN][\pL\pM\pN_]*)\.txt"),
        (["a (1).txt", "b!.txt", "c.txt"], r"(?P<name>[^/]+)\.txt"),
        (["v1.0.txt", "v1.1.txt"], r"v1\.(?P<number>\d+)\.txt"),
        (["en.txt", "de.txt", "fr.txt"], r"(?P<name>[a-z]+)\.txt"),
        ([f"{a}{b}.txt" for a in "abcdef" for b in "xyzw"], r"(?P<name>[a-z]{2})\.txt"),
        (["a_b.x", "a_c.x"], r"a_(?P<name>[a-z]+)\.x"),
        (["part-a-b.x", "part-c.x", "part.x"], r"(?P<name>[a-z][a-z-]*)\.x"),
        (["a.md", "b-c.md", "d.markdown", "e.md"], r"(?P<name>[a-z][a-z-]*)(?:\.markdown|\.md)"),
        (
            ["v1.2-x.md", "y.md", "z.html", "w-2.html"],
            r"(?P<name>[a-z0-9][a-z0-9.-]*)(?:\.html|\.md)",
        ),
        (
            [f"2026-11-{i}-{x}" for i, x in enumerate(["a.md", "b.c.md", "d.html", "e.html"], 11)],
            r"(?P<date>\d{4}-\d{2}-\d{2})-(?P<name>[a-z][a-z.]*)(?:\.html|\.md)",
        ),
        (["mr.smith", "mrs.jones"], r"(?P<name>[a-z]+)\.[a-z]+"),
        (["a.md", "b", "c.md", "d.txt"], r"(?P<name>[a-z][a-z.]*)"),
        (["notes.txt"], None),
        (["a!", "b c", "d\u200b"], None),
    ],
)  # fmt: skip
def test_pattern_of_names(names: list[str], pattern: str | None) -> None:
    found = name_facts(names).settings.get("name")
    assert found == pattern
    if found is not None:
        assert all(map(compile_pattern(found).fullmatch, names))


def test_one_strange_name_among_many_does_not_count() -> None:
    names = [f"{i:04}.txt" for i in range(300)]
    facts = name_facts([*names, "read me first.txt"])
    assert facts.settings["name"] == r"(?P<number>\d{4})\.txt"
    assert facts.notes["name"] == "300 of 301 names, as 0150.txt"


def test_numbers_and_ids_are_unique_or_in_sequence() -> None:
    facts = name_facts([f"{i:03}_{hexadecimal(i)}.txt" for i in range(3, 14)])
    assert facts.settings["unique"] == ["number", "id"]
    assert facts.settings["sequential"] == "number"
    assert facts.notes["unique"] == "no two files share number or id"
    assert facts.notes["sequential"] == "3 to 13 without a gap"
    few = name_facts([f"{i}.txt" for i in range(9)]).settings
    assert (few["unique"], few.get("sequential")) == (["number"], None)
    gap = name_facts([f"{i}.txt" for i in range(30) if i != 7]).settings
    assert gap.get("sequential") is None
    twice = name_facts(["1.txt", "1.txt", "2.txt"]).settings
    assert twice.get("unique") is None


@given(st.lists(st.text(min_size=1, max_size=12).filter(lambda s: "/" not in s), min_size=1))
def test_nearly_all_names_match_their_pattern(names: list[str]) -> None:
    pattern = name_facts(names).settings.get("name")
    if pattern is not None:
        compiled = compile_pattern(pattern)
        assert sum(map(compiled.fullmatch, names)) >= len(names) * 0.99


def test_digest_in_names() -> None:
    pattern = r"(?P<id>[0-9a-f]{8})\.txt"
    data = [f"text {i}\r\n".encode() for i in range(4)]

    def named(digest: str) -> list[tuple[str, bytes]]:
        return [(f"{hashlib.new(digest, d).hexdigest()[:8]}.txt", d) for d in data]

    for algorithm in ("sha256", "sha1", "md5", "blake2b", "sha512"):
        assert digest_of(pattern, named(algorithm)) == (
            {"group": "id", "algorithm": algorithm},
            f"id: the first digits of the {algorithm} of the bytes, 4 of 4 files looked at",
        )
    lines = hashlib.md5(data[0].replace(b"\r", b"")).hexdigest()
    of_text = [(f"{lines[:8]}.txt", data[0])]
    assert digest_of(pattern, of_text) == (
        {"group": "id", "algorithm": "md5", "of": "text"},
        "id: the first digits of the md5 of the text in NFC with LF newlines, the file looked at",
    )
    assert digest_of(pattern, [("00000000.txt", b"")]) is None
    assert digest_of(pattern, []) is None
    assert digest_of(r"(?P<number>\d+)", [("1", b"")]) is None


# -- shapes


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (["1", "22"], r"\d+"),
        (["01", "02"], r"\d{2}"),
        (["5", "7"], r"\d+"),
        (["00:01:02,500", "10:11:12,000"], r"\d{2}:\d{2}:\d{2},\d{3}"),
        (["1:01:02", "10:11:12"], r"\d+:\d+:\d+"),
        (["1:01:02", "10:11:12.5"], r"[\d:.,-]+"),
        (["2024-01-02", "1999-12-31"], r"\d{4}-\d{2}-\d{2}"),
    ],
)
def test_pattern_of_numbers(values: list[str], pattern: str) -> None:
    assert digits_pattern(values) == pattern
    assert all(map(compile_pattern(pattern).fullmatch, values))


@given(st.lists(st.text("aZ0_-.é/ ", min_size=1, max_size=5), min_size=1, max_size=5))
def test_class_of_characters_holds_them_all(values: list[str]) -> None:
    values = [value.replace("/", "") or "x" for value in values]
    assert all(map(compile_pattern(class_pattern(values)).fullmatch, values))


def test_pattern_of_lines_of_words() -> None:
    lines = ["From a@b.c Sat Jan  3 01:05:34 2026", "From d@e.f Mon Dec 13 10:00:00 1999"]
    pattern = r"From \S+@\S+ [A-Z][a-z]{2} [A-Z][a-z]{2}\s+\d+ \d{1,2}:\d{2}:\d{2} \d{4}"
    assert words_pattern(lines) == pattern
    assert words_pattern(["Part one", "Part two x"]) is None
    assert words_pattern(["Part one", "Chapter two"]) is None
    assert words_pattern(["Part one", "Part two"]) == r"Part \S+"


@given(st.lists(st.text("ab"), min_size=1))
def test_common_prefix(values: list[str]) -> None:
    prefix = common_prefix(values)
    assert all(value.startswith(prefix) for value in values)
    assert len({value[: len(prefix) + 1] for value in values}) > 1 or prefix in values


# -- names for new files


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (r"(?P<number>\d{3})_(?P<id>[0-9a-f]{4})\.txt", "007_abcd.txt"),
        (r"(?P<number>\d+)", "7"),
        (r"note-(?P<number>[0-9]{1,5})\.md", "note-7.md"),
        (r"(?P<name>[a-z][a-z-]*)\.md", "the-old-ferry.md"),
        (r"(?P<name>[A-Z]\w+ \w+ \w+)", "The_Old Ferry".replace("_", " ")),
        (r"(?P<name>[a-z_(]+[)]?)\[x\]", "the_old_ferry[x]"),
        (r"(?P<id>[0-9a-f]+)", "abcdef0123"),
        (r"(?P<name>[a-z-]+)(?:\.markdown|\.md)", "the-old-ferry.md"),
        (r"(?P<name>[a-z-]+)\.(md|markdown)", "the-old-ferry.md"),
    ],
)
def test_pattern_is_filled(pattern: str, name: str) -> None:
    fillers = {
        "number": number_filler(7),
        "id": digest_filler("abcdef0123"),
        "name": text_filler(["The Old Ferry"]),
        "": text_filler([".md", "md"]),
    }
    assert fill(pattern, fillers) == name


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        (r"x(?P<word>[a-z]+)", "(?P<word>[a-z]+)"),
        (r"(?P<number>\d{2})", r"(?P<number>\d{2})"),
        (r"a\d", r"\d"),
        (r"a(?:b|c)", "(?:b|c)"),
        (r"ab?", "?"),
        (r"a.c", ".c"),
        (r"(?P<number>[(])", "(?P<number>[(])"),
        (r"(?P<number>(\)|9)+)x*", "*"),
    ],
)
def test_pattern_that_can_not_be_filled(pattern: str, part: str) -> None:
    fillers = {"number": number_filler(999)}
    with pytest.raises(Unfillable, match=re.escape(part)):
        fill(pattern, fillers)
