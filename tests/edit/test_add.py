"""`seedkit add`: where a text goes, what it is called, and when it is refused."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.sources.walk import Walk
from support.commandline import Ran, ran, seedkit
from support.corpora import Files, more, write_files
from support.gitrepo import Repo

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
SOME = hashlib.sha256(b"Some words.\n").hexdigest()[:16]
ALLOWED = ("-c", "protocol.file.allow=always")
LEAVE_OUT = "  help: leave --name out, and the name is made as the format says"
ANOTHER = "choose another name or folder, or see `seeds` and `exclude` in the configuration"


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
            "  help: add it to `files` in schemas/a.toml, or choose another name or folder\n",
            code=2,
        )
    else:
        assert said.out.startswith(f"Added {folder}/draft.txt (a)\n")


def test_seeds_next_to_the_configuration(corpus: Corpus) -> None:
    root = corpus(
        {
            "seedkit.toml": 'seeds = ["."]\n',
            "schemas/a.toml": 'extends = "builtin:plain"\nfiles = ["/*.txt"]\n',
            "INDEX.md": "",
        }
    )
    assert add(root, "A lamp.\n") == ran("Added draft.txt (a)\nListed in INDEX.md\n")
    assert seedkit("check", cwd=root) == ran("Checked 1 seed, no findings.\n")


@pytest.mark.parametrize(
    ("name", "why", "help"),
    [
        (
            "013",
            "no format matches it, and files at the top are seeds only if one does",
            "add `/013` to `files` in ",
        ),
        ("x.txt", "it is excluded", "see `seeds` and `exclude` in the configuration"),
        (".x", "it is hidden, or a file of seedkit", "see `seeds` and `exclude` in the conf"),
    ],
)
def test_why_a_file_at_the_top_would_be_no_seed(
    corpus: Corpus, name: str, why: str, help: str
) -> None:
    root = corpus(
        {
            "seedkit.toml": 'seeds = ["."]\nexclude = ["/x.txt"]\n',
            "schemas/a.toml": 'extends = "builtin:plain"\nfiles = ["/*.txt"]\n',
            "INDEX.md": "- [001.txt](001.txt)\n",
            "001.txt": "One.\n",
        }
    )
    before = state(root)
    added = add(root, "A lamp.\n", "--name", name)
    moved = seedkit("mv", "001.txt", name, cwd=root)
    for said in (added, moved):
        assert (
            f"error: {name} would not be a seed: {why}\n  help: choose another name or" in said.err
        )
        assert help in said.err
    assert state(root) == before


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
    assert add(root, text, "--as", "qa") == ran(
        "error[format/missing-section]: section `answer` is missing next to this `question`\n"
        f" --> {root.parent}/draft.txt:1:1\n  |\n1 | Q: Who winds the clock?\n  | ^^^\n\n",
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
    assert out == (
        f"error[repeat/same-text]: seed has the same words as `{FIRST}`\n"
        f" --> {root.parent}/draft.txt\n  = note: {FIRST}: the other\n"
        "  = help: leave it out, or add it all the same with --ignore repeat/same-text\n\n"
    )
    assert err == "seedkit add: nothing was added, because of 1 finding\n"
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


def test_safe_fixes_are_applied_first(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    text = OTHER.removesuffix("\n")
    code, out, err = add(root, text, "--as", "qa")
    assert (code, err.split("\n")[1:]) == (1, ["  help: --fix applies safe fixes", ""])
    assert "text/missing-final-newline" in out
    assert add(root, text).code == 1
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
            "can't derive a name for standard input: nothing tells what to write for "
            "`(?P<name>[a-z-]+)` in `(?P<name>[a-z-]+)\\.md`\n  help: name it with --name",
        ),
        (
            ["-", "--as", "fortune", "--name", "wise"],
            "seeds/fortune/wise exists\n  help: give the text another name with --name",
        ),
        (
            ["-", "--as", "fortune", "--name", "a/b"],
            "--name: `a/b` is not a file name\n  help: --to names the folder",
        ),
        (["-", "--as", "fortune", "--name", ".."], "--name: `..` is not a file name"),
        (
            ["-", "--as", "fortune", "--name", "INDEX.md"],
            "seeds/fortune/INDEX.md would not be a seed: it has the name of an index\n"
            f"  help: {ANOTHER}",
        ),
        (
            ["-", "--as", "qa", "--name", "lamp.txt"],
            f"--name: `lamp.txt` does not match `{NAME}`, as names of this format do\n{LEAVE_OUT}",
        ),
        (
            ["-", "--as", "qa", "--name", "003_0123456789abcdef.txt"],
            "--name: `003_0123456789abcdef.txt` says id `0123456789abcdef`, but the sha256 is "
            f"`{SOME}`\n{LEAVE_OUT}",
        ),
        (
            ["-", "--as", "qa", "--name", f"006_{SOME}.txt"],
            f"--name: `006_{SOME}.txt` has the number `006`, which is also that of {FIRST}\n"
            f"{LEAVE_OUT}",
        ),
        (
            ["-", "--as", "fortune", "--name", "x~"],
            f"seeds/fortune/x~ would not be a seed: files of that name are passed over\n"
            f"  help: {ANOTHER}",
        ),
        (
            ["-", "--as", "fortune", "--name", "x", "--to", "seeds/notes"],
            "seeds/notes/x would have no format, not `fortune`\n"
            "  help: add it to `files` in schemas/fortune.toml, or choose another name or folder",
        ),
        (
            ["-", "--as", "fortune", "--name", "x", "--to", "texts"],
            f"texts/x would not be a seed: it is not in `seeds`\n  help: {ANOTHER}",
        ),
        (
            ["-", "--as", "fortune", "--name", "x", "--to", FIRST],
            f"--to: `{FIRST}` is not a folder",
        ),
        (
            ["-", "--format", "xml"],
            "--format: `xml` is not one of full, concise, json\n  help: see `seedkit add --help`",
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
    assert add(root, "Q: Is it so?\nNo answer.\n") == ran(
        "error[format/missing-section]: section `answer` is missing next to this `question`\n"
        f" --> {root.parent}/draft.txt:1:1\n  |\n1 | Q: Is it so?\n  | ^^^\n\n",
        "seedkit add: nothing was added, because of 1 finding\n"
        f"  note: no format of this corpus fits {root.parent}/draft.txt; `qa` is the nearest\n"
        "  help: --as names the format it is to have\n",
        code=1,
    )
    assert add(root, "It is so.\n") == ran(
        err=f"seedkit add: error: nothing in {root.parent}/draft.txt tells which format it has\n"
        "  help: name it with --as; `fortune` is the nearest\n",
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

    monkeypatch.setattr("seedkit.sources.files.os.replace", refuse)
    said = add(root, OTHER)
    assert said == ran(
        err="seedkit add: error: INDEX.md can't be written: no space left on device\n"
        "  help: make room on the disk\n",
        code=2,
    )
    assert changed(root, before) == []


# -- names and folders are never guessed

LABELS: Files = {
    "seedkit.toml": "",
    "schemas/review.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "seeds/good/a.txt": "The lamp is bright.\n",
    "seeds/good/b.txt": "A quiet and sturdy clock.\n",
    "seeds/bad/c.txt": "It leaks.\n",
}


def test_of_several_folders_none_is_chosen(corpus: Corpus) -> None:
    root = corpus(LABELS)
    before = state(root)
    assert add(root, "It hums at night.\n") == ran(
        err="seedkit add: error: seeds of format `review` go in 2 folders, and none is named\n"
        "  help: name one with --to: `seeds/good` (2 seeds), `seeds/bad` (1 seed)\n",
        code=2,
    )
    said = seedkit("add", "../../../draft.txt", cwd=root / "seeds/good")
    assert said.err.endswith("name one with --to: `.` (2 seeds), `../bad` (1 seed)\n")
    assert state(root) == before
    said = add(root, "It hums at night.\n", "--to", "seeds/bad")
    assert said.out == "Added seeds/bad/draft.txt (review)\nListed in INDEX.md\n"
    (root.parent / "draft.txt").write_text("Nobody asked for it.\n")
    said = seedkit("add", "../../draft.txt", "--to", "new", cwd=root / "seeds")
    assert said.out.startswith("Added new/draft.txt (review)\n"), "--to is seen from here"


@pytest.mark.parametrize(
    ("files", "seed", "folder"),
    [
        ('"seeds/a/*", "seeds/b/*"', None, None),
        ('"seeds/a/**", "seeds/b/**"', None, None),
        ('"seeds/a/*", "seeds/b/*"', "seeds/a/1.txt", None),
        ('"seeds/a/*.txt", "seeds/b/*.md"', "seeds/b/1.md", "seeds/a"),
        ('"seeds/**"', "seeds/a/1.txt", "seeds/a"),
        ('"seeds/*/*"', "seeds/a/1.txt", "seeds/a"),
    ],
)
def test_folders_that_a_format_names(
    corpus: Corpus, files: str, seed: str | None, folder: str | None
) -> None:
    schema = f'extends = "builtin:plain"\nfiles = [{files}]\n'
    seeds = {seed: "One.\n"} if seed else {"seeds/.gitkeep": ""}
    said = add(
        corpus({"seedkit.toml": "", "schemas/x.toml": schema, **seeds}), "Two.\n", "--as", "x"
    )
    if folder is None:
        assert "go in 2 folders, and none is named" in said.err
    else:
        assert said.out.startswith(f"Added {folder}/draft.txt (x)\n")


def test_a_name_is_taken_as_it_is_given(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    assert add(root, OTHER, "--name", named(3, OTHER)[9:]).out.split(" ")[1] == named(3, OTHER)


# -- findings are about the text that the user has


def test_the_old_seed_is_not_blamed(corpus: Corpus) -> None:
    """Which of two is reported depends on their paths; here the new text would come first."""
    root = corpus({**LABELS, "INDEX.md": ""})
    text = "A quiet and sturdy clock.\n"
    code, out, _ = add(root, text, "--to", "seeds/a", "--name", "0.txt", "--format", "concise")
    assert (code, out) == (
        1,
        f"{root.parent}/draft.txt:1:1: error[repeat/duplicate-seed] seed has the same bytes as "
        "`seeds/good/b.txt`\n",
    )
    long = " ".join(f"word{number}" for number in range(60))
    (root / "seeds/bad/long.txt").write_text(f"{long}\n")
    _, out, _ = add(
        root, f"{long} {long.upper()[::-1]}\n", "--to", "seeds/a", "--format", "concise"
    )
    assert out == (
        f"{root.parent}/draft.txt:1:1: warning[repeat/contained-seed] 100 % of "
        "`seeds/bad/long.txt` stands in this text\n"
    )
    edited = re.sub(r"word[135]0 ", "other ", long)
    _, out, _ = add(root, f"{edited}\n", "--to", "seeds/a", "--format", "concise")
    assert out == (
        f"{root.parent}/draft.txt:1:1: warning[repeat/contained-seed] seed has 84 % in common with "
        "`seeds/bad/long.txt`\n"
    )


def test_a_seed_is_not_added_again(corpus: Corpus) -> None:
    root = corpus(LABELS)
    before = state(root)
    said = seedkit("add", "a.txt", "--to", "../bad", cwd=root / "seeds/good")
    assert said == ran(
        err="seedkit add: error: `a.txt` is a seed of this corpus already\n"
        "  help: `seedkit check --fix` lists it; `seedkit mv` gives it another name\n",
        code=2,
    )
    assert state(root) == before


def test_two_new_texts_are_called_as_the_user_calls_them(corpus: Corpus) -> None:
    root = corpus(LABELS)
    for name in ("one.txt", "two.txt"):
        (root.parent / name).write_text("A bell and a whistle.\n")
    arguments = ("../two.txt", "../one.txt", "--to", "seeds/bad", "--format", "concise")
    assert seedkit("add", *arguments, cwd=root).out == (
        "../two.txt:1:1: error[repeat/duplicate-seed] seed has the same bytes as `../one.txt`\n"
    )


def test_findings_of_standard_input(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    said = seedkit(
        "add", "-", "--as", "qa", "--format", "concise", cwd=root, stdin=b"Q: Why?\nNo answer.\n"
    )
    assert said.out == (
        "-:1:1: error[format/missing-section] section `answer` is missing next to this `question`\n"
    )


def test_for_programs(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    added = json.loads(add(root, OTHER, "--format", "json", "--dry-run").out)
    draft = f"{root.parent}/draft.txt"
    assert added == {
        "version": 1,
        "root": str(root),
        "dry_run": True,
        "added": [{"file": draft, "path": named(7, OTHER), "format": "qa"}],
        "indexes": ["INDEX.md"],
        "diagnostics": [],
    }
    code, out, _ = add(root, QUESTION, "--format", "json", "-q")
    refused = json.loads(out)
    assert (code, refused["added"], refused["indexes"]) == (1, [], [])
    places = [(each["rule"], each["path"]) for each in refused["diagnostics"]]
    assert places == [("name/not-unique", draft), ("repeat/duplicate-seed", draft)]


def test_what_is_ignored_does_not_tell_formats_apart(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    said = add(root, OTHER.removesuffix("\n"), "--ignore", "text")
    assert said.out.startswith("Added seeds/qa/007_")


# -- what can't be seen is not free


def test_what_is_not_checked_out_keeps_its_name_and_number(repo: Repo) -> None:
    repo.write({**CORPUS, (gone := named(9, OTHER)): OTHER, "seeds/fortune/far": "Far.\n"})
    repo.commit()
    repo.git("update-index", "--skip-worktree", gone, "seeds/fortune/far")
    for path in (gone, "seeds/fortune/far"):
        (repo.root / path).unlink()
    text = "Q: What do bees eat?\nA: What the clover gives, all summer.\n"
    assert add(repo.root, text, "--dry-run").out.split(" ")[2] == named(10, text)
    far = ("--as", "fortune", "--name", "far")
    assert add(repo.root, "A lamp.\n", *far) == ran(
        err="seedkit add: error: seeds/fortune/far is known to git, and not checked out here\n"
        "  help: give the text another name with --name\n",
        code=2,
    )


@pytest.mark.parametrize(
    ("name", "shown"), [("a\nb.md", r"a\nb.md"), ("a  b.md", "a  b.md"), ("a.md ", "a.md ")]
)
def test_names_are_shown_with_their_blanks(corpus: Corpus, name: str, shown: str) -> None:
    root = corpus(CORPUS)
    said = add(root, "The sea is wide.\n", "--as", "note", "--name", name, name="sea.md")
    assert f"--name: `{shown}` does not match" in said.err
    (root / "seeds/notes" / name).write_text("A lamp.\n")
    if name.endswith(".md"):
        said = seedkit("check", "--select", "name/pattern", "--format", "concise", cwd=root)
        assert f"name `{shown}` does not match" in said.out


def test_no_number_that_a_submodule_may_have(repo: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner", {named(9, OTHER).rpartition("/")[2]: OTHER})
    repo.write(CORPUS)
    repo.git(*ALLOWED, "submodule", "--quiet", "add", str(inner.root), "seeds/qa/far")
    repo.commit()
    text = "Q: What do bees eat?\nA: What the clover gives, all summer.\n"
    assert add(repo.root, text, "--to", "seeds/qa", "--dry-run").out.split(" ")[2] == (
        named(10, text)
    )
    repo.git("submodule", "--quiet", "deinit", "seeds/qa/far")
    before = state(repo.root)
    brought = "`git submodule update --init seeds/qa/far` brings it"
    for to, name in ("seeds/qa", None), ("seeds/qa/far", None), ("seeds/qa/far", named(8, text)):
        more = ["--name", name.rpartition("/")[2]] if name else []
        said = add(repo.root, text, "--to", to, *more)
        if to == "seeds/qa":
            assert said == ran(
                err=f"seedkit add: error: can't number {repo.root.parent / 'draft.txt'}: the "
                "submodule seeds/qa/far is "
                "not checked out here, and may have seeds with higher numbers\n"
                f"  help: {brought}; or name the text with --name\n",
                code=2,
            )
        else:
            assert said.code == 2
            assert "lies in the submodule seeds/qa/far, which is not checked out" in said.err
            assert said.err.endswith(f"  help: {brought}\n")
        assert changed(repo.root, before) == []
    name = named(8, text)
    assert add(repo.root, text, "--to", "seeds/qa", "--name", name.rpartition("/")[2]).code == 0
    assert changed(repo.root, before) == ["INDEX.md", name]
    poem = add(repo.root, "The sea is wide.\n", "--as", "note", name="sea.md")
    assert poem.code == 0  # nothing is numbered


def test_what_a_submodule_has_not_checked_out_keeps_its_number(repo: Repo, tmp_path: Path) -> None:
    name = named(9, OTHER).rpartition("/")[2]
    inner = Repo(tmp_path / "inner", {name: OTHER})
    repo.write(CORPUS)
    repo.git(*ALLOWED, "submodule", "--quiet", "add", str(inner.root), "seeds/qa/far")
    repo.git("-C", "seeds/qa/far", "sparse-checkout", "set", "none")
    (repo.root / "seeds/qa/far" / name).unlink(missing_ok=True)
    repo.git("-C", "seeds/qa/far", "update-index", "--skip-worktree", name)
    text = "Q: What do bees eat?\nA: What the clover gives, all summer.\n"
    assert add(repo.root, text, "--dry-run").out.split(" ")[2] == named(10, text)


@pytest.fixture
def repo(tmp_path: Path, cache: Path) -> Repo:
    return Repo(tmp_path / "corpus")


def test_a_seed_that_can_not_be_read_keeps_its_number(corpus: Corpus) -> None:
    root = corpus(CORPUS)
    (root / "seeds/qa/009_0123456789abcdef.txt").symlink_to(root / FIRST)
    assert add(root, OTHER, "--dry-run").out.split(" ")[2] == named(10, OTHER)


@pytest.mark.parametrize("ignored", ["", 'ignore = ["index/unlisted-seed"]\n'])
def test_the_row_of_a_seed_that_is_gone_becomes_no_other_seeds(
    corpus: Corpus, ignored: str
) -> None:
    row = "- [Reuters, 1987](seeds/002.txt)\n"
    root = corpus(
        {
            "seedkit.toml": ignored,
            "schemas/note.toml": 'extends = "builtin:plain"\nfiles = ["seeds/*"]\n[file]\n'
            "name = '(?P<number>\\d{3})\\.txt'\n",
            "seeds/001.txt": "The tide comes in.\n",
            "INDEX.md": f"- [one](seeds/001.txt)\n{row}",
        }
    )
    (root.parent / "draft.txt").write_text("A lamp.\n")
    assert seedkit("add", "../draft.txt", "--name", "002.txt", cwd=root) == ran(
        err="seedkit add: error: seeds/002.txt is listed already, as a seed that is not there\n"
        "  help: give the text another name with --name\n",
        code=2,
    )
    assert seedkit("add", "../draft.txt", "-q", cwd=root) == ran()
    assert (root / "seeds/003.txt").read_text() == "A lamp.\n"
    assert row in (root / "INDEX.md").read_text()
    assert ("(seeds/003.txt)" in (root / "INDEX.md").read_text()) == (not ignored)


@pytest.mark.parametrize(
    "command",
    [("add", "../draft.txt"), ("mv", FIRST, named(8, QUESTION)), ("rm", FIRST)],
)
def test_a_folder_that_can_not_be_listed(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    root = corpus({**CORPUS, "../draft.txt": OTHER})
    before = state(root)
    listed = Walk._list

    def refuse(walk: Walk, directory: str, prefix: str) -> object:
        if prefix == "seeds/notes/":
            raise PermissionError(13, "Permission denied")
        return listed(walk, directory, prefix)

    monkeypatch.setattr(Walk, "_list", refuse)
    monkeypatch.setattr("seedkit.sources.source.prefetch", lambda *given: None)
    assert seedkit(*command, "--jobs", "1", cwd=root) == ran(
        err=f"seedkit {command[0]}: error: seeds/notes can't be listed: permission denied\n"
        "  help: nothing is written before it is known what is there; or add it to `exclude`\n",
        code=2,
    )
    assert state(root) == before


# -- whatever is asked for

PARTS = (QUESTION, OTHER, "Q: Why?\n", "A: So.\n", "%\n", "A lamp.\n", " \n", "\r\n", "x")
NAMES = ("wise", "INDEX.md", "lamp.md", FIRST[9:], "007_0123456789abcdef.txt", "..", "x~")
PLACES = (None, "seeds/qa", "seeds/notes", "seeds/fortune", "seeds", ".", "new", "schemas")
TEXTS = st.lists(st.sampled_from(PARTS), max_size=4).map("".join)
GIVEN = st.one_of(st.none(), st.text("ab01_.~/ \n\\*é", max_size=6), st.sampled_from(NAMES))


@more(1)
@given(
    TEXTS,
    GIVEN,
    st.sampled_from(PLACES),
    st.sampled_from([None, "qa", "note", "fortune"]),
    st.booleans(),
)
def test_what_is_given_is_done_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
    name: str | None,
    folder: str | None,
    format_name: str | None,
    fix: bool,
) -> None:
    root = tmp_path_factory.mktemp("x") / "corpus"
    write_files(root, CORPUS)
    (root.parent / "draft.txt").write_text(text)
    before = state(root)
    options = {"--name": name, "--to": folder, "--as": format_name}
    arguments = [
        part for key, value in options.items() if value is not None for part in (key, value)
    ]
    arguments += ["--fix"] if fix else []
    said = seedkit("add", "../draft.txt", "--format=json", *arguments, cwd=root)
    new = sorted(state(root).keys() - before.keys())
    if said.code:
        assert state(root) == before
    if said.code == 2:
        assert said.err.startswith("seedkit add: error: ")
        return
    report = json.loads(said.out)
    if said.code == 1:
        assert report["diagnostics"]
        for each in report["diagnostics"]:
            for place in (each, *each["related"]):
                assert place["path"] == "../draft.txt" or place["path"] in before
        return
    (added,) = report["added"]
    assert [added["path"]] == new
    assert name in (None, added["path"].rpartition("/")[2])
    assert folder in (None, ".", added["path"].rpartition("/")[0])
    assert format_name in (None, added["format"])
    assert seedkit("check", "-q", cwd=root) == ran()


@pytest.mark.parametrize(
    ("pattern", "given", "name"),
    [
        (r"(?P<name>[a-z0-9][a-z0-9.-]*)", "New.md", "new.md"),
        (r"2026-(?P<name>[a-z0-9][a-z0-9.-]*)", "A New.v2.MD", "2026-a-new-v2.md"),
        (r"2026-(?P<name>[a-z0-9.-]+)\.(md|markdown)", "b.markdown", "2026-b.markdown"),
        (r"2026-(?P<name>[a-z0-9.-]+)(?:\.md|\.html)", "v1.2.md", "2026-v1.2.md"),
        (r"2026-(?P<name>[a-z0-9-]+)\.txt", "new.md", "2026-new.txt"),
    ],
)
def test_a_suffix_is_kept(corpus: Corpus, pattern: str, given: str, name: str) -> None:
    schema = f"extends = 'builtin:plain'\nfiles = ['seeds/*']\n[file]\nname = '{pattern}'\n"
    root = corpus({"seedkit.toml": "", "schemas/a.toml": schema, "seeds/.gitkeep": ""})
    (root / given).write_text("A lamp.\n")
    assert seedkit("add", given, cwd=root).out.startswith(f"Added seeds/{name} (a)\n")


def test_a_suffix_that_the_format_has_not(corpus: Corpus) -> None:
    pattern = r"2026-(?P<name>[a-z]+)\.(md|markdown)"
    schema = f"extends = 'builtin:plain'\nfiles = ['seeds/*']\n[file]\nname = '{pattern}'\n"
    root = corpus({"seedkit.toml": "", "schemas/a.toml": schema, "seeds/.gitkeep": ""})
    (root / "new.txt").write_text("A lamp.\n")
    assert seedkit("add", "new.txt", cwd=root).err == (
        "seedkit add: error: can't derive a name for new.txt: nothing tells what to write for "
        "`(md|markdown)` in `2026-(?P<name>[a-z]+)\\.(md|markdown)`\n"
        "  help: name it with --name\n"
    )
