"""Fields of JSON, YAML, TOML and `Key: value` lines: what is found, where, and against oracles."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seedkit.corpus.analyse import Analyser
from seedkit.formats.consistency import PlacedError
from seedkit.formats.content import Declared, tree_of
from seedkit.formats.field_spec import FieldSpec
from seedkit.formats.fields import Node, nodes_at, parts_of, shape_of, values_at
from seedkit.formats.json_tree import json_tree, plain, unescaped
from seedkit.formats.spec import FormatSpec, SectionSpec
from support.pieces import layout

FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "integer", "min": 1},
    {"name": "text", "type": "string", "min_chars": 2, "text": True},
    {"name": "meta.date", "type": "date", "required": False},
    {"name": "tags", "max_items": 2, "required": False},
    {"name": "tags[]", "enum": ["a", "b"]},
    {"name": "turns[].role", "enum": ["user", "system"], "required": False},
    {"name": "turns[-1].role", "enum": ["user"], "required": False},
]


def found(text: str, content: str = "json", fields: Any = FIELDS, **keys: Any) -> list[str]:
    """What is found, as `LINE: ‹wrong text› message`."""
    values = {"name": "r", "content": content, "field": fields, **keys}
    lines = []
    for each in Declared(SectionSpec.model_validate(values)).problems(text):
        line = text.count("\n", 0, each.start) + 1
        lines.append(f"{line}: ‹{text[each.start : each.end]}› {each.message}")
    return lines


FAULTS = {
    '{"id": 1, "text": "ab"}': [],
    '{"id": "1", "text": "ab"}': ['‹"1"› `id` is `"1"`, not an integer'],
    '{"id": 1.0, "text": "ab"}': [],
    '{"id": 1.50, "text": "ab"}': ["‹1.50› `id` is `1.50`, not an integer"],
    '{"id": -1E1, "text": "ab"}': ["‹-1E1› `id` is `-1E1`, less than 1"],
    '{"id": " 1", "text": "ab"}': ['‹" 1"› `id` is `" 1"`, not an integer'],
    '{"id": 1, " text": "ab"}':
        ['‹" text"› key ` text` is not of this format: did you mean `text`?'],
    '{"id": 1, "Text": "ab"}':
        ['‹"Text"› key `Text` is not of this format: did you mean `text`?'],
    '{"id": 1, "text": "ab", "tags": ["caf\\u00e9\\n "]}':
        ['‹"caf\\u00e9\\n "› `tags[]` is `"caf\\u00e9\\n "`, not one of `a`, `b`'],
    '{"id": true, "text": "ab"}': ["‹true› `id` is `true`, not an integer"],
    '{"id": 0, "text": "ab"}': ["‹0› `id` is `0`, less than 1"],
    '{"id": 1, "text": null}': ["‹null› `text` is null"],
    '{"id": 1, "text": "a"}': ['‹"a"› `text` has 1 character, at least 2 required'],
    '{"id": 1}': ["‹}› key `text` is missing"],
    "{}": ["‹}› keys `id`, `text` are missing"],
    '{"id": 1, "txt": "ab"}':
        ['‹"txt"› key `txt` is not of this format: did you mean `text`?'],
    '{"id": 1, "text": "ab", "more": {}}': ['‹"more"› key `more` is not of this format'],
    '{"id": 1, "text": "ab", "meta": {"date": "2023-02-29"}}':
        ['‹"2023-02-29"› `meta.date` is `"2023-02-29"`, not a date as `2024-12-31`'],
    '{"id": 1, "text": "ab", "meta": []}': ["‹[]› `meta` is a list, not an object"],
    '{"id": 1, "text": "ab", "tags": ["a", "c"]}':
        ['‹"c"› `tags[]` is `"c"`, not one of `a`, `b`'],
    '{"id": 1, "text": "ab", "tags": ["a", "b", "a", "b"]}':
        ['‹"a", "b"› `tags` has 4 items, at most 2 allowed'],
    '{"id": 1, "text": "ab", "turns": [{"role": "user"}, {"rol": "user"}, {"role": 1}]}': [
        '‹"rol"› key `turns[].rol` is not of this format: did you mean `turns[].role`?',
        "‹1› `turns[].role` is `1`, not one of `user`, `system`",
    ],
    '{"id": 1, "text": "ab", "turns": [{"role": "system"}, {"role": "system"}]}':
        ['‹"system"› `turns[-1].role` is `"system"`, not one of `user`'],
    '{"id": 1, "text": "ab", "turns": [{"role": "x"}]}':
        ['‹"x"› `turns[].role` is `"x"`, not one of `user`, `system`'],
    '{"id": 1, "text": "ab", "turns": []}': [],
    "[1]": ["‹[1]› record is a list, not an object"],
    '{"id": 1, "text": 3, "id": 0}': [
        "‹3› `text` is `3`, not text", '‹"id"› key `id` occurs twice in a mapping',
        "‹0› `id` is `0`, less than 1",
    ],
    '{"id": NaN, "text": "ab"}': ["‹NaN› JSON has no number `NaN`"],
    '{"id": 1, "text": "ab"': ['‹"› JSON does not parse: expecting `,` delimiter'],
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS)
def test_json(text: str) -> None:
    assert found(text) == [f"1: {each}" for each in FAULTS[text]]


UNIONS: dict[str, list[str]] = {
    '{"role": "user", "content": "a"}': [],
    '{"role": "user", "content": [{"type": "text"}]}': [],
    '{"role": "user", "content": 5}': ["‹5› `content` is `5`, not text or a list"],
    '{"role": "user", "content": {}}': ["‹{}› `content` is an object, not text or a list"],
    '{"role": "user", "content": null}': ["‹null› `content` is null"],
    '{"role": "user"}': ["‹}› key `content` is missing"],
    '{"role": "assistant", "content": null, "tool_calls": []}': [],
    '{"role": "assistant", "tool_calls": []}': [],
    '{"role": "assistant", "tool_calls": null}': ["‹}› key `content` is missing"],
    '{"role": "assistant", "content": 5, "tool_calls": []}':
        ["‹5› `content` is `5`, not text or a list"],
    '{"role": "assistant", "tool_calls": [], "more": 1}':
        ['‹"more"› key `more` is not of this format'],
}  # fmt: skip


@pytest.mark.parametrize("text", UNIONS)
def test_one_of_several_types_unless_another_key_is_there(text: str) -> None:
    content = {"name": "content", "type": ["string", "list"], "unless": ["tool_calls"]}
    calls = {"name": "tool_calls", "null": True, "required": False}
    assert found(text, fields=[{"name": "role"}, content, calls]) == [
        f"1: {each}" for each in UNIONS[text]
    ]


turns = st.fixed_dictionaries(
    {},
    optional={key: st.sampled_from([None, "a", 1]) for key in ("role", "content", "calls", "x")},
)


@given(value=turns, null=st.booleans(), required=st.booleans(), allows=st.booleans())
def test_fast_and_exact_agree_on_conditions(
    value: Any, null: bool, required: bool, allows: bool
) -> None:
    calls = {"name": "calls", "null": null, "required": required}
    content = {"name": "content", "type": ["string", "list"], "unless": ["calls"]}
    fields = [{"name": "role"}, content, calls]
    shape = shape_of([FieldSpec.model_validate(f) for f in fields], allows_unknown=allows)
    text = json.dumps(value)
    assert shape.accepts()(value) == (not list(shape.problems(json_tree(text), text)))


def test_nested_lines_of_json() -> None:
    text = '{\n "id": 1,\n "text": "ab",\n "turns": [\n  {"role": "user"},\n  {"role": "x"}]}'
    assert found(text) == ['6: ‹"x"› `turns[].role` is `"x"`, not one of `user`, `system`']


def test_yaml() -> None:
    text = "id: 1\ntext: ab\nmeta:\n  date: 2024-02-30\n  x: 1\ntags: [a, c]\nturns:\n- role: x\n"
    assert found(text, "yaml") == [
        "4: ‹2024-02-30› `meta.date` is `2024-02-30`, not a date as `2024-12-31`",
        "5: ‹x› key `meta.x` is not of this format",
        "6: ‹c› `tags[]` is `c`, not one of `a`, `b`",
        "8: ‹x› `turns[].role` is `x`, not one of `user`, `system`",
    ]
    assert found("id: 'x'\ntext: |\n  long\n  text\n", "yaml") == [
        "1: ‹'x'› `id` is `'x'`, not an integer"
    ]
    assert found("base: &b {text: ab}\nall:\n  <<: *b\n  id: 1", "yaml", [
        {"name": "all.text"}, {"name": "all.id"}, {"name": "base", "unknown": "allow"},
    ]) == []  # fmt: skip
    assert found("id: 1\n", "yaml") == ["2: ‹› key `text` is missing"]


def test_toml() -> None:
    text = 'id = 1\ntext = "a"\ntags = ["a", "c"]\n[meta]\ndate = 2024-02-20T10:00:00\nx = 1\n'
    assert found(text, "toml") == [
        '2: ‹"a"› `text` has 1 character, at least 2 required',
        '3: ‹"c"› `tags[]` is `"c"`, not one of `a`, `b`',
        "5: ‹2024-02-20T10:00:00› `meta.date` is `2024-02-20T10:00:00`, not a date as `2024-12-31`",
        "6: ‹x› key `meta.x` is not of this format",
    ]


def test_lines_of_fields() -> None:
    fields = [{"name": "Id", "type": "integer"}, {"name": "Score", "type": "number", "max": 1}]
    assert found("id: 7\nSCORE: 0.5\n", "fields", fields) == []
    assert found("Id: 7x\nScore: nan\nOther: 1", "fields", fields) == [
        "1: ‹7x› `Id` is `7x`, not an integer",
        "2: ‹nan› `Score` is `nan`, not a number",
        "3: ‹Other› key `Other` is not of this format",
    ]


TYPES: dict[str, tuple[list[Any], list[Any]]] = {
    "date": (["2024-02-29"], ["2023-02-29", "20240229", "2024-2-29", 20240229, ""]),
    "datetime": (
        ["2024-02-29T23:59", "2024-02-29 23:59:59.123456789Z", "2024-02-29t00:00:00+01:00",
         "2024-02-29 23:59:59 -0600"],
        ["2024-02-29", "2024-02-29T24:61", "2024-02-29T23:59+1"],
    ),
    "url": (
        ["https://example.org/a?b", "s3://bucket/key", "http://[::1]:80/a[b"],
        ["example.org", "https://", "a b://c", "http://[::1", "http://a:b/"],
    ),
    "number": ([1, 1.5, -2], [True, "1", None]),
    "boolean": ([True, False], [0, "true"]),
    "list": ([[], [1]], [{}, "a"]),
    "object": ([{}, {"a": 1}], [[], 1]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_types(kind: str) -> None:
    for good, values in zip([True, False], TYPES[kind], strict=True):
        for value in values:
            text = json.dumps({"a": value})
            assert (found(text, fields=[{"name": "a", "type": kind}]) == []) is good, value


def test_null_is_allowed_where_it_is_said() -> None:
    fields = [{"name": "a", "type": "object", "null": True}, {"name": "a.b"}]
    assert found('{"a": null}', fields=fields) == []
    assert found('{"a": {}}', fields=fields) == ["1: ‹}› key `a.b` is missing"]


def told(*texts: str, fields: Any) -> list[list[str]]:
    section = [{"name": "r", "content": "json", "field": fields}]
    analyser = Analyser(layout(record={"mode": "lines"}, section=section))
    facts = [analyser.analyse(f"{i}.jsonl", text.encode()) for i, text in enumerate(texts)]
    return [
        [f"{d.place.start.line}:{d.place.start.column} {d.message}" for d in each.diagnostics]  # type: ignore[union-attr]
        for each in facts
    ]


def test_unique_in_a_file() -> None:
    fields = [{"name": "id", "unique": "file"}, {"name": "x", "required": False}]
    text = '{"id": 1}\n{"id": "1"}\n{"x": {"id": 1}, "id": 1}\n{"id": null}\n{"id": null}\n'
    assert told(text, fields=fields) == [
        ["3:24 section `r`: `id` `1` is there twice", "4:8 section `r`: `id` is null",
         "5:8 section `r`: `id` is null"]
    ]  # fmt: skip


def test_unique_in_the_corpus() -> None:
    section = [{"name": "r", "content": "json", "field": [{"name": "m.id", "unique": "corpus"}]}]
    analyser = Analyser(layout(record={"mode": "lines"}, section=section))
    facts = analyser.analyse("a.jsonl", b'{"m": {"id": 7}}\n{"m": {"id": 8}}\n')
    assert [(each.name, each.place.start.column) for each in facts.keys] == [  # type: ignore[union-attr]
        ("r.m.id", 14), ("r.m.id", 14),
    ]  # fmt: skip


INCONSISTENT = [
    [{"name": "a"}, {"name": "a"}],
    [{"name": "a", "type": "string"}, {"name": "a.b"}],
    [{"name": "a", "type": "object"}, {"name": "a[]"}],
    [{"name": "a", "type": "integer", "pattern": "x"}],
    [{"name": "a", "type": "list", "text": True}],
    [{"name": "a..b["}],
    [{"name": "a", "min": 2, "max": 1}],
]


@pytest.mark.parametrize("fields", INCONSISTENT)
def test_contradictions(fields: Any) -> None:
    section = [{"name": "r", "content": "json", "field": fields}]
    with pytest.raises((PlacedError, ValueError)):
        FormatSpec.model_validate({"section": section})


# -- oracles

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from([0.5, 1e300]),
    st.sampled_from(["", "a", "ab", "user", "2024-01-01", 'q"\\\n\u00e9\U0001f600']),
)  # fmt: skip
keys = st.sampled_from(["id", "text", "meta", "date", "tags", "turns", "role", "x"])
data = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
records = st.fixed_dictionaries({"id": scalars, "text": scalars}, optional={
    "meta": data, "tags": st.lists(scalars, max_size=3) | data, "turns": data, "x": data,
})  # fmt: skip


@given(value=records | data, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_tree_is_what_python_reads(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    tree = json_tree(f" {text}\n")
    assert plain(tree) == value

    def check(node: Node) -> None:
        assert json.loads(f" {text}"[node.start : node.end]) == plain(node)
        for key, (a, b) in (node.keys or {}).items():
            assert json.loads(f" {text}"[a:b]) == key
        inner = node.value.values() if isinstance(node.value, dict) else node.value
        for each in inner if isinstance(node.value, dict | list) else ():
            check(each)

    check(tree)


@given(value=records | data, allows=st.booleans())
def test_fast_and_exact_agree(value: Any, allows: bool) -> None:
    shape = shape_of([FieldSpec.model_validate(f) for f in FIELDS], allows_unknown=allows)
    text = json.dumps(value)
    problems = list(shape.problems(json_tree(text), text))
    assert shape.accepts()(value) == (not problems)
    for each in problems:
        assert 0 <= each.start <= each.end <= len(text)
    for spec in FIELDS:
        parts = parts_of(spec["name"])
        nodes = [plain(node) for node in nodes_at(json_tree(text), parts)]
        assert nodes == list(values_at(value, parts))


@given(value=data)
def test_yaml_tree_of_json_is_the_same(value: Any) -> None:
    if "e+" in json.dumps(value) or "2024" in json.dumps(value):
        return  # YAML 1.1 takes such numbers for text, and such text for dates
    text = json.dumps(value, ensure_ascii=False)
    assert plain(tree_of(text, "yaml")) == value


def test_yaml_alias_is_of_the_last_anchor_of_its_name() -> None:
    tree = tree_of("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", "yaml")
    assert plain(tree) == {"a": 1, "b": 1, "c": 2, "d": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0x1F", 31), ("-0x1f", -31), ("0b101", 5), ("017", 15), ("-017", -15), ("0", 0), ("00", 0),
        ("1_000", 1000), ("+12", 12), ("1:20", 80), ("-1:20", -80), ("1:20.5", 80.5),
        ("1e400", "1e400"),
        ("190:20:30", 685230), ("1.5e+3", 1500.0), ("089", "089"), ("12:34:56", 45296),
    ],
)  # fmt: skip
def test_yaml_numbers(text: str, expected: object) -> None:
    value = plain(tree_of(f"a: {text}", "yaml"))["a"]
    assert (value, type(value)) == (expected, type(expected))


@given(
    text=st.from_regex(r"[-+]?(0b[01]+|0x[0-9a-f]+|[0-9_:]{1,9}(\.[0-9]{1,3})?)", fullmatch=True)
)
def test_yaml_numbers_are_those_of_pyyaml(text: str) -> None:
    try:
        expected = yaml.safe_load(f"a: {text}")["a"]
    except (ValueError, yaml.YAMLError):
        return  # it is no number to its own reader either
    if isinstance(expected, int | float):
        assert plain(tree_of(f"a: {text}", "yaml"))["a"] == pytest.approx(expected)


def test_yaml_of_comments_has_no_keys() -> None:
    assert plain(tree_of("# Only this.\n", "yaml")) == {}
    spec = SectionSpec.model_validate(
        {"name": "meta", "content": "yaml", "field": [{"name": "i", "required": False}]}
    )
    assert Declared(spec).problems("# Only this.\n") == []


def test_yaml_that_holds_itself_is_null_there() -> None:
    assert plain(tree_of("a: &a [1, *a]\n", "yaml")) == {"a": [1, None]}
    assert plain(tree_of("&a {<<: *a, b: {c: *a}}\n", "yaml")) == {"b": {"c": None}}


@given(text=st.text(max_size=20))
def test_unescaped_keeps_places(text: str) -> None:
    for raw in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        shown = unescaped(raw)
        assert len(shown) == len(raw)
        assert "\\u" not in shown.replace("\\\\u", "")
        assert [c for c in shown if c.isalnum()] == [c for c in text if c.isalnum()]


@given(text=st.text('{}[]",:&*0a\\ \n', max_size=30), content=st.sampled_from(["json", "yaml"]))
def test_any_text(text: str, content: str) -> None:
    spec = SectionSpec.model_validate({"name": "r", "content": content, "field": FIELDS})
    for each in Declared(spec).problems(text):
        assert 0 <= each.start <= each.end <= len(text)
