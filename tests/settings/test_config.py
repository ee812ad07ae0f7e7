"""Configuration: every fault has its message, its line and its remedy, and none is a traceback."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.diagnostic import Diagnostic
from seedkit.core.errors import ConfigError, UsageError
from seedkit.settings.config import Config, load_config
from seedkit.settings.engines import CONFIGURABLE
from seedkit.sources.source import MemorySource
from support.corpora import lines, more

NAMES = ", ".join(f"`{name}`" for name in CONFIGURABLE)


def load(text: str, *overrides: str, isolated: bool = False) -> Config:
    source = MemorySource({"seedkit.toml": text.encode()})
    return load_config(source, isolated=isolated, overrides=overrides)[0]


def faults(text: str | bytes, name: str = "seedkit.toml") -> list[Diagnostic]:
    source = MemorySource({name: text if isinstance(text, bytes) else text.encode()})
    with pytest.raises(ConfigError) as caught:
        load_config(source)
    return caught.value.diagnostics


def shown(diagnostic: Diagnostic) -> str:
    """The fault as `line:column-column rule: message; help`."""
    start, end = diagnostic.place.start, diagnostic.place.end
    where = "" if start is None or end is None else f"{start.line}:{start.column}-{end.column} "
    remedy = f"; {diagnostic.help}" if diagnostic.help else ""
    return f"{where}{diagnostic.rule}: {diagnostic.message}{remedy}"


def test_without_a_file_there_are_the_defaults() -> None:
    assert load_config(MemorySource({})) == (Config(), None)
    assert load("") == Config()
    assert Config().seeds == ["seeds"]


def test_seedkit_toml_beats_pyproject() -> None:
    pyproject = b'[tool.seedkit]\nindex = "P.md"\n'
    both = MemorySource({"seedkit.toml": b'index = "S.md"', "pyproject.toml": pyproject})
    config, path = load_config(both)
    assert (config.index, path) == ("S.md", "seedkit.toml")
    config, path = load_config(MemorySource({"pyproject.toml": pyproject}))
    assert (config.index, path) == ("P.md", "pyproject.toml")
    assert load_config(MemorySource({"pyproject.toml": b"[tool.other]\n"})) == (Config(), None)
    assert load_config(MemorySource({"pyproject.toml": b"tool = 3\n"})) == (Config(), None)


def test_every_setting() -> None:
    config = load(
        """
        seeds = ["./seeds/", "more/deep"]
        index = "docs/INDEX.md"
        index_order = "path"
        formats = ["news"]
        exclude = ["seeds/drafts/**"]
        select = ["text", "name/pattern"]
        ignore = ["text/trailing-whitespace"]
        per_file_ignores = { "seeds/old/**" = ["repeat"] }
        near_duplicate = 1
        contained = 0.5
        passage_tokens = 8
        boilerplate_seeds = 2
        engine = "whoosh"
        language = "indonesian"
        """
    )
    assert config.seeds == ["seeds", "more/deep"]
    assert config.per_file_ignores == {"seeds/old/**": ["repeat"]}
    assert config.near_duplicate == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("selct = []", "1:1-6 config/unknown-key: unknown key `selct`; `select` is similar"),
        ("\n\nxyzzy = 1", "3:1-6 config/unknown-key: unknown key `xyzzy`; remove it"),
        ('"a.b\\u001b" = 1', "1:1-12 config/unknown-key: unknown key `a.b\\x1b`; remove it"),
        ("[near]\nx = 1", "1:1-7 config/unknown-key: unknown key `near`; remove it"),
        ('seeds = "seeds"', "1:1-6 config/invalid-value: `seeds` must be an array, not a string"),
        ("seeds = []", "1:1-6 config/invalid-value: `seeds` must not be empty"),
        (
            'seeds = ["a", 1]',
            "1:15-16 config/invalid-value: `seeds` must be a string, not an integer",
        ),
        ("[[index]]", "1:1-10 config/invalid-value: `index` must be a string, not an array"),
        ("index = {}", "1:1-6 config/invalid-value: `index` must be a string, not a table"),
        (
            "near_duplicate = true",
            "1:1-15 config/invalid-value: `near_duplicate` must be a number, not a boolean",
        ),
        (
            "passage_tokens = 9.5",
            "1:1-15 config/invalid-value: `passage_tokens` must be an integer, not a number",
        ),
        (
            "passage_tokens = 7",
            "1:1-15 config/invalid-value: `passage_tokens` must be at least 8, not `7`",
        ),
        (
            "contained = 0",
            "1:1-10 config/invalid-value: `contained` must be more than 0, not `0`",
        ),
        (
            'engine = "lucene"',
            f"1:1-7 config/invalid-value: `engine` must be one of {NAMES}, not `lucene`",
        ),
        (
            'language = "indonesain"',
            "1:1-9 config/invalid-value: `language`: `indonesain` is no language that is known; "
            "`indonesian` is similar",
        ),
        (
            'language = "klingon"',
            "1:1-9 config/invalid-value: `language`: `klingon` is no language that is known; "
            "write it in English, as `french`, or `none`",
        ),
        (
            'ignore = ["text", "text/nope"]',
            "1:19-30 config/unknown-rule: `ignore`: "
            "there is no rule or family `text/nope`; `text/bom` is similar",
        ),
        (
            'select = ["\\u202e"]',
            "1:11-19 config/unknown-rule: `select`: "
            "there is no rule or family `\\u202e`; `seedkit rule` lists them",
        ),
        (
            'exclude = ["a", "/"]',
            "1:17-20 config/bad-pattern: `exclude`: the pattern is not valid: it matches nothing",
        ),
        (
            '[per_file_ignores]\n"#x" = ["text"]',
            "2:1-5 config/bad-pattern: `per_file_ignores.#x`: the pattern is not valid: "
            "it is empty or a comment",
        ),
        (
            'per_file_ignores = { "a" = ["nope"] }',
            "1:29-35 config/unknown-rule: `per_file_ignores.a`: "
            "there is no rule or family `nope`; `seedkit rule` lists them",
        ),
    ],
)
def test_each_kind_of_fault(text: str, expected: str) -> None:
    assert [shown(fault) for fault in faults(text)] == [expected]


@pytest.mark.parametrize(
    "path", ["", "/abs", "../up", "a/../..", "seeds/..", "a\\\\b", "nul\\u0000"]
)
def test_folders_stay_inside_the_root(path: str) -> None:
    (fault,) = faults(f'seeds = ["{path}"]')
    assert fault.message == "`seeds`: the path must be relative to the root, inside it, with `/`"


def test_all_faults_at_once_in_pyproject() -> None:
    text = '[tool.seedkit]\nselct = 1\nindex = 2\n\n[tool.seedkit.per_file_ignores]\n"a" = 3\n'
    found = faults(text, "pyproject.toml")
    assert sorted(map(shown, found)) == [
        "2:1-6 config/unknown-key: unknown key `selct`; `select` is similar",
        "3:1-6 config/invalid-value: `index` must be a string, not an integer",
        "6:1-4 config/invalid-value: `per_file_ignores.a` must be an array, not an integer",
    ]
    assert {fault.place.path for fault in found} == {"pyproject.toml"}


@pytest.mark.parametrize("value", ["3", '"text"', "[1]", "true"])
def test_tool_seedkit_must_be_a_table(value: str) -> None:
    (fault,) = faults(f"[tool]\nseedkit = {value}\n", "pyproject.toml")
    assert shown(fault) == "2:1-8 config/invalid-value: `tool.seedkit` must be a table"


def test_files_that_are_not_toml() -> None:
    assert [shown(fault) for fault in faults("a = 1\nb = \n")] == [
        "2:5-5 config/invalid-toml: file is not valid TOML: a value is missing; "
        "write one; an array ends with `]`"
    ]
    assert [shown(fault) for fault in faults(b"a = 1\n# \xc3\xa9 \xff\n")] == [
        "2:5-5 config/invalid-toml: file is not UTF-8; save it as UTF-8"
    ]
    offset = faults(b"a = 1\n# \xc3\xa9 \xff\n")[0].place.start
    assert offset is not None
    assert offset.offset == 11


def test_a_file_that_is_too_large_is_not_read() -> None:
    (fault,) = faults("#" * 1_000_001)
    assert shown(fault) == (
        "config/unreadable-file: file can't be read: `seedkit.toml` has 1,000,001 bytes, "
        "at most 1,000,000 are read"
    )


def test_isolated_ignores_files_good_or_bad() -> None:
    assert load("selct = []", isolated=True) == Config()
    assert load("not toml", "engine=whoosh", isolated=True).engine == "whoosh"


def test_overrides() -> None:
    config = load(
        'index = "A.md"\nengine = "tantivy"',
        "index=B.md",
        "near-duplicate = 0.9",
        'select=["text"]',
        'per_file_ignores={"a"=["text"]}',
    )
    assert (config.index, config.engine, config.near_duplicate) == ("B.md", "tantivy", 0.9)
    assert (config.select, config.per_file_ignores) == (["text"], {"a": ["text"]})
    assert load("", "index=A.md", "index=B.md").index == "B.md"


@pytest.mark.parametrize(
    ("override", "message", "remedy"),
    [
        ("seeds", "--config seeds: write KEY=VALUE", None),
        ("", "--config : write KEY=VALUE", None),
        ("selct=1", "--config: unknown key `selct`", "`select` is similar"),
        ("=1", "--config: unknown key ``", "remove it"),
        ("[key]=1", "--config: unknown key `[key]`", "remove it"),
        ("seeds=[", "--config: `seeds` must be an array, not a string", None),
        (
            "engine=x",
            f"--config: `engine` must be one of {NAMES}, not `x`",
            None,
        ),
        (
            "passage_tokens=" + "9" * 5000,
            "--config: `passage_tokens` must be an integer, not a string",
            None,
        ),
        ("seeds=" + "[" * 5000, "--config: `seeds` must be an array, not a string", None),
    ],
)
def test_bad_overrides(override: str, message: str, remedy: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        load("", override)
    assert (caught.value.message, caught.value.help) == (message, remedy)


KNOWN = sorted(Config.model_fields)
scalars = (
    st.none().map(lambda _: "")
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["seeds", "text", "name/pattern", "auto", "*.txt", "!", "/", "[z-a]"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
tables = st.dictionaries(st.sampled_from(KNOWN) | st.text(max_size=8), values, max_size=4)


def to_toml(value: Any) -> str:
    """Write a value as TOML, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(to_toml, value))}]"
    if isinstance(value, dict):
        return (
            f"{{{', '.join(f'{to_toml(key)} = {to_toml(each)}' for key, each in value.items())}}}"
        )
    return repr(value)


