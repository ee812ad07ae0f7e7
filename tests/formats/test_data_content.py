"""Sections that hold YAML, JSON or TOML: what is reported, where, and within which bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.rules import SECTION_DUPLICATE_KEY, SECTION_MALFORMED
from seedkit.formats import data
from seedkit.formats.content import content_problems
from seedkit.formats.spec import SectionSpec
from support.corpora import more


def found(kind: str, text: str, **keys: Any) -> list[str]:
    """What is found, as `LINE: ‹wrong text› message`."""
    spec = SectionSpec.model_validate({"name": "meta", "content": kind, **keys})
    lines = text.replace("\r\n", "\n ").replace("\r", "\n")  # as many characters
    return [
        f"{lines.count(chr(10), 0, each.start) + 1}: ‹{text[each.start : each.end]}› {each.message}"
        for each in content_problems(text, spec)
    ]


YAML_FAULTS = {
    "title Tides\nauthor: Ada": "1: ‹title Tides› mapping values are not allowed in this context",
    "a: 1\nb:\n  title Tides\n  by: Ada": "3: ‹title Tides› mapping values are not allowed "
    "in this context",
    "title: Tides: a book": "1: ‹: a book› mapping values are not allowed in this context",
    "a: b\n  c: d": "2: ‹: d› mapping values are not allowed in this context",
    "a: 1\ntitle\nb: 2": "2: ‹title› could not find expected `:`",
    "a: 1\nb: 'x\nc: 2\n": "2: ‹'x› found unexpected end of stream",
    'a: 1\nb: "x\nc: "y"\n': '2: ‹"x› did not find expected key',
    "a: [1, 2\nb: 3\n": "1: ‹[1, 2› did not find expected `,` or `]`",
    "a: {b: 1\nc: 2\n": "1: ‹{b: 1› did not find expected `,` or `}`",
    "a: [\n'b'\n'c']": "2: ‹'› did not find expected `,` or `]`",
    "a: [\n\n": "1: ‹[› did not find expected node content",
    "a: *b": "1: ‹*b› found undefined alias `b`",
    "a: 1\n\tb: 2": "2: ‹\tb: 2› found a tab character that violates indentation",
    "a:\n\t- b": "2: ‹\t- b› found character that cannot start any token",
    "a: b\nc: \x01": "2: ‹\x01› control characters are not allowed",
    "\U0001f600: '\u2028 \x85'\r\n# \r'x": "3: ‹'x› found unexpected end of stream",
}


@pytest.mark.parametrize(("text", "expected"), YAML_FAULTS.items())
def test_yaml_that_does_not_parse(text: str, expected: str) -> None:
    at, _, message = expected.rpartition("› ")
    assert found("yaml", text) == [f"{at}› YAML does not parse: {message}"]


def test_yaml_whose_anchors_are_defined_again() -> None:
    assert found("yaml", "a: &x 1\nb: *x\nc: &x 2\nd: *x\ne: &y [&y 3, *y]") == []


JSON_FAULTS = {
    '{\n "a": 1\n "b": 2}': "2: ‹1› expecting `,` delimiter",
    '{\n "a": 1,\n}': "2: ‹,› `,` before `}`",
    "[1,\n 2,\n\n]": "2: ‹,› `,` before `]`",
    '{"a"\n 1}': '1: ‹"› expecting `:` delimiter',
    '{"a":\n}': "1: ‹:› expecting value",
    '{"a": 1 "b": 2}': '1: ‹"b": 2}› expecting `,` delimiter',
    "[1\n": "1: ‹1› expecting `,` delimiter",
    '["a\n"]': "1: ‹› a string is not closed",
    "[\n'a']": "2: ‹'a']› expecting value",
    "{}\r{}": "2: ‹{}› extra data",
}


@pytest.mark.parametrize(("text", "expected"), JSON_FAULTS.items())
def test_json_that_does_not_parse(text: str, expected: str) -> None:
    at, _, message = expected.rpartition("› ")
    assert found("json", text) == [f"{at}› JSON does not parse: {message}"]


def test_json_that_only_some_programs_read() -> None:
    assert found("json", '[NaN,\n-Infinity, "NaN", Infinity]') == [
        "1: ‹NaN› JSON has no number `NaN`",
        "2: ‹-Infinity› JSON has no number `-Infinity`",
        "2: ‹Infinity› JSON has no number `Infinity`",
    ]
    assert found("json", f"[1e308, -1e999, {'9' * 5000}, 1e-999, {'9' * 300}]") == [
        "1: ‹-1e999› number is larger than a double holds: `-1e999`",
        f"1: ‹{'9' * 5000}› number is larger than a double holds: `{'9' * 19}…`",
    ]
    assert found("json", r'{"\ud800": ["\ud83d\ude00", "\\ud800", "\ude00\ud83d"]}') == [
        r"1: ‹\ud800› JSON has half of a surrogate pair: `\ud800`",
        r"1: ‹\ude00› JSON has half of a surrogate pair: `\ude00`",
    ]


def test_yaml_tags_that_build_objects() -> None:
    assert found("yaml", "a: 1\nb: !!python/object/apply:os.system ['false']") == [
        "2: ‹!!python/object/apply:os.system ['false']› YAML has a tag that is not data: "
        "`!!python/object/apply:os.system`"
    ]
    assert found("yaml", "!ruby/object:Gem {}") == [
        "1: ‹!ruby/object:Gem {}› YAML has a tag that is not data: `!ruby/object:Gem`"
    ]
    assert found("yaml", "a: !!str 1\nb: !Ref x\nc: ! 2\nd: !!set {}") == []


def test_the_whole_must_be_a_mapping() -> None:
    for kind, texts in {
        "yaml": ["# x\n- a", "word", "''", "!Ref x"],
        "json": ["\n[1]", '"a"'],
    }.items():
        for text in texts:
            (message,) = found(kind, text, mapping=True)
            assert message.endswith(f"{kind.upper()} is no mapping of keys to values")
            assert found(kind, text) == []
    for text in ("# nothing yet", "a:", "{}"):
        assert found("yaml", text, mapping=True) == []
    assert found("json", "{}", mapping=True) == []


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("yaml", "[" * 100_000, "YAML is nested too deeply"),
        ("yaml", "- " * 100_000, "YAML is nested too deeply"),
        ("yaml", "{a: " * 100_000, "YAML is nested too deeply"),
        ("json", "[" * 100_000, "JSON is nested too deeply"),
        ("json", '{"a":' * 100_000, "JSON is nested too deeply"),
        ("toml", "a = " + "[" * 100_000, "TOML does not parse: values are nested too deeply"),
        ("toml", "a = " + "{a = " * 9_000, "TOML does not parse: values are nested too deeply"),
        ("toml", "a." * 40_000 + "a = 1", "TOML does not parse: a key has more than 100 parts"),
        ("toml", f"b = 1\n[{'a . ' * 500}a]", "TOML does not parse: a key has more than 100 parts"),
        ("toml", "b.'c'." * 100 + '"d" = 1', "TOML does not parse: a key has more than 100 parts"),
    ],
)
def test_bounds(kind: str, text: str, message: str) -> None:
    assert [each.rpartition("› ")[2] for each in found(kind, text)] == [message]


def test_what_only_looks_unbounded() -> None:
    dots = "a." * 200
    assert (
        found("toml", f"a = '''{dots}''' # {dots}\nb = \"{dots}\"\n" + "[[t]]\nx=[1.5]\n" * 150)
        == []
    )
    assert found("json", json.dumps([[["[" * 300]]] * 100)) == []
    assert found("yaml", f"a: '{'[' * 300}'\nb: &x [1]\nc: [*x, *x]") == []


def test_aliases_that_stand_for_too_much() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (message,) = found("yaml", bomb)
    assert message.startswith("7: ‹*f, *f")
    assert message.endswith("YAML has aliases that stand for more than 1,000,000 values")
    assert found("yaml", "a: &a [*a, *a]") == []  # it holds itself


def test_data_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("yaml", "json", "toml"):
        monkeypatch.setitem(data.MAX_LENGTH, kind, 8)
        assert found(kind, "\n12345678") == [
            f"1: ‹› {kind.upper()} has 9 characters, at most 8 are parsed"
        ]


def test_duplicate_keys() -> None:
    text = "a: 1\nb: [{c: 1, 'c': 2}]\n<<: {}\n<<: {}\n\"a\": 2\n1: x\n'1': y\n1: z"
    assert found("yaml", text, required_keys=["b"]) == [
        "2: ‹'c'› key `c` occurs twice in a mapping",
        '5: ‹"a"› key `a` occurs twice in a mapping',
        "8: ‹1› key `1` occurs twice in a mapping",
    ]
    assert found("json", '[{"a": {"b": 1,\n"\\u0062": "a"}, "a": NaN}]') == [
        '2: ‹"\\u0062"› key `b` occurs twice in a mapping',
        '2: ‹"a"› key `a` occurs twice in a mapping',
        "2: ‹NaN› JSON has no number `NaN`",
    ]


WORDS = st.sampled_from(["a", "b", "c", "A", "é", "\U0001f600", "x y", "1"])
TREES = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(st.tuples(WORDS, inner), max_size=4).map(tuple)
    ),
    max_leaves=8,
)


def written(tree: Any) -> str:
    """JSON in which a tuple of pairs is an object; it is YAML too."""
    if isinstance(tree, str):
        return json.dumps(tree, ensure_ascii=False)
    if isinstance(tree, list):
        return f"[{', '.join(map(written, tree))}]"
    pairs = (f"{written(key)}: {written(value)}" for key, value in tree)
    return f"{{{', '.join(pairs)}}}"


def duplicates(tree: Any) -> list[str]:
    """Each key that an object has already, in the order in which they stand."""
    if isinstance(tree, str):
        return []
    if isinstance(tree, list):
        return [key for each in tree for key in duplicates(each)]
    keys: list[str] = []
    twice = []
    for key, value in tree:
        twice += [key] * (key in keys) + duplicates(value)
        keys.append(key)
    return twice


@more(25)
@given(TREES)
def test_duplicates_are_those_that_are_obvious(tree: Any) -> None:
    text = written(tree)
    for kind in ("json", "yaml"):
        spec = SectionSpec.model_validate({"name": "meta", "content": kind})
        problems = list(content_problems(text, spec))
        assert [json.loads(text[p.start : p.end]) for p in problems] == duplicates(tree)
        assert {p.rule for p in problems} <= {SECTION_DUPLICATE_KEY}


LINES = st.lists(
    st.sampled_from(
        ["k: v", "k: 'é\u2028 \U0001f600'", "k: 'a b'", "k: [1, 2]", "k:", "k: {a: b}", "# x"]
    ),
    max_size=4,
)
PLANTED = st.sampled_from(
    [
        "no colon",
        "z: 'open",
        'z: "open',
        "z: a: b",
        "z: @a",
        "z: *gone",
        "z: [1, 2",
        "z: 'a' b",
        "]",
    ]
)


@more(25)
@given(
    LINES, PLANTED, LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\ufeff"])
)
def test_a_fault_in_yaml_is_reported_on_its_line(
    before: list[str], fault: str, after: list[str], newline: str, bom: str
) -> None:
    numbered = [line.replace("k", f"k{at}") for at, line in enumerate(["k: 0", *before])]
    rest = [line.replace("k", f"n{at}") for at, line in enumerate(["k: 1", *after])]
    text = bom + newline.join([*numbered, fault, *rest])
    spec = SectionSpec.model_validate({"name": "meta", "content": "yaml"})
    (problem,) = content_problems(text, spec)
    start = len(bom + newline.join([*numbered, ""]))
    assert start <= problem.start <= problem.end <= start + len(fault)


@more(25)
@given(st.lists(WORDS, min_size=2, max_size=5), st.data())
def test_a_fault_in_json_is_reported_on_its_line(words: list[str], choose: st.DataObject) -> None:
    lines = [f'  "{at} {word}": {json.dumps(word)},' for at, word in enumerate(words)]
    lines[-1] = lines[-1][:-1]
    at = choose.draw(st.integers(0, len(lines) - 1))
    faulty = {
        "comma": lines[at].removesuffix(",") if at < len(lines) - 1 else f"{lines[at]},",
        "colon": lines[at].replace(": ", " "),
        "quote": lines[at].replace('": "', '": '),
        "value": lines[at].partition(": ")[0] + ":" + "," * (at < len(lines) - 1),
    }
    lines[at] = choose.draw(st.sampled_from(list(faulty.values())))
    text = "\n".join(["{", *lines, "}"])
    spec = SectionSpec.model_validate({"name": "meta", "content": "json"})
    (problem,) = content_problems(text, spec)
    assert problem.rule == SECTION_MALFORMED
    assert text.count("\n", 0, problem.start) == at + 1


@more(40)
@given(
    st.text(
        st.sampled_from(list("ab:-[]{},'\"&*!|>#?%@ \n\r\t\u2028é\ufeff\x01\ud800")), max_size=30
    )
)
def test_any_text_is_read(text: str) -> None:
    """Faults lie within the text; YAML is refused only where PyYAML refuses it, or for a tag."""
    for kind in ("yaml", "json", "toml"):
        spec = SectionSpec.model_validate({"name": "meta", "content": kind})
        problems = list(content_problems(text, spec))
        assert all(0 <= p.start <= p.end <= len(text) for p in problems)
        if kind == "yaml" and not text.startswith("\ufeff"):
            malformed = [
                p for p in problems if p.rule == SECTION_MALFORMED and "tag" not in p.message
            ]
            assert bool(malformed) == _refused(text) or len(problems) > len(malformed)


def _refused(text: str) -> bool:
    try:
        yaml.compose(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, ValueError):
        return True
    return False
