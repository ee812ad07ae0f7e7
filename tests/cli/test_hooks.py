"""`seedkit check --hook`: the commits that are pushed or named are judged, not the index."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from shlex import split

import pytest

from support.commandline import CLEAN, Ran, ran, seedkit
from support.gitrepo import ALONE, Repo

BAD = "seeds/b.txt:1:5: error[text/missing-final-newline] no newline at the end of the file"
OLD = "seeds/a.txt:1:4: error[text/missing-final-newline] no newline at the end of the file"
LISTED = CLEAN["INDEX.md"]
SINCE_HEAD = ("corpus", "--since", "HEAD")
UNCHANGED = ran("Nothing of the corpus has changed.\n")

Hook = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


@pytest.fixture
def repo(tmp_path: Path, cache: Path) -> Repo:
    return Repo(tmp_path / "repo", {**CLEAN, "README.md": "About\n"})


def run(
    monkeypatch: pytest.MonkeyPatch, repo: Repo, mode: str, *arguments: str, **environment: str
) -> Ran:
    with monkeypatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return seedkit("check", "--hook", mode, *arguments, cwd=repo.root)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch, repo: Repo) -> Hook:
    """Return what a hook finds, a line each."""
    return hook_in(monkeypatch, repo)


def hook_in(monkeypatch: pytest.MonkeyPatch, repo: Repo) -> Hook:
    def found(mode: str, *arguments: str, **environment: str) -> list[str]:
        result = run(monkeypatch, repo, mode, "--format=concise", "-q", *arguments, **environment)
        assert result.err == ""
        assert result.code == bool(result.out)
        return result.out.replace(" [*]", "").splitlines()

    return found


def between(before: str, after: str = "HEAD") -> dict[str, str]:
    return {"PRE_COMMIT_FROM_REF": before, "PRE_COMMIT_TO_REF": after}


def change(repo: Repo, files: dict[str, str]) -> str:
    repo.write(files)
    return repo.commit()


@pytest.mark.parametrize("mode", ["corpus", "changes"])
def test_a_push_judges_the_commits_that_are_pushed(repo: Repo, hook: Hook, mode: str) -> None:
    good = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "--quiet", "-b", "bad")
    change(repo, {"seeds/b.txt": "Lamp"})
    repo.git("checkout", "--quiet", "main")
    assert hook(mode, **between(good, "bad")) == [BAD]
    repo.stage({"seeds/a.txt": "bad in the index"})
    repo.write({"INDEX.md": "", "schemas/note.toml": "wrong"})
    assert hook(mode, **between("bad", good)) == []
    repo.git("commit", "--quiet", "--message=.")
    repo.stage({"seeds/a.txt": "good\n"})
    assert hook(mode, **between(good)) == [
        "seeds/a.txt:1:17: error[text/missing-final-newline] no newline at the end of the file"
    ]


@pytest.mark.parametrize("mode", ["corpus", "changes"])
def test_a_push_with_the_first_commit_names_only_a_branch(
    repo: Repo, hook: Hook, mode: str
) -> None:
    repo.git("checkout", "--quiet", "-b", "bad")
    change(repo, {"seeds/b.txt": "Lamp"})
    repo.git("checkout", "--quiet", "main")
    for branch, found in (("bad", [BAD]), ("main", [])):
        assert hook(mode, PRE_COMMIT_LOCAL_BRANCH=f"refs/heads/{branch}") == found


def test_changes_leave_old_findings_alone(
    repo: Repo, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = change(repo, {"seeds/a.txt": "Old"})
    change(repo, {"README.md": "More\n"})
    assert run(monkeypatch, repo, "changes", **between(first)) == UNCHANGED
    assert hook("corpus", **between(first)) == [OLD]
    change(repo, {"seeds/b.txt": "Lamp"})
    assert hook("changes", **between(first)) == [BAD]
    assert hook("changes", "--force-exclude", "README.md", **between(first)) == []
    assert hook("changes", **between("0" * 40)) == [OLD, BAD]  # where it begins is not known
    assert hook("changes", **between("HEAD")) == [OLD, BAD]


@pytest.mark.parametrize("mode", ["corpus", "changes"])
def test_deleting_a_seed_is_judged(repo: Repo, hook: Hook, mode: str) -> None:
    before = repo.git("rev-parse", "HEAD")
    dangling = "INDEX.md:4:7: error[index/dangling-entry] `seeds/b.txt` does not exist"
    repo.git("rm", "--quiet", "seeds/b.txt")
    assert hook(mode, GIT_INDEX_FILE=".git/index") == [dangling]
    repo.commit()
    assert hook(mode, **between(before)) == [dangling]
    assert hook(mode, "--force-exclude", "README.md", **between(before)) == [dangling]


@pytest.mark.parametrize("mode", ["corpus", "changes"])
def test_outside_of_a_commit_the_corpus_is_checked(
    repo: Repo, hook: Hook, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    change(repo, {"seeds/a.txt": "Old"})
    files = ["README.md", "INDEX.md", "seeds/a.txt", "seeds/b.txt"] if mode == "changes" else []
    assert hook(mode, "--force-exclude", *files) == [OLD]
    repo.stage({"README.md": "More\n"})
    assert hook(mode, "--force-exclude", *files) == [OLD]
    only = ["README.md"] if files else []
    said = run(monkeypatch, repo, mode, "--force-exclude", *only, GIT_INDEX_FILE=".git/index")
    assert said == ran("Nothing of the corpus is staged.\n")


def test_a_change_of_a_format_is_judged_by_what_becomes_new(repo: Repo, hook: Hook) -> None:
    before = change(repo, {"seeds/a.txt": "Old  x\u200by"})
    old = hook("corpus")
    assert old
    repo.stage({"schemas/note.toml": CLEAN["schemas/note.toml"].replace("require", "forbid")})
    new = "seeds/b.txt:1:21: error[text/unwanted-final-newline] newline at the end of the file"
    named = ["--force-exclude", "schemas/note.toml"]
    assert hook("changes", *named, GIT_INDEX_FILE=".git/index") == [new]
    assert hook("changes", *named) == [new]
    repo.commit()
    assert hook("changes", *named, **between(before)) == [new]
    assert new in hook("changes", *named)  # nothing is staged: everything is looked at


def test_a_change_of_the_baseline_is_judged_by_what_becomes_new(repo: Repo, hook: Hook) -> None:
    repo.write({"seeds/a.txt": "Old"})
    assert seedkit("check", "--baseline-update", "-q", cwd=repo.root).code == 0
    repo.commit()
    (name,) = [path.name for path in repo.root.iterdir() if "baseline" in path.name]
    repo.git("rm", "--quiet", name)
    assert hook("changes", GIT_INDEX_FILE=".git/index") == [OLD]


def test_a_setting_that_changes_what_is_checked(repo: Repo, hook: Hook) -> None:
    change(repo, {"seedkit.toml": 'ignore = ["text"]\n', "seeds/a.txt": "Old"})
    assert hook("corpus") == []
    repo.stage({"seedkit.toml": ""})
    named = ["--force-exclude", "seedkit.toml"]
    assert hook("changes", *named, GIT_INDEX_FILE=".git/index") == [OLD]


NEW = ("corpus", "--since", "HEAD")
COMMIT = {"GIT_INDEX_FILE": ".git/index"}


def test_what_is_new_at_the_first_commit(tmp_path: Path, repo: Repo, hook: Hook) -> None:
    for each in (repo.root / ".git/refs/heads").iterdir():
        each.unlink()
    repo.stage({"seeds/a.txt": "Old"})
    assert hook(*NEW, **COMMIT) == hook(*NEW) == [OLD]


def test_what_is_new_in_a_push_or_in_ci(repo: Repo, hook: Hook) -> None:
    first = change(repo, {"seeds/a.txt": "Old"})
    change(repo, {"seeds/b.txt": "Lamp"})
    assert hook(*NEW, **between(first)) == [BAD]
    assert hook(*NEW) == [BAD]  # in CI
    repo.git("branch", "old", first)
    assert hook("corpus", "--since", "old") == [BAD]
    assert hook("corpus", "--since", "main", **between(first)) == []
    change(repo, {"README.md": "More\n"})
    assert hook(*NEW) == []
    assert hook(*NEW, **between(first)) == [BAD]
    assert hook(*NEW, PRE_COMMIT_LOCAL_BRANCH="refs/heads/main") == [OLD, BAD]


def test_since_compares_with_the_commit_that_is_pushed(repo: Repo, hook: Hook) -> None:
    repo.git("checkout", "--quiet", "-b", "bad")
    change(repo, {"seeds/b.txt": "Lamp"})
    repo.git("checkout", "--quiet", "main")
    assert hook("corpus", "--since", "main", **between("main", "bad")) == [BAD]


def test_a_merge_is_not_blocked_by_what_a_parent_had(repo: Repo, hook: Hook) -> None:
    repo.git("checkout", "--quiet", "-b", "other")
    other = change(repo, {"seeds/a.txt": "Old"})
    repo.git("checkout", "--quiet", "main")
    change(repo, {"seeds/b.txt": "Lamp"})
    repo.git("merge", "--quiet", "--no-commit", "--no-ff", "other")
    assert hook(*NEW, **COMMIT) == []
    repo.stage({"seeds/a.txt": "Old  x\u200by"})
    assert len(hook(*NEW, **COMMIT)) == 1
    repo.stage({"seeds/a.txt": "Old"})
    (repo.root / ".git/MERGE_HEAD").unlink()  # it is not there yet while `git merge` runs a hook
    assert hook(*NEW, **COMMIT, **{f"GITHEAD_{other}": "other"}) == []
    assert hook(*NEW, **COMMIT) == [OLD]


def test_several_merge_bases(repo: Repo, hook: Hook) -> None:
    """Two branches are merged into each other: what either had before is not new."""
    repo.git("checkout", "--quiet", "-b", "one")
    one = change(repo, {"seeds/a.txt": "Old"})
    repo.git("checkout", "--quiet", "-b", "two", "main")
    two = change(repo, {"seeds/b.txt": "Lamp"})
    repo.git("merge", "--quiet", "--no-edit", one)
    repo.git("checkout", "--quiet", "one")
    repo.git("merge", "--quiet", "--no-edit", two)
    assert len(repo.git("merge-base", "--all", "one", "two").split()) == 2
    change(repo, {"README.md": "More\n"})
    assert hook("corpus", "--since", "two") == hook(*NEW, **between("two", "one")) == []
    result = seedkit("check", "--since", "two", "-q", cwd=repo.root)
    assert result == ran()
    repo.stage({"seeds/c.txt": "C\n"})
    assert len(hook("corpus", "--since", "two")) == 1


@pytest.mark.parametrize("remote", ["origin", "up", None])
def test_shallow_clones_of_one_branch_have_a_remedy_that_works(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remote: str | None
) -> None:
    change(repo, {"README.md": "More\n"})
    repo.git("checkout", "--quiet", "-b", "work")
    change(repo, {"seeds/b.txt": "Lamp"})
    clone = Repo(tmp_path / "clone")
    source = f"file://{repo.root}"
    if remote:
        clone.git("remote", "add", "-t", "work", remote, source)
    clone.git("fetch", "--quiet", "--depth=1", remote or source, "work")
    clone.git("checkout", "--quiet", "-b", "work", "FETCH_HEAD")
    asked: tuple[Callable[[], Ran], ...] = (
        lambda: seedkit("check", "--since", f"{remote or 'origin'}/main", "-q", cwd=clone.root),
        lambda: run(monkeypatch, clone, *NEW, "-q"),
    )
    for ask in asked:
        result = ask()
        assert (result.out, result.code) == ("", 2)
        (remedy,) = re.findall(r"`git (fetch --unshallow [^`]*)`", result.err)
    command = split(remedy.replace("URL", source))
    clone.git(*command, "--quiet")
    for ask in asked:
        assert " --> seeds/b.txt:1:5" in ask().out


def test_a_hook_where_there_are_no_seeds_says_so(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("rm", "--quiet", "-r", "seeds", "INDEX.md")
    change(repo, {"README.md": "No seeds\n"})
    repo.stage({"README.md": "Still none\n"})
    for mode in ("corpus", "changes"):
        said = run(monkeypatch, repo, mode, "--force-exclude", **COMMIT)
        assert said.code != 0
        assert "Nothing of the corpus" not in said.out


def test_what_no_runner_can_name(repo: Repo, hook: Hook) -> None:
    """The files that are on disk are named, of another branch than the one that is pushed."""
    repo.git("checkout", "--quiet", "-b", "bad")
    change(repo, {"seeds/new.txt": "Lamp", "README.md": "More\n"})
    repo.git("checkout", "--quiet", "main")
    named = ["--force-exclude", "README.md"]
    found = hook("changes", *named, **between("main", "bad"))
    assert found == [
        "seeds/new.txt:1:1: error[index/unlisted-seed] `seeds/new.txt` is not listed in `INDEX.md`",
        "seeds/new.txt:1:5: error[text/missing-final-newline] no newline at the end of the file",
    ]


def test_what_the_remote_has_is_not_what_is_pushed(repo: Repo, hook: Hook) -> None:
    change(repo, {"seeds/a.txt": "Old"})
    repo.git("update-ref", "refs/remotes/origin/other", "main")
    change(repo, {"seeds/b.txt": "Lamp"})
    named = ["--force-exclude", "seeds/a.txt", "seeds/b.txt"]
    push = {**between("main~2", "main"), "PRE_COMMIT_REMOTE_NAME": "origin"}
    assert hook("changes", *named, **push) == [BAD]
    assert hook("changes", "--force-exclude", "seeds/a.txt", **push) == []


def test_a_merge_is_judged_by_what_it_brings_about(repo: Repo, hook: Hook) -> None:
    repo.git("checkout", "--quiet", "-b", "other")
    text = " ".join(f"word{number}" for number in range(40))
    change(repo, {"seeds/a.txt": "Old", "seeds/b.txt": f"{text}\n"})
    repo.git("checkout", "--quiet", "main")
    change(repo, {"seeds/c.txt": f"{text}\n", "INDEX.md": f"{LISTED}- [c](seeds/c.txt)\n"})
    repo.git("merge", "--quiet", "--no-commit", "--no-ff", "other")
    for named in ([], ["--force-exclude", "README.md"]):
        assert hook("changes", *named, **COMMIT) == [
            "seeds/c.txt:1:1: error[repeat/duplicate-seed] seed has the same bytes as `seeds/b.txt`"
        ]


# -- a corpus that is not on disk


@pytest.fixture
def folder(tmp_path: Path, cache: Path) -> Repo:
    """A repository with a corpus in a folder, which is not checked out."""
    files = {f"corpus/{path}": text for path, text in CLEAN.items()}
    repo = Repo(tmp_path / "folder", {**files, "README.md": "About\n", "docs/x.md": "x\n"})
    repo.git("sparse-checkout", "set", "docs")
    assert not (repo.root / "corpus").exists()
    return repo


def stage_unseen(repo: Repo, path: str, text: str) -> None:
    repo.write({".git/text": text})
    blob = repo.git("hash-object", "-w", ".git/text")
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")


IN_CORPUS = ("--root", "corpus")
FAULTS = [
    "corpus/seeds/b.txt:1:5: error[text/missing-final-newline] no newline at the end of the file"
]


@pytest.mark.parametrize("mode", ["corpus", "changes"])
def test_a_corpus_that_is_not_checked_out(
    folder: Repo, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    hook = hook_in(monkeypatch, folder)
    folder.stage({"README.md": "More\n"})
    for named in ((), ("--force-exclude", "README.md")):
        said = run(monkeypatch, folder, mode, *IN_CORPUS, *named, **COMMIT)
        assert said == ran("Nothing of the corpus is staged.\n")
        assert hook(mode, *IN_CORPUS, *named) == []
    stage_unseen(folder, "corpus/seeds/b.txt", "Lamp")
    for named in ((), ("--force-exclude", "README.md")):
        assert hook(mode, *IN_CORPUS, *named, **COMMIT) == FAULTS
    assert hook(mode, *IN_CORPUS, "--since", "HEAD", **COMMIT) == FAULTS
    folder.git("commit", "--quiet", "--message=.")
    assert hook(mode, *IN_CORPUS, "--force-exclude", "README.md", **between("HEAD~")) == FAULTS
    assert not (folder.root / "corpus").exists()


def test_staged_is_of_the_index_where_nothing_is_on_disk(folder: Repo) -> None:
    assert seedkit("check", "--staged", *IN_CORPUS, cwd=folder.root).out == (
        "Checked 2 seeds, no findings.\n"
    )
    assert seedkit("check", *IN_CORPUS, cwd=folder.root) == ran(
        err="seedkit check: error: --root: there is no folder `corpus`\n", code=2
    )
    assert seedkit("check", "--staged", "--root", "corpse", cwd=folder.root) == ran(
        err="seedkit check: error: --root: there is no folder `corpse`\n", code=2
    )
    (folder.root / "more").mkdir()
    assert seedkit("check", "--staged", "--root", "more", cwd=folder.root).code == 2


def test_a_corpus_at_the_top_that_is_not_checked_out(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(repo, {"docs/x.md": "x\n"})
    repo.git("sparse-checkout", "set", "--no-cone", "docs")
    assert [each.name for each in repo.root.iterdir() if each.name != ".git"] == ["docs"]
    repo.stage({"docs/x.md": "y\n"})
    assert run(monkeypatch, repo, "corpus", **COMMIT) == ran("Nothing of the corpus is staged.\n")
    below = seedkit("check", "--staged", "--format=concise", cwd=repo.root / "docs")
    assert below == ran("Checked 2 seeds, no findings.\n")
    stage_unseen(repo, "seeds/b.txt", "Lamp")
    assert f"{BAD} [*]\n" in run(monkeypatch, repo, "corpus", "--format=concise", **COMMIT).out
    plain = Repo(tmp_path / "plain", {"pyproject.toml": "[project]\n", "README.md": "R\n"})
    assert "no corpus here" in run(monkeypatch, plain, "corpus").err
    change(plain, {"pyproject.toml": "[tool.seedkit]\n", "seeds/a.txt": "A\n"})
    (plain.root / "pyproject.toml").unlink()
    assert "`INDEX.md` does not exist" in run(monkeypatch, plain, "corpus").out


def test_what_is_only_going_to_be_added(
    repo: Repo, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry of `git add --intent-to-add` has no content: it is not judged."""
    repo.write({"seeds/c.txt": "not judged", "README.md": "More\n"})
    (repo.root / "seeds/link").symlink_to("a.txt")
    repo.git("add", "--intent-to-add", "seeds")
    named = ["--force-exclude", "README.md", "seeds/a.txt", "seeds/b.txt"]
    for mode in ("corpus", "changes"):
        assert hook(mode) == hook(mode, *named) == hook(mode, **COMMIT) == []
        said = run(monkeypatch, repo, mode, *named, "seeds/c.txt", "seeds/link")
        assert said == ran(
            "Checked 2 seeds, no findings.\n",
            "seedkit check: note: `seeds/c.txt` is only going to be added: it is not checked\n"
            "seedkit check: note: `seeds/link` is only going to be added: it is not checked\n",
        )
    assert seedkit("check", "--staged", "seeds/c.txt", cwd=repo.root) == ran(
        err="seedkit check: error: `seeds/c.txt` is only going to be added: git's index has no "
        "content of it yet\n"
        "  help: `git add` it, or check it without --staged\n",
        code=2,
    )


