"""Settings and formats that ask for too much: refused at the key, with the bound, at no cost."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.bounded import under_limits
from support.commandline import seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]

PLAIN = 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n'
SEED = {"INDEX.md": "# Seeds\n\n- [a](seeds/a.txt)\n", "seeds/a.txt": "Two words\n"}
HEX = "0x" + "f" * 4000
SHOWN_HEX = "0xfffffffffffffffff…"
BILLION = "1,000,000,000"


def listed(pattern: str, count: int) -> str:
    return "[" + ", ".join(f'"{pattern.format(n)}"' for n in range(count)) + "]"


def format_with(section: str = "", file: str = "", top: str = "") -> str:
    file = f"[file]\n{file}\n" if file else ""
    return f'files = ["seeds/**"]\n{top}\n{file}[[section]]\nname = "t"\n{section}\n'


SETTINGS = {
    "passage_tokens = 1000000000": "`passage_tokens` must be at most 100,000, not `1000000000`",
    f"passage_tokens = {'1' * 30}": f"`passage_tokens` must be at most 100,000, not `{'1' * 30}`",
    f"passage_tokens = {HEX}": f"`passage_tokens` must be at most 100,000, not `{SHOWN_HEX}`",
    f"boilerplate_seeds = {HEX}": f"`boilerplate_seeds` must be at most {BILLION}, not "
    f"`{SHOWN_HEX}`",
    "near_duplicate = nan": "`near_duplicate` must be at most 1, not `nan`",
    "near_duplicate = inf": "`near_duplicate` must be at most 1, not `inf`",
    "contained = -inf": "`contained` must be more than 0, not `-inf`",
    f"exclude = {listed('x{}/**', 40_000)}": "`exclude` has 40,000 entries, at most 1,000 are "
    "allowed",
    f'exclude = ["{"*a" * 50_000}"]': "an entry of `exclude` has 100,000 characters, at most 4,096 "
    "are allowed",
    f"exclude = {listed('{}/' + '[!a]*/' * 100, 300)}": "`exclude`: the patterns do not "
    "compile: together they are too large",
    f"seeds = {listed('s{}', 2_000)}": "`seeds` has 2,000 entries, at most 1,000 are allowed",
    f"formats = {listed('f{}', 2_000)}": "`formats` has 2,000 entries, at most 1,000 are allowed",
    f"ignore = {listed('texx', 2_000)}": "`ignore` has 2,000 entries, at most 1,000 are allowed",
    f'index = "{"x/" * 100_000}INDEX.md"': "`index` has 200,008 characters, at most 4,096 are "
    "allowed",
    f'language = "{"x" * 100_000}"': "`language` has 100,000 characters, at most 64 are allowed",
    "[per_file_ignores]\n" + "\n".join(f'"x{n}" = []' for n in range(2_000)): "`per_file_ignores` "
    "has 2,000 entries, at most 1,000 are allowed",
    f"seeds = [{HEX}]": "`seeds` must be a string, not an integer",
}
FORMATS = {
    format_with("weight = 1e8"): "`section.weight` must be at most 100, not `100000000.0`",
    format_with("weight = 1e16"): "`section.weight` must be at most 100, not `1e+16`",
    format_with("weight = inf"): "`section.weight` must be at most 100, not `inf`",
    format_with("weight = nan"): "`section.weight` must be at most 100, not `nan`",
    **{
        format_with(f"{key} = {HEX}"): f"`section.{key}` must be at most {BILLION}, not "
        f"`{SHOWN_HEX}`"
        for what in ("chars", "words", "lines")
        for key in (f"min_{what}", f"max_{what}")
    },
    format_with('content = "rows"\ncolumns = 1000000000'): "`section.columns` must be at most "
    "100,000, not `1000000000`",
    format_with(file=f"max_bytes = {HEX}"): f"`file.max_bytes` must be at most {BILLION}, not "
    f"`{SHOWN_HEX}`",
    format_with(top=f"seedkit = {HEX}"): f"`seedkit` is too large a number: `{SHOWN_HEX}`",
    format_with(top=f'title = "{"x" * 2_000}"'): "`title` has 2,000 characters, at most 1,000 are "
    "allowed",
    format_with(f"enum = {listed('{}', 20_000)}"): "`section.enum` has 20,000 entries, at most "
    "10,000 are allowed",
    format_with(f'separator = "{"x" * 2_000}"'): "`section.separator` has 2,000 characters, at "
    "most 1,000 are allowed",
    format_with("[[section]]\n" * 1_000): "`section` has 1,001 entries, at most 256 are allowed",
    format_with("[[rule]]\n" * 1_000): "`rule` has 1,000 entries, at most 256 are allowed",
    format_with(file=f"name = '{'(' * 4_900}a{')' * 4_900}'"): "`file.name`: the pattern does not "
    "compile: it has 4,900 groups, at most 100 are allowed; write `(?:…)` for those without a name",
    format_with(file=rf"name = '\pL{{1000}}{'[a-z]' * 900}'"): "`file.name`: the pattern does not "
    "compile: pattern too large - compile failed",
    f"files = {listed('a{}', 2_000)}": "`files` has 2,000 entries, at most 1,000 are allowed",
    f"files = {listed('{}/' + '[!a]*/' * 100, 300)}": "`files`: the patterns are not valid: "
    "together they are too large",
    "files = ['a']\n"
    + "".join(
        f"[[section]]\nname = 's{n}'\npattern = '(?:\\p{{L}}{{60}})x{n}'\n" for n in range(60)
    ): "`section.pattern`: the pattern does not compile: the patterns of all formats are too large "
    "together",
}


def faults(err: str) -> list[str]:
    return re.findall(r"^error\[[\w/-]+\]: (.*)", err, re.MULTILINE)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are the system's")
def test_too_much_is_refused_at_the_key(tmp_path: Path) -> None:
    runs, expected = [], []
    for text, message in SETTINGS.items():
        expected.append((text, message))
    for text, message in FORMATS.items():
        expected.append((text, message))
    for number, (text, _) in enumerate(expected):
        root = tmp_path / str(number)
        name = "seedkit.toml" if number < len(SETTINGS) else "schemas/f.toml"
        files = {"seedkit.toml": "", "schemas/f.toml": PLAIN, **SEED, name: text}
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content)
        runs.append((root, ["search", "words"] if "weight" in text else ["check"]))
    for (text, message), (code, out, err) in zip(expected, under_limits(runs), strict=True):
        assert (code, out) == (2, ""), (text[:80], err[:500])
        assert set(faults(err)) == {message}, text[:80]


def test_of_very_many_faults_a_hundred_are_shown(corpus: Corpus) -> None:
    root = corpus({"seedkit.toml": "".join(f"key{n} = 1\n" for n in range(3_000)), **SEED})
    shown = faults(seedkit("check", cwd=root).err)
    assert shown[:2] == ["unknown key `key0`", "unknown key `key1`"]
    assert shown[99:] == ["unknown key `key99`", "2,900 more faults are not shown"]


def test_formats_have_bounds_together(corpus: Corpus) -> None:
    root = corpus({"seedkit.toml": "", **SEED})
    globs = {f"schemas/f{n}.toml": f"files = {listed('a{}', 900)}" for n in range(6)}
    ran = seedkit("check", cwd=corpus(globs))
    assert faults(ran.err) == ["`files` of all formats have more than 5,000 patterns together"]
    large = {f"schemas/f{n}.toml": f"files = ['a']#{'x' * 900_000}" for n in range(6)}
    ran = seedkit("check", cwd=corpus(large))
    assert faults(ran.err) == [
        "the formats have 5,400,084 bytes together, at most 4,000,000 are read"
    ]
    assert ran.code == 2
    assert root.is_dir()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("passage_tokens=1000000000", "`passage_tokens` must be at most 100,000, not `1000000000`"),
        (f"passage_tokens={HEX}", f"`passage_tokens` must be at most 100,000, not `{SHOWN_HEX}`"),
        ("near_duplicate=nan", "`near_duplicate` must be at most 1, not `nan`"),
    ],
)
def test_options_have_the_same_bounds(corpus: Corpus, option: str, message: str) -> None:
    root = corpus({"seedkit.toml": "", **SEED})
    ran = seedkit("check", "--config", option, cwd=root)
    assert (ran.code, ran.err) == (2, f"seedkit check: error: --config: {message}\n")
