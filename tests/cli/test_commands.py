"""The commands other than `check`: rule, schema, show-files, show-settings, stats."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.core.rules import RULES
from seedkit.docs.schemas import SCHEMAS, schema_text
from seedkit.formats.load import builtin_names, builtin_text
from seedkit.settings.config import Config
from support.commandline import CLEAN, DEMO, ran, seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]


# -- rule


def test_rule_lists(tmp_path: Path) -> None:
    code, out, err = seedkit("rule", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == sorted(RULES)
    width = max(map(len, RULES))
    assert f"{'text/bom':{width}}  error    A byte order mark at the start\n" in out
    family = seedkit("rule", "text").out
    width = max(len(name) for name in RULES if name.startswith("text/"))
    assert f"{'text/bom':{width}}  error    A byte order mark at the start\n" in family
    assert {line.split("/")[0] for line in family.splitlines()} == {"text"}


def test_rule_explains() -> None:
    code, out, err = seedkit("rule", "text/bom")
    assert (code, err) == (0, "")
    assert out.startswith(
        "# text/bom (error, sometimes fixable with `--fix`)\n\n"
        "A byte order mark at the start.\n\n## What it does\n\n"
    )
    assert seedkit("rule", "text/bom", "--all").out == out
    assert seedkit("rule", "index/unlisted-seed").out.startswith("# index/unlisted-seed (error, ")
    assert seedkit("rule", "text/empty").out.startswith("# text/empty (error, not fixable)\n")
    everything = seedkit("rule", "--all").out
    assert out in everything
    assert everything.count("## What it does") == len(RULES)
    assert seedkit("rule", "text", "--all").out in everything + "\n"


def test_rule_for_programs() -> None:
    code, out, err = seedkit("rule", "text/bom", "--format", "json")
    (entry,) = json.loads(out)
    assert (code, err) == (0, "")
    assert entry.pop("manual").startswith("A byte order mark at the start.\n\n## What it does\n")
    assert entry == {
        "name": "text/bom",
        "family": "text",
        "severity": "error",
        "fixable": True,
        "summary": "A byte order mark at the start",
    }
    assert [each["name"] for each in json.loads(seedkit("rule", "--format=json").out)] == sorted(
        RULES
    )


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("bom", "`text/bom` is similar"),
        ("text/bomb", "`text/bom` is similar"),
        ("unlisted-seeds", "`index/unlisted-seed` is similar"),
        ("tex", "`text` is similar"),
        ("\x1b", "`seedkit rule` lists them"),
    ],
)
def test_no_such_rule(given: str, remedy: str) -> None:
    shown = "\\x1b" if given == "\x1b" else given
    assert seedkit("rule", given) == ran(
        err=f"seedkit rule: error: there is no rule or family `{shown}`\n  help: {remedy}\n", code=2
    )


@pytest.mark.parametrize("command", ["rule", "schema"])
def test_no_corpus_is_needed(command: str, tmp_path: Path) -> None:
    """The common options are taken, so that an alias may always give them, and mean nothing."""
    plain = seedkit(command, cwd=tmp_path)
    assert plain.code == 0
    options = ("--root", "nowhere", "--isolated", "-v", "--jobs=2", "--color", "always")
    assert seedkit(command, *options, cwd=tmp_path) == plain


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rule", "text", "name"), "there is no place for `name`"),
        (("show-files", "seeds"), "there is no place for `seeds`"),
        (("stats", "--format", "xml"), "--format: `xml` is not one of text, json"),
        (("schema", "--all"), "there is no option `--all`"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], message: str) -> None:
    command = arguments[0]
    assert seedkit(*arguments) == ran(
        err=f"seedkit {command}: error: {message}\n  help: see `seedkit {command} --help`\n",
        code=2,
    )


# -- schema


def test_schema_lists() -> None:
    code, out, err = seedkit("schema")
    assert (code, err) == (0, "")
    names = [line.split()[0] for line in out.splitlines()]
    assert names == [*SCHEMAS, *(f"builtin:{name}" for name in builtin_names())]
    assert (
        "builtin:news               News article in three lines: body, title, and the body again\n"
        in out
    )


def test_schema_prints() -> None:
    for name in SCHEMAS:
        assert seedkit("schema", name) == ran(schema_text(name))
        assert seedkit("schema", name, encoding="ascii") == ran(schema_text(name))  # UTF-8
    for name in builtin_names():
        assert seedkit("schema", name) == seedkit("schema", f"builtin:{name}")
        assert seedkit("schema", name) == ran(builtin_text(name))


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("fortunes", "`builtin:fortune` is similar"),
        ("builtin:fortunes", "`builtin:fortune` is similar"),
        ("configs", "`config` is similar"),
        ("builtin:config", "`config` is similar"),
        ("nothing-like-it", "`seedkit schema` lists them"),
    ],
)
def test_no_such_schema(given: str, remedy: str) -> None:
    assert seedkit("schema", given) == ran(
        err=f"seedkit schema: error: there is no schema `{given}`\n  help: {remedy}\n", code=2
    )


# -- show-files


def test_show_files(corpus: Corpus) -> None:
    root = corpus(
        {
            **DEMO,
            "seedkit.toml": 'exclude = ["*.tmp"]\n',
            "schemas/note.toml": 'files = ["*.txt"]\n',
            "seeds/c.md": "# C\n",
            "seeds/d.tmp": "",
            "seeds/字\n.txt": "",
        }
    )
    (root / "seeds/link").symlink_to("a.txt")
    assert seedkit("show-files", cwd=root) == ran(
        "seeds/a.txt\tnote\nseeds/b.txt\tnote\nseeds/c.md\t(no format)\nseeds/字\\n.txt\tnote\n"
        "seeds/link\t(not read: is a symbolic link)\n"
    )
    assert seedkit("show-files", cwd=root, terminal=True) == ran(
        "seeds/a.txt     note\nseeds/b.txt     note\nseeds/c.md      (no format)\n"
        "seeds/字\\n.txt  note\nseeds/link      (not read: is a symbolic link)\n"
    )


def test_show_files_of_an_empty_corpus(corpus: Corpus) -> None:
    root = corpus({"seedkit.toml": ""})
    (root / "seeds").mkdir()
    said = (
        "seedkit show-files: error: there are no seeds: `seeds` holds no file\n"
        "  help: add one with `seedkit add FILE`, or set `seeds` to the folders that hold seeds\n"
    )
    assert seedkit("show-files", cwd=root) == ran(err=said, code=1)
    assert seedkit("show-files", cwd=root, terminal=True) == ran(err=said, code=1)


# -- show-settings


def test_show_settings(corpus: Corpus) -> None:
    root = corpus({**CLEAN, "schemas/other.toml": 'files = ["*.md", "*.\\u202e"]\n'})
    settings = [f"{key} = {json.dumps(value)}\n" for key, value in Config().model_dump().items()]
    text = "".join(settings)
    assert seedkit("show-settings", cwd=root) == ran(
        f"# root: {root}\n# from: seedkit.toml\n{text}\n"
        "# formats, in the order in which they claim files:\n"
        "# note: seeds/** (schemas/note.toml)\n"
        "# other: *.md, *.\\u202e (schemas/other.toml)\n"
    )
    (root / "schemas/note.toml").unlink()
    (root / "schemas/other.toml").unlink()
    (root / "seedkit.toml").unlink()
    given = ("show-settings", "--config", "engine=whoosh")
    assert seedkit(*given, cwd=root) == ran(
        f"# root: {root}\n# from: defaults, --config\n"
        + text.replace('engine = "auto"', 'engine = "whoosh"')
        + "\n# formats, in the order in which they claim files:\n# plain: * (built in)\n"
    )


def test_show_settings_is_toml_that_says_the_same(corpus: Corpus) -> None:
    root = corpus(
        {
            **CLEAN,
            "seedkit.toml": """\
