"""The format language: its faults, each with message and line; how formats extend; its manual.

tests/data/format_faults.txt holds a faulty schema a paragraph, and after `=> ` what is said of it:
`LINE: RULE: MESSAGE (HELP)`. `UPDATE=1` in the environment rewrites it, and the generated parts of
docs/formats.md.
"""

from __future__ import annotations

import os
import re
import tomllib
from typing import get_args

import pytest

from seedkit.core.diagnostic import Place
from seedkit.core.errors import ConfigError
from seedkit.core.patterns import compile_pattern, literal_prefix
from seedkit.corpus.analyse import Analyser
from seedkit.docs import format_reference, format_table
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_names, builtin_text, load_formats, merge
from seedkit.formats.spec import Encoding, FormatSpec
from seedkit.sources.source import MemorySource
from support.places import DATA, ROOT

FAULTS = DATA / "format_faults.txt"
MANUAL = ROOT / "docs" / "formats.md"
GENERATED = {"reference": format_reference, "formats": format_table}
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", MANUAL.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def load(text: str) -> FormatSpec:
    source = MemorySource({"schemas/x.toml": text.encode()})
    formats, _ = load_formats(source, [], Place("pyproject.toml"))
    return formats["x"]


def faults(text: str) -> list[str]:
    try:
        load(text)
    except ConfigError as error:
        return [
            f"{d.place.start.line if d.place.start else '-'}: {d.rule}: {d.message}"
            + (f" ({d.help})" if d.help else "")
            for d in error.diagnostics
        ]
    return []


def cases() -> list[tuple[str, str, list[str]]]:
    parts = FAULTS.read_text("utf-8").split("## ")[1:]
    found = []
    for part in parts:
        name, _, rest = part.partition("\n")
        lines = rest.rstrip("\n").split("\n")
        text = "\n".join(line for line in lines if not line.startswith("=> "))
        found.append((name, text + "\n", [x[3:] for x in lines if x.startswith("=> ")]))
    return found


CASES = cases()


def test_update() -> None:
    """Must run before the tests of the faults."""
    if not os.environ.get("UPDATE"):
        return
    text = "\n".join(
        f"## {name}\n{toml}" + "".join(f"=> {_short(line)}\n" for line in faults(toml))
        for name, toml, _ in CASES
    )
    FAULTS.write_text(text, "utf-8", newline="\n")
    CASES[:] = cases()


def _short(line: str) -> str:
    """Lists of every format or encoding are not repeated here."""
    return re.sub(r"(must name a built-in format:|encoding` must be one of) .*", r"\1 …", line)


@pytest.mark.parametrize("name", [name for name, _, _ in CASES])
def test_fault(name: str) -> None:
    text, expected = next((text, lines) for each, text, lines in CASES if each == name)
    assert expected
    assert [_short(line) for line in faults(text)] == expected


def test_faults_of_every_format_are_reported() -> None:
    source = MemorySource({"schemas/a.toml": b"x = 1", "schemas/b.toml": b"[file]\ny = 2\n"})
    with pytest.raises(ConfigError) as caught:
        load_formats(source, ["c"], Place("pyproject.toml"))
    places = [(d.place.path, d.rule) for d in caught.value.diagnostics]
    assert places == [
        ("schemas/a.toml", "config/unknown-key"),
        ("schemas/b.toml", "config/unknown-key"),
        ("pyproject.toml", "config/unknown-format"),
    ]


def test_order_of_formats() -> None:
    files = {f"schemas/{name}.toml": b'files = ["x"]' for name in "abc"}
    formats, places = load_formats(MemorySource(files), ["c"], Place("pyproject.toml"))
    assert list(formats) == ["c", "a", "b"]
    assert places["a"] == Place("schemas/a.toml")


@pytest.mark.parametrize("name", builtin_names())
def test_extends_builtin(name: str) -> None:
    spec = load(f'extends = "builtin:{name}"\nfiles = ["x/**"]\ntitle = "Mine"\n')
    assert spec.title == "Mine"
    assert spec.section or (spec.record is not None and spec.record.mode == "csv")
    assert spec.section == FormatSpec.model_validate(tomllib.loads(builtin_text(name))).section


@pytest.mark.parametrize("name", builtin_names())
def test_builtin_is_for_every_corpus(name: str) -> None:
    values = tomllib.loads(builtin_text(name))
    assert values["title"]
    assert "files" not in values
    assert "name" not in values.get("file", {})


def test_extends_overrides_by_key_and_by_section_name() -> None:
    spec = load(
        'extends = "builtin:news"\nfiles = ["x/**"]\nfile = { newline = "any" }\n'
        '[[section]]\nname = "title"\nmax_chars = 9\n[[section]]\nname = "note"\nrequired = false\n'
    )
    assert (spec.file.newline, spec.file.final_newline) == ("any", "forbid")
    assert [section.name for section in spec.section] == ["body", "title", "body_again", "note"]
    assert (spec.section[1].max_chars, spec.section[1].weight) == (9, 3.0)


def test_merge_replaces_a_delimiter_whole() -> None:
    base = {"record": {"mode": "start", "delimiter": {"pattern": "a"}}}
    merged = merge(base, {"record": {"delimiter": {"pattern": "b"}}})
    assert merged == {"record": {"mode": "start", "delimiter": {"pattern": "b"}}}


@pytest.mark.parametrize("encoding", get_args(Encoding))
def test_every_encoding_decodes(encoding: str) -> None:
    spec = FormatSpec.model_validate({"file": {"encoding": encoding}})
    facts = Analyser(Layout("x", spec)).analyse("seeds/x.txt", b"text\n")
    assert facts.diagnostics == ()


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        (r"\.I (?P<id>\d+)", ".I "),
        ("^ab", "ab"),
        ("ab*", "a"),
        ("a|b", ""),
        ("(?i)a", ""),
        ("a?", ""),
    ],
)
def test_literal_prefix(pattern: str, prefix: str) -> None:
    assert literal_prefix(pattern) == prefix
    compile_pattern(pattern)


# -- the manual


def test_manual_is_current() -> None:
    text = MANUAL.read_text("utf-8")
    for name, generate in GENERATED.items():
        begin, end = f"<!-- generated: {name} -->\n", "<!-- end -->"
        before, found, rest = text.partition(begin)
        assert found
        _, found, after = rest.partition(end)
        assert found
        text = f"{before}{begin}\n{generate()}\n{end}{after}"
    if os.environ.get("UPDATE"):
        MANUAL.write_text(text, "utf-8", newline="\n")
    assert MANUAL.read_text("utf-8") == text


def test_manual_says_every_key() -> None:
    assert "|  |\n" not in format_reference()


@pytest.mark.parametrize("block", BLOCKS, ids=[f"block{i}" for i in range(len(BLOCKS))])
def test_block_of_the_manual(block: str) -> None:
    load(block)


def test_example_of_the_manual() -> None:
    seed = re.search(r"```text\n(The ferry.*?)\n```", MANUAL.read_text("utf-8"), re.DOTALL)
    assert seed
    analyser = Analyser(Layout("news", load(BLOCKS[1])))
    path = "seeds/news/000_0123456789abcdef.txt"
    assert analyser.analyse(path, seed[1].encode()).diagnostics == ()
    [found] = analyser.analyse(path, seed[1][:-1].encode()).diagnostics
    assert (found.rule, found.place.start and found.place.start.line) == ("section/differs", 3)
