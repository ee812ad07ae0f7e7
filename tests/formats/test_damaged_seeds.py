"""Seeds with undecodable bytes: checked, compared and searched like others, but for those bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.run import deduplicate
from seedkit.corpus.analyse import Analyser
from seedkit.formats.damage import is_binary
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format, builtin_names
from seedkit.formats.spec import FormatSpec
from seedkit.repeats.fold import tokenize
from seedkit.settings.engines import CHOICES
from support.commandline import seedkit
from support.places import DATA

EXAMPLES = DATA / "formats"
NOTE = {
    "record": {"mode": "start", "delimiter": {"pattern": r"== (?P<id>.+)"}},
    "section": [
        {"name": "title", "delimiter": "TITLE: ", "match": "prefix", "content": "line"},
        {"name": "body", "delimiter": "BODY", "min_words": 3},
    ],
}
MILL = (
    "The mill at the bend of the river turned all night, and nobody in the village slept, because "
    "the miller had promised flour before the feast and the water was high enough at last."
)


def found(data: bytes, spec: dict[str, Any] | None = None) -> list[str]:
    layout = Layout("f", FormatSpec.model_validate(NOTE if spec is None else spec))
    lines = []
    for each in deduplicate(Analyser(layout).analyse("seeds/a", data).diagnostics).shown:
        start = each.place.start
        lines.append(f"{start.line}:{start.column} {each.rule}" if start else each.rule)
    return lines


SOUND = b"== 1\nTITLE: a\nBODY\none two three\n== 2\nTITLE: b\nBODY\none two three\n"


def test_where_any_bytes_may_stand_they_are_characters() -> None:
    spec = {**NOTE, "file": {"undecodable": "allow"}}
    for old, new, expected in [
        (b"one two", b"one\xfftwo", ["4:1 section/too-short"]),
        (b"BODY", b"BO\xffY", ["3:1 format/near-delimiter"]),
        (b"three", b"th\xffree", []),
        (b"three", b"\0\1\2\3\4\5\6\xff" * 90, ["4:16 text/invalid-utf8"]),  # it looks binary
    ]:
        assert found(SOUND.replace(old, new, 1), spec) == expected, new


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"one two", b"one\xfftwo", ["4:4 text/invalid-utf8"]),
        (b"TITLE: a\nBODY\none", b"TITLE: a\nBODY\n\xff", ["4:1 text/invalid-utf8"]),
        (b"one two three", b"o\xff", ["4:2 text/invalid-utf8"]),  # too short, perhaps
        (b"BODY", b"BO\xffY", ["3:3 text/invalid-utf8"]),  # what is missing may be here
        (b"BODY", b"BO\xffDY", ["3:3 text/invalid-utf8"]),
        (b"TITLE: a\n", b"", ["2:1 format/missing-section"]),
        (b"== 1\n", b"=\xff 1\n", ["1:2 text/invalid-utf8"]),
        (b"== 2", b"== \xff", ["5:4 text/invalid-utf8"]),  # still where a record starts
    ],
)
def test_only_what_bad_bytes_touch_is_left_open(
    old: bytes, new: bytes, expected: list[str]
) -> None:
    assert found(SOUND.replace(old, new, 1)) == expected


def test_a_fault_elsewhere_is_found() -> None:
    sound = SOUND.replace(b"one two", b"one \xff two", 1)
    assert found(sound) == ["4:5 text/invalid-utf8"]
    assert found(sound.replace(b"TITLE: b\n", b"")) == [
        "4:5 text/invalid-utf8", "6:1 format/missing-section",
    ]  # fmt: skip
    assert found(sound.replace(b"TITLE: a\n", b"")) == [
        "3:5 text/invalid-utf8", "2:1 format/missing-section",
    ]  # fmt: skip
    short = SOUND[:-7].replace(b"one two", b"one \xff two", 1)
    assert found(short) == ["4:5 text/invalid-utf8", "8:1 section/too-short"]


@cache
def analyser(name: str) -> Analyser:
    return Analyser(Layout(name, builtin_format(name, ["*"])))


GOOD = [(name, path) for name in builtin_names() for path in (EXAMPLES / name).glob("good-*.txt")]


@given(st.sampled_from(sorted(GOOD)), st.integers(0), st.sampled_from([b"\xff", b"\xc3", b"\x80"]))
def test_a_bad_byte_in_a_good_seed_is_one_finding(
    good: tuple[str, Path], at: int, bad: bytes
) -> None:
    """Whichever byte of a line is replaced, nothing is said but that."""
    name, path = good
    data = path.read_bytes()
    at %= len(data)
    rest = data[at:].lstrip(b"\r\n")
    if not rest or not rest[:1].isascii():
        return
    at = len(data) - len(rest)
    clean = {each.rule for each in analyser(name).analyse(path.name, data).diagnostics}
    spoiled = data[:at] + bad + data[at + 1 :]
    facts = analyser(name).analyse(path.name, spoiled)
    rules = {each.rule for each in deduplicate(facts.diagnostics).shown} - clean
    if analyser(name).layout.spec.file.undecodable == "forbid":
        assert rules == {"text/invalid-utf8"}
    else:
        assert "text/invalid-utf8" not in rules
    assert facts.compared is not None and len(facts.compared) == len(
        spoiled.decode(errors="surrogateescape")
    )


@given(
    st.lists(st.sampled_from(["mill", "Ø", "か", "e\u0301", "\udcff", "\udcc3", " ", "-", "\n"]))
)
def test_bad_bytes_part_tokens_as_a_replacement_does(parts: list[str]) -> None:
    text = "".join(parts)
    replaced = text.replace("\udcff", "\ufffd").replace("\udcc3", "\ufffd")
    for characters in (False, True):
        a, b = (tokenize([each], characters=characters) for each in (text, replaced))
        assert [x.tolist() for x in a] == [x.tolist() for x in b]


def test_what_is_binary() -> None:
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\0\0\0\2\0\x08\6\0\0\0\xf4x\xd4\xfa"
    assert found(png) == ["1:1 text/invalid-utf8"]
    assert found("\ufeff== 1\n".encode("utf-16-le")) == ["1:1 text/invalid-utf8"]
    cyrillic = "Мельница 7 у реки".encode("koi8-r").decode("utf-8", "surrogateescape")
    assert not is_binary(cyrillic, damaged=True)
    assert is_binary("\udcff", damaged=True)


def test_titles_and_counts_are_not_taken_from_bad_bytes() -> None:
    layout = Layout("f", FormatSpec.model_validate(NOTE))
    facts = Analyser(layout).analyse("seeds/a", SOUND.replace(b": a", b": a\xff"))
    assert (facts.title, facts.records) == ("", 2)
    facts = Analyser(layout).analyse("seeds/a", SOUND.replace(b"== 2", b"=\xff 2"))
    assert (facts.title, facts.records) == ("a", -1)
    unique = {"section": [{"name": "title", "unique": "corpus"}]}
    layout = Layout("f", FormatSpec.model_validate(unique))
    (key,) = Analyser(layout).analyse("seeds/a", b"a\xff").keys
    assert key.digest == ""  # it can't be read


Make = Callable[[dict[str, str | bytes]], Path]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "shift_jis", "euc-jp"])
def test_they_are_compared(corpus: Make, encoding: str) -> None:
    spoiled = (
        f"A lamp.\n{MILL}\n".encode().replace(b"lamp", b"l\xff mp").replace(b"feast", b"fe\xffast")
    )
    root = corpus(
        {
            "seedkit.toml": "",
            "schemas/text.toml": f'files = ["**"]\n[file]\nencoding = "{encoding}"\n',
            "seeds/a.txt": f"{MILL}\n",
            "seeds/b.txt": spoiled,
        }
    )
    done = seedkit("repeats", "--format", "json", cwd=root)
    said = json.loads(done.out)
    assert [group["kind"] for group in said["groups"]] == ["contained-seed"]
    done = seedkit(
        "repeats", "--config", "contained=1", "--passage-tokens", "20", "--format", "json", cwd=root
    )
    (passage,) = json.loads(done.out)["passages"]
    first, second = passage["occurrences"]
    assert (first["start"]["line"], second["start"]["line"]) == (1, 2)
    data = spoiled[second["start"]["offset"] : second["end"]["offset"]]
    assert data.startswith(b"The mill") and data.endswith(b"before the")


@pytest.mark.parametrize("engine", CHOICES[1:])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "shift_jis"])
def test_they_are_searched(corpus: Make, engine: str, encoding: str) -> None:
    root = corpus(
        {
            "seedkit.toml": "",
            "schemas/text.toml": f'files = ["**"]\n[file]\nencoding = "{encoding}"\n',
            "seeds/a.txt": b"A lamp.\nAn \xff old lantern\xff here\n",
            "seeds/b.txt": "A window.\n",
        }
    )
    done = seedkit("search", "lantern", "--engine", engine, "--format", "json", cwd=root)
    (hit,) = json.loads(done.out)["hits"]
    (snippet,) = hit["snippets"]
    assert (hit["path"], snippet["line"], snippet["column"]) == ("seeds/a.txt", 2, 1)
    assert snippet["text"] == "An \\xff old lantern\\xff here"
    assert [snippet["text"][a:b] for a, b in snippet["highlights"]] == ["lantern"]
