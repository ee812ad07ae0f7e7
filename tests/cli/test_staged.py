"""`seedkit check --staged`: what is said of a commit before it is made."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.commandline import CLEAN, Ran, ran, seedkit
from support.corpora import Files, more
from support.gitrepo import ALONE, Repo

NOTHING = ran("Nothing of the corpus is staged.\n")
LISTED = CLEAN["INDEX.md"]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


@pytest.fixture
def repo(tmp_path: Path, cache: Path) -> Repo:
    return Repo(tmp_path / "repo", {**CLEAN, "README.md": "About\n"})


def check(repo: Repo, *arguments: str) -> Ran:
    return seedkit("check", "--staged", *arguments, cwd=repo.root)


def found(repo: Repo, *arguments: str) -> list[str]:
    """What is found, a line each, without what can be done about it."""
    result = check(repo, "--format", "concise", "-q", *arguments)
    assert result.err == ""
    assert result.code == bool(result.out)
    return result.out.replace(" [*]", "").splitlines()


NO_NEWLINE = "seeds/b.txt:1:5: error[text/missing-final-newline] no newline at the end of the file"
DANGLING = "INDEX.md:4:7: error[index/dangling-entry] `seeds/b.txt` does not exist"
UNLISTED = "seeds/c.txt:1:1: error[index/unlisted-seed] `seeds/c.txt` is not listed in `INDEX.md`"


# -- what is judged


def test_a_fix_on_disk_does_not_save_what_is_staged(repo: Repo) -> None:
    repo.stage({"seeds/b.txt": "Lamp"})
    repo.write({"seeds/b.txt": "Lamp\n"})
    assert found(repo) == [NO_NEWLINE]
    assert seedkit("check", "-q", cwd=repo.root) == ran()
    assert check(repo).out == (
        "error[text/missing-final-newline]: no newline at the end of the file\n"
        " --> seeds/b.txt:1:5\n"
        "  |\n"
        "1 | Lamp\n"
        "  |     ^\n"
        "  |\n"
        "  = fix: add a newline (--fix)\n"
        "\n"
        "Found 1 error in 2 seeds, 1 fixable with --fix.\n"
    )


def test_a_fault_on_disk_does_not_harm_what_is_staged(repo: Repo) -> None:
    repo.stage({"seeds/b.txt": "Lamp\n"})
    repo.write(
        {"seeds/b.txt": "Lamp", "seeds/c.txt": "untracked", "INDEX.md": "", "seedkit.toml": "?"}
    )
    shutil.rmtree(repo.root / "schemas")
    assert check(repo) == ran("Checked 2 seeds, no findings.\n")


def test_settings_and_index_are_the_staged_ones(repo: Repo) -> None:
    repo.stage({"schemas/note.toml": 'extends = "builtin:plain"\nfiles = ["seeds/a*"]\n'})
    repo.write({"schemas/note.toml": CLEAN["schemas/note.toml"]})
    assert found(repo) == [
        "seeds/b.txt:1:1: error[format/no-format] no format matches this file",
    ]
    repo.stage({"seedkit.toml": 'ignore = ["format"]\nindex = "LIST.md"\n', "LIST.md": "# None\n"})
    repo.write({"seedkit.toml": "", "LIST.md": LISTED})
    assert found(repo) == [
        f"seeds/{name}.txt:1:1: error[index/unlisted-seed] "
        f"`seeds/{name}.txt` is not listed in `LIST.md`"
        for name in "ab"
    ]
    repo.stage({"seedkit.toml": "ignore = 1\n"})
    assert check(repo).code == 2


def test_deletions_and_renames(repo: Repo) -> None:
    repo.git("rm", "--quiet", "--cached", "seeds/b.txt")
    assert found(repo) == [DANGLING]
    repo.git("reset", "--quiet", "--hard")
    repo.git("mv", "seeds/b.txt", "seeds/lamp.txt")
    moved = (
        "INDEX.md:4:7: error[index/renamed-seed] `seeds/b.txt` does not exist, "
        "the seed is now `seeds/lamp.txt`"
    )
    assert found(repo) == found(repo, "seeds/lamp.txt") == found(repo, "seeds/a.txt") == [moved]
    repo.stage({"INDEX.md": LISTED.replace("b.txt", "lamp.txt")})
    assert check(repo) == ran("Checked 2 seeds, no findings.\n")


def test_a_merge_that_is_not_committed_yet(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "other")
    repo.write({"seeds/c.txt": "C\n"})
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.write({"README.md": "More\n"})
    repo.commit()
    repo.git("merge", "--no-commit", "--quiet", "other")
    assert found(repo) == [UNLISTED]
    assert found(repo, "seeds/c.txt") == [UNLISTED]


def test_the_first_commit(tmp_path: Path, cache: Path) -> None:
    repo = Repo(tmp_path / "new")
    repo.write({**CLEAN, "seeds/c.txt": "C\n"})
    assert check(repo).err == (
        "error[config/missing-folder]: there is no folder `seeds` of seeds\n"
        " --> seedkit.toml\n"
        "  = help: `git add seeds`: --staged checks git's index\n"
        "\n"
        "seedkit check: stopped by 1 error in the configuration\n"
    )
    repo.git("add", "--all")
    assert found(repo) == [UNLISTED]
    assert found(repo, "seeds/a.txt") == []


# -- what is reported: with PATHs, what concerns them, and what goes away


def test_a_path_is_told_what_its_twin_does(repo: Repo) -> None:
    text = " ".join(f"word{number}" for number in range(40))
    repo.write({"seeds/a.txt": f"{text}\n"})
    repo.commit()
    repo.stage({"seeds/b.txt": f"{text} more\n"})
    twin = "seeds/a.txt:1:1: warning[repeat/near-duplicate] seed is 97 % the same as `seeds/b.txt`"
    assert found(repo) == found(repo, "seeds/b.txt") == found(repo, "seeds/a.txt") == [twin]
    assert found(repo, "schemas/note.toml") == []


def test_paths_and_what_goes_away(repo: Repo) -> None:
    repo.stage({"seeds/c.txt": "C\n", "seeds/d.txt": "D\n", "seeds/a.txt": "A"})
    repo.git("rm", "--quiet", "seeds/b.txt")
    no_newline = NO_NEWLINE.replace("b.txt:1:5", "a.txt:1:2")
    assert found(repo) == [DANGLING, no_newline, UNLISTED, UNLISTED.replace("c.txt", "d.txt")]
    assert found(repo, "seeds/a.txt") == [DANGLING, no_newline]
    assert found(repo, "seeds/b.txt") == found(repo, *["seeds/b.txt"] * 2) == [DANGLING]
    assert found(repo, "--force-exclude", "README.md") == [DANGLING]


def test_paths_that_git_does_not_know(repo: Repo) -> None:
    repo.stage({"README.md": "Changed\n"})
    repo.write({"seeds/c.txt": "C\n", "notes.txt": "N\n"})
    assert check(repo, "--force-exclude", "seeds/c.txt") == ran(
        err="seedkit check: error: `seeds/c.txt` is not in git's index\n"
        "  help: `git add` it, or check it without --staged\n",
        code=2,
    )
    assert check(repo, "nowhere") == ran(
        err="seedkit check: error: there is no file `nowhere`\n", code=2
    )
    assert check(repo, "notes.txt") == ran(
        err="seedkit check: error: `notes.txt` is no seed of this corpus, and holds none\n"
        "  help: `seedkit show-files` lists the seeds; --force-exclude ignores PATHs that are "
        "none\n",
        code=2,
    )
    assert check(repo, "--force-exclude", "notes.txt") == NOTHING


def test_what_makes_no_sense(repo: Repo) -> None:
    for option in ("--fix", "--diff", "--baseline-update"):
        assert check(repo, option).err == (
            f"seedkit check: error: --staged can't be combined with {option}\n"
        )


# -- when nothing is to be done

OTHERS: list[Files] = [
    {"README.md": "R\n", "docs/x.md": "x\n", "seedsman.txt": "s\n"},
    {"schemas-old/x.toml": "x\n", "seeds.txt": "x\n", "x/seeds/a.txt": "x\n"},
]
OF_THE_CORPUS: list[Files] = [
    {"seeds/a.txt": "Another\n"},
    {"schemas/x.toml": 'extends = "builtin:plain"\nfiles = ["none"]\n'},
    {"INDEX.md": f"{LISTED}\nMore.\n"},
    {"docs/INDEX.md": "Included, perhaps\n"},
    {"seedkit.toml": "# changed\n"},
    {"pyproject.toml": "# of another tool\n"},
    {"seedkit-baseline.json": '{"version": 1, "findings": []}'},
]


@pytest.mark.parametrize("files", OTHERS)
def test_nothing_of_the_corpus(repo: Repo, files: Files) -> None:
    repo.stage(files)
    assert check(repo) == NOTHING
    assert check(repo, "-q") == ran()
    assert check(repo, "--since", "HEAD") == NOTHING
    assert check(repo, "--force-exclude", *files) == NOTHING
    assert check(repo, "--force-exclude", "seeds/a.txt").out == "Checked 1 seed, no findings.\n"
    # What is not plain is not cut short.
    for more_options in (["--format", "json"], ["--statistics"], ["--config", "select=['text']"]):
        assert check(repo, *more_options).out not in (NOTHING.out, "")
    assert check(repo, "--jobs", "none").code == check(repo, "--color", "no").code == 2
    assert check(repo, "--no-such-option").code == 2


@pytest.mark.parametrize("files", OF_THE_CORPUS)
def test_something_of_the_corpus(repo: Repo, files: Files) -> None:
    repo.stage({**files, "README.md": "R\n"})
    assert "2 seeds" in check(repo).out


def test_nothing_at_all_is_staged(repo: Repo, tmp_path: Path) -> None:
    """As in CI, where everything is wanted; but elsewhere in the repository something may be."""
    assert check(repo) == ran("Checked 2 seeds, no findings.\n")
    inner = Repo(tmp_path / "outer", {f"corpus/{path}": data for path, data in CLEAN.items()})
    corpus = inner.root / "corpus"
    assert seedkit("check", "--staged", cwd=corpus) == ran("Checked 2 seeds, no findings.\n")
    inner.stage({"code.py": "pass\n"})
    assert seedkit("check", "--staged", cwd=corpus) == NOTHING
    assert seedkit("check", "--staged", "--root", "corpus", cwd=inner.root) == NOTHING


def test_a_corpus_in_a_folder(tmp_path: Path, cache: Path) -> None:
    """A hook is given all files that are staged, and names them from the top."""
    repo = Repo(tmp_path / "repo", {f"corpus/{path}": data for path, data in CLEAN.items()})
    options = ("--root", "corpus", "--format", "concise", "-q")
    repo.stage({"code.py": "pass\n", "INDEX.md": "None of it\n", "seeds/x.txt": "nor this"})
    assert check(repo, "--root", "corpus", "--force-exclude", "code.py", "seeds/x.txt") == NOTHING
    assert check(repo, *options, "code.py") == ran(
        err=f"seedkit check: error: `code.py` lies outside the corpus {repo.root}/corpus\n", code=2
    )
    repo.stage({"corpus/seeds/b.txt": "Lamp"})
    names = ("code.py", "INDEX.md", "corpus/seeds/b.txt")
    assert check(repo, *options, "--force-exclude", *names) == ran(
        f"corpus/{NO_NEWLINE} [*]\n", code=1
    )
    assert check(repo, *options, "--force-exclude", "code.py") == ran()
    repo.stage({"corpus/seedkit.toml": 'seeds = ["."]\nexclude = ["INDEX.md"]\n'})
    assert check(repo, *options, "--force-exclude", "code.py") == ran()


def test_a_file_that_goes_away_may_be_linked(repo: Repo) -> None:
    repo.write({"INDEX.md": f"{LISTED}- [about](README.md)\n"})
    repo.commit()
    assert found(repo) == []
    repo.git("rm", "--quiet", "README.md")
    assert found(repo) == ["INDEX.md:5:11: error[index/dangling-entry] `README.md` does not exist"]


@pytest.mark.parametrize(
    ("config", "path", "expected"),
    [
        ('seeds = ["texts"]', "texts/a.txt", False),
        ('seeds = ["./texts/"]', "texts/a.txt", False),
        ('seeds = ["texts"]', "seeds/a.txt", True),
        ('seeds = ["."]', "anything", False),
        ('index = "docs/LIST.md"', "LIST.md", False),
        ('index = "docs/LIST.md"', "INDEX.md", True),
        ("seeds = 1", "README.md", False),
        ('seeds = ["texts", 1]', "README.md", False),
        ("index = 1", "README.md", False),
        ("seeds = [", "README.md", False),
        ("a = " + "[" * 5000, "README.md", False),
    ],
)
def test_what_belongs_to_the_corpus(repo: Repo, config: str, path: str, expected: bool) -> None:
    repo.write({"seedkit.toml": config, "texts/b.txt": "B\n"})
    repo.commit()
    repo.stage({path: "Changed\n"})
    assert (check(repo) == NOTHING) is expected


@pytest.mark.parametrize(
    ("pyproject", "expected"),
    [
        ("[tool.seedkit]\nseeds = ['texts']\n", False),
        ("[tool.other]\n", True),
        ("tool = 1", True),
        ("[tool]\nseedkit = 1", False),
    ],
)
def test_a_configuration_in_pyproject(repo: Repo, pyproject: str, expected: bool) -> None:
    repo.git("rm", "--quiet", "seedkit.toml")
    repo.write({"pyproject.toml": pyproject, "texts/b.txt": "B\n"})
    repo.commit()
    repo.stage({"texts/b.txt": "Changed\n"})
    assert (check(repo) == NOTHING) is expected
    assert check(repo, "--isolated") != NOTHING  # it is rare, and not plain


def test_little_is_loaded_for_nothing(repo: Repo) -> None:
    repo.stage({"README.md": "R\n"})
    program = (
        "import sys; from seedkit.cli import main; code = main(['check', '--staged']); "
        "print(code, *{'numpy', 'pydantic', 're2', 'sqlite3', 'pathspec', 'dataclasses', 'json', "
        "'hashlib', 'tomllib'} & set(sys.modules))"
    )
    done = subprocess.run(
        (sys.executable, "-c", program), cwd=repo.root, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{NOTHING.out}0\n"


# -- what is remembered


def test_what_is_known_of_the_disk_is_taken_over(repo: Repo) -> None:
    assert seedkit("check", "-v", cwd=repo.root).err.split(": ")[2:3] == [
        "2 seeds, 2 changed, 0 removed; cache"
    ]
    for changed in ("0 changed", "0 changed"):
        assert changed in check(repo, "-v").err
    repo.stage({"seeds/b.txt": "Lamp"})
    assert "1 changed" in check(repo, "-v").err
    assert "0 changed" in check(repo, "-v").err
    assert found(repo) == [NO_NEWLINE]
    assert "0 changed" in seedkit("check", "-v", cwd=repo.root).err.replace(
        "1 changed", "0 changed"
    )


def test_a_damaged_cache_changes_nothing(repo: Repo, cache: Path) -> None:
    repo.stage({"seeds/b.txt": "Lamp"})
    assert found(repo) == [NO_NEWLINE]
    (database,) = cache.glob("*/index/cache.sqlite")
    database.write_bytes(b"damaged" * 1000)
    assert found(repo) == [NO_NEWLINE]
    shutil.rmtree(database.parent)
    database.parent.write_text("in the way")
    assert found(repo) == [NO_NEWLINE]


def test_a_cache_that_can_not_be_made(
    repo: Repo, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError

    assert seedkit("check", "-q", cwd=repo.root) == ran()
    repo.stage({"seeds/b.txt": "Lamp"})
    with monkeypatch.context() as disk:
        disk.setattr(shutil, "copyfile", full)
        assert found(repo) == [NO_NEWLINE]
    names = {path.name for path in cache.glob("*/index/*") if path.name != "lock"}
    assert names == {"cache.sqlite", "settings.json"}
    (cache / "file").touch()
    monkeypatch.setenv("SEEDKIT_CACHE_DIR", str(cache / "file" / "folder"))
    result = check(repo, "-q", "--format", "concise")
    assert result.out == f"{NO_NEWLINE} [*]\n"
    assert result.err.startswith("seedkit: note: no cache: ")


# -- what a repository can't do

RAN = "#!/bin/sh\ntouch '{0}'\ncat\n"


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a mark when it is run: the file next to it."""
    program = tmp_path / "program"
    program.write_text(RAN.format(tmp_path / "ran"))
    program.chmod(0o755)
    return program


