"""`seedkit check` as it is used: what it says, where it says it, and how it ends."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from support.commandline import CLEAN, DEMO, Ran, ran, seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]

UNLISTED = """\
error[index/unlisted-seed]: `seeds/b.txt` is not listed in `INDEX.md`
 --> seeds/b.txt
  = help: add a row for it, or exclude the file if it is no seed
  = fix: add a row to the index (--fix)

"""
NO_NEWLINE = """\
error[text/missing-final-newline]: no newline at the end of the file
 --> seeds/b.txt:1:21
  |
1 | A lamp in the window
  |                     ^
  |
  = fix: add a newline (--fix)

"""
FOUND = "Found 2 errors in 2 seeds, 2 fixable with --fix.\n"
FULL = UNLISTED + NO_NEWLINE + FOUND
CONCISE = """\
seeds/b.txt:1:1: error[index/unlisted-seed] `seeds/b.txt` is not listed in `INDEX.md` [*]
seeds/b.txt:1:21: error[text/missing-final-newline] no newline at the end of the file [*]
"""
TABLE = """\
rule                        count  fixable
index/unlisted-seed             1        1
text/missing-final-newline      1        1
"""
DIFF = r"""--- a/INDEX.md
+++ b/INDEX.md
@@ -2,2 +2,3 @@
@
 - [a](seeds/a.txt)
