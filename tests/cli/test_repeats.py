"""`seedkit repeats` as it is used: what it says, how it is narrowed, and how it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.corpus import pool
from seedkit.docs.schemas import schema_text
from support.commandline import ran, seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]

MILL = "the mill at the bend of the river turned all night"
FERRY = "nobody but the ferryman had seen the lamp go out that evening"
GOAT = "a goat two apples one borrowed hat no excuse whatever came late"
NOTES = (
    'files = ["seeds/n*"]\n[sections]\ndelimiter = "\\n"\n'
    '[[section]]\nname = "body"\n[[section]]\nname = "title"\n[[section]]\nname = "again"\n'
)
FILES = {
    "seedkit.toml": "passage_tokens = 8\nboilerplate_seeds = 2\n",
    "schemas/notes.toml": NOTES,
    "schemas/plain.toml": 'files = ["seeds/**"]\n',
    "seeds/a.txt": f"{MILL} {FERRY}\n",
    "seeds/b.txt": f"{MILL} {FERRY}\n",
    "seeds/c.txt": f"{MILL} {FERRY}!\n",
    "seeds/d.txt": f"{MILL} {FERRY} today\n",
    "seeds/e.txt": f"{MILL}\n",
    "seeds/f.txt": f"{GOAT}.\nOne two three four five six seven.\n",
    "seeds/g.txt": f"Eight nine ten eleven twelve.\n{GOAT}\n",
    "seeds/n.txt": "é one é two é three é four\nTitle\né one é two é three é four",
    **{
        f"seeds/t/{n}.txt": f"{n} this is what each of them has on top {n}a {n}b {n}c {n}d\n"
        for n in range(3)
    },
}
CONCISE = """\
seeds/b.txt: duplicate-seed 1.000 seeds/a.txt
seeds/c.txt: same-text 1.000 seeds/a.txt
seeds/a.txt: near-duplicate 0.954 seeds/d.txt
seeds/e.txt: contained-seed 1.000 seeds/a.txt
seeds/e.txt: contained-seed 1.000 seeds/d.txt
seeds/g.txt:2:1: repeated-passage 12 seeds/f.txt:1:1
seeds/n.txt:3:1: repeated-section 8 seeds/n.txt:1:1
seeds/t/1.txt:1:3: boilerplate 9 seeds/t/0.txt:1:3
seeds/t/2.txt:1:3: boilerplate 9 seeds/t/0.txt:1:3
"""
FOUND = "Found 4 groups and 3 passages in 11 seeds.\n"
FULL = """\
duplicate-seed: 2 seeds, the same bytes
         seeds/a.txt
         seeds/b.txt

same-text: 2 seeds, the same words
         seeds/a.txt
         seeds/c.txt

near-duplicate: 2 seeds, at least 95 % the same
       - seeds/d.txt
  95 % + seeds/a.txt

    1 - …ryman had seen the lamp go out that evening today
                                                     ^^^^^
    1 + …ryman had seen the lamp go out that evening

contained-seed: 3 seeds, at least 100 % of one in the other
         seeds/e.txt
 100 % of it stands in seeds/a.txt

         11 words without a break, at seeds/e.txt:1:1
         and at seeds/a.txt:1:1
         | the mill at the bend of the river turned all
         | night

 100 % of it stands in seeds/d.txt

         11 words without a break, at seeds/e.txt:1:1
         and at seeds/d.txt:1:1
         | the mill at the bend of the river turned all
         | night

repeated-passage: 12 words in 2 seeds
    | a goat two apples one borrowed hat no excuse whatever
    | came late
  seeds/f.txt:1:1 to 1:64
  seeds/g.txt:2:1 to 2:64

repeated-section: 8 words, twice in one seed
    | é one é two é three é four
  seeds/n.txt:1:1 to 1:27
  seeds/n.txt:3:1 to 3:27

boilerplate: 9 words in 3 seeds
    | this is what each of them has on top
  seeds/t/0.txt:1:3 to 1:39
  seeds/t/1.txt:1:3 to 1:39
  seeds/t/2.txt:1:3 to 1:39