def everything(repo: Repo) -> Ran:
    """Run everything that asks git; nothing must run the trap."""
    check(repo, "--since", "HEAD")
    seedkit("check", "--since", "HEAD", cwd=repo.root)
    check(repo, "-q", "README.md")
    return check(repo)


@pytest.mark.parametrize(
    "setting",
    [
        "core.fsmonitor={0}",
        "core.hooksPath={1}",
        "core.sshCommand={0}",
        "core.gitProxy={0}",
        "core.pager={0}",
        "core.editor={0}",
        "core.askPass={0}",
        "diff.external={0}",
        "diff.x.textconv={0}",
        "diff.x.command={0}",
        "filter.x.clean={0}",
        "filter.x.smudge={0}",
        "filter.x.process={0}",
        "merge.x.driver={0}",
        "credential.helper=!{0}",
        "gpg.program={0}",
        "alias.ls-files=!{0}",
        "alias.cat-file=!{0}",
        "uploadpack.packObjectsHook={0}",
        "submodule.x.update=!{0}",
    ],
)
def test_no_setting_runs_a_program(repo: Repo, trap: Path, setting: str) -> None:
    key, _, value = setting.format(trap, trap.parent / "hooks").partition("=")
    hooks = trap.parent / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        shutil.copy(trap, hooks / name)
        shutil.copy(trap, repo.root / ".git/hooks" / name)
    repo.stage({"seeds/b.txt": "Lamp", ".gitattributes": "* filter=x diff=x merge=x\n"})
    repo.git("config", key, value)
    (repo.root / "seeds/a.txt").touch()
    mark = trap.with_name("ran")
    mark.unlink(missing_ok=True)
    assert everything(repo).out.startswith("error[text/missing-final-newline]")
    for command in (("mv", "seeds/a.txt", "seeds/c.txt"), ("rm", "seeds/c.txt", "--force")):
        assert seedkit(*command, cwd=repo.root).code == 0
    assert not mark.exists()
    if key in ("core.fsmonitor", "core.hooksPath", "filter.x.clean"):  # so it is a trap
        repo.git("status")
        assert mark.exists()


