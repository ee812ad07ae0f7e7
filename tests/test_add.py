"""`seedkit add`: where a text goes, what it is called, and when it is refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from commandline import Ran, ran, seedkit
from conftest import Files

Corpus = Callable[[Files], Path]
NAME = r"(?P<number>\d{3})_(?P<id>[0-9a-f]{16})\.txt"
FORMATS: Files = {
    "seedkit.toml": "",
    "schemas/qa.toml": (
        'extends = "builtin:qa"\nfiles = ["seeds/qa/**"]\n[file]\n'
        f'name = \'{NAME}\'\nunique = ["number", "id"]\nhash = {{ group = "id" }}\n'
        'final_newline = "require"\n'
    ),
    "schemas/note.toml": (
        'extends = "builtin:plain"\nfiles = ["seeds/notes/*.md"]\n[file]\nname = '
        "'(?P<name>[a-z-]+)\\.md'\nfinal_newline = \"require\"\n"
    ),
    "schemas/fortune.toml": 'extends = "builtin:fortune"\nfiles = ["seeds/fortune/*"]\n',
}
QUESTION = "Q: Who winds the harbour clock?\nA: The keeper does, on Sundays.\n"
OTHER = "Q: When was the ferry painted?\nA: In May, by both of its crew.\n"


def named(number: int, text: str) -> str:
    return f"seeds/qa/{number:03}_{hashlib.sha256(text.encode()).hexdigest()[:16]}.txt"


FIRST = named(6, QUESTION)
CORPUS: Files = {
    **FORMATS,
    FIRST: QUESTION,
    "seeds/notes/tides.md": "The moon pulls the sea.\n",
    "seeds/fortune/wise": "Measure twice.\n%\nCut once.\n",
    "INDEX.md": (
        "# Seeds\n\n| Seed | Format |\n|---|---|\n| [wise](seeds/fortune/wise) | fortune |\n"
        f"| [tides.md](seeds/notes/tides.md) | note |\n| [first]({FIRST}) | qa |\n\nThe end.\n"
    ),
}


def state(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def add(root: Path, text: str | bytes, *arguments: str, name: str = "draft.txt") -> Ran:
    """Add a text that lies outside of the corpus."""
    draft = root.parent / name
    draft.write_bytes(text if isinstance(text, bytes) else text.encode())
    return seedkit("add", str(draft), *arguments, cwd=root)


def changed(root: Path, before: dict[str, bytes]) -> list[str]:
    now = state(root)
    return sorted(path for path in now.keys() | before.keys() if now.get(path) != before.get(path))


def test_a_text_gets_number_digest_name_and_row(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    path = named(7, OTHER)
    assert add(root, OTHER) == ran(f"Added {path} (qa)\nListed in INDEX.md\n")
    assert (root / path).read_text() == OTHER
    assert (root / "INDEX.md").read_text() == str(CORPUS["INDEX.md"]).replace(
        " qa |\n", f" qa |\n| [{path.rpartition('/')[2]}]({path}) | qa |\n"
    )
    assert seedkit("check", cwd=root) == ran("Checked 4 seeds, no findings.\n")


def test_standard_input(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    path = named(7, OTHER)
    assert seedkit("add", "-", "--dry-run", cwd=root, stdin=OTHER.encode()) == ran(
        f"Would add {path} (qa)\nWould list in INDEX.md\n"
    )
    assert state(root).keys() == CORPUS.keys()
    assert seedkit("add", "-", "-q", cwd=root, stdin=OTHER.encode()) == ran()
    assert (root / path).read_text() == OTHER


def test_several_at_once_are_numbered_in_order(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    third = "Q: What do bees eat?\nA: What the clover gives, all summer.\n"
    drafts = [root.parent / "b.txt", root.parent / "a.txt"]
    for draft, text in zip(drafts, (third, OTHER), strict=True):
        draft.write_text(text)
    assert seedkit("add", *map(str, drafts), cwd=root) == ran(
        f"Added {named(7, third)} (qa)\nAdded {named(8, OTHER)} (qa)\nListed in INDEX.md\n"
    )


@pytest.mark.parametrize(
    ("text", "name", "arguments", "path"),
    [
        ("A lamp in the window.\n", "The Lamp.txt", ["--as", "note"], "seeds/notes/the-lamp.md"),
        ("A lamp in the window.\n", "lamp.md", ["--as", "note"], "seeds/notes/lamp.md"),
        ("A lamp.\n%\nA bell.\n", "lamps", [], "seeds/fortune/lamps"),
        ("A lamp.\n%\nA bell.\n", "x", ["--name", "lamps"], "seeds/fortune/lamps"),
        ("A lamp.\n", "lamps", ["--as", "fortune"], "seeds/fortune/lamps"),
        ("A lamp in the window.\n", "lamp.md", [], "seeds/notes/lamp.md"),
        (OTHER, named(3, OTHER)[9:], [], named(3, OTHER)),
        (OTHER, named(6, OTHER)[9:], [], named(7, OTHER)),
        (OTHER, "003_0123456789abcdef.txt", [], named(7, OTHER)),
    ],
)
def test_where_a_text_goes(
    corpus: Corpus, text: str, name: str, arguments: list[str], path: str
) -> None:
    root = corpus(CORPUS)
    said = add(root, text, *arguments, name=name)
    assert said.out.split(" ")[1] == path, said
    assert (root / path).read_text() == text


def test_the_first_seed_of_a_corpus(corpus: Corpus) -> None:
    root = corpus({**FORMATS, "seeds/.gitkeep": ""})
    path = named(0, OTHER)
    assert add(root, OTHER) == ran(f"Added {path} (qa)\nListed in INDEX.md\n")
    assert (root / "INDEX.md").read_text() == (
        f"# Index\n\n| Seed |\n|---|\n| [{path[9:]}]({path}) |\n"
    )


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ('["seeds/**"]', "seeds"),
        ('["seeds/old/1.txt", "seeds/new/**"]', "seeds/new"),
        ('["seeds/n?w/*"]', None),
        ('["*.txt"]', "seeds"),
        ('["seeds/**/*.md"]', None),
    ],
)
def test_folder_of_the_first_seed(corpus: Corpus, files: str, folder: str | None) -> None:
    schema = f'extends = "builtin:plain"\nfiles = {files}\n'
    root = corpus({"seedkit.toml": "", "schemas/a.toml": schema, "seeds/.gitkeep": ""})
    said = add(root, "A lamp.\n", "--as", "a")
    if folder is None:
        assert said == ran(
            err="seedkit add: error: seeds/draft.txt would have no format, not `a`\n"
            "  help: add it to `files` in schemas/a.toml, or choose another --name\n",
            code=2,
        )
    else:
        assert said.out.startswith(f"Added {folder}/draft.txt (a)\n")


def test_seeds_beside_the_configuration(corpus: Corpus) -> None:
    root = corpus(
        {
            "seedkit.toml": 'seeds = ["."]\n',
            "schemas/a.toml": 'extends = "builtin:plain"\nfiles = ["/*.txt"]\n',
            "INDEX.md": "",
        }
    )
    assert add(root, "A lamp.\n") == ran("Added draft.txt (a)\nListed in INDEX.md\n")
    assert seedkit("check", cwd=root) == ran("Checked 1 seed, no findings.\n")


def test_numbers_run_on_over_formats_that_share_them(corpus: Corpus) -> None:
    schema = "[file]\nname = '(?P<number>\\d+)\\.txt'\n"
    formats = {
        f"schemas/{name}.toml": f'extends = "builtin:plain"\nfiles = ["seeds/{name}/*"]\n{schema}'
        for name in "ab"
    }
    seeds = {"seeds/a/1.txt": "one\n", "seeds/b/7.txt": "seven\n"}
    root = corpus({"seedkit.toml": "", **formats, **seeds})
    assert add(root, "eight\n", "--as", "a").out.startswith("Added seeds/a/8.txt (a)\n")
    (root / "seeds/b/1.txt").write_text("uno\n")
    assert add(root, "nine\n", "--as", "b").out.startswith("Added seeds/b/8.txt (b)\n")


def test_a_date_in_the_name_is_today(corpus: Corpus) -> None:
    schema = (
        'extends = "builtin:plain"\nfiles = ["seeds/*"]\n[file]\n'
        "name = '(?P<date>\\d{4}-\\d{2}-\\d{2})-(?P<name>[a-z]+)\\.md'\n"
    )
    root = corpus({"seedkit.toml": "", "schemas/a.toml": schema, "seeds/.gitkeep": ""})
    said = add(root, "A lamp.\n")
    assert said.out.startswith(f"Added seeds/{date.today().isoformat()}-draft.md (a)\n")


def test_a_digest_of_the_text(corpus: Corpus) -> None:
    schema = (
        'extends = "builtin:plain"\nfiles = ["seeds/*"]\n[file]\nname = \'(?P<id>[0-9a-f]{8})\'\n'
        'hash = { group = "id", algorithm = "md5", of = "text" }\n'
    )
    root = corpus({"seedkit.toml": "", "schemas/a.toml": schema, "seeds/.gitkeep": ""})
    digest = hashlib.md5(b"A\nlamp.\n").hexdigest()[:8]
    assert add(root, "A\r\nlamp.\r\n").out.startswith(f"Added seeds/{digest} (a)\n")


# -- refused


def test_a_faulty_text_is_refused(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    before = state(root)
    text = "Q: Who winds the clock?\nB: Nobody does it any more.\n"
    path = named(7, text)
    assert add(root, text, "--as", "qa") == ran(
        "error[format/missing-section]: section `answer` is missing beside this `question`\n"
        f" --> {path}:1:1\n  |\n1 | Q: Who winds the clock?\n  | ^^^\n\n",
        "seedkit add: nothing was added, because of 1 finding\n",
        code=1,
    )
    assert state(root) == before


def test_a_copy_is_refused_unless_it_is_wanted(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    before = state(root)
    text = QUESTION.upper().replace("Q:", "Q:")
    code, out, err = add(root, text)
    assert code == 1
    assert "error[repeat/same-text]" in out
    assert err == (
        "seedkit add: nothing was added, because of 1 finding\n"
        "  help: --ignore repeat adds it all the same\n"
    )
    assert state(root) == before
    path = named(7, text)
    assert add(root, text, "--ignore", "repeat") == ran(f"Added {path} (qa)\nListed in INDEX.md\n")


def test_two_equal_texts_at_once(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    before = state(root)
    draft = root.parent / "draft.txt"
    draft.write_text(OTHER)
    code, out, _ = seedkit("add", str(draft), str(draft), "-q", cwd=root)
    assert code == 1
    assert re.findall(r"error\[([^]]+)\]", out) == ["name/not-unique", "repeat/duplicate-seed"]
    assert state(root) == before


def test_fix_mends_first(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    text = OTHER.removesuffix("\n")
    code, out, err = add(root, text, "--as", "qa")
    assert (code, err.split("\n")[1:]) == (1, ["  help: --fix mends what can be mended safely", ""])
    assert "text/missing-final-newline" in out
    assert add(root, text).code == 2
    assert add(root, text, "--fix") == ran(f"Added {named(7, OTHER)} (qa)\nListed in INDEX.md\n")
    assert (root.parent / "draft.txt").read_text() == text, "the draft stays as it is"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no FILE is named\n  help: `-` is standard input"),
        (["none.txt"], "there is no file `none.txt`"),
        (["seeds"], "`seeds` is a folder\n  help: name the files in it"),
        (["-", "-"], "standard input can be read only once"),
        (["a", "b", "--name", "c"], "--name goes with one FILE"),
        (
            ["-", "--as", "news"],
            "there is no format `news`\n  help: this corpus has `fortune`, `note`, `qa`",
        ),
        (
            ["-", "--as", "fortune"],
            "standard input has no name, and its format makes none\n  help: name it with --name",
        ),
        (
            ["-", "--as", "note"],
            "standard input has no name that its format allows: nothing tells what to write for "
            "`(?P<name>[a-z-]+)` in `(?P<name>[a-z-]+)\\.md`\n  help: give it a name with --name",
        ),
        (
            ["-", "--as", "fortune", "--name", "wise"],
            "seeds/fortune/wise exists\n  help: give the text a name with --name",
        ),
        (["-", "--as", "fortune", "--name", "a/b"], "`a/b` is no file name"),
        (["-", "--as", "fortune", "--name", ".."], "`..` is no file name"),
        (
            ["-", "--as", "fortune", "--name", "INDEX.md"],
            "seeds/fortune/INDEX.md would be no seed: it is excluded, or an index\n"
            "  help: choose another --name, or see `exclude` in the configuration",
        ),
        (
            ["-", "--ignore", "bogus"],
            "--ignore: there is no rule or family `bogus`; `seedkit rule` lists them\n"
            "  help: see `seedkit add --help`",
        ),
    ],
)
def test_what_can_not_be_added(corpus: Corpus, arguments: list[str], message: str) -> None:
    root = corpus(CORPUS)
    before = state(root)
    said = seedkit("add", *arguments, cwd=root, stdin=b"Some words.\n")
    assert said == ran(err=f"seedkit add: error: {message}\n", code=2)
    assert state(root) == before


def test_a_text_of_no_format_and_one_of_several(corpus: Corpus) -> None:
    root = corpus({**CORPUS, "schemas/note.toml": 'extends = "builtin:tldr"\nfiles = ["x/*"]\n'})
    said = add(root, "Q: Is it so?\nNo answer.\n")
    assert said == ran(
        err=f"seedkit add: error: {root.parent}/draft.txt has no format of this corpus\n"
        "  help: `--as qa` says what it lacks to be the nearest one, `qa`\n",
        code=2,
    )
    root = corpus({"schemas/faq.toml": 'extends = "builtin:qa"\nfiles = ["seeds/faq/*"]\n'})
    assert add(root, OTHER) == ran(
        err=f"seedkit add: error: {root.parent}/draft.txt may have the formats `faq`, `qa`\n"
        "  help: name one of them with --as\n",
        code=2,
    )


def test_standard_input_that_is_closed(corpus: Corpus) -> None:
    assert seedkit("add", "-", cwd=corpus(CORPUS), stdin=None) == ran(
        err="seedkit add: error: standard input is closed\n", code=2
    )


def test_a_file_that_can_not_be_read(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    root = corpus(CORPUS)

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    (root.parent / "draft.txt").write_text(OTHER)
    monkeypatch.setattr("seedkit.cli.add.read_file", refuse)
    said = seedkit("add", "../draft.txt", cwd=root)
    assert said == ran(
        err="seedkit add: error: ../draft.txt can't be read: permission denied\n", code=2
    )


def test_nothing_is_left_if_the_index_can_not_be_written(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = corpus(CORPUS)
    before = state(root)

    def refuse(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("seedkit.files.os.replace", refuse)
    said = add(root, OTHER)
    assert said == ran(
        err="seedkit add: error: INDEX.md can't be written: no space left on device\n", code=2
    )
    assert changed(root, before) == []
