"""What is said of a text that is no TOML: what TOML expects there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.core.toml import TomlFile, TomlSyntaxError
from support.commandline import seedkit
from support.corpora import Files

LINE = "write `key = value`, `[table]` or `# comment` on a line"
QUOTES = "write texts in quotes: `\"…\"`, or `'…'`, where a backslash is a character as others"
MORE = (
    "there is more on the line than one value",
    "write one `key = value` a line, and texts in quotes of a kind that is not in them",
)
TWICE = ("the key or table is there twice", "keep one of the two")
TABLE_TWICE = (
    "the table `a.b` is there twice, or was made in another way before",
    "join the two, or write each as `[[table]]` if there are to be several",
)
MISSING = ("a value is missing", "write one; an array ends with `]`")
ESCAPE = (
    'a backslash in `"…"` begins an escape that TOML does not have',
    "write `\\\\`, or the text between `'…'`, where a backslash is a character as others",
)
UNCLOSED = ("a string is not closed", "end it with the quotation marks that it begins with")
EXPLAINED = {
    "a = hello": ("a value is expected here", QUOTES),
    "a = [seeds/**]": ("a value is expected here", QUOTES),
    "a = True": ("a value is expected here", "write `true`"),
    "a = off": ("a value is expected here", "write `false`"),
    "a = null": ("a value is expected here", "TOML has no such value: leave the key out"),
    "a = offset": ("a value is expected here", QUOTES),
    "a =": MISSING,
    "a = [1,,2]": MISSING,
    "a = 1\na = 2": TWICE,
    "a = {b=1, b=2}": TWICE,
    "[a.b]\n[a.b]": TABLE_TWICE,
    "a = {c=1}\n[a.b]": TABLE_TWICE,
    "a = {b=1}\na.c = 2": (
        "keys are added to an inline table, or to an array",
        "write all its keys between its braces",
    ),
    'a = "\\d+"': ESCAPE,
    'a = "\\u12"': ESCAPE,
    'a = "\\ud800"': ESCAPE,
    'a = "x': UNCLOSED,
    "a = 'x": UNCLOSED,
    'a = """x': UNCLOSED,
    "a = '''x": UNCLOSED,
    'a = "x\nb = 1': (
        "a string is not closed",
        'end it on its line, or write it between `"""` and `"""`',
    ),
    'a = "\x07"': ("there is a control character", "remove it, or write `\\u0007`"),
    "# \x00": ("there is a control character", "remove it, or write `\\u0000`"),
    "a = [1 2]": (
        "an array is not closed, or lacks a comma",
        "write commas between its items, and `]` at its end",
    ),
    "a = {b = 1\n}": (
        "an inline table is not closed, or lacks a comma",
        "write `{ key = value, key = value }` on one line",
    ),
    "a = 1 2": MORE,
    "a = 'it's'": MORE,
    "a = 1;": MORE,
    "[a\nb = 1": ("the header of a table is not closed", "write `[table]` or `[[table]]`"),
    "[a.]": ("a key is missing, or needs quotes", 'write `key` or `"any key"`'),
    "a: 1": ("`=` is missing after a key", LINE),
    "a": ("`=` is missing after a key", LINE),
    "{a: 1}": ("neither a key nor a table begins here", LINE),
    "\ufeffa = 1": ("it begins with a byte order mark", "save it as UTF-8 without one"),
    "a = 1\rb = 2": ("a line ends with a carriage return alone", "end lines with `\\n`"),
    "a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> main\n": (
        "there is a merge conflict",
        "resolve it, and delete its markers",
    ),
    "a = 1\n=======\n": ("there is a merge conflict", "resolve it, and delete its markers"),
    "." * 100 + "a." * 200 + " = 1": ("a key has more than 100 parts", "write a shorter one"),
    "a = " + "[" * 500: ("values are nested too deeply", "write them with fewer levels"),
    f"a = {'9' * 5000}": ("a number is too long", "write a shorter one"),
}


@pytest.mark.parametrize("text", EXPLAINED, ids=lambda text: text[:20])
def test_what_is_wrong_and_what_to_do(text: str) -> None:
    with pytest.raises(TomlSyntaxError) as caught:
        TomlFile(text)
    assert (caught.value.message, caught.value.help) == EXPLAINED[text]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("seedkit.toml", 'seeds = ["seeds"]\nindex = INDEX.md\n', "index = INDEX.md"),
        ("pyproject.toml", "[tool.seedkit]\nindex = INDEX.md\n", "index = INDEX.md"),
        ("schemas/f.toml", "# names\nfiles = seeds/**\n", "files = seeds/**"),
    ],
)
def test_a_settings_file(corpus: Callable[[Files], Path], path: str, text: str, line: str) -> None:
    marker = {} if path == "pyproject.toml" else {"seedkit.toml": ""}
    ran = seedkit("check", cwd=corpus({**marker, path: text, "seeds/a.txt": "a\n"}))
    column = line.index("=") + 3
    pad = " " * (column - 1)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"error[config/invalid-toml]: file is not valid TOML: a value is expected here\n"
        f" --> {path}:2:{column}\n  |\n2 | {line}\n  | {pad}^\n  |\n  = help: {QUOTES}\n\n"
        "seedkit check: stopped by 1 error in the configuration\n"
    )


def test_a_bomb_that_is_staged(corpus: Callable[[Files], Path]) -> None:
    """The look at what a commit is about has the bounds that a check has."""
    import subprocess

    root = corpus({"pyproject.toml": "a." * 40_000 + "a = 1\n", "seeds/a.txt": "a\n"})
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=root, check=True)
    ran = seedkit("check", "--staged", "--root", ".", cwd=root)
    assert ran.code == 2
    assert "a key has more than 100 parts" in ran.err