def test_a_bare_repository_in_the_corpus_is_not_taken(repo: Repo, trap: Path) -> None:
    """Git would take a folder that looks like one for a repository, with its settings."""
    bare = repo.root / "corpus"
    Repo(trap.parent / "other", CLEAN)
    shutil.copytree(trap.parent / "other/.git", bare)
    (bare / "config").write_text(f"[core]\n\tbare = true\n\tfsmonitor = {trap}\n")
    repo.write({f"corpus/{path}": data for path, data in CLEAN.items()})
    result = seedkit("check", "--staged", "--root", "corpus", cwd=repo.root)
    assert result.code == 2
    assert "safe.bareRepository" in result.err
    assert not trap.with_name("ran").exists()


def test_links_lead_nowhere(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "note.toml").write_text("secret = true\n")
    shutil.rmtree(repo.root / "schemas")
    (repo.root / "schemas").symlink_to(outside)
    repo.git("add", "--all")
    result = check(repo)
    assert (result.code, "secret" in result.err) == (2, False)
    assert "error[config/unreadable-file]: `schemas` is a symbolic link" in result.err
    repo.git("reset", "--quiet", "--hard")
    (repo.root / "INDEX.md").unlink()
    (repo.root / "INDEX.md").symlink_to(outside / "note.toml")
    repo.git("add", "--all")
    assert found(repo)[0] == (
        "INDEX.md:1:1: error[index/unreadable-index] index can't be read: "
        "`INDEX.md` is a symbolic link, or behind one"
    )


