"""A corpus without seeds is never clean: whatever was asked, nothing was looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support.commandline import CLEAN, Ran, seedkit
from support.corpora import Files
from support.gitrepo import Repo

Corpus = Callable[[Files], Path]

EMPTY: Files = {
    "seedkit.toml": "",
    "schemas/note.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "INDEX.md": "# Seeds\n",
}
LISTED = "# Seeds\n\n- [a](seeds/a.txt)\n"
EXCLUDED: Files = {**CLEAN, "seedkit.toml": 'exclude = ["*.txt"]\n'}
NO_FILE = "there are no seeds: `seeds` holds no file"
LEFT_OUT = "there are no seeds: all 2 files in `seeds` are left out"


def empty(corpus: Corpus, files: Files = EMPTY) -> Path:
    root = corpus(files)
    (root / "seeds").mkdir(exist_ok=True)
    return root


@pytest.mark.parametrize("index", ["# Seeds\n", LISTED, None])
def test_an_empty_folder_is_an_error(corpus: Corpus, index: str | None) -> None:
    files = {path: text for path, text in EMPTY.items() if path != "INDEX.md"}
    root = empty(corpus, files if index is None else {**files, "INDEX.md": index})
    assert seedkit("check", cwd=root) == Ran(
        1,
        f"error[config/no-seeds]: {NO_FILE}\n"
        " --> seeds\n"
        "  = help: add one with `seedkit add FILE`, or set `seeds` to the folders that hold seeds\n"
        "\nFound 1 error in 0 seeds.\n",
        "",
    )


def test_all_left_out_is_an_error(corpus: Corpus) -> None:
    root = corpus(EXCLUDED)
    line = f"seedkit.toml:1:1: error[config/no-seeds] {LEFT_OUT}\n"
    for options in (
        [],
        ["--select", "text"],
        ["--ignore", "config"],
        ["seeds/a.txt"],
        ["INDEX.md"],
        ["--fix"],
        ["--since", "HEAD"],
        ["--stdin-filename", "README.md"],
    ):
        if "--since" in options:
            Repo(root).commit()
        ran = seedkit("check", "--format", "concise", "-q", *options, cwd=root)
        assert (ran.code, ran.out) == (1, line), options


@pytest.mark.parametrize("name", ["json", "github", "gitlab", "sarif", "junit", "concise"])
def test_reports_for_machines_have_it(corpus: Corpus, name: str) -> None:
    root = corpus(EXCLUDED)
    ran = seedkit("check", "--format", name, "--output", f"{name}=out", cwd=root)
    assert ran.code == 1
    for text in (ran.out, (root / "out").read_text("utf-8")):
        assert "config/no-seeds" in text
        assert "are left out" in text


def test_only_its_name_switches_it_off(corpus: Corpus) -> None:
    root = corpus(EXCLUDED)
    assert seedkit("check", "-q", "--ignore", "config/no-seeds", cwd=root) == Ran(0, "", "")
    (root / "seedkit.toml").write_text('exclude = ["*"]\nignore = ["config/no-seeds"]\n')
    assert seedkit("check", "-q", cwd=root) == Ran(0, "", "")


@pytest.mark.parametrize("option", ["--diff", "--baseline-update"])
def test_nothing_is_written_of_nothing(corpus: Corpus, option: str) -> None:
    root = corpus(EXCLUDED)
    ran = seedkit("check", option, cwd=root)
    assert ran.code == 2
    assert ran.err.startswith(f"seedkit check: error: {LEFT_OUT}\n")
    assert not (root / "seedkit-baseline.json").exists()


def test_a_baseline_does_not_hide_it(corpus: Corpus) -> None:
    root = corpus({**EXCLUDED, "seedkit-baseline.json": '{"version": 1, "findings": []}'})
    assert seedkit("check", "-q", "--format=concise", cwd=root).code == 1


def test_staged_nothing(corpus: Corpus) -> None:
    root = corpus(EXCLUDED)
    repo = Repo(root)
    repo.git("add", "--all")
    ran = seedkit("check", "--staged", cwd=root)
    assert ran.code == 1
    assert LEFT_OUT in ran.out


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("repeats", 2),
        ("search lamp", 1),
        ("stats", 1),
        ("stats --format json", 1),
        ("show-files", 1),
        ("index", 1),
        ("index --status", 1),
        ("index --verify", 2),
    ],
)
def test_other_commands_say_so(corpus: Corpus, command: str, code: int) -> None:
    ran = seedkit(*command.split(), cwd=corpus(EXCLUDED))
    assert ran.code == code
    assert LEFT_OUT in ran.err


def test_a_search_for_programs_says_so(corpus: Corpus) -> None:
    ran = seedkit("search", "lamp", "--format", "json", cwd=corpus(EXCLUDED))
    assert json.loads(ran.out)["notes"] == [LEFT_OUT]


def test_a_watch_counts_it(corpus: Corpus) -> None:
    ran = seedkit("watch", "--once-ready", cwd=corpus(EXCLUDED))
    assert "watching 0 seeds, 1 error" in ran.out


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("select = []\n", "`select` must not be empty"),
        ('select = ["text"]\nignore = ["text"]\n', "no rule is left to check"),
        ('seeds = ["none"]\n', "there is no folder `none` of seeds"),
    ],
)
def test_no_rule_or_folder_is_left(corpus: Corpus, settings: str, message: str) -> None:
    ran = seedkit("check", cwd=corpus({**CLEAN, "seedkit.toml": settings}))
    assert ran.code == 2
    assert message in ran.err


def test_a_format_that_matches_nothing_is_reported_with_seeds_of_none(corpus: Corpus) -> None:
    root = corpus({**CLEAN, "schemas/note.toml": 'files = ["seed/**"]\n'})
    ran = seedkit("check", "-q", "--format", "concise", cwd=root)
    assert ran.out == (
        "schemas/note.toml:1:1: warning[config/unused-format] format `note` matches no file\n"
        "seeds/a.txt:1:1: error[format/no-format] no format matches this file\n"
        "seeds/b.txt:1:1: error[format/no-format] no format matches this file\n"
    )


def test_paths_that_come_to_nothing(corpus: Corpus) -> None:
    root = corpus({**CLEAN, "README.md": "Read.\n", "docs/x.md": "x\n"})
    ran = seedkit("check", "README.md", "docs", cwd=root)
    assert ran.code == 2
    assert "none of the 2 PATHs is a seed of this corpus" in ran.err
    assert seedkit("check", "README.md", "docs", "--force-exclude", cwd=root) == Ran(
        0, "Nothing to check: no PATH is a seed.\n", ""
    )


@pytest.mark.parametrize(
    ("paths", "counted"),
    [
        (["seeds/a.txt"], "1 seed"),
        (["seeds/a.txt", "seeds/a.txt"], "1 seed"),
        (["seeds", "seeds/a.txt"], "2 seeds"),
        (["."], "2 seeds"),
        (["INDEX.md"], "1 file"),
        (["seeds/a.txt", "INDEX.md", "schemas/note.toml"], "1 seed and 2 other files"),
    ],
)
def test_the_summary_counts_what_was_looked_at(
    corpus: Corpus, paths: list[str], counted: str
) -> None:
    assert seedkit("check", *paths, cwd=corpus(CLEAN)).out == f"Checked {counted}, no findings.\n"


SRT = {
    "schemas/a.toml": 'extends = "builtin:plain"\nfiles = ["%s"]\n',
    "seedkit.toml": 'seeds = ["."]',
}


def at_the_top(corpus: Corpus, pattern: str) -> Path:
    """A corpus with files at the top, and one below."""
    texts = {name: f"{name}\n" for name in ("LICENSE", "README.md", "y.srt", "sub/z.srt")}
    formats = {path: text.replace("%s", pattern) for path, text in SRT.items()}
    return corpus({**texts, **formats, "seedkit-baseline.json": "{}", "INDEX.md": ""})


@pytest.mark.parametrize(
    "pattern", ["*.srt", "**/*.srt", "y.srt", "y.*", "/*.srt", "[xyz].srt", "y*", "**/y.srt"]
)
def test_a_pattern_that_names_something_claims_at_the_top(corpus: Corpus, pattern: str) -> None:
    listed = seedkit("show-files", cwd=at_the_top(corpus, pattern)).out
    assert "y.srt\ta\n" in listed
    assert "LICENSE" not in listed


@pytest.mark.parametrize("pattern", ["*", "**", "**/*", "*.*", "[a-z]*", "?*"])
def test_a_pattern_that_names_nothing_leaves_the_top_and_that_is_said(
    corpus: Corpus, pattern: str
) -> None:
    listed = seedkit("show-files", cwd=at_the_top(corpus, pattern)).out.splitlines()
    assert listed[0] == "sub/z.srt\ta"
    assert listed[-1] == "y.srt\t(not a seed: at the top, and no pattern names it)"
    assert not any("seedkit" in line or "INDEX" in line for line in listed)


def test_what_is_taken_back_at_the_top_is_no_seed(corpus: Corpus) -> None:
    root = at_the_top(corpus, '*.srt", "!y.srt')
    assert seedkit("show-files", cwd=root).out == "sub/z.srt\ta\n"


def test_that_all_lie_at_the_top_is_named(corpus: Corpus) -> None:
    root = corpus(
        {**SRT, "schemas/a.toml": 'files = ["**"]\n', "INDEX.md": "", "y.srt": "", "z": ""}
    )
    assert seedkit("check", cwd=root) == Ran(
        1,
        "error[config/no-seeds]: there are no seeds: `y.srt` and 1 other file lie at the top of "
        "the corpus, and no pattern in a format's `files` names any of them\n"
        " --> seedkit.toml\n"
        "  = help: name them, as `*.txt` or `/notes` do, but `*` and `**` do not, or set `seeds` "
        "to the folders that hold seeds\n"
        "\nFound 1 error in 0 seeds.\n",
        "",
    )