+- [b](seeds/b.txt)
--- a/seeds/b.txt
+++ b/seeds/b.txt
@@ -1 +1 @@
-A lamp in the window
\ No newline at end of file
+A lamp in the window
""".replace("\n@\n", "\n \n")
NOTHING = "Checked 2 seeds, no findings.\n"
FORMATS = "full, concise, json, sarif, github, gitlab, junit"


def failed(message: str, remedy: str | None = "see `seedkit check --help`") -> tuple[str, int]:
    helped = f"  help: {remedy}\n" if remedy else ""
    return f"seedkit check: error: {message}\n{helped}", 2


def no_seed(path: str) -> tuple[str, int]:
    return failed(
        f"`{path}` is no seed of this corpus, and holds none",
        "`seedkit show-files` lists the seeds; --force-exclude ignores PATHs that are none",
    )


def test_clean(corpus: Corpus) -> None:
    root = corpus(CLEAN)
    assert seedkit("check", cwd=root) == ran(NOTHING)
    assert seedkit("check", "-q", cwd=root) == ran()
    assert seedkit("check", cwd=root / "seeds") == ran(NOTHING)


@pytest.mark.parametrize(
    ("options", "out", "code"),
    [
        ([], FULL, 1),
        (["--format", "full"], FULL, 1),
        (["-q"], UNLISTED + NO_NEWLINE, 1),
        (["--format", "concise"], CONCISE + FOUND, 1),
        (["--format=concise", "--quiet"], CONCISE, 1),
        (["--statistics"], f"{TABLE}\n{FOUND}", 1),
        (["--statistics", "-q"], TABLE, 1),
        (["--exit-zero"], FULL, 0),
        (["--isolated"], FULL, 1),
        (["--jobs", "1"], FULL, 1),
        (["--jobs", "2"], FULL, 1),
        (["--max-findings", "0"], FULL, 1),
        (["--max-findings", "2"], FULL, 1),
        (
            ["--max-findings", "1"],
            f"{UNLISTED}{FOUND}1 more not shown (--max-findings 0 shows all).\n",
            1,
        ),
        (["--max-findings", "1", "-q"], UNLISTED, 1),
        (["--max-findings", "1", "--statistics"], f"{TABLE}\n{FOUND}", 1),
        (["--output-file", "-"], FULL, 1),
        (["--select", "text", "-q"], NO_NEWLINE, 1),
        (["--select", "index/unlisted-seed,text/bom", "-q"], UNLISTED, 1),
        (["--select", "name", "--select=text", "-q"], NO_NEWLINE, 1),
        (["--ignore", "text", "-q"], UNLISTED, 1),
        (["--ignore", "text", "--ignore", " index ", "-q"], "", 0),
        (["--config", 'ignore=["index"]', "-q"], NO_NEWLINE, 1),
        (["seeds/b.txt"], FULL.replace("2 seeds", "1 seed"), 1),
        (["seeds/a.txt"], "Checked 1 seed, no findings.\n", 0),
        (["seeds"], FULL, 1),
        (["seeds/"], FULL, 1),
        (["."], FULL, 1),
        (["./seeds/../seeds/b.txt", "-q", "seeds/a.txt"], UNLISTED + NO_NEWLINE, 1),
        (["schemas", "schemas/note.toml", "seedkit.toml"], "Checked 3 files, no findings.\n", 0),
        (["INDEX.md", "-q"], UNLISTED, 1),
        (["--diff", "-q"], DIFF, 1),
        (["--diff", "-q", "--exit-zero"], DIFF, 0),
        (["--diff", "--unsafe-fixes", "-q"], DIFF, 1),
        (["--diff", "seeds/a.txt", "-q"], "", 0),
    ],
)
def test_options(corpus: Corpus, options: list[str], out: str, code: int) -> None:
    root = corpus(DEMO)
    assert seedkit("check", *options, cwd=root) == ran(out, code=code)
    assert seedkit("check", *options, cwd=root) == ran(out, code=code)


@pytest.mark.skipif(sys.platform == "darwin", reason="there both are the same file")
@pytest.mark.parametrize(("disk", "form"), [("NFD", "NFD"), ("NFC", "NFC")])
def test_a_path_in_another_unicode_form(corpus: Corpus, disk: str, form: str) -> None:
    there = unicodedata.normalize(cast("Any", disk), "seeds/café.txt")
    typed = unicodedata.normalize("NFC" if disk == "NFD" else "NFD", there)
    root = corpus({**CLEAN, there: "Milk and no sugar\n"})
    said = f": on disk, the name is spelled in another Unicode form ({form})\n"
    for command, what in (
        (["check"], f"there is no file `{typed}`"),
        (["repeats"], f"there is no file `{typed}`"),
        (["mv", "seeds/x.txt"], f"there is no file `{typed}`"),
        (["rm"], f"there is no seed {typed}"),
        (["search", "--like"], f"--like: `{typed}` is no seed of this corpus"),
    ):
        arguments = [command[0], typed, *command[1:]] if command[0] == "mv" else [*command, typed]
        ran = seedkit(*arguments, cwd=root)
        assert ran.err == f"seedkit {command[0]}: error: {what}{said}"


def test_a_root_that_is_not_readable(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    root = corpus(DEMO)
    (root / "locked").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # which never fails as root
    assert seedkit("check", "--root", "locked", cwd=root) == ran(
        err="seedkit check: error: --root: `locked` can't be read: permission denied\n", code=2
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--bogus"], failed("there is no option `--bogus`")),
        (["--bogus=1"], failed("there is no option `--bogus`")),
        (["-x"], failed("there is no option `-x`")),
        (["--sel", "text"], failed("there is no option `--sel`", "`--select` is similar")),
        (["--watch"], failed("there is no option `--watch`", "`seedkit watch` does that")),
        (["--select"], failed("--select takes a value, and none is given")),
        (["--select", ""], failed("--select: no rule or family is named")),
        (
            ["--select", "txet"],
            failed("--select: there is no rule or family `txet`; `text` is similar"),
        ),
        (
            ["--ignore", "text,\x1b"],
            failed("--ignore: there is no rule or family `\\x1b`; `seedkit rule` lists them"),
        ),
        (["--format", "xml"], failed(f"--format: `xml` is not one of {FORMATS}")),
        (["--color", "red"], failed("--color: `red` is not one of auto, always, never")),
        (["--jobs", "0"], failed("--jobs: `0` is not a number of processes, 1 to 256")),
        (["--jobs", "999"], failed("--jobs: `999` is not a number of processes, 1 to 256")),
        (["--jobs", "²"], failed("--jobs: `²` is not a number of processes, 1 to 256")),
        (
            ["--jobs", "9" * 5000],
            failed(f"--jobs: `{'9' * 59}…` is not a number of processes, 1 to 256"),
        ),
        (
            ["--max-findings", "-1"],
            failed("--max-findings: `-1` is not a number of findings, 0 to 1,000,000,000"),
        ),
        (["--config", "engine"], failed("--config: `engine` is not KEY=VALUE")),
        (["--config", "=1"], failed("--config: `=1` is not KEY=VALUE")),
        (["--config", "foo=1"], failed("--config: unknown key `foo`", "remove it")),
        (
            ["--config", "seeds=5"],
            failed("--config: `seeds` must be an array, not an integer", None),
        ),
        (["--unsafe-fixes"], failed("--unsafe-fixes goes with --fix or --diff", None)),
        (
            ["--statistics", "--format", "full"],
            failed("--statistics can't be combined with --format", None),
        ),
        (
            ["--baseline-update", "--fix"],
            failed("--baseline-update can't be combined with --fix", None),
        ),
        (
            ["--stdin-filename", "seeds/a.txt", "--fix"],
            failed("--stdin-filename can't be combined with --fix", None),
        ),
        (["nowhere"], failed("there is no file `nowhere`", None)),
        (["schemas/nowhere.toml"], failed("there is no file `schemas/nowhere.toml`", None)),
        (["no\nwhere"], failed("there is no file `no\\nwhere`", None)),
        (["--", "-x"], failed("there is no file `./-x`", None)),
        ([""], failed("a PATH is empty", None)),
        (["--root", "nowhere"], failed("--root: there is no folder `nowhere`", None)),
        (["--root", "INDEX.md"], failed("--root: `INDEX.md` is no folder", None)),
        (["--quiet=x"], failed("--quiet takes no value")),
        (["-qx"], failed("there is no option `-x`")),
        (["--stdin-filename", ""], failed("a PATH is empty", None)),
        (["--stdin-filename", "seeds"], failed("--stdin-filename: `seeds` is a folder", None)),
        (
            ["--output-file", "no/where"],
            failed("--output-file `no/where` can't be written: no such file or directory", None),
        ),
    ],
)
def test_wrong_usage(corpus: Corpus, options: list[str], expected: tuple[str, int]) -> None:
    message, code = expected
    assert seedkit("check", *options, cwd=corpus(DEMO)) == ran(err=message, code=code)


def test_paths_outside(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus(DEMO)
    for path in ("..", "/etc/passwd", "seeds/../../x", str(tmp_path)):
        message, code = failed(f"`{path}` lies outside the corpus {root}", None)
        assert seedkit("check", path, cwd=root) == ran(err=message, code=code)


def test_paths_from_elsewhere(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus(DEMO)
    concise = ("check", "--format=concise", "-q")

    def listed(path: str) -> Ran:
        return ran(CONCISE.replace("seeds/b.txt:", f"{path}:"), code=1)

    there = ("--root", str(root))
    assert seedkit(*concise, "b.txt", cwd=root / "seeds") == listed("b.txt")
    given = "../seeds/b.txt"
    assert seedkit(*concise, given, cwd=root / "schemas") == listed("../seeds/b.txt")
    given = str(root / "seeds/b.txt")
    assert seedkit(*concise, given, *there, cwd=tmp_path) == listed("corpus/seeds/b.txt")
    (tmp_path / "adjacent").mkdir()
    assert seedkit(*concise, given, *there, cwd=tmp_path / "adjacent") == listed(given)
    assert seedkit(*concise, "corpus/seeds/a.txt", "--root=corpus", cwd=tmp_path) == ran()
    (tmp_path / "link").symlink_to(root)
    assert seedkit(*concise, "link/seeds/b.txt", "--root", "link", cwd=tmp_path) == listed(
        "corpus/seeds/b.txt"
    )
    assert seedkit(*concise, "/", "--root", "/", cwd=root).code == 2  # no corpus, but no crash


def test_files_that_are_no_seeds(corpus: Corpus) -> None:
    root = corpus(
        {
            **CLEAN,
            "README.md": "# Read me\n",
            "docs/x.md": "",
            "seeds/.gitkeep": "",
            "seedkit.toml": 'exclude = ["/seeds/drafts/"]\n',
            "seeds/drafts/c.txt": "Not yet.",
        }
    )
    (root / "seeds/link.txt").symlink_to("a.txt")
    nothing = ran("Nothing to check: no PATH is a seed.\n")
    for path in ("README.md", "docs", "docs/x.md", "seeds/.gitkeep", "seeds/drafts/c.txt"):
        ignoring = ("--ignore", "name")
        err, code = no_seed(path)
        assert seedkit("check", path, *ignoring, cwd=root) == ran(err=err, code=code)
        assert seedkit("check", path, "--force-exclude", *ignoring, cwd=root) == nothing
        mixed = seedkit("check", path, "seeds/a.txt", *ignoring, cwd=root)
        note = f"seedkit check: note: {path} is no seed of this corpus\n"
        assert mixed == ran("Checked 1 seed, no findings.\n", note)
    assert seedkit("check", "seeds/link.txt", "-q", "--format=concise", cwd=root) == ran(
        "seeds/link.txt:1:1: warning[name/not-a-file] seed is a symbolic link: it is not read\n",
        code=1,
    )


def test_an_index_in_a_folder(corpus: Corpus) -> None:
    deeper = "- [c](c.txt)\n- [d](d.txt)\n"
    index = CLEAN["INDEX.md"] + "- [deeper](seeds/deeper/INDEX.md)\n"
    root = corpus({**CLEAN, "INDEX.md": index, "seeds/deeper/INDEX.md": deeper})
    (root / "seeds/deeper/c.txt").write_text("A boat.\n")
    given = ("check", "--format=concise", "-q", "INDEX.md")
    assert seedkit(*given, cwd=root / "seeds/deeper") == ran(
        "INDEX.md:2:7: error[index/dangling-entry] `seeds/deeper/d.txt` does not exist\n", code=1
    )
    assert seedkit(*given, cwd=root / "seeds").code == 2  # there is none


def test_names_of_all_kinds(corpus: Corpus) -> None:
    names = ["a b.txt", "new\nline.txt", "esc\x1b.txt", "rtl\u202e.txt", "-dash.txt", "%41.txt"]
    files = {f"seeds/{name}": "No newline" for name in names}
    root = corpus({**CLEAN, **files})
    for name in names:
        code, out, err = seedkit("check", "--select=text", "--", name, cwd=root / "seeds")
        assert (code, err) == (1, "")
        assert out.count("text/missing-final-newline") == 1
        assert not set(out) & set("\x1b\u202e")
    bytes_name = os.fsdecode(b"seeds/odd\xff.txt")
    (root / bytes_name).write_text("No newline")
    assert seedkit("check", bytes_name, "--select=text", "--format=concise", "-q", cwd=root) == ran(
        "seeds/odd\\xff.txt:1:11: error[text/missing-final-newline] no newline at the end of the "
        "file [*]\n",
        code=1,
    )


# -- formats of output


def test_json(corpus: Corpus) -> None:
    root = corpus(DEMO)
    code, out, err = seedkit("check", "--format", "json", cwd=root)
    content = json.loads(out)
    assert (code, err) == (1, "")
    assert content["root"] == str(root)
    assert [each["rule"] for each in content["diagnostics"]] == [
        "index/unlisted-seed",
        "text/missing-final-newline",
    ]
    assert seedkit("check", "--format=json", cwd=root, encoding="ascii").out == out


def test_json_is_all_that_is_on_stdout(corpus: Corpus) -> None:
    code, out, err = seedkit("check", "--fix", "-v", "--format", "json", cwd=corpus(DEMO))
    assert code == 0
    assert json.loads(out)["diagnostics"] == []
    assert err.endswith("Fixed 2 findings in 2 files.\n")


def test_output_file(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus({**DEMO, "seeds/ü.txt": "Ü"})
    target = tmp_path / "report.txt"
    given = ("check", "--format", "concise", "--output-file", str(target))
    printed = seedkit("check", "--format", "concise", cwd=root).out
    assert seedkit(*given, cwd=root, terminal=True) == ran(code=1)
    assert target.read_text("utf-8") == printed
    assert seedkit(*given, "--color", "always", cwd=root) == ran(code=1)
    assert "\x1b[1;31merror" in target.read_text("utf-8")
    assert seedkit("check", "--output-file", str(tmp_path), cwd=root) == ran(
        err=f"seedkit check: error: --output-file `{tmp_path}` can't be written: is a directory\n",
        code=2,
    )


def test_terminal(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    root = corpus({**DEMO, "seeds/b.txt": "\x07" * 3 + "A lamp.\n"})
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    given = ("check", "-q", "--select", "text")
    painted = (
        "\x1b[1;31merror[text/control-character]\x1b[0m\x1b[1m: control character U+0007 (BEL), "
        "and 2 more\x1b[0m\n \x1b[2m-->\x1b[0m seeds/b.txt:1:1\n\x1b[2m  |\x1b[0m\n"
        "\x1b[2m1 |\x1b[0m \\x07\\x07\\x07A lamp.\n\x1b[2m  |\x1b[0m \x1b[1;31m^^^^\x1b[0m\n\n"
    )
    code, out, err = seedkit(*given, cwd=root, terminal=True)
    plain = seedkit(*given, cwd=root).out
    assert (code, err) == (1, "")
    assert out == painted
    assert "\x1b" not in plain
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        assert seedkit(*given, cwd=root, terminal=True).out == plain
    assert seedkit(*given, cwd=root, terminal=True, kind="dumb").out == plain
    for options in (["--color=never"], ["--color", "never"]):
        assert seedkit(*given, *options, cwd=root, terminal=True).out == plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31merror" in seedkit(*given, cwd=root).out


def test_ascii_terminal(corpus: Corpus) -> None:
    root = corpus({**CLEAN, "seeds/b.txt": "Où est la lampe ? " + "Ici. " * 30})
    given = ("check", "-q", "--select", "text/missing-final-newline", "--ignore", "repeat")
    assert (
        seedkit(*given, cwd=root, encoding="ascii").out
        == """\
