"""Values that name others: of the file, of the corpus, of another format; found and remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.findings import corpus_findings
from seedkit.core.diagnostic import Diagnostic, sort_key
from seedkit.core.errors import ConfigError
from seedkit.corpus.workspace import Workspace
from seedkit.settings.load import load_settings
from seedkit.sources.source import MemorySource
from seedkit.store.database import CacheDatabase
from support.corpora import more

RULES = ("section/unknown-reference", "section/not-unique")
FIELDS = """extends = "builtin:jsonl"
files = ["**/*.jsonl"]
[[section]]
name = "record"
[[section.field]]
name = "id"
unique = "{scope}"
[[section.field]]
name = "parent"
required = false
null = true
references = "id"
"""
COLUMNS = """files = ["**/*.csv"]
[record]
mode = "csv"
[[section]]
name = "id"
unique = "{scope}"
[[section]]
name = "parent"
empty = "allow"
references = "id"
"""


def found(
    files: Mapping[str, str], schemas: Mapping[str, str], database: str | None = None
) -> list[Diagnostic]:
    own = {f"schemas/{name}.toml": text for name, text in schemas.items()}
    given = {"seedkit.toml": 'seeds = ["s"]\n', **own, "s/note.txt": "", **files}
    source = MemorySource({path: text.encode() for path, text in given.items()})
    workspace = Workspace(source, load_settings(source), CacheDatabase(database))
    workspace.refresh()
    diagnostics = corpus_findings(workspace, repeats=False).diagnostics
    return sorted((each for each in diagnostics if each.rule in RULES), key=sort_key)


def told(diagnostics: list[Diagnostic]) -> list[str]:
    return [
        f"{each.place.path}:{each.place.start.line}:{each.place.start.column} {each.message}"
        for each in diagnostics
        if each.place.start is not None
    ]


def lines(*records: Any) -> str:
    return "".join(json.dumps(each) + "\n" for each in records)


@pytest.mark.parametrize(("scope", "where"), [("file", "this file"), ("corpus", "the corpus")])
def test_a_value_that_names_none_is_reported_where_it_stands(scope: str, where: str) -> None:
    text = lines(
        {"id": "a", "parent": None}, {"id": "b", "parent": "a"}, {"id": "c", "parent": "d"}
    )
    assert told(found({"s/x.jsonl": text}, {"x": FIELDS.format(scope=scope)})) == [
        f's/x.jsonl:3:23 section `record`: `parent` is `"d"`, which is no `id` of {where}'
    ]
    table = 'id,parent\na,\n"b",a\nc,"d"\n'
    assert told(found({"s/x.csv": table}, {"x": COLUMNS.format(scope=scope)})) == [
        f"s/x.csv:4:4 section `parent` is `d`, which is no `id` of {where}"
    ]


def test_the_scope_is_that_of_what_is_named() -> None:
    files = {"s/a.jsonl": lines({"id": "a"}), "s/b.jsonl": lines({"id": "b", "parent": "a"})}
    assert found(files, {"x": FIELDS.format(scope="corpus")}) == []
    assert len(found(files, {"x": FIELDS.format(scope="file")})) == 1


def test_numbers_and_texts_name_each_other() -> None:
    text = lines(
        {"id": 1}, {"id": 2, "parent": 1.0}, {"id": 3, "parent": "2"}, {"id": 4, "parent": 5}
    )
    [finding] = found({"s/x.jsonl": text}, {"x": FIELDS.format(scope="file")})
    assert finding.place.start is not None
    assert finding.place.start.line == 4


def test_another_format_is_named() -> None:
    page = """files = ["**/*.md"]
[[section]]
name = "meta"
delimiter = "---"
close = "---"
content = "yaml"
[[section.field]]
name = "source[]"
references = "x:record.id"
[[section]]
name = "body"
rest = true
"""
    files = {
        "s/x.jsonl": lines({"id": "a"}, {"id": 2}),
        "s/p.md": "---\nsource:\n  - a\n  - 2\n  - b\n---\nText\n",
    }
    assert told(found(files, {"x": FIELDS.format(scope="corpus"), "page": page})) == [
        "s/p.md:5:5 section `meta`: `source[]` is `b`, which is no `record.id` of format `x`"
    ]


@pytest.mark.parametrize("scope", ["file", "corpus"])
def test_what_a_broken_record_may_be_is_not_missed(scope: str) -> None:
    text = '{"id": "a"\n' + lines({"id": "b", "parent": "a"})
    assert found({"s/x.jsonl": text}, {"x": FIELDS.format(scope=scope)}) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('references = "id"', 'references = "ids"', "names `ids`, and there is no such section"),
        ('unique = "file"\n', "", "names `id`, which is not `unique`"),
        ('references = "id"', 'references = "y:id"', "names format `y`, which there is not"),
        (
            'references = "id"',
            'references = "z:id"',
            'names `id` of format `z`, which is not `unique = "corpus"`',
        ),
        ('references = "id"', 'references = "z:od"', "names `od`, and there is no such section"),
    ],
)
def test_a_reference_to_nothing_is_a_fault_of_the_format(old: str, new: str, message: str) -> None:
    text = FIELDS.format(scope="file").replace(old, new)
    with pytest.raises(ConfigError) as refused:
        found({}, {"x": text, "z": COLUMNS.format(scope="file")})
    [fault] = refused.value.diagnostics
    assert (fault.rule, fault.place.path) == ("config/inconsistent-format", "schemas/x.toml")
    assert message in fault.message
    assert fault.place.start is not None
    assert text.split("\n")[fault.place.start.line - 1].startswith("references")


IDS = st.sampled_from(["a", "b", "c", 1, "d e"])
RECORDS = st.lists(st.fixed_dictionaries({"id": IDS, "parent": IDS | st.none()}), max_size=4)
CORPORA = st.dictionaries(st.sampled_from(["s/a.jsonl", "s/b.jsonl", "s/c.jsonl"]), RECORDS)


def by_hand(corpus: Mapping[str, list[dict[str, Any]]], scope: str) -> list[tuple[str, int, str]]:
    """Path, line and rule of each fault, looked up record by record."""
    wrong = []
    seen: list[tuple[str, str]] = []
    for path in sorted(corpus):
        for number, record in enumerate(corpus[path], start=1):
            same = [one for one in seen if one[1] == str(record["id"])]
            if any(scope == "corpus" or of == path for of, _ in same):
                wrong.append((path, number, RULES[1]))
            seen.append((path, str(record["id"])))
            near = corpus if scope == "corpus" else {path: corpus[path]}
            ids = [str(other["id"]) for records in near.values() for other in records]
            if record["parent"] is not None and str(record["parent"]) not in ids:
                wrong.append((path, number, RULES[0]))
    return sorted(wrong)


@more(3)
@given(states=st.lists(CORPORA, min_size=1, max_size=3), scope=st.sampled_from(["file", "corpus"]))
def test_findings_are_those_of_a_comparison_by_hand_at_every_step(
    states: list[dict[str, Any]], scope: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = str(Path(tmp_path_factory.mktemp("references")) / "cache")
    for corpus in states:
        files = {path: lines(*records) for path, records in corpus.items()}
        given = found(files, {"x": FIELDS.format(scope=scope)}, database)
        assert sorted(
            (each.place.path, each.place.start.line, each.rule)
            for each in given
            if each.place.start is not None
        ) == by_hand(corpus, scope)
        for each in given:
            if each.rule == RULES[0] and each.place.start and each.place.end:
                data = files[each.place.path].encode()
                there = data[each.place.start.offset : each.place.end.offset].decode()
                assert f"is `{there}`, which" in each.message