seeds = ["seeds", "."]
exclude = ["a\\u007fb \\u0001 \\u202e \\"\\\\ü字😀", 'C:\\x']
near_duplicate = 1
contained = 0.25
[per_file_ignores]
"seeds/*.\\u0007" = ["text", "name"]
"*" = []
""",
        }
    )
    code, out, err = seedkit("show-settings", cwd=root)
    assert (code, err) == (0, "")
    assert all(c.isprintable() for c in out.replace("\n", ""))
    expected = Config.model_validate(tomllib.loads((root / "seedkit.toml").read_text()))
    assert Config.model_validate(tomllib.loads(out)) == expected
    assert tomllib.loads(seedkit("show-settings", "--isolated", cwd=root).out) == (
        Config().model_dump()
    )


def test_the_defaults_are_shown_anywhere(tmp_path: Path) -> None:
    shown = seedkit("show-settings", "--isolated", cwd=tmp_path)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("# root: none\n# from: defaults\nseeds = ")
    assert tomllib.loads(shown.out) == Config().model_dump()
    (tmp_path / "seedkit.toml").write_text('seeds = "wrong"')  # and no folder of seeds
    again = seedkit("show-settings", "--isolated", cwd=tmp_path)
    assert again == ran(shown.out.replace("root: none", f"root: {tmp_path}"))
    assert seedkit("show-settings", "--isolated", "--root", "none", cwd=tmp_path).code == 2


# -- stats


def test_stats(corpus: Corpus) -> None:
    root = corpus(
        {
            **DEMO,
            "schemas/a-quotes.toml": 'extends = "builtin:fortune"\nfiles = ["*.quotes"]\n',
            "schemas/note.toml": 'files = ["*.txt"]\n[file]\nfinal_newline = "require"\n',
            "seeds/c.quotes": "The tide.\n%\nThe lamp.\n" * 100,
            "seeds/d": "No format.\n",
        }
    )
    code, out, err = seedkit("stats", "--config", 'ignore=["repeat"]', cwd=root)
    assert (code, err) == (0, "")
    assert (
        out
        == """\
format    seeds  bytes  records  sections
(none)        1     11        0         0
a-quotes      1  2,200      101       101
note          2     39        2         2
total         4  2,250      103       103

rule                        findings
index/unlisted-seed                3
format/no-format                   1
text/missing-final-newline         1
"""
    )
    assert json.loads(seedkit("stats", "--format=json", cwd=root).out)["formats"]["note"] == {
        "seeds": 2, "bytes": 39, "records": 2, "sections": 2,
    }  # fmt: skip


def test_stats_for_programs(corpus: Corpus) -> None:
    root = corpus(CLEAN)
    assert json.loads(seedkit("stats", "--format", "json", cwd=root).out) == {
        "formats": {"note": {"seeds": 2, "bytes": 40, "records": 2, "sections": 2}},
        "total": {"seeds": 2, "bytes": 40, "records": 2, "sections": 2},
        "findings": {},
        "skipped": {},
    }
    assert seedkit("stats", cwd=root) == ran(
        "format  seeds  bytes  records  sections\n"
        "note        2     40        2         2\n"
        "total       2     40        2         2\n"
    )


TEXTS = {
    "seedkit.toml": '[splits]\ntrain = ["train*"]\ntest = ["test*"]\n',
    "schemas/prompts.toml": 'extends = "builtin:prompts"\nfiles = ["t*"]\n',
    "seeds/train.txt": "What is it that the miller has?\nWho was there with the keeper?\nWhy?\n",
    "seeds/test.txt": "水車\n",
    "seeds/other": "No format, but words.\n",
    "INDEX.md": "- [a](seeds/train.txt)\n- [b](seeds/test.txt)\n- [c](seeds/other)\n",
}


def test_stats_of_texts(corpus: Corpus) -> None:
    code, out, err = seedkit("stats", "--texts", cwd=corpus(TEXTS))
    assert (code, err) == (0, "")
    assert (
        """
texts          records  words  characters
(none)               1      4          22
prompts test         1      2           2
prompts train        3     14          65

(none): seeds by language: none 1
4-7 words  1  ########################################

prompts test: seeds by language: zh 1
2-3 words  1  ########################################

prompts train: seeds by language: en 1
  1 words  1  ####################
4-7 words  2  ########################################
"""
        in out
    )


def test_stats_of_texts_for_programs(corpus: Corpus) -> None:
    root = corpus(TEXTS)
    texts = json.loads(seedkit("stats", "--texts", "--format=json", cwd=root).out)["texts"]
    assert texts[0]["format"] is texts[0]["split"] is None
    assert texts[2] == {
        "format": "prompts",
        "split": "train",
        "records": 3,
        "words": 14,
        "characters": 65,
        "languages": {"en": 1},
        "lengths": [{"from": 1, "to": 1, "records": 1}, {"from": 4, "to": 7, "records": 2}],
    }
    assert "texts" not in json.loads(seedkit("stats", "--format=json", cwd=root).out)


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_seeds_that_can_not_be_listed(corpus: Corpus) -> None:
    root = corpus({**CLEAN, "seeds/shut/c.txt": "C.\n"})
    (root / "seeds/shut").chmod(0)
    try:
        code, out, err = seedkit("show-files", cwd=root)
        assert (code, err) == (0, "")
        if os.access(root / "seeds/shut", os.R_OK):  # root may read everything
            assert out == "seeds/a.txt\tnote\nseeds/b.txt\tnote\nseeds/shut/c.txt\tnote\n"
        else:
            assert out.endswith("seeds/shut\t(not read: can't be listed: permission denied)\n")
    finally:
        (root / "seeds/shut").chmod(0o755)