error[text/missing-final-newline]: no newline at the end of the file
 --> seeds/b.txt:1:169
  |
1 | .... Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici. Ici.
  |                                                                                                ^
  |
  = fix: add a newline (--fix)

"""
    )


def test_a_terminal_is_not_flooded(corpus: Corpus) -> None:
    root = corpus({**CLEAN, **{f"seeds/{n}.txt": "No newline" for n in range(120)}})
    given = ("check", "--select", "text")
    more = "20 more not shown (--max-findings 0 shows all).\n"
    shown = seedkit(*given, cwd=root, terminal=True).out
    assert shown.count("missing-final-newline") == 100
    assert shown.endswith(more)
    for options in (["--max-findings=0"], ["--format=concise"], ["--max-findings=500"]):
        shown = seedkit(*given, *options, cwd=root, terminal=True).out
        assert shown.count("missing-final-newline") == 120
    assert seedkit(*given, cwd=root).out.count("missing-final-newline") == 120


# -- standard input


@pytest.mark.parametrize(
    ("path", "text", "out", "code"),
    [
        ("seeds/b.txt", b"A lamp.\n", UNLISTED, 1),
        ("seeds/a.txt", b"The tide", "seeds/a.txt:1:9", 1),
        ("seeds/a.txt", b"The tide\n", "", 0),
        ("seeds/new.txt", b"New.\n", "`seeds/new.txt` is not listed in `INDEX.md`", 1),
        (
            "INDEX.md",
            b"- [a](seeds/a.txt)\n- [x](seeds/x.txt)\n",
            "`seeds/x.txt` does not exist",
            1,
        ),
    ],
)
def test_stdin(corpus: Corpus, path: str, text: bytes, out: str, code: int) -> None:
    root = corpus(DEMO)
    before = (root / "seeds/a.txt").read_bytes()
    ended = seedkit("check", "-q", "--stdin-filename", path, cwd=root, stdin=text)
    assert (ended.code, ended.err) == (code, "")
    assert out in ended.out
    assert bool(out) == bool(ended.out)
    assert (root / "seeds/a.txt").read_bytes() == before
    assert seedkit("check", cwd=root) == ran(FULL, code=1)  # nothing of it is left


@pytest.mark.parametrize("path", ["schemas/note.toml", "seedkit.toml", "schemas/new.toml"])
def test_stdin_is_configuration(corpus: Corpus, path: str) -> None:
    root = corpus(CLEAN)
    for _ in range(2):
        code, out, err = seedkit("check", "--stdin-filename", path, cwd=root, stdin=b"foo = 1\n")
        assert (code, out) == (2, "")
        assert f"error[config/unknown-key]: unknown key `foo`\n --> {path}:1:1\n" in err
        assert "1 | foo = 1\n" in err
        assert seedkit("check", cwd=root) == ran(NOTHING)


def test_stdin_with_paths(corpus: Corpus) -> None:
    root = corpus(DEMO)
    given = ("check", "-q", "seeds/a.txt", "--stdin-filename", "seeds/b.txt")
    assert seedkit(*given, cwd=root, stdin=b"A lamp.\n") == ran(UNLISTED, code=1)


def test_stdin_that_is_no_seed(corpus: Corpus) -> None:
    root = corpus(CLEAN)
    given = ("check", "--stdin-filename", "README.md")
    err, code = no_seed("README.md")
    assert seedkit(*given, cwd=root) == ran(err=err, code=code)
    nothing = ran("Nothing to check: no PATH is a seed.\n")
    assert seedkit(*given, "--force-exclude", cwd=root) == nothing


def test_stdin_is_closed(corpus: Corpus) -> None:
    given = ("check", "--stdin-filename", "seeds/a.txt")
    assert seedkit(*given, cwd=corpus(DEMO), stdin=None) == ran(
        err="seedkit check: error: --stdin-filename: standard input is closed\n", code=2
    )


# -- fixing


def test_fix(corpus: Corpus) -> None:
    root = corpus(DEMO)
    noted = "--fix would fix 2 findings in 2 files\n"
    for options in (("--diff",), ("--fix", "--diff")):
        assert seedkit("check", *options, cwd=root) == ran(DIFF, noted, code=1)
    fixed = "Fixed 2 findings in 2 files.\n"
    assert seedkit("check", "--fix", cwd=root) == ran(NOTHING, fixed)
    assert {path: (root / path).read_text() for path in CLEAN} == CLEAN
    assert seedkit("check", "--fix", cwd=root) == ran(NOTHING)
    assert seedkit("check", "--diff", cwd=root) == ran(err="--fix would fix nothing\n")
    assert sorted(path.name for path in root.iterdir()) == [
        "INDEX.md", "schemas", "seedkit.toml", "seeds",
    ]  # fmt: skip


def test_fix_of_one_path(corpus: Corpus) -> None:
    root = corpus({**DEMO, "seeds/c.txt": "A boat"})
    assert seedkit("check", "--fix", "-q", "seeds/b.txt", cwd=root) == ran()
    assert (root / "seeds/b.txt").read_text() == "A lamp in the window\n"
    assert (root / "seeds/c.txt").read_text() == "A boat"
    assert (root / "INDEX.md").read_text() == CLEAN["INDEX.md"]


def test_unsafe_fixes(corpus: Corpus) -> None:
    root = corpus({**CLEAN, "seeds/b.txt": "A lamp \n"})
    assert seedkit("check", "--fix", "--format=concise", cwd=root) == ran(
        "seeds/b.txt:1:7: warning[text/trailing-whitespace] trailing white space\n"
        "Found 1 warning in 2 seeds, 1 fixable with --fix --unsafe-fixes.\n",
        code=1,
    )
    assert seedkit("check", "--fix", "--unsafe-fixes", cwd=root) == ran(
        NOTHING, "Fixed 1 finding in 1 file.\n"
    )
    assert (root / "seeds/b.txt").read_text() == "A lamp\n"


def test_painted_diff(corpus: Corpus) -> None:
    assert seedkit(
        "check", "--diff", "--color=always", "-q", "--select=text", cwd=corpus(DEMO)
    ) == (
        1,
        "\x1b[1m--- a/seeds/b.txt\x1b[0m\n\x1b[1m+++ b/seeds/b.txt\x1b[0m\n"
        "\x1b[1;36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-A lamp in the window\x1b[0m\n"
        "\\ No newline at end of file\n\x1b[32m+A lamp in the window\x1b[0m\n",
        "",
    )


def test_what_can_not_be_written(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    root = corpus(DEMO)
    monkeypatch.setattr("tempfile.mkstemp", refuse)
    refused = ran(
        err="seedkit check: error: INDEX.md can't be written: permission denied\n", code=2
    )
    assert seedkit("check", "--fix", cwd=root) == refused
    code, out, err = seedkit("check", "--baseline-update", cwd=root)
    assert (code, out) == (2, "")
    assert err == refused.err.replace("INDEX.md", "seedkit-baseline.json")


# -- the baseline


def test_baseline(corpus: Corpus) -> None:
    root = corpus(DEMO)
    wrote = "seedkit-baseline.json now accepts 2 findings.\n"
    assert seedkit("check", "--baseline-update", cwd=root) == ran(err=wrote)
    first = (root / "seedkit-baseline.json").read_bytes()
    accepted = ran("Checked 2 seeds, no findings, 2 accepted by the baseline.\n")
    assert seedkit("check", cwd=root) == accepted
    assert seedkit("check", "--baseline-update", "-q", cwd=root) == ran()
    assert (root / "seedkit-baseline.json").read_bytes() == first
    assert seedkit("check", "seedkit-baseline.json", cwd=root).out == (
        "Checked 1 file, no findings, 2 accepted by the baseline.\n"
    )

    (root / "seeds/b.txt").write_text("A lamp in the window\n")
    stale = """\