def test_little_is_looked_at_for_what_no_runner_can_name(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("checkout", "--quiet", "-b", "bad")
    change(repo, {"seeds/new.txt": "Lamp", "README.md": "More\n"})
    repo.git("checkout", "--quiet", "main")
    named = ["--force-exclude", "README.md"]
    said = run(monkeypatch, repo, "changes", *named, **between("main", "bad"))
    assert "`seeds/new.txt` is not listed" in said.out


@pytest.mark.parametrize("mode", ["corpus", "changes"])
def test_a_format_that_matches_nothing(
    repo: Repo, hook: Hook, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Whether the format is staged so, or its last seed goes away."""
    before = repo.git("rev-parse", "HEAD")
    unused = "schemas/more.toml warning[config/unused-format] format `more` matches no file"
    more = CLEAN["schemas/note.toml"].replace("seeds/**", "seeds/more/**")
    repo.stage({"schemas/more.toml": more})
    assert hook(mode, "--force-exclude", "schemas/more.toml", **COMMIT) == [
        unused.replace(" warning", ":1:1: warning")
    ]
    listed = f"{LISTED}- [x](seeds/more/x.txt)\n"
    text = CLEAN["schemas/note.toml"].replace('"seeds/**"', '"seeds/*.txt"')
    change(repo, {"seeds/more/x.txt": "X\n", "INDEX.md": listed, "schemas/note.toml": text})
    assert hook(mode, **between(before)) == []
    repo.stage({"INDEX.md": LISTED})
    repo.git("rm", "--quiet", "seeds/more/x.txt")
    named = ["--force-exclude", "INDEX.md"] if mode == "changes" else []
    assert hook(mode, *named, **COMMIT) == [unused.replace(" warning", ":1:1: warning")]
    repo.git("commit", "--quiet", "--message=.")
    repo.stage({"schemas/note.toml": text.replace("seeds/*.txt", "none/**")})
    none = run(monkeypatch, repo, mode, "--format=concise", "-q", **COMMIT)
    assert none.code == 1
    assert none.out.count("[format/no-format] no format matches this file") == 2


def test_an_index_that_is_no_longer_linked(repo: Repo, hook: Hook) -> None:
    inner = {"seeds/d/INDEX.md": "- [x](x.txt)\n", "seeds/d/x.txt": "X\n"}
    change(repo, {**inner, "INDEX.md": f"{LISTED}- [d](seeds/d/INDEX.md)\n"})
    assert hook("corpus") == []
    repo.stage({"INDEX.md": f"{LISTED}- [x](seeds/d/x.txt)\n"})
    assert hook("changes", "--force-exclude", "INDEX.md", **COMMIT) == [
        "seeds/d/INDEX.md:1:1: warning[index/unlinked-index] no index includes `seeds/d/INDEX.md`"
    ]


STALE = (
    "seedkit-baseline.json:1:1: warning[config/stale-baseline] "
    "baseline accepts `{}` in `{}`, which is gone"
)


def test_an_entry_of_the_baseline_that_a_change_makes_stale_is_reported(
    repo: Repo, hook: Hook
) -> None:
    narrow = CLEAN["schemas/note.toml"].replace("seeds/**", "seeds/**/*.txt")
    old = {"schemas/note.toml": narrow, "seeds/n.md": "A note\n", "seeds/b.txt": "Lamp"}
    repo.write({**old, "INDEX.md": f"{LISTED}- [n](seeds/n.md)\n"})
    seedkit("check", "--baseline-update", "-q", cwd=repo.root)
    repo.commit()
    repo.stage({"schemas/note.toml": CLEAN["schemas/note.toml"]})
    staged = {"GIT_INDEX_FILE": ".git/index"}
    gone = [STALE.format("format/no-format", "seeds/n.md")]
    assert hook("corpus", **staged) == hook("changes", **staged) == gone
    repo.git("reset", "--hard", "--quiet")
    repo.stage({"seeds/b.txt": "Lamp\n"})
    gone = [STALE.format("text/missing-final-newline", "seeds/b.txt")]
    assert hook("corpus", **staged) == hook("changes", **staged) == gone
    assert hook("changes", "seeds/b.txt", **staged) == gone
    repo.stage({"seeds/b.txt": "Lamp", "seeds/a.txt": "Tide\n"})
    assert hook("changes", **staged) == []


@pytest.mark.parametrize("named", [(), ("--force-exclude", "seeds/a.txt")])
def test_a_forced_push_is_compared_with_what_the_branch_is_there(
    repo: Repo, hook: Hook, named: tuple[str, ...]
) -> None:
    push = {"PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_TO_REF": "main"}
    repo.write({"seeds/b.txt": "Lamp"})
    bad = repo.commit()
    repo.write({"seeds/b.txt": "Lamp\n"})
    push["PRE_COMMIT_FROM_REF"] = good = repo.commit()
    repo.git("update-ref", "refs/remotes/origin/main", good)
    repo.git("reset", "--hard", "--quiet", bad)
    repo.write({"seeds/a.txt": "The tide goes out\n"})
    repo.commit()
    assert hook("changes", *named, **push) == hook("corpus", "--since", "HEAD", **push) == [BAD]
    assert hook("changes", *named, **between(good)) == []  # this is as in a pull request


def test_a_rebased_branch_has_nothing_new(repo: Repo, hook: Hook) -> None:
    push = {"PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_TO_REF": "topic"}
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.write({"seeds/b.txt": "Lamp"})
    push["PRE_COMMIT_FROM_REF"] = before = repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.write({"seeds/a.txt": "The tide"})
    repo.git("update-ref", "refs/remotes/origin/main", repo.commit())
    repo.git("update-ref", "refs/remotes/origin/topic", before)
    repo.git("checkout", "--quiet", "topic")
    repo.git("rebase", "--quiet", "main")
    for mode in (("changes",), ("changes", "--force-exclude", "seeds/b.txt"), SINCE_HEAD):
        assert hook(*mode, **push) == []
    assert len(hook("corpus", **push)) == 2


NO_CORPUS = ran("There is no corpus in git's index.\n")


@pytest.mark.parametrize("mode", ["corpus", "changes"])
@pytest.mark.parametrize("folder", ["", "texts/"])
def test_a_branch_without_a_corpus_passes(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, mode: str, folder: str
) -> None:
    repo = Repo(tmp_path / "other", {f"{folder}{path}": text for path, text in CLEAN.items()})
    root = ("--root", folder) if folder else ()
    repo.git("checkout", "--quiet", "--orphan", "web")
    repo.git("rm", "--quiet", "-r", "--force", ".")
    commit = {"GIT_INDEX_FILE": ".git/index"}
    assert run(monkeypatch, repo, mode, *root, **commit) == NO_CORPUS  # it is all removed
    repo.write({"page.html": "Hello\n"})
    repo.commit()
    assert run(monkeypatch, repo, mode, *root, **commit) == NO_CORPUS
    assert run(monkeypatch, repo, mode, *root) == NO_CORPUS
    push = between("main", "web")
    said = f"There is no corpus in commit {repo.git('rev-parse', 'web')[:10]}.\n"
    assert run(monkeypatch, repo, mode, *root, **push) == ran(said)
    assert run(monkeypatch, repo, mode, *root, "--format=concise", **push) == ran(said)
    report = run(monkeypatch, repo, mode, *root, "--format=json", **push)
    assert json.loads(report.out)["diagnostics"] == []
    assert report.err == f"seedkit check: note: t{said[1:-2]}\n"
    pushed = {"PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main"}  # nor is that one missed there
    assert run(monkeypatch, repo, "corpus", *root, "-q", **pushed) == ran()
    repo.git("checkout", "--quiet", "main")
    assert run(monkeypatch, repo, mode, *root, **push) == ran(said)


def test_a_misspelled_root_is_no_branch_without_a_corpus(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(monkeypatch, repo, "corpus", "--root", "sedes", GIT_INDEX_FILE=".git/index")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("seedkit check: error: --root: there is no folder `sedes`")


def test_a_corpus_that_git_does_not_know_is_no_branch_without_one(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "other", {"README.md": "About\n"})
    repo.write(CLEAN)
    said = run(monkeypatch, repo, "corpus", GIT_INDEX_FILE=".git/index")
    assert (said.code, said.out) == (2, "")
    assert "= help: `git add seeds`: --hook checks git's index\n" in said.err


@pytest.mark.parametrize("mode", ["corpus", "changes"])
def test_a_folder_that_is_missing_is_reported_at_its_key(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    repo.stage({"seedkit.toml": "near_duplicate = 0.9\nseeds = ['seeds', 'the texts']\n"})

    def said() -> list[str]:
        return run(monkeypatch, repo, mode, "-q").err.splitlines()[:7]

    expected = [
        "error[config/missing-folder]: there is no folder `the texts` of seeds",
        " --> seedkit.toml:2:1",
        "  |",
        "2 | seeds = ['seeds', 'the texts']",
        "  | ^^^^^",
        "  |",
    ]
    assert said() == [*expected, "  = help: make it, or set `seeds` to the folders that hold seeds"]
    repo.write({"the texts/a.txt": "One\n"})
    assert said() == [*expected, "  = help: `git add 'the texts'`: --hook checks git's index"]


def test_objects_that_git_replaces_are_those_that_others_get(repo: Repo, hook: Hook) -> None:
    bad = change(repo, {"seeds/b.txt": "Lamp"})
    repo.git("replace", bad, f"{bad}~")
    assert hook("corpus", **between(f"{bad}~", bad)) == [BAD]
    assert hook("corpus") == [BAD]


@pytest.mark.parametrize("mode", ["corpus", "changes"])
def test_a_corpus_that_is_a_submodule_has_hooks_of_its_own(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    outer = Repo(tmp_path / "outer", {"README.md": "About\n"})
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    outer.git(*add, str(repo.root), "texts")
    refused = ran(
        err="seedkit check: error: --hook: `texts` is a repository of its own: a commit or push of "
        "this one has nothing of its files\n"
        "  help: install the hook there; in CI, check it with `seedkit check --root`\n",
        code=2,
    )
    for environment in (COMMIT, between("HEAD", "HEAD"), {}):
        assert run(monkeypatch, outer, mode, "--root", "texts", **environment) == refused
    inner = Repo(outer.root / "texts")
    assert run(monkeypatch, inner, mode).code == 0
    assert seedkit("check", "--root", "texts", cwd=outer.root).code == 0


THREAD = """extends = "builtin:jsonl"
files = ["data/*.jsonl"]
[[section]]
name = "record"
[[section.field]]
name = "id"
unique = "corpus"
[[section.field]]
name = "parent"
required = false
references = "id"
"""
DANGLING = (
    'data/d.jsonl:1:21: error[section/unknown-reference] section `record`: `parent` is `"a2"`, '
    "which is no `id` of the corpus"
)


@pytest.fixture
def thread(repo: Repo) -> Repo:
    """Return a clean corpus in which one seed names a record of another."""
    listed = f"{LISTED}- [c](data/c.jsonl)\n- [d](data/d.jsonl)\n"
    change(
        repo,
        {
            "seedkit.toml": 'seeds = ["seeds", "data"]\n',
            "schemas/thread.toml": THREAD,
            "data/c.jsonl": '{"id":"a1"}\n{"id":"a2"}\n',
            "data/d.jsonl": '{"id":"b1","parent":"a2"}\n',
            "INDEX.md": listed,
        },
    )
    return repo


@pytest.mark.parametrize("mode", ["corpus", "changes"])
def test_a_record_that_others_name_goes_away(thread: Repo, hook: Hook, mode: str) -> None:
    assert hook(mode, "data/c.jsonl") == []
    thread.write({"data/c.jsonl": '{"id":"a1"}\n'})
    thread.git("add", ".")
    assert hook(mode, "data/c.jsonl", GIT_INDEX_FILE=".git/index") == [DANGLING]
    thread.commit()
    assert hook(mode, "data/c.jsonl", **between("HEAD~1")) == [DANGLING]


def test_what_is_not_checked_out_may_be_named(thread: Repo) -> None:
    thread.git("sparse-checkout", "set", "--no-cone", "/*", "!/data/c.jsonl")
    said = seedkit("check", "--format", "concise", cwd=thread.root)
    assert (said.code, "unknown-reference" in said.out) == (0, False), said
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 9\n"
    thread.git("sparse-checkout", "disable")
    thread.write({"data/c.jsonl": pointer})
    said = seedkit("check", "--format", "concise", cwd=thread.root)
    assert "text/unreadable" in said.out and "unknown-reference" not in said.out, said


def test_an_index_that_is_not_checked_out_is_not_written(thread: Repo) -> None:
    thread.git("sparse-checkout", "set", "--no-cone", "/*", "!/INDEX.md")
    assert seedkit("check", "--fix", "--format", "concise", "-q", cwd=thread.root) == ran(
        "INDEX.md:1:1: error[index/missing-index] the index `INDEX.md` is not checked out here, "
        "left out by a sparse checkout\n",
        code=1,
    )
    assert not (thread.root / "INDEX.md").exists()


def test_formats_and_splits_of_what_is_not_checked_out_are_used(thread: Repo) -> None:
    change(
        thread,
        {
            "data/.gitkeep": "",
            "seedkit.toml": 'seeds = ["seeds", "data"]\n'
            'splits = {a = ["seeds/*"], b = ["data/*"]}\n',
        },
    )
    thread.git("sparse-checkout", "set", "--no-cone", "/*", "!/data/*.jsonl")
    said = seedkit("check", "--format", "concise", "-q", cwd=thread.root)
    assert said.code == 0 and "config/" not in said.out, said