def test_too_many_formats(repo: Repo) -> None:
    repo.stage({f"schemas/f{number}.toml": "" for number in range(1001)})
    result = check(repo)
    assert (result.code, result.out) == (2, "")
    assert "1,002 formats, at most 1,000 are read" in result.err


@pytest.mark.parametrize("path", ["schemas/note.toml", "seedkit.toml"])
def test_a_format_of_a_hundred_megabytes(repo: Repo, path: str) -> None:
    with open(repo.root / path, "wb") as file:
        file.truncate(100_000_000)
    repo.git("-c", "core.compression=0", "-c", "core.bigFileThreshold=1m", "add", path)
    result = check(repo)
    assert (result.code, result.out) == (2, "")
    assert f"`{path}` has 100,000,000 bytes, at most 1,000,000 are read" in result.err


def test_what_git_says_is_escaped(repo: Repo) -> None:
    (repo.root / ".git/config").write_text('[core]\n\trepositoryformatversion = "\u202ex"\n')
    result = check(repo)
    assert result.code == 2
    assert "\u202e" not in result.err
    assert "seedkit check: error: git: bad numeric config value '\\u202ex'" in result.err


# -- for any history, as in a clean checkout

BODY = " ".join(f"word{number}" for number in range(40))
TEXTS = ["A\n", "A", f"{BODY}\n", f"{BODY} more\n", "\ufeffB\n", "", "C\r\nC\n", b"\xff\n"]
SEEDS = ["seeds/a.txt", "seeds/b.txt", "seeds/c d.txt", "seeds/deep/e.txt", "seeds/.gitkeep"]
OTHER = ["README.md", "docs/x.md"]
INDEXES = [
    "".join(f"- [x]({path.replace(' ', '%20')})\n" for path in paths)
    for paths in ([], SEEDS[:1], SEEDS[:2], SEEDS[:4], [*SEEDS[:3], "README.md", "docs/x.md"])
]
FORMATS = [
    CLEAN["schemas/note.toml"],
    'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    'extends = "builtin:plain"\nfiles = ["seeds/*"]\n',
    "files = 1\n",
]
CONFIGS = ["", 'ignore = ["repeat"]\n', 'seeds = ["seeds", "docs"]\n', 'exclude = ["**/b.txt"]\n']
CONTENTS: dict[str, Sequence[Any]] = {
    **dict.fromkeys(SEEDS, TEXTS),
    **dict.fromkeys(OTHER, TEXTS),
    "INDEX.md": INDEXES,
    "schemas/note.toml": FORMATS,
    "seedkit.toml": CONFIGS,
}
edits = st.sampled_from(sorted(CONTENTS)).flatmap(
    lambda path: st.tuples(st.just("write"), st.just(path), st.sampled_from(CONTENTS[path]))
)
on_a_path = st.tuples(
    st.sampled_from(["add", "add", "remove", "untrack", "unstage", "intend", "link"]),
    st.sampled_from(sorted(CONTENTS)),
)
moves = st.tuples(st.just("move"), st.sampled_from(SEEDS[:4]), st.sampled_from(SEEDS[:4]))
whole = st.sampled_from([("add all",), ("commit",), ("commit all",), ("check",)])
histories = st.lists(
    st.one_of(edits, edits, on_a_path, on_a_path, moves, whole), min_size=5, max_size=25
)