warning[config/stale-baseline]: baseline accepts `text/missing-final-newline` in `seeds/b.txt`, \
which is gone
 --> seedkit-baseline.json
  = help: run `seedkit check --baseline-update`

"""
    summary = "Found 1 warning in 2 seeds. 1 accepted by the baseline.\n".replace(". 1", ".\n1")
    assert seedkit("check", cwd=root) == ran(stale + summary, code=1)
    assert seedkit("check", "--baseline-update", cwd=root) == ran(
        err="seedkit-baseline.json now accepts 1 finding.\n"
    )
    (root / "seedkit-baseline.json").write_text("{")
    assert seedkit("check", cwd=root) == ran(
        err="seedkit check: error: seedkit-baseline.json is not a baseline: expecting property "
        f"name enclosed in double quotes in line 1, column 2\n{RESTORE}",
        code=2,
    )


RESTORE = (
    "  help: restore it, as with `git checkout -- seedkit-baseline.json`; without the file, "
    "`seedkit check --baseline-update` accepts what is found today\n"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{\n  "version": 1,\n<<<<<<< ours\n=======\n>>>>>>> theirs\n}\n',
            " has a merge conflict in line 3\n  help: keep the entries of both sides, and remove "
            "the lines of `<<<<<<<`, `=======`, `>>>>>>>`\n",
        ),
        (
            '{\n  "version": 1,\n  "findings": [\n    {"path": "a"',
            " is not a baseline: expecting ',' delimiter in line 4, column 17\n" + RESTORE,
        ),
        ('{"version": 1, "findings": [{"path": "a"}]}', f" is not a baseline\n{RESTORE}"),
    ],
)
def test_a_baseline_that_cannot_be_read_is_not_replaced(
    corpus: Corpus, text: str, message: str
) -> None:
    root = corpus(CLEAN)
    (root / "seedkit-baseline.json").write_text(text)
    for options in ((), ("--baseline-update",)):
        assert seedkit("check", *options, cwd=root) == ran(
            err=f"seedkit check: error: seedkit-baseline.json{message}", code=2
        )
    assert (root / "seedkit-baseline.json").read_text() == text
    (root / "seedkit-baseline.json").unlink()
    assert seedkit("check", "--baseline-update", "-q", cwd=root) == ran()


# -- the cache


def test_verbose(corpus: Corpus, cache: Path) -> None:
    root = corpus(CLEAN)
    said = seedkit("check", "-v", "-q", cwd=root).err
    (folder,) = cache.iterdir()
    assert said == f"seedkit: {root}: 2 seeds, 2 changed, 0 removed; cache: {folder}\n"
    (root / "seeds/b.txt").unlink()
    said = seedkit("show-files", "-v", cwd=root).err
    assert said.startswith(f"seedkit: {root}: 1 seed, ")
    assert said.endswith(f" 1 removed; cache: {folder}\n")


def test_a_cache_that_is_damaged(corpus: Corpus, cache: Path) -> None:
    root = corpus(DEMO)
    expected = ran(FULL, code=1)
    assert seedkit("check", cwd=root) == expected
    (folder,) = cache.iterdir()
    names = sorted(path.name for path in folder.iterdir())
    assert {"cache.sqlite", "settings.json"} <= set(names)
    for damage in (b"", b"garbage" * 1000, b"SQLite format 3\0" + bytes(5000)):
        for name in names:
            (folder / name).write_bytes(damage)
        assert seedkit("check", cwd=root) == expected
        assert seedkit("check", cwd=root) == expected


def test_a_cache_that_can_not_be_made(corpus: Corpus, cache: Path) -> None:
    root = corpus(DEMO)
    assert seedkit("check", cwd=root) == ran(FULL, code=1)
    (folder,) = cache.iterdir()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("")
    message = f"the cache folder {folder} can't be made: file exists"
    remedy = "choose another with --cache-dir or SEEDKIT_CACHE_DIR"
    without = ran(FULL, f"seedkit: note: no cache: {message}\n  help: {remedy}\n", 1)
    assert seedkit("check", cwd=root) == without
    assert seedkit("check", "--cache-dir", str(cache), cwd=root) == without
    assert seedkit("check", "-v", "-q", cwd=root).err.endswith("cache: none\n")


def test_a_cache_that_can_not_be_trusted(corpus: Corpus, cache: Path) -> None:
    root = corpus(DEMO)
    seedkit("check", cwd=root)
    (folder,) = cache.iterdir()
    folder.chmod(0o777)
    assert seedkit("check", cwd=root) == ran(
        FULL,
        f"seedkit: note: no cache: the cache folder {folder} can be written by others\n"
        "  help: remove it, or choose another with --cache-dir or SEEDKIT_CACHE_DIR\n",
        code=1,
    )


def test_seeds_that_are_gone(corpus: Corpus) -> None:
    root = corpus({**CLEAN, "seedkit.toml": 'seeds = ["seeds", "more"]\n', "more/c.txt": "C.\n"})
    seedkit("check", cwd=root)
    (root / "more/c.txt").unlink()
    (root / "more").rmdir()
    code, out, err = seedkit("check", cwd=root)  # not from the settings that are remembered
    assert (code, out) == (2, "")
    assert err.startswith("error[config/missing-folder]: there is no folder `more` of seeds\n")


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_settings_that_are_not_remembered(corpus: Corpus, cache: Path) -> None:
    root = corpus(CLEAN)
    (root / "schemas/README.md").symlink_to("../README.md")  # what may change is not known
    for _ in range(2):
        assert seedkit("check", cwd=root) == ran(NOTHING)
    (folder,) = cache.iterdir()
    assert not (folder / "settings.json").exists()
