"""What is easily got wrong is reported at the key, with the right remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.commandline import CLEAN, ran, seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]
FORMAT = 'files = ["seeds/**"]\n'
SECTION = f'{FORMAT}[[section]]\nname = "a"\n'


@pytest.mark.parametrize(
    ("name", "text", "line", "message", "remedy"),
    [
        (
            "seedkit.toml",
            '[tool.seedkit]\nindex = "x.md"\n',
            "1:1",
            "unknown key `tool`",
            "in seedkit.toml, keys stand at the top, without the header `[tool.seedkit]`",
        ),
        (
            "schemas/note.toml",
            '[[section]]\nname = "a"\nfiles = ["seeds/**"]\n',
            "3:1",
            "unknown key `files` in `[[section]]`",
            "it belongs at the top of the file, above `[[section]]`",
        ),
        (
            "schemas/note.toml",
            f"{SECTION}max_bytes = 3\n",
            "4:1",
            "unknown key `max_bytes` in `[[section]]`",
            "it is a key of `[file]`",
        ),
        (
            "schemas/note.toml",
            f"{FORMAT}[[section]]\nnmae = 'a'\n",
            "3:1",
            "unknown key `nmae` in `[[section]]`",
            "`name` is similar",
        ),
        (
            "schemas/note.toml",
            f"{SECTION}enum = []\n",
            "4:1",
            "`section.enum` must not be empty",
            None,
        ),
        (
            "schemas/note.toml",
            f"{SECTION}min_words = 5\nmax_words = 3\n",
            "5:1",
            "`section`: `max_words` is less than `min_words`",
            None,
        ),
        (
            "schemas/note.toml",
            f'{FORMAT}[record]\nmode = "separator"\nmin = 5\nmax = 3\ndelimiter = "%"\n',
            "5:1",
            "`record`: `max` is less than `min`",
            None,
        ),
        (
            "schemas/note.toml",
            'files = ["seeds/**", "../x"]\n',
            "1:22",
            "`files`: the pattern `../x` is not valid: it can never match: no path of the "
            "corpus has `..` in it",
            None,
        ),
        (
            "seedkit.toml",
            'exclude = ["./seeds/x"]\n',
            "1:12",
            "`exclude`: the pattern is not valid: it can never match: no path of the corpus "
            "has `.` in it",
            None,
        ),
    ],
)
def test_at_the_key(
    corpus: Corpus, name: str, text: str, line: str, message: str, remedy: str | None
) -> None:
    root = corpus({**CLEAN, name: text})
    code, out, err = seedkit("check", "--format=concise", cwd=root)
    assert (code, err) == (2, "seedkit check: stopped by 1 error in the configuration\n")
    assert out.startswith(f"{name}:{line}: error[config/")
    assert out.endswith(f"] {message}\n")
    shown = seedkit("check", cwd=root).err
    assert (f"  = help: {remedy}\n" in shown) if remedy else "help:" not in shown


def test_a_root_without_a_corpus(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    remedy = "`seedkit init` makes one of a folder of texts"
    for command in (["check"], ["search", "x"], ["stats"], ["check", "--staged"]):
        said = seedkit(*command, "--root", "empty", cwd=tmp_path)
        message = f"seedkit {command[0]}: error: --root: there is no corpus in `empty`\n"
        assert said == ran(err=f"{message}  help: {remedy}\n", code=2)
    root = corpus(CLEAN)
    said = seedkit("check", "--root", "corpus/seeds", cwd=tmp_path)
    assert said.err.endswith(f"  help: the corpus around it is {root}\n")


@pytest.mark.parametrize("pattern", ["*", "**", "/**", "**/*"])
def test_no_rule_for_any_file(corpus: Corpus, pattern: str) -> None:
    every = '["text", "name", "format", "section", "index", "repeat", "config"]'
    root = corpus({**CLEAN, "seedkit.toml": f'[per_file_ignores]\n"{pattern}" = {every}\n'})
    assert seedkit("check", cwd=root) == ran(
        err="seedkit check: error: no rule is left to check: `per_file_ignores` leaves none for "
        "any file\n  help: to leave files out altogether, use `exclude`\n",
        code=2,
    )
    (root / "seedkit.toml").write_text(f'[per_file_ignores]\n"{pattern}" = ["text", "index"]\n')
    assert seedkit("check", cwd=root).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-lc", "tide"], "there is no option `-c`\n  help: `--count` prints the number of hits\n"),
        (["-cl", "tide"], "there is no option `-c`\n  help: `--count` prints the number of hits\n"),
        (["-li", "tide"], "there is no option `-i`\n  help: case never counts\n"),
        (
            ["-r", "tide"],
            "there is no option `-r`\n  help: all seeds are searched, whatever their folder\n",
        ),
        (
            ["-n", "-1", "tide"],
            "-n: `-1` is not a number of hits, 0 to 1,000,000\n"
            "  help: see `seedkit search --help`\n",
        ),
        (
            ["tide", "-n"],
            "-n takes a value, and none is given\n  help: see `seedkit search --help`\n",
        ),
        (["--count=3", "tide"], "--count takes no value\n  help: see `seedkit search --help`\n"),
        (
            ["--jobs", "-2", "tide"],
            "--jobs: `-2` is not a number of processes, 1 to 256\n"
            "  help: see `seedkit search --help`\n",
        ),
    ],
)
def test_options_of_search(corpus: Corpus, arguments: list[str], said: str) -> None:
    assert seedkit("search", *arguments, cwd=corpus(CLEAN)) == ran(
        err=f"seedkit search: error: {said}", code=2
    )


def test_a_path_in_the_query(corpus: Corpus) -> None:
    root = corpus(CLEAN)
    for path in ("seeds/a.txt", "seeds", "./seeds"):
        code, out, err = seedkit("search", "tide", path, cwd=root)
        assert (code, out) == (1, "")
        assert err.endswith(
            f"\n  help: `{path}` was searched for as text, not as a PATH: "
            "`path:` before a word of it narrows the search\n"
        )
    assert "help" not in seedkit("search", "nowhere", cwd=root).err
    assert seedkit("search", "tide", "path:seeds", "-l", cwd=root).out == "seeds/a.txt\n"