def act(repo: Repo, verb: str, *what: str | bytes) -> None:
    """Do what a user could, if it can be done."""
    path = str(what[0]) if what else ""
    file = repo.root / path
    if verb == "write":
        if file.is_symlink():
            file.unlink()
        repo.write({path: what[1]})
    elif verb == "remove":
        file.unlink(missing_ok=True)
    elif verb == "link" and not file.is_symlink():
        file.unlink(missing_ok=True)
        file.parent.mkdir(exist_ok=True)
        file.symlink_to("../README.md")
    elif verb == "add all":
        repo.git("add", "--all")
    elif verb == "commit":
        repo.git("commit", "--quiet", "--allow-empty", "--message=.")
    elif verb == "commit all":
        repo.git("commit", "--quiet", "--allow-empty", "--all", "--message=.")
    elif verb == "move" and file.is_file() and repo.git("ls-files", path):
        (repo.root / str(what[1])).parent.mkdir(exist_ok=True)
        if what[0] != what[1]:
            repo.git("mv", "--force", path, str(what[1]))
    elif verb == "add" and (os.path.lexists(file) or repo.git("ls-files", path)):
        repo.git("add", "--all", "--", path)
    elif verb == "intend" and os.path.lexists(file):
        repo.git("add", "--intent-to-add", "--", path)
    elif verb == "untrack":
        repo.git("rm", "--quiet", "--force", "--cached", "--ignore-unmatch", "--", path)
    elif verb == "unstage":
        repo.git("reset", "--quiet", "--", path)