@given(tables, st.booleans())
@more(4)
def test_any_values_give_a_configuration_or_explained_faults(
    table: dict[str, Any], own: bool
) -> None:
    lines = [f"{to_toml(key)} = {to_toml(value)}\n" for key, value in table.items()]
    text = "".join(lines) if own else "[tool.seedkit]\n" + "".join(lines)
    name = "seedkit.toml" if own else "pyproject.toml"
    try:
        load_config(MemorySource({name: text.encode("utf-8", "replace")}))
    except ConfigError as error:
        assert error.diagnostics
        for fault in error.diagnostics:
            assert fault.rule.startswith("config/")
            assert fault.message[:1] in "`fu"  # a key, `file …` or `unknown …`
            assert "\n" not in fault.message
            if fault.rule != "config/invalid-toml":
                assert fault.place.start is not None
                first = fault.place.start.line - (1 if own else 2)
                assert to_toml(list(table)[first]) in lines[first]


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_file_gives_a_configuration_or_explained_faults(data: bytes) -> None:
    for name in ("seedkit.toml", "pyproject.toml"):
        try:
            load_config(MemorySource({name: data}))
        except ConfigError as error:
            assert all(fault.message for fault in error.diagnostics)


@given(st.sampled_from(KNOWN) | st.text(max_size=5), values.map(to_toml) | st.text(max_size=12))
def test_any_override_gives_a_configuration_or_a_usage_error(key: str, value: str) -> None:
    try:
        load("", f"{key}={value}")
    except UsageError as error:
        assert error.message.startswith("--config")


