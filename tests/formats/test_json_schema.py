"""JSON Schemas: which can be used, what is found by one and where, against two oracles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.formats.content import Declared
from seedkit.formats.json_schema import BadSchema, check_schema, weigh
from seedkit.formats.json_schema_check import SchemaCheck
from seedkit.formats.json_tree import json_tree
from seedkit.formats.spec import SectionSpec
from support.bounded import under_limits
from support.commandline import ran, seedkit
from support.corpora import write_files

CHAT = {
    "type": "object",
    "required": ["turns"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "turns": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/turn"}},
        "date": {"format": "date"},
        "by": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["name"]}]},
    },
    "$defs": {
        "turn": {"properties": {"role": {"enum": ["user", "assistant"]}, "said": {"minLength": 2}}}
    },
}  # fmt: skip

TOO_LARGE = "data is not as the schema says, and too large for it to say where"
FORMAT = """extends = "builtin:jsonl"
files = ["seeds/*.jsonl"]
[[section]]
name = "record"
schema = "note.schema.json"
"""


def found(text: str, schema: Any, content: str = "json", **keys: Any) -> list[str]:
    """What is found, as `LINE: ‹wrong text› message`."""
    values = {"name": "r", "content": content, "schema": json.dumps(schema), **keys}
    return [
        f"{text.count(chr(10), 0, each.start) + 1}: ‹{text[each.start : each.end]}› {each.message}"
        for each in Declared(SectionSpec.model_validate(values)).problems(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"turns": [{}, {"role": "user", "said": "hm"}], "by": "me"}', []),
        ("[]", ["1: ‹[]› record is a list, not an object"]),
        (
            '{"turns": [{}, {"role": "usr"}],\n "id": 0}',
            [
                '1: ‹"usr"› `turns[1].role` is `"usr"`, not one of `"user"`, `"assistant"`',
                "2: ‹0› `id` is `0`, less than 1",
            ],
        ),
        (
            '{"truns": [], "extra": 1}',
            [
                '1: ‹"truns"› key `truns` is not in the schema: it requires `turns`',
                '1: ‹"extra"› key `extra` is not in the schema',
            ],
        ),
        ("{}", ["1: ‹}› key `turns` is missing"]),
        (
            '{"turns": [{"said": "a"}]}',
            [
                '1: ‹[{"said": "a"}]› `turns` is a list, with fewer than 2 items',
                '1: ‹"a"› `turns[0].said` is `"a"`, shorter than 2 characters',
            ],
        ),
        (
            '{"turns": [{}, {}], "date": "2024-02-30", "by": {}}',
            [
                '1: ‹"2024-02-30"› `date` is `"2024-02-30"`, not in the format `date`',
                "1: ‹}› key `by.name` is missing",
            ],
        ),
        (
            '{"turns": [{}, {}], "by": 5}',
            ["1: ‹5› `by` is `5`, which fits none of 2 alternatives"],
        ),
        ('{"turns": [{}, {}], "id": NaN}', ["1: ‹NaN› JSON has no number `NaN`"]),
    ],
)
def test_what_a_schema_finds(text: str, expected: list[str]) -> None:
    assert found(text, CHAT) == expected


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        ({"const": 1}, "2", "record is `2`, not `1`"),
        ({"enum": ["a"]}, '"b"', 'record is `"b"`, not `"a"`'),
        ({"type": ["null", "string"]}, "2", "record is `2`, not null or text"),
        ({"pattern": "^a+$"}, '"b"', 'record is `"b"`, which does not match `^a+$`'),
        ({"multipleOf": 2}, "3", "record is `3`, not a multiple of 2"),
        ({"uniqueItems": True}, "[1, 1]", "record is a list, with an item that occurs twice"),
        (
            {"contains": {"const": 1}},
            "[2]",
            "record is a list, without an item that the schema requires",
        ),
        ({"not": {"const": 1}}, "1", "record is `1`, which the schema does not allow"),
        (
            {"oneOf": [{}, {}]},
            "1",
            "record is `1`, which fits more than one of the alternatives, but must fit just one",
        ),
        (
            {"prefixItems": [{}], "unevaluatedItems": False},
            "[1, 2]",
            "record is a list, with items that the schema does not allow",
        ),
        ({"maxProperties": 0}, '{"a": 1}', "record is an object, with more than 0 properties"),
        ({"propertyNames": {"pattern": "^b"}}, '{"a": 1}', "`a` is no key the schema allows"),
        (
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "items": [{}],
                "additionalItems": False,
            },
            "[1, 2]",
            "`` has 2 items, the schema allows 1",
        ),
        ({"unevaluatedProperties": False}, '{"a": 1}', "key `a` is not in the schema"),
    ],
)
def test_messages(schema: Any, text: str, expected: str) -> None:
    assert [each.partition("› ")[2] for each in found(text, schema)] == [expected]


def test_yaml_and_toml() -> None:
    schema = {"properties": {"meta": {"required": ["by"]}, "day": {"format": "date"}}}
    yaml = "meta:\n  of: me\nday: 2024-02-30x\n"
    assert found(yaml, schema, "yaml") == [
        "3: ‹› key `meta.by` is missing",
        "3: ‹2024-02-30x› `day` is `2024-02-30x`, not in the format `date`",
    ]
    toml = 'day = "x"\n[meta]\nby = 1\n'
    assert found(toml, schema, "toml") == ['1: ‹"x"› `day` is `"x"`, not in the format `date`']


@pytest.mark.parametrize("written", ["2020-01-01", "2020-01-01 10:00:00", '"2020-01-01"'])
def test_dates_of_yaml_and_toml_are_text(written: str) -> None:
    schema = {"properties": {"d": {"type": "string", "maxLength": 19}, "n": {"type": "integer"}}}
    assert found(f"d: {written}\nn: a\n", schema, "yaml") == ["2: ‹a› `n` is `a`, not an integer"]
    assert found(f'd = {written}\nn = "a"\n', schema, "toml") == [
        '2: ‹"a"› `n` is `"a"`, not an integer'
    ]


def test_what_a_field_and_a_schema_both_say_is_one_finding() -> None:
    field = [{"name": "id", "type": "integer"}, {"name": "text"}]
    schema = {"properties": {"id": {"type": "integer"}}, "required": ["text"]}
    assert found('{"id": "x"}', schema, field=field) == [
        '1: ‹"x"› `id` is `"x"`, not an integer',
        "1: ‹}› key `text` is missing",
    ]


@pytest.mark.parametrize(
    "declared",
    [
        '[[section.field]]\nname = "title"',
        'required_keys = ["title"]',
        'schema = "s.json"',
    ],
)
@pytest.mark.parametrize("empty", ["", "\n", "# nothing\n"])
def test_front_matter_without_keys_lacks_those_that_are_required(
    tmp_path: Path, declared: str, empty: str
) -> None:
    section = f'[[section]]\nname = "meta"\n{declared}\n'
    files = {
        "seedkit.toml": "",
        "schemas/s.json": '{"required": ["title"]}',
        "schemas/f.toml": f'extends = "builtin:front-matter"\nfiles = ["seeds/*"]\n{section}',
        "seeds/a.md": f"---\n{empty}---\n\nText.\n",
        "INDEX.md": "- [a](seeds/a.md)\n",
    }
    write_files(tmp_path, files)
    said = seedkit("check", "--format", "concise", cwd=tmp_path)
    assert said.code == 1
    (finding, _) = said.out.splitlines()
    assert "`title` is missing" in finding


def test_fields_and_a_schema_together() -> None:
    field = [{"name": "id", "type": "integer"}]
    assert found('{"id": "x"}', {"required": ["text"]}, field=field) == [
        '1: ‹"x"› `id` is `"x"`, not an integer',
        "1: ‹}› key `text` is missing",
    ]


def nested(depth: int) -> dict[str, Any]:
    """Twice the looks with each schema."""
    defs = {f"a{i}": {"allOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(depth)}
    return {"$ref": "#/$defs/a0", "$defs": {**defs, f"a{depth}": {"type": "string"}}}


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("[1,", "JSON does not parse: expecting value", 2),
        ("[]", "a JSON Schema is an object, not a list", None),
        (
            '{"type": "strin"}',
            'it is no JSON Schema: "strin" is not valid under any of the schemas listed in the…',
            9,
        ),
        (
            '{"pattern": "(?!a)"}',
            'it is no JSON Schema: "(?!a)" is not a "regex" without look-around and backreferences',
            12,
        ),
        (
            '{"$schema": "http://x"}',
            "`$schema` is `http://x`, no draft that is known: "
            "`https://json-schema.org/draft/2020-12/schema`",
            None,
        ),
        (
            '{"$ref": "http://example.org"}',
            "`$ref` to `http://example.org` leads out of the file; only `#…` is followed",
            None,
        ),
        ('{"$ref": "#/x/y"}', "`$ref` to `#/x/y`: there is nothing there", None),
        ('{"$ref": "#x"}', "`$ref` to `#x`: there is no such `$anchor`", None),
        ('{"$dynamicRef": "#x"}', "`$dynamicRef` is not understood; use `$ref`", None),
        ('{"not": {"$id": "x"}}', "`$id` is only understood at the top", None),
        (
            '{"anyOf": [{"$ref": "#"}]}',
            "a schema refers to itself without going into the value",
            None,
        ),
        (
            json.dumps(nested(40)),
            "so many schemas apply to one value that a check may not end",
            None,
        ),
        (json.dumps({"allOf": [{}] * 5001}), "it has more than 5,000 schemas within", None),
    ],
)
def test_schemas_that_can_not_be_used(text: str, message: str, at: int | None) -> None:
    with pytest.raises(BadSchema) as error:
        check_schema(text)
    assert (str(error.value), error.value.offset) == (message, at)


def test_anchors_and_pointers_are_followed() -> None:
    defs = {"a/b": {"items": [{}, {"const": 1}]}, "c": {"$anchor": "c", "const": 2}}
    draft = "https://json-schema.org/draft/2019-09/schema"
    one = {"oneOf": [{"$ref": "#/$defs/a~1b/items/1"}, {"$ref": "#c"}], "$defs": defs}
    assert found("2", {**one, "$schema": draft}) == []
    assert len(found("3", {**one, "$schema": draft})) == 1


def test_what_would_take_too_long() -> None:
    """Each level is looked at twice as often as the one around it."""
    schema = {"allOf": [{"items": {"$ref": "#"}}] * 2}
    check_schema(json.dumps(schema))
    assert found("[" * 16 + "]" * 16, schema) == []
    assert [each.partition("› ")[2] for each in found("[" * 60 + "]" * 60, schema)] == [
        "data is nested more than 16 deep: its schema would take too long"
    ]


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        (
            {"propertyNames": {"maxLength": 1}},
            {f"k{i}": 1 for i in range(4000)},
            TOO_LARGE,
        ),
        (
            {"anyOf": [{"maxLength": 1}] * 1500},
            "x" * 1_000_000,
            TOO_LARGE,
        ),
        (
            {"items": {"anyOf": [{"const": 2}] * 1000}},
            [1] * 1000,
            TOO_LARGE,
        ),
        (
            {"items": {"enum": [{"x": i} for i in range(60_000)]}},
            [1] * 30_000,
            "data has 30,002 values: its schema would take too long",
        ),
        (
            {"items": {"anyOf": [{"const": i} for i in range(4000)]}},
            [3999] * 200_000,
            "data has 200,002 values: its schema would take too long",
        ),
    ],
)
def test_errors_that_would_take_too_much(
    tmp_path: Path, schema: Any, value: Any, message: str
) -> None:
    files = {
        "seedkit.toml": 'ignore = ["repeat"]\n',
        "schemas/note.toml": FORMAT,
        "schemas/note.schema.json": json.dumps({"properties": {"v": schema}}),
        "seeds/a.jsonl": json.dumps({"v": value}) + "\n",
        "INDEX.md": "- [a](seeds/a.jsonl)\n",
    }
    write_files(tmp_path, files)
    (said,) = under_limits([(tmp_path, ("check", "--format", "concise", "-q"))])
    assert said == ran(
        f"seeds/a.jsonl:1:1: error[section/schema-mismatch] section `record`: {message}\n",
        code=1,
    )


def test_patterns_are_bounded_together() -> None:
    with pytest.raises(BadSchema, match="it has more than 250 patterns"):
        check_schema(json.dumps({"patternProperties": {f"a{i}.z": {} for i in range(300)}}))
    with pytest.raises(BadSchema, match="regex"):
        check_schema(json.dumps({"pattern": "(a{1000}){100}"}))


# -- oracles

NAMES = st.sampled_from(("a", "b"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "patternProperties": st.dictionaries(st.just("^a"), inner, max_size=1),
            "additionalProperties": inner,
            "items": inner,
            "prefixItems": some,
            "contains": inner,
            "allOf": some,
            "anyOf": some,
            "oneOf": some,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
        },
    )


LEAVES = st.one_of(
    st.booleans(),
    st.just({"$ref": "#/$defs/x"}),
    st.just({"$ref": "#"}),
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(("object", "array", "string", "integer", "null")),
            "enum": st.lists(VALUES, min_size=1, max_size=2),
            "minimum": st.integers(-1, 2),
            "maxLength": st.integers(0, 2),
            "minItems": st.integers(0, 2),
            "required": st.lists(NAMES, unique=True),
            "uniqueItems": st.booleans(),
        },
    ),
)
SCHEMAS = st.builds(
    lambda root, x: {**root, "$defs": {"x": x}},
    _schemas(st.recursive(LEAVES, _schemas, max_leaves=4)),
    st.recursive(LEAVES, _schemas, max_leaves=3),
)


def looks(schema: Any, value: Any, root: Any, depth: int = 0) -> dict[int, int]:
    """How often each value is looked at, if all that applies to it is: the slow obvious way."""
    counts = {id(value): 1}

    def add(inner: Any, at: Any) -> None:
        for key, count in looks(inner, at, root, depth + 1).items():
            counts[key] = counts.get(key, 0) + count

    if depth > 60:
        raise RecursionError
    for key, inner in schema.items() if isinstance(schema, dict) else ():
        if key == "$ref":
            add(root if inner == "#" else root["$defs"]["x"], value)
        elif key in ("allOf", "anyOf", "oneOf"):
            for each in inner:
                add(each, value)
        elif key in ("not", "if", "then", "else"):
            add(inner, value)
        elif isinstance(value, dict) and key in ("properties", "patternProperties"):
            for name, each in inner.items():
                for k in value:
                    if k == name.removeprefix("^"):
                        add(each, value[k])
        elif isinstance(value, dict) and key == "additionalProperties":
            for each in value.values():
                add(inner, each)
        elif isinstance(value, list) and key in ("items", "contains"):
            for each in value:
                add(inner, each)
        elif isinstance(value, list) and key == "prefixItems":
            for sub, each in zip(inner, value, strict=False):
                add(sub, each)
    return counts


@given(SCHEMAS, VALUES)
def test_a_schema_judges_as_another_library_does(schema: Any, value: Any) -> None:
    text = json.dumps(value)
    try:
        check_schema(json.dumps(schema))
    except BadSchema as error:
        assert "without going into the value" in str(error)
        return
    check, oracle = SchemaCheck(json.dumps(schema)), jsonschema.Draft202012Validator(schema)
    expected = oracle.is_valid(value)
    assert check.accepts(value) == expected
    problems = check.problems(json_tree(text), text)
    assert (not problems) == expected
    for problem in problems:
        assert 0 <= problem.start < problem.end <= len(text)


DEEP: st.SearchStrategy[Any] = st.recursive(
    st.builds(list),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=5,
)


@given(SCHEMAS, DEEP)
def test_no_value_is_looked_at_oftener_than_foreseen(schema: Any, value: Any) -> None:
    try:
        weight = weigh(schema)
    except BadSchema:
        return
    value = json.loads(json.dumps(value))  # no part of it is another part
    counts = looks(schema, value, schema)
    pending = [(value, 0)]
    while pending:
        each, depth = pending.pop()
        assert counts.get(id(each), 0) <= weight.looks * weight.growth**depth
        inner = each.values() if isinstance(each, dict) else each
        pending += [(one, depth + 1) for one in inner]


# -- the command


def test_a_schema_of_a_corpus_and_its_change(tmp_path: Path) -> None:
    files = {
        "seedkit.toml": "",
        "schemas/note.toml": FORMAT,
        "schemas/note.schema.json": '{"required": ["text"]}',
        "seeds/a.jsonl": '{"text": 1}\n{}\n',
        "INDEX.md": "- [a](seeds/a.jsonl)\n",
    }
    write_files(tmp_path, files)
    command = ("check", "--format", "concise", "-q")
    second = (
        "seeds/a.jsonl:2:2: error[section/schema-mismatch] section `record`: "
        "key `text` is missing\n"
    )
    assert seedkit(*command, cwd=tmp_path) == ran(second, code=1)
    assert seedkit(*command, cwd=tmp_path) == ran(second, code=1)
    write_files(tmp_path, {"schemas/note.schema.json": '{"properties": {"text": false}}'})
    first = (
        "seeds/a.jsonl:1:10: error[section/schema-mismatch] section `record`: "
        "`text` is `1`, which the schema does not allow\n"
    )
    assert seedkit(*command, cwd=tmp_path) == ran(first, code=1)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "../a.json",
            None,
            "schemas/note.toml:5:1: error[config/invalid-value] `schema` is `../a.json`, "
            "not the name of a `.json` file in schemas/",
        ),
        (
            "a.json",
            None,
            "schemas/note.toml:5:1: error[config/unreadable-file] `schema`: "
            "there is no file schemas/a.json",
        ),
        (
            "a.json",
            b"\xff",
            "schemas/note.toml:5:1: error[config/unreadable-file] `schema`: "
            "schemas/a.json can't be read: it is not UTF-8",
        ),
        (
            "a.json",
            b'{\n"type": 1}',
            "schemas/a.json:2:9: error[config/invalid-value] JSON Schema schemas/a.json can't be "
            "used: it is no JSON Schema: 1 is not valid under any of the schemas listed in the "
            "'anyO…",
        ),
        (
            "a.json",
            b"1",
            "schemas/note.toml:5:1: error[config/invalid-value] JSON Schema schemas/a.json can't "
            "be used: a JSON Schema is an object, not `1`",
        ),
    ],
)
def test_a_schema_that_can_not_be_used(
    tmp_path: Path, name: str, text: bytes | None, message: str
) -> None:
    schema = FORMAT.replace("note.schema.json", name)
    write_files(
        tmp_path, {"seedkit.toml": "", "schemas/note.toml": schema, "seeds/a.jsonl": "{}\n"}
    )
    if text is not None:
        (tmp_path / "schemas" / name).write_bytes(text)
    said = seedkit("check", "--format", "concise", cwd=tmp_path)
    assert (said.code, said.out) == (2, f"{message}\n"), said.err
