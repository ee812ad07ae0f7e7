"""What pydantic says of a format, in our words, once for each cause."""

from __future__ import annotations

import pytest

from seedkit.core.diagnostic import Place
from seedkit.core.errors import ConfigError
from seedkit.core.validation import InvalidToml, TomlSource, table_keys
from seedkit.formats.load import load_formats
from seedkit.formats.spec import FormatSpec
from seedkit.settings.config import Config
from seedkit.sources.source import MemorySource


def faults(text: str) -> list[str]:
    """The faults of a format file, as `line:column rule: message`."""
    source = MemorySource({"schemas/f.toml": f'files = ["*"]\n{text}'.encode()})
    with pytest.raises(ConfigError) as caught:
        load_formats(source, [], Place("seedkit.toml"))
    return [
        f"{d.place.start.line}:{d.place.start.column} {d.rule}: {d.message}"
        + (f"; {d.help}" if d.help else "")
        for d in caught.value.diagnostics
        if d.place.start is not None
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a key that takes a string, some or a table says so once
        (
            'record = {mode = "start", delimiter = 3}',
            [
                "2:27 config/invalid-value: `record.delimiter` must be a string, an array "
                "of strings or a table, not an integer"
            ],
        ),
        (
            '[record]\nmode = "start"\ndelimiter = {pattern = 3}',
            [
                "4:14 config/invalid-value: `record.delimiter.pattern` must be a string, not an "
                "integer"
            ],
        ),
        (
            '[record]\nmode = "block"\nopen = []\nclose = "y"',
            [
                "4:1 config/invalid-value: `record.open` must be a string, an array of strings "
                "or a table, not an array"
            ],
        ),
        (
            '[[section]]\nname = "a"\ndelimiter = {pattern = "("}',
            [
                "4:14 config/bad-pattern: `section.delimiter.pattern`: the pattern does not "
                "compile: missing ): ("
            ],
        ),
        # tables within tables
        (
            '[[section]]\nname = "a"\n[[section]]\nnam = "b"',
            [
                "5:1 config/unknown-key: unknown key `nam` in `[[section]]`; `name` is similar",
            ],
        ),
        (
            '[file.hash]\ngroup = "id"\nalgo = "x"',
            ["4:1 config/unknown-key: unknown key `algo` in `[file.hash]`; `algorithm` is similar"],
        ),
        ("file = 3", ["2:1 config/invalid-value: `file` must be a table, not an integer"]),
        ('section = "x"', ["2:1 config/invalid-value: `section` must be an array, not a string"]),
        (
            "[sections]\ntrim = 1",
            ["3:1 config/invalid-value: `sections.trim` must be `true` or `false`, not an integer"],
        ),
        ("seedkit = 2", ["2:1 config/invalid-value: `seedkit` must be 1, not `2`"]),
        # faults of the whole
        (
            '[file]\nunique = ["id"]',
            ["3:11 config/inconsistent-format: `file.name` has no group `(?P<id>…)`"],
        ),
        (
            '[[section]]\nname = "a"\nmin_chars = 3\nmax_chars = 2',
            ["5:1 config/invalid-value: `section`: `max_chars` is less than `min_chars`"],
        ),
        (
            '[file]\nname = "(?=a)"',
            [
                "3:1 config/bad-pattern: `file.name`: the pattern does not compile: "
                "look-ahead and look-behind are not supported"
            ],
        ),
    ],
)
def test_faults_of_a_format(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


def test_hidden_characters_are_shown_as_escapes() -> None:
    text = '[[section]]\nname = "a"\n"k\\u001b" = 1\npattern = "(\\u202e"'
    assert all(message.isprintable() for message in faults(text))
    assert len(faults(text)) == 2


def test_table_keys_reach_every_table() -> None:
    known = table_keys(FormatSpec)
    assert known["file", "hash"] == ["group", "algorithm", "of"]
    assert known["record", "delimiter"] == ["pattern", "name"]
    assert "weight" in known["section",]
    assert table_keys(Config) == {(): list(Config.model_fields)}


@pytest.mark.parametrize(
    ("data", "line", "column", "offset"),
    [
        (b"a = 1\r\nb = ]", 2, 5, 11),
        ("# é\nb = ]".encode(), 2, 5, 9),
        ("a = 'é', ]".encode(), 1, 8, 8),
        (b"a = [", 1, 6, 5),
        (b"\xff", 1, 1, 0),
        (b"\xef\xbb\xbfa = 1", 1, 1, 0),
    ],
)
def test_the_place_of_a_syntax_error(data: bytes, line: int, column: int, offset: int) -> None:
    with pytest.raises(InvalidToml) as caught:
        TomlSource("x.toml", data)
    assert caught.value.diagnostic.place.start == (line, column, offset)


def test_places_count_characters_and_bytes() -> None:
    source = TomlSource("x.toml", "# é\n[té]\n'é' = 1\n".replace("[té]", "['té']").encode())
    place = source.place(("té", "é"))
    assert (place.start, place.end) == ((3, 1, 13), (3, 4, 17))
    assert source.place(("nothing",)) == Place("x.toml")