def of_the_corpus(path: str) -> bool:
    return path.startswith(("seeds/", "schemas/")) or path in ("INDEX.md", "seedkit.toml")


@more(0.6)
@given(histories)
def test_staged_is_a_clean_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path, history: list[tuple[str, ...]]
) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    repo = Repo(folder / "repo", {**CLEAN, "README.md": "About\n", "seeds/c d.txt": "C\n"})
    # A checkout without its history can't tell what was renamed.
    monkeypatch.setattr("seedkit.sources.tracked.Tracked.former", lambda *_: {})
    for action in [*history, ("check",)]:
        if action != ("check",):
            act(repo, *action)
            continue
        clean = repo.checkout(folder / "clean")
        options = ("--root", str(clean), "--cache-dir", tempfile.mkdtemp(dir=folder))
        expected = seedkit("check", *options, cwd=clean)
        said = seedkit("check", "--staged", "--root", str(repo.root), cwd=repo.root)
        if said == NOTHING:
            staged = repo.git("diff", "--cached", "--name-only", "--no-renames").split("\n")
            assert staged != [""]
            assert not any(map(of_the_corpus, staged))
            head = repo.checkout(folder / "clean", "HEAD^{tree}")
            assert seedkit("check", *options, cwd=head) == expected
        else:
            assert without_remedy(said) == without_remedy(expected)


def without_remedy(result: Ran) -> Ran:
    """What was said, without what to do where git's index lacks the folder of seeds."""
    remedies = "make it, or set `seeds`|`git add seeds`"
    return result._replace(err=re.sub(rf"  = help: ({remedies}).*\n", "", result.err))