@pytest.mark.parametrize(
    "path",
    [".git/config", ".git/x.md", ".GIT/x.md", "seeds/.git/x.md", ".git./x.md", "GIT~1/x.md",
     ".g\u200cit/x.md", "schemas/s.toml", "schemas/INDEX.md", "Schemas/x.md"],
)  # fmt: skip
def test_an_index_among_what_git_and_seedkit_own(path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(
            MemorySource({"seedkit.toml": f'select = ["text"]\nindex = "{path}"\n'.encode()})
        )
    assert lines(caught.value.diagnostics) == [
        "seedkit.toml:2:1: config/invalid-value: `index`: the path must not lead into `.git` or "
        "`schemas`"
    ]


@pytest.mark.parametrize(
    "path", ["seedkit.toml", "PyProject.toml", "seedkit-baseline.json", "seeds/a.txt", "INDEX"]
)
def test_an_index_that_is_no_markdown(path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(MemorySource({"seedkit.toml": f'index = "{path}"\n'.encode()}))
    assert lines(caught.value.diagnostics) == [
        "seedkit.toml:1:1: config/invalid-value: `index`: the index must be a Markdown file, such "
        "as `INDEX.md`"
    ]


@pytest.mark.parametrize("folder", [".git", "./.git/", "sub/.Git/hooks", "git~1"])
def test_seeds_in_what_git_owns(folder: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(MemorySource({"seedkit.toml": f'seeds = ["{folder}"]\n'.encode()}))
    assert lines(caught.value.diagnostics) == [
        "seedkit.toml:1:10: config/invalid-value: `seeds`: the path must not lead into git's own "
        "folder"
    ]
