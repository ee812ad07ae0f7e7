"""`seedkit init`: what it says, what it writes, what it leaves alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.commandline import ran, seedkit
from support.corpora import Files, more, write_files
from support.kinds import make
from support.places import SHARED

Corpus = Callable[[Files], Path]
BODY = "The ferry left at six with a crate of bees. It was back by noon."
NEWS = {"000_f58ef1cb9b988d29.txt": f"{BODY}\nBees cross the strait\n{BODY}"}


def files_in(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_one_file_becomes_a_corpus(corpus: Corpus) -> None:
    root = corpus(NEWS)
    assert seedkit("init", cwd=root) == ran(r"""1 format explains 1 file.

news: 1 file
  News article in three lines: body, title, and the body again
  files       /*.txt
  names       (?P<number>\d{3})_(?P<id>[0-9a-f]{16})\.txt
              each its own number and id
  text        UTF-8, lines end with LF, no newline at the end

Wrote INDEX.md, schemas/news.toml, seedkit.toml.
Next: seedkit check
""")
    assert {path: text.decode() for path, text in files_in(root).items()} == {
        **NEWS,
        "INDEX.md": """\
# Index

| Seed | Title |
|---|---|
| [000_f58ef1cb9b988d29.txt](000_f58ef1cb9b988d29.txt) | Bees cross the strait |
""",
        "schemas/news.toml": r"""# News article in three lines: body, title, and the body again.
# Inferred by `seedkit init` from 1 file.

extends = "builtin:news"
files = ["/*.txt"]

[file]
name = '(?P<number>\d{3})_(?P<id>[0-9a-f]{16})\.txt' # as 000_f58ef1cb9b988d29.txt
unique = ["number", "id"]         # no two files share number or id
""",
        "seedkit.toml": """\
# Settings of seedkit: docs/configuration.md lists them all.

seeds = ["."]                     # the files lie next to this one
""",
    }
    assert seedkit("check", cwd=root) == ran("Checked 1 seed, no findings.\n")


def test_the_seed_of_a_user(tmp_path: Path, cache: Path) -> None:
    seeds = SHARED / "seeds"
    if not seeds.exists():
        pytest.skip("no such folder next to this repository")
    root = shutil.copytree(seeds, tmp_path / "seeds-of-a-user")
    assert seedkit("init", str(root)).code == 0
    assert seedkit("check", "--root", str(root)) == ran("Checked 1 seed, no findings.\n")


def test_what_init_shows_is_what_check_finds(corpus: Corpus) -> None:
    files: dict[str, str | bytes] = {f"texts/{f.name}": f.text for f in make("tldr", 1, 30)}
    files["texts/bad.md"] = "# a page\n\n> Of no use.\n"
    files["texts/photo.jpg"] = b"\xff\xd8\x00"
    files["README.md"] = "About this.\n"
    root = corpus(files)
    code, out, err = seedkit("init", cwd=root)
    assert (code, err) == (0, "")
    assert (
        out
        == """1 format explains 31 files.

tldr: 31 files
  tldr page: a title, a description in quote lines, examples
  files       texts/**
  names       (?P<name>[a-z0-9][a-z0-9.-]*)\\.md
  text        UTF-8, lines end with LF, a newline at the end
  exceptions  1 of 31 files
              1 file: format/missing-section, as texts/bad.md:3: sections `example`, `command` \
are missing

2 files are left out:
  of the project, not of a corpus: README.md
  no text, it has a NUL: texts/photo.jpg

Wrote INDEX.md, schemas/tldr.toml, seedkit.toml.
Next: seedkit check
"""
    )
    assert seedkit("check", "--format", "concise", "--select", "format", cwd=root) == ran(
        "texts/bad.md:3:13: error[format/missing-section] sections `example`, `command` are "
        "missing\nFound 1 error in 31 seeds.\n",
        code=1,
    )
    rows = [line for line in (root / "INDEX.md").read_text().split("\n") if "bad.md" in line]
    assert rows == ["| [bad.md](texts/bad.md) |  |"]


def test_dry_run_shows_everything_and_writes_nothing(corpus: Corpus) -> None:
    root = corpus({"faq/a.txt": "Q: Why?\nA: So.\n"})
    before = files_in(root)
    code, out, err = seedkit("init", "--dry-run", "--pre-commit", str(root))
    assert (code, err) == (0, "")
    assert files_in(root) == before
    assert (
        out
        == f"""1 format explains 1 file.

qa: 1 file
  Questions and answers: lines that begin with `Q: ` and `A: `
  files       faq/**
  text        UTF-8, lines end with LF, a newline at the end

Would write .pre-commit-config.yaml, INDEX.md, schemas/qa.toml, seedkit.toml in {root}:

-- .pre-commit-config.yaml --
repos:
  - repo: local
    hooks:
      - id: seedkit
        name: seedkit check
        entry: seedkit check --hook corpus
        language: system
        pass_filenames: false
        always_run: true

-- INDEX.md --
# Index

| Seed |
|---|
| [a.txt](faq/a.txt) |

-- schemas/qa.toml --
# Questions and answers: lines that begin with `Q: ` and `A: `.
# Inferred by `seedkit init` from 1 file.

extends = "builtin:qa"
files = ["faq/**"]

[file]
newline = "lf"                    # in the one file
final_newline = "require"         # at the end of the one file

-- seedkit.toml --
# Settings of seedkit: docs/configuration.md lists them all.

seeds = ["faq"]
"""
    )
    assert seedkit("init", "--pre-commit", "-q", cwd=root) == ran()
    assert sorted(files_in(root)) == [
        ".pre-commit-config.yaml",
        "INDEX.md",
        "faq/a.txt",
        "schemas/qa.toml",
        "seedkit.toml",
    ]


def test_the_last_lines_say_what_to_do_next(corpus: Corpus) -> None:
    root = corpus({f"f{i}/x.{kind}": f"{kind} {i}\n" for i in range(3) for kind in ("a", "b")})
    out = seedkit("init", "--pre-commit", cwd=root).out
    assert out.endswith("Next: seedkit check\n      pre-commit install\n")


def test_formats_that_are_many_are_counted(corpus: Corpus) -> None:
    kinds = ("qa", "tldr", "news", "smart", "srt", "fortune")
    files = {f"{kind}/{f.name}": f.text for kind in kinds for f in make(kind, 1, 4)}
    out = seedkit("init", "--pre-commit", cwd=corpus(files)).out
    wrote = [line for line in out.split("\n") if line.startswith("Wrote")]
    assert wrote == [
        "Wrote 6 formats in schemas/, .pre-commit-config.yaml, INDEX.md, seedkit.toml."
    ]


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        (
            {"seedkit.toml": ""},
            [],
            "{root} is a corpus already\n"
            "  help: check it with `seedkit check`; --pre-commit adds a hook to it",
        ),
        (
            {"pyproject.toml": "[tool.seedkit]\n"},
            [],
            "{root} is a corpus already\n"
            "  help: check it with `seedkit check`; --pre-commit adds a hook to it",
        ),
        (
            {"INDEX.md": "# Mine\n"},
            [],
            "INDEX.md exists, and nothing was written\n  help: `seedkit init --dry-run` shows what "
            "it would be; move the old one away, or write seedkit.toml by hand",
        ),
        (
            {".pre-commit-config.yaml": "", "INDEX.md": ""},
            ["--pre-commit"],
            ".pre-commit-config.yaml, INDEX.md exist, and nothing was written\n  help: `seedkit "
            "init --dry-run` shows what it would be; move the old one away, or write seedkit.toml "
            "by hand",
        ),
        (
            {"schemas/plain.toml": ""},
            [],
            "schemas/plain.toml exists, and nothing was written\n  help: `seedkit init --dry-run` "
            "shows what it would be; move the old one away, or write seedkit.toml by hand",
        ),
        ({}, ["nowhere"], "there is no folder `nowhere`"),
        ({"a.txt": ""}, ["a.txt"], "`a.txt` is no folder"),
        ({}, [".", "--root", "."], "DIR and --root can't be combined: they are the same"),
        (
            {"x/a": ""},
            ["x/empty"],
            "there is no folder `x/empty`",
        ),
    ],
)
def test_what_can_not_be_done(
    corpus: Corpus, files: Files, arguments: list[str], message: str
) -> None:
    root = corpus({"a.txt": "word\n", **files})
    before = files_in(root)
    expected = f"seedkit init: error: {message.replace('{root}', str(root))}\n"
    assert seedkit("init", *arguments, cwd=root) == ran(err=expected, code=2)
    assert files_in(root) == before


def test_why_there_is_no_text(corpus: Corpus) -> None:
    root = corpus(
        {
            **{f"x/{i}.txt": "The ferry".encode("utf-16") for i in range(3)},
            "x/README.md": "About this.\n",
            "x/a.png": b"\x00",
            "y/.gitkeep": "",
        }
    )
    before = files_in(root)
    said = (
        "seedkit init: error: there is no text in {}\n"
        "  help: name the folder that holds the texts, or the one around it\n"
    )
    assert seedkit("init", "x", cwd=root) == ran(
        err="5 files are left out:\n"
        "  UTF-16: convert it to UTF-8 to make it a seed: *.txt (3)\n"
        "  of the project, not of a corpus: README.md\n"
        f"  no text, it has a NUL: a.png\n{said.format('x')}",
        code=2,
    )
    assert seedkit("init", "y", cwd=root) == ran(err=said.format("y"), code=2)
    assert files_in(root) == before


def test_an_index_that_is_there_is_no_obstacle_for_a_dry_run(corpus: Corpus) -> None:
    root = corpus({"a.txt": "word\n", "INDEX.md": "# Mine\n"})
    code, out, err = seedkit("init", "--dry-run", "--root", str(root))
    assert (code, err) == (0, "")
    assert "Would write schemas/plain.toml, seedkit.toml:" in out


def test_a_corpus_within_another_one_may_be_made(corpus: Corpus) -> None:
    root = corpus({"seedkit.toml": "", "seeds/x": "x\n", "more/a.txt": "word\n"})
    said = seedkit("init", "more", cwd=root)
    assert (said.code, said.err) == (
        0, f"seedkit init: note: more is in the corpus {root}, but holds no seed of it\n"
    )  # fmt: skip
    assert (root / "more/seedkit.toml").exists()


@pytest.mark.parametrize("folder", ["seeds", "seeds/old"])
def test_the_seeds_of_another_corpus_are_left_to_it(corpus: Corpus, folder: str) -> None:
    root = corpus({"seedkit.toml": "", "seeds/old/a": "x\n", "seeds/old/b": "y\n"})
    before = files_in(root)
    assert seedkit("init", folder, cwd=root) == ran(
        err=f"seedkit init: error: {folder} holds 2 seeds of the corpus around it, {root}\n"
        "  help: check them with `seedkit check`; for a corpus of its own, first add "
        f"`{folder}/` to `exclude` in the settings of the other\n",
        code=2,
    )
    assert files_in(root) == before
    (root / "seedkit.toml").write_text("exclude = ['seeds/old/']\n")
    assert seedkit("init", "seeds/old", cwd=root).code == 0


INNER: Files = {
    "one/seedkit.toml": "",
    "one/seeds/a.txt": "A lamp.\n",
    "one/seeds/deep/seedkit.toml": "",
    "two/pyproject.toml": "[tool.seedkit]\n",
    "two/b.txt": "A clock.\n",
    "three/INDEX.md": "- [c](seeds/c.txt)\n",
    "three/seeds/c.txt": "A moth.\n",
}


def test_corpora_in_the_folder_are_left_out(corpus: Corpus) -> None:
    root = corpus({
        **INNER,
        "mine.txt": "The tide comes in.\n",
        "more/pyproject.toml": "[tool.other]\n",
        "more/yours.txt": "The tide goes out.\n",
    })  # fmt: skip
    out = seedkit("init", cwd=root).out
    assert (
        "\n3 corpora in the folder are left out, each is checked on its own:\n  one, three, two\n"
    ) in out
    assert seedkit("show-files", cwd=root).out.split() == [
        "mine.txt", "plain", "more/pyproject.toml", "plain", "more/yours.txt", "plain"
    ]  # fmt: skip
    assert seedkit("check", cwd=root).code == 0


def test_a_folder_that_holds_nothing_but_corpora(corpus: Corpus) -> None:
    root = corpus(INNER)
    before = files_in(root)
    assert seedkit("init", cwd=root) == ran(
        err=f"seedkit init: error: there is no text in {root} but for 3 corpora: one, three, two\n"
        "  help: each is checked on its own, with `seedkit check --root DIR`\n",
        code=2,
    )
    assert files_in(root) == before
    one = corpus({}) / "one"
    (one.parent / "seeds").mkdir()
    one.rename(one.parent / "seeds/one")
    (one.parent / "seeds/x.txt").write_text("A word.\n")
    out = seedkit("init", cwd=root).out
    assert "\n1 corpus in the folder is left out, it is checked on its own: seeds/one\n" in out
    assert seedkit("show-files", cwd=root).out == "seeds/x.txt\tplain\n"


def test_what_is_left_out_is_named_and_why(corpus: Corpus) -> None:
    root = corpus({
        **{f"texts/{number}.txt": f"The tide number {number} comes in.\n" for number in range(3)},
        **dict.fromkeys(("README.md", "a.py", "b.py", "c.py", "ci.yml", "build/x.txt"), "x\n"),
        ".github/ci.yml": "x\n",
        "texts/x.png": b"\0",
    })  # fmt: skip
    assert (
        "\n8 files are left out:\n"
        "  of the project, not of a corpus: README.md, *.py (3), ci.yml\n"
        "  hidden: .github/ci.yml\n"
        "  in the folder build: build/x.txt\n"
        "  no text, it has a NUL: texts/x.png\n\n"
    ) in seedkit("init", cwd=root).out


@pytest.mark.parametrize(
    "marks", [{"seedkit.toml": "seeds = ['x']\n"}, {"INDEX.md": "", "seeds/a.txt": "A.\n"}]
)
def test_a_corpus_gets_just_the_hook(corpus: Corpus, marks: Files) -> None:
    root = corpus(marks)
    hook = seedkit("init", "--pre-commit", "--dry-run", cwd=root).out
    assert hook.startswith("Would write .pre-commit-config.yaml:\n\nrepos:\n")
    assert files_in(root) == {path: str(text).encode() for path, text in marks.items()}
    assert seedkit("init", "--pre-commit", cwd=root) == ran(
        "Wrote .pre-commit-config.yaml.\nNext: pre-commit install\n"
    )
    written = files_in(root)
    assert written.keys() - marks.keys() == {".pre-commit-config.yaml"}
    assert hook.endswith(written[".pre-commit-config.yaml"].decode())
    assert seedkit("init", "--pre-commit", cwd=root) == ran(
        err="seedkit init: error: .pre-commit-config.yaml exists, and nothing was written\n"
        "  help: add to its `repos` what `seedkit init --pre-commit --dry-run` shows\n",
        code=2,
    )
    assert files_in(root) == written


def test_a_hook_belongs_to_the_top_of_a_repository(corpus: Corpus) -> None:
    root = corpus({".git/HEAD": "", "texts/a.txt": "word\n"})
    assert seedkit("init", "texts", "--pre-commit", cwd=root) == ran(
        err=f"seedkit init: error: --pre-commit: {root}/texts is not the top of its repository, "
        f"{root}\n  help: leave it out, and write the hook there: docs/pre-commit.md says how\n",
        code=2,
    )
    assert seedkit("init", "--pre-commit", cwd=root).code == 0


def test_findings_about_no_format_are_shown(corpus: Corpus) -> None:
    root = corpus({"seeds/a.txt": "word\n"})
    (root / "seeds/link").symlink_to("a.txt")
    out = seedkit("init", cwd=root).out
    assert "\nseeds/link: seed is a symbolic link: it is not read\n" in out


def test_progress_at_a_terminal(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(10**6))
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    root = corpus({f"seeds/{i}.txt": f"word {i}\n" for i in range(5)})
    _, out, err = seedkit("init", cwd=root, terminal=True)
    assert "\x1b[1mplain: 5 files\x1b[0m" in out
    assert "Reading 1 of 5 seeds" in err
    assert "Checking 5 of 5 seeds" in err
    assert err.endswith("\r\x1b[K")


NAMES = st.text("ab.\u202e\n\udcff -", min_size=1, max_size=5).filter(
    lambda name: name not in (".", "..")
)


@given(st.dictionaries(NAMES, st.binary(max_size=30), min_size=1, max_size=6))
@more(0.5)
def test_no_bytes_and_no_names_are_too_strange(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    root = tmp_path_factory.mktemp("strange")
    write_files(root, {f"seeds/{name}": data for name, data in files.items()})
    before = files_in(root)
    code, _, err = seedkit("init", str(root))
    assert code in (0, 2), err
    after = files_in(root)
    assert {path: after[path] for path in before} == before
    if code == 0:
        assert seedkit("check", "--root", str(root)).code in (0, 1)
    assert not [name for name in os.listdir(root) if name.startswith(".seedkit-")]


def test_a_line_that_is_longer_than_any_pattern(corpus: Corpus) -> None:
    """It is no delimiter: patterns are at most 10,000 characters long."""
    code, out, err = seedkit("init", "--dry-run", cwd=corpus({"a.txt": "a " * 6_000 + "\n"}))
    assert (code, err) == (0, "")
    assert out.startswith("1 format explains 1 file.\n")


def test_a_named_format_is_taken_whatever_the_texts_look_like(corpus: Corpus) -> None:
    root = corpus({"a.txt": "One.\n%\nTwo.\n", "b.txt": "Three.\n", "c.md": "# Four\n"})
    code, out, err = seedkit("init", "--as", "fortune", cwd=root)
    assert (code, err) == (0, "")
    assert out.startswith("1 format explains 3 files.\n\nfortune: 3 files\n")
    assert seedkit("check", "--select", "format", cwd=root).code == 0


def test_a_format_that_is_not_built_in_can_not_be_named(corpus: Corpus) -> None:
    root = corpus({"a.txt": "One.\n"})
    assert seedkit("init", "--as", "fortunes", cwd=root) == ran(
        "",
        "seedkit init: error: --as: there is no built-in format `fortunes`\n"
        "  help: did you mean `fortune`?\n",
        code=2,
    )
    assert "  help: there are chat-jsonl, " in seedkit("init", "--as", "x-y", cwd=root).err


def test_rules_that_are_ignored_are_said(corpus: Corpus) -> None:
    root = corpus({f"{n}.txt": f"{n} sea\u200bgulls\n" for n in range(12)})
    assert (
        "\n1 rule is ignored:\n  text/invisible-character is found in 12 of 12 files\n"
    ) in seedkit("init", cwd=root).out


def test_a_format_says_why_files_were_not_looked_at(corpus: Corpus) -> None:
    files: dict[str, str | bytes] = {f"x/{f.name}": f.text for f in make("tldr", 1, 30)}
    root = corpus({**files, "x/bad.md": "# a page\n"})
    assert seedkit("init", cwd=root).code == 0
    assert (root / "schemas/tldr.toml").read_text().split("\n")[1] == (
        "# Inferred by `seedkit init` from 30 of 31 files: the other has findings. "
        "Exceptions: 1 of 31 files."
    )