Found 4 groups and 3 passages in 11 seeds.
"""


@pytest.fixture
def root(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus with a repeat of every kind, seen on 60 columns."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    return corpus(FILES)


def test_concise(root: Path) -> None:
    assert seedkit("repeats", "--format", "concise", cwd=root) == ran(CONCISE + FOUND, code=1)


def test_full(root: Path) -> None:
    assert seedkit("repeats", "--color", "never", cwd=root, terminal=True) == ran(FULL, code=1)


def test_full_in_colour(root: Path) -> None:
    code, out, err = seedkit(
        "repeats", "--kind", "near-duplicate", "seeds/a.txt", cwd=root, terminal=True
    )
    assert (code, err) == (1, "")
    assert out == (
        "\x1b[1mnear-duplicate\x1b[0m: 2 seeds, at least 95 % the same\n"
        "       \x1b[31m-\x1b[0m seeds/d.txt\n"
        "  95 % \x1b[32m+\x1b[0m seeds/a.txt\n"
        "\n"
        "    \x1b[2m1\x1b[0m \x1b[31m-\x1b[0m …ryman had seen the lamp go out that evening "
        "\x1b[31mtoday\x1b[0m\n"
        "    \x1b[2m1\x1b[0m \x1b[32m+\x1b[0m …ryman had seen the lamp go out that evening\n"
        "\n"
        "Found 1 group in 11 seeds.\n"
    )


def test_without_unicode(root: Path) -> None:
    options = ["--kind", "near-duplicate", "--color", "never"]
    code, out, err = seedkit("repeats", *options, cwd=root, terminal=True, encoding="ascii")
    assert (code, err) == (1, "")
    assert "    1 - ...ryman had seen the lamp go out that evening today\n" in out


def test_quiet(root: Path) -> None:
    assert seedkit("repeats", "-q", "--format", "concise", cwd=root) == ran(CONCISE, code=1)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["duplicate-seed"], [0]),
        (["same-text,near-duplicate"], [1, 2]),
        (["contained-seed"], [3, 4]),
        (["repeated-passage"], [5]),
        (["repeated-section"], [6]),
        (["boilerplate, repeated-section"], [6, 7, 8]),
        (["duplicate-seed", "boilerplate"], [0, 7, 8]),
    ],
)
def test_kinds(root: Path, kinds: list[str], expected: list[int]) -> None:
    options = [option for kind in kinds for option in ("--kind", kind)]
    code, out, _ = seedkit("repeats", "-q", "--format", "concise", *options, cwd=root)
    lines = CONCISE.split("\n")
    assert (code, out) == (1, "".join(f"{lines[number]}\n" for number in expected))


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["seeds/b.txt"], [0]),
        (["seeds/a.txt"], [0, 1, 2, 3]),
        (["seeds/d.txt"], [2, 4]),
        (["seeds/t"], [7, 8]),
        (["./seeds/t/2.txt", "seeds/g.txt"], [5, 8]),
        (["seeds"], range(9)),
        (["."], range(9)),
    ],
)
def test_a_path_narrows_what_is_shown(root: Path, paths: list[str], expected: list[int]) -> None:
    code, out, _ = seedkit("repeats", "-q", "--format", "concise", *paths, cwd=root)
    lines = CONCISE.split("\n")
    assert (code, out) == (1, "".join(f"{lines[number]}\n" for number in expected))


def test_a_path_that_repeats_nothing(root: Path) -> None:
    (root / "seeds" / "z.txt").write_text("nothing like it\n", encoding="utf-8")
    clean = ran("Compared 12 seeds, no repeats.\n")
    assert seedkit("repeats", "seeds/z.txt", cwd=root) == clean
    assert seedkit("repeats", "z.txt", cwd=root / "seeds") == clean
    assert seedkit("repeats", "-q", "seeds/z.txt", cwd=root) == ran()


def test_a_path_that_is_no_seed(root: Path) -> None:
    (root / "notes.md").write_text("notes", encoding="utf-8")
    assert seedkit("repeats", "notes.md", cwd=root) == ran(
        err="seedkit repeats: error: `notes.md` is no seed of this corpus, and holds none\n"
        "  help: `seedkit show-files` lists the seeds\n",
        code=2,
    )
    assert seedkit("repeats", "none.txt", cwd=root) == ran(
        err="seedkit repeats: error: there is no file `none.txt`\n", code=2
    )
    code, _, err = seedkit("repeats", "..", cwd=root)
    assert code == 2 and "lies outside the corpus" in err


def test_paths_of_the_corpus_that_are_no_seeds(root: Path) -> None:
    (root / "INDEX.md").write_text("# Seeds\n", encoding="utf-8")
    (root / "seeds/z.txt").write_text("alone", encoding="utf-8")
    help = "  help: `seedkit show-files` lists the seeds\n"
    lead = "seedkit repeats: error:"
    for path in ("INDEX.md", "schemas", "seedkit.toml"):
        error = f"{lead} `{path}` is no seed of this corpus, and holds none\n{help}"
        assert seedkit("repeats", path, cwd=root) == ran(err=error, code=2)
    error = f"{lead} none of the 2 PATHs is a seed of this corpus\n{help}"
    assert seedkit("repeats", "INDEX.md", "schemas", cwd=root) == ran(err=error, code=2)
    assert seedkit("repeats", "-q", "INDEX.md", "seeds/z.txt", cwd=root) == ran(
        err="seedkit repeats: note: INDEX.md is no seed of this corpus\n"
    )


def test_thresholds(root: Path) -> None:
    def kinds(*options: str) -> list[str]:
        _, out, _ = seedkit("repeats", "-q", "--format", "concise", *options, cwd=root)
        return [line.split(": ")[1].split()[0] for line in out.splitlines()]

    every = kinds()
    assert kinds("--near-duplicate", "0.96") == [
        "duplicate-seed", "same-text", *["contained-seed"] * 2, *every[5:],
    ]  # fmt: skip
    assert kinds("--near-duplicate", "1e-9", "seeds/e.txt") == ["near-duplicate"] * 1
    assert "boilerplate" not in kinds("--passage-tokens", "10")
    assert kinds("--passage-tokens", "13") == ["duplicate-seed", "same-text", "near-duplicate"]
    assert kinds() == every


def test_pairs(root: Path) -> None:
    options = ["--kind", "boilerplate", "--pairs", "--format"]
    code, out, _ = seedkit("repeats", *options, "concise", "seeds/b.txt", cwd=root)
    assert (code, out) == (
        1,
        "1.000 seeds/a.txt seeds/b.txt\n1.000 seeds/b.txt seeds/c.txt\n"
        "0.954 seeds/b.txt seeds/d.txt\nFound 3 pairs in 11 seeds.\n",
    )
    _, out, _ = seedkit("repeats", *options, "full", "seeds/b.txt", cwd=root)
    assert out == (
        " 100 %  seeds/a.txt  seeds/b.txt\n 100 %  seeds/b.txt  seeds/c.txt\n"
        "  95 %  seeds/b.txt  seeds/d.txt\n\nFound 3 pairs in 11 seeds.\n"
    )
    output = json.loads(seedkit("repeats", *options, "json", cwd=root).out)
    assert len(output["pairs"]) == 6 and output["groups"] == []
    assert output["pairs"][2] == {
        "a": "seeds/a.txt", "b": "seeds/d.txt", "similarity": 21 / 22,
        "containment_a_in_b": 1.0, "containment_b_in_a": 21 / 22,
    }  # fmt: skip


def test_json(root: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    code, out, err = seedkit("repeats", "--format", "json", cwd=root, encoding="ascii")
    output = json.loads(out)
    jsonschema.validate(output, json.loads(schema_text("repeats")))
    assert (code, err, output["root"]) == (1, "", os.path.realpath(root))
    assert output["summary"] == {"seeds": 11, "groups": 4, "passages": 3, "skipped": {}}
    assert "pairs" not in output
    assert output["groups"][3] == {
        "kind": "contained-seed",
        "representative": "seeds/e.txt",
        "similarity": 1.0,
        "members": [
            {"path": "seeds/a.txt", "similarity": 9 / 21, "containment": 1.0, "larger": True},
            {"path": "seeds/d.txt", "similarity": 9 / 22, "containment": 1.0, "larger": True},
        ],
    }
    assert output["passages"][1] == {
        "kind": "repeated-section",
        "tokens": 8,
        "seeds": 1,
        "text": "é one é two é three é four",
        "occurrences": [
            {
                "path": "seeds/n.txt",
                "start": {"line": line, "column": 1, "offset": offset},
                "end": {"line": line, "column": 27, "offset": offset + 30},
            }
            for line, offset in ((1, 0), (3, 37))
        ],
    }


def test_output_does_not_depend_on_processes_or_history(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pool, "_FEW", 1)
    monkeypatch.setattr(pool, "_CHUNK", 3)
    command = ["repeats", "--pairs", "--format", "json"]
    first = seedkit(*command, "--jobs", "2", cwd=root)
    assert first.code == 1
    assert seedkit(*command, "--jobs", "2", cwd=root) == first
    for jobs in ("1", "2"):
        cache = tmp_path / f"other{jobs}"
        cache.mkdir(mode=0o700)
        assert seedkit(*command, "--jobs", jobs, "--cache-dir", str(cache), cwd=root) == first


def test_repeats_need_not_be_selected(root: Path) -> None:
    settings = ["--config", 'select=["text"]', "--format", "concise", "-q"]
    assert seedkit("repeats", *settings, "seeds/d.txt", cwd=root) == ran(
        "".join(CONCISE.splitlines(keepends=True)[at] for at in (2, 4)), code=1
    )


def test_sections_need_not_be_selected(root: Path) -> None:
    settings = ["--config", 'select=["text"]', "--format", "concise"]
    assert seedkit("repeats", *settings, cwd=root) == ran(CONCISE + FOUND, code=1)
    assert seedkit("repeats", "--format", "concise", cwd=root) == ran(CONCISE + FOUND, code=1)


def test_nothing_repeats(corpus: Corpus) -> None:
    root = corpus({"seedkit.toml": "", "seeds/a.txt": "one\n", "seeds/b.txt": "two\n"})
    assert seedkit("repeats", cwd=root) == ran("Compared 2 seeds, no repeats.\n")
    assert seedkit("repeats", "--pairs", cwd=root) == ran("Compared 2 seeds, no repeats.\n")
    (root / "seeds" / "b.txt").unlink()
    assert seedkit("repeats", cwd=root) == ran("Compared 1 seed, no repeats.\n")


def test_names_are_escaped(corpus: Corpus) -> None:
    root = corpus({"seedkit.toml": "", "seeds/\u202ea.txt": MILL, "seeds/b\x1b[1m.txt": MILL})
    for name in ("full", "concise"):
        _, out, _ = seedkit("repeats", "--format", name, cwd=root)
        assert "seeds/\\u202ea.txt" in out and "seeds/b\\x1b[1m.txt" in out
        assert not {"\x1b", "\u202e"} & set(out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kind", "copies"], "`copies` is not one of duplicate-seed, same-text, near-duplicate, "
         "contained-seed, repeated-passage, repeated-section, boilerplate"),
        (["--kind", ","], "no kind is named"),
        (["--near-duplicate", "0"], "`0` is not a number above 0, up to 1"),
        (["--near-duplicate", "1.1"], "`1.1` is not a number above 0, up to 1"),
        (["--near-duplicate", "nan"], "`nan` is not a number above 0, up to 1"),
        (["--near-duplicate", "much"], "`much` is not a number above 0, up to 1"),
        (["--passage-tokens", "7"], "`7` is not a number of tokens, 8 to 1,000,000"),
        (["--passage-tokens", "-1"], None),
        (["--format", "xml"], "`xml` is not one of full, concise, json"),
    ],
)  # fmt: skip
def test_wrong_usage(root: Path, arguments: list[str], message: str | None) -> None:
    code, out, err = seedkit("repeats", *arguments, cwd=root)
    assert (code, out) == (2, "")
    assert err.startswith("seedkit repeats: error: --") and (message is None or message in err)


def test_the_largest_threshold(root: Path) -> None:
    code, out, _ = seedkit("repeats", "--near-duplicate", "1", "--kind", "near-duplicate", cwd=root)
    assert (code, out) == (0, "Compared 11 seeds, no repeats.\n")


def test_no_corpus(tmp_path: Path) -> None:
    code, out, err = seedkit("repeats", cwd=tmp_path)
    assert (code, out) == (2, "") and "seedkit.toml" in err


def test_check_names_the_command(root: Path) -> None:
    _, out, _ = seedkit("check", "--select", "repeat", "--format", "concise", cwd=root)
    assert out.split("\n")[0] == (
        "seeds/a.txt:1:1: warning[repeat/near-duplicate] seed is 95 % the same as `seeds/d.txt`"
    )
    assert out.endswith("Found 3 errors, 4 warnings and 1 info in 11 seeds.\n")
