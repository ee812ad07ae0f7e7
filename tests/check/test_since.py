"""`seedkit check --since REF`: what is new is reported, whatever caused it; what is old is not."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.commandline import CLEAN, Ran, ran, seedkit
from support.corpora import more
from support.gitrepo import ALONE, Repo

OLD = {**CLEAN, "seeds/c/old.txt": "Old, and not listed"}  # two findings that were always there
LISTED = CLEAN["INDEX.md"]
KNOWN = "Checked {} seeds, no findings, {} known from before.\n"
NEW = "seeds/b.txt:1:5: error[text/missing-final-newline] no newline at the end of the file"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


@pytest.fixture
def repo(tmp_path: Path, cache: Path) -> Repo:
    return Repo(tmp_path / "repo", OLD)


def since(repo: Repo, revision: str, *arguments: str) -> Ran:
    return seedkit("check", "--since", revision, *arguments, cwd=repo.root)


def found(repo: Repo, revision: str = "HEAD", *arguments: str) -> list[str]:
    result = since(repo, revision, "--format", "concise", "-q", *arguments)
    assert result.err == ""
    assert result.code == bool(result.out)
    return result.out.replace(" [*]", "").splitlines()


def test_what_was_there_is_left_out(repo: Repo) -> None:
    assert since(repo, "HEAD") == ran(KNOWN.format(3, 2))
    assert since(repo, "HEAD", "-q") == ran()
    repo.write({"seeds/b.txt": "Lamp"})
    assert found(repo) == [NEW]
    assert since(repo, "main").out.endswith(
        "Found 1 error in 3 seeds, 1 fixable with --fix.\n2 known from before.\n"
    )
    assert found(repo, "HEAD", "seeds/a.txt") == []
    assert found(repo, "HEAD", "seeds/b.txt") == [NEW]
    summary = json.loads(since(repo, "HEAD", "--format", "json").out)["summary"]
    assert (summary["seeds"], summary["errors"], summary["known"]) == (3, 1, 2)


def test_lines_that_move_make_nothing_new(repo: Repo) -> None:
    repo.write({"seeds/a.txt": "a \nb\n", "seeds/b.txt": "x\u200by\n"})
    repo.commit()
    assert len(found(repo, "HEAD~1")) == 2
    repo.write({"seeds/a.txt": "first\nsecond\na \nb\n", "seeds/b.txt": "more\n\nx\u200by\n"})
    assert found(repo) == []


def test_one_more_of_the_same_is_new(repo: Repo) -> None:
    twice = f"{CLEAN['INDEX.md']}- [b](seeds/b.txt)\n"
    repo.write({"INDEX.md": twice})
    repo.commit()
    assert found(repo) == []
    repo.write({"INDEX.md": f"{twice}- [b](seeds/b.txt)\n"})
    assert found(repo) == ["INDEX.md:6:7: error[index/listed-twice] `seeds/b.txt` is listed twice"]


def test_what_a_change_elsewhere_causes_is_new(repo: Repo) -> None:
    text = " ".join(f"word{number}" for number in range(40))
    repo.write({"seeds/a.txt": f"{text}\n"})
    repo.commit()
    repo.write({"seeds/b.txt": f"{text}\n"})
    assert found(repo) == [
        "seeds/b.txt:1:1: error[repeat/duplicate-seed] seed has the same bytes as `seeds/a.txt`"
    ]
    repo.git("checkout", "--quiet", ".")
    repo.write({"schemas/note.toml": CLEAN["schemas/note.toml"].replace("require", "forbid")})
    assert found(repo) == [
        f"seeds/{name}.txt:{place}: error[text/unwanted-final-newline] "
        "newline at the end of the file"
        for name, place in (("a", "1:270"), ("b", "1:21"))
    ]
    repo.git("checkout", "--quiet", ".")
    (repo.root / "seeds/a.txt").unlink()
    assert found(repo) == ["INDEX.md:3:7: error[index/dangling-entry] `seeds/a.txt` does not exist"]


def test_a_seed_that_moves_takes_its_findings_along(repo: Repo) -> None:
    repo.write({"seeds/b.txt": "Lamp"})
    repo.commit()
    repo.git("mv", "seeds/b.txt", "seeds/lamp.txt")
    repo.write({"INDEX.md": CLEAN["INDEX.md"].replace("b.txt", "lamp.txt")})
    assert found(repo) == []
    repo.write({"seeds/lamp.txt": "Lamp and more"})
    assert found(repo) == [NEW.replace("b.txt:1:5", "lamp.txt:1:14")]


HASHED = (
    'extends = "builtin:plain"\nfiles = ["seeds/**"]\n[file]\nfinal_newline = "require"\n'
    "name = '((?P<number>\\d+)_)?(?P<id>[0-9a-f]{16})\\.txt'\n"
    'hash = { group = "id", algorithm = "sha256" }\n'
)
LINES = [f"Line {number} of the text, which nobody changes" for number in range(6)]
FAULTY = "\n".join([*LINES, "trailing ", "w\u200bx", "no newline"])


def named(text: str, before: str = "") -> str:
    return f"seeds/{before}{hashlib.sha256(text.encode()).hexdigest()[:16]}.txt"


def listed(*paths: str) -> str:
    return "".join(f"- [x]({path})\n" for path in sorted(paths))


def digests(tmp_path: Path, path: str, text: str) -> Repo:
    """A repository with one seed, whose name carries its digest."""
    files = {"seedkit.toml": "", "schemas/hashed.toml": HASHED, path: text}
    return Repo(tmp_path / "repo", {**files, "INDEX.md": listed(path)})


@pytest.mark.parametrize("before", ["", "007_"])
def test_a_seed_that_moves_and_changes_takes_its_findings_along(
    tmp_path: Path, cache: Path, before: str
) -> None:
    old = named(FAULTY, before)
    repo = digests(tmp_path, old, FAULTY)
    assert len(seedkit("check", "-q", "--format=concise", cwd=repo.root).out.splitlines()) == 3
    edited = FAULTY.replace("Line 2", "Line two").replace("trailing ", "u\x07v\ntrailing ")
    (repo.root / old).unlink()
    new = named(edited, before)
    repo.write({new: edited, "INDEX.md": listed(new)})
    assert found(repo) == [
        f"{new}:7:2: error[text/control-character] control character U+0007 (BEL)"
    ]
    repo.git("add", "--all")
    assert len(found(repo, "HEAD", "--staged")) == 1
    repo.write({"INDEX.md": ""})
    assert len(found(repo)) == 2  # that it is not listed is new


def test_what_is_not_listed_stays_so_under_another_name(tmp_path: Path, cache: Path) -> None:
    old, edited = named("Old text of a seed\n"), "New text of a seed\n"
    repo = digests(tmp_path, old, "Old text of a seed\n")
    repo.write({"INDEX.md": ""})
    repo.commit()
    repo.git("rm", "--quiet", old)
    repo.write({named(edited): edited})
    assert found(repo) == []


def test_another_text_is_another_seed(tmp_path: Path, cache: Path) -> None:
    old = named(FAULTY)
    repo = digests(tmp_path, old, FAULTY)
    (repo.root / old).unlink()
    other = " ".join(f"word{number}" for number in range(40))
    repo.write({named(other): other, "INDEX.md": listed(named(other))})
    assert len(found(repo)) == 1


@more(0.5)
@given(
    st.lists(st.sampled_from([*LINES, "x ", "w\u200bx", "日本語の文。"]), min_size=4, max_size=9),
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from(["x ", "new", "w\u200bx"])), max_size=1),
    st.lists(st.integers(0, 8), max_size=1),
    st.booleans(),
)  # fmt: skip
def test_a_name_makes_no_difference(
    tmp_path: Path, cache: Path, text: list[str], added: list[tuple[int, str]], gone: list[int],
    newline: bool,
) -> None:  # fmt: skip
    """An edit makes as much new under a new name as it does in place."""
    repo = Repo(Path(tempfile.mkdtemp(dir=tmp_path)) / "repo", CLEAN)
    repo.write({"seeds/b.txt": "\n".join(text)})
    repo.commit()
    edited = list(text)
    for at, line in added:
        edited.insert(at, line)
    for at in gone:
        del edited[at : at + 1]
    changed = "\n".join(edited) + "\n" * newline
    repo.write({"seeds/b.txt": changed})
    in_place = [line.replace("b.txt", "moved.txt") for line in found(repo)]
    (repo.root / "seeds/b.txt").unlink()
    repo.write({"seeds/moved.txt": changed, "INDEX.md": LISTED.replace("b.txt", "moved.txt")})
    assert found(repo) == in_place


def test_since_where_the_branches_part(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.write({"seeds/a.txt": "Tide"})
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.write({"seeds/b.txt": "Lamp"})
    tip = repo.commit()
    repo.git("checkout", "--quiet", "topic")
    mine = [NEW.replace("seeds/b", "seeds/a")]
    assert found(repo, "main") == found(repo, tip) == mine
    repo.git("tag", "v1")
    assert found(repo, "v1") == found(repo, "HEAD") == []
    repo.git("merge", "--quiet", "--no-edit", "main")
    assert found(repo, "main") == mine
    assert found(repo, "HEAD~1") == [NEW]


def test_what_is_staged(repo: Repo) -> None:
    repo.stage({"seeds/b.txt": "Lamp"})
    repo.write({"seeds/b.txt": "Lamp\n", "seeds/a.txt": "Tide"})
    assert found(repo, "HEAD", "--staged") == [NEW]
    assert found(repo, "HEAD") == [NEW.replace("seeds/b.txt:1:5", "seeds/a.txt:1:5")]
    repo.git("reset", "--quiet", "--hard")
    assert since(repo, "HEAD", "--staged") == ran(KNOWN.format(3, 2))
    repo.stage({"README.md": "R\n"})
    assert since(repo, "HEAD", "--staged") == ran("Nothing of the corpus is staged.\n")
    assert since(repo, "main", "--staged") == ran(KNOWN.format(3, 2))


def test_findings_that_the_baseline_accepts(repo: Repo) -> None:
    assert seedkit("check", "--baseline-update", "-q", cwd=repo.root) == ran()
    repo.commit()
    assert since(repo, "HEAD").out == "Checked 3 seeds, no findings, 2 accepted by the baseline.\n"
    (repo.root / "seedkit-baseline.json").unlink()
    assert len(found(repo)) == 2  # nobody accepts them any more


def test_before_there_was_a_corpus(tmp_path: Path, cache: Path) -> None:
    repo = Repo(tmp_path / "repo", {"README.md": "R\n"})
    repo.write(OLD)
    assert len(found(repo)) == 2
    repo.commit()
    repo.write({"schemas/note.toml": "files = 1\n"})
    repo.commit()
    repo.write({"schemas/note.toml": CLEAN["schemas/note.toml"]})
    commit = repo.git("rev-parse", "--short=10", "HEAD")
    result = since(repo, "HEAD", "-q", "--format", "concise")
    assert len(result.out.splitlines()) == 2
    assert result.err == (
        f"seedkit check: note: the configuration at {commit} is not valid, "
        "so every finding is new\n"
    )


def failed(message: str, remedy: str) -> Ran:
    return ran(err=f"seedkit check: error: {message}\n  help: {remedy}\n", code=2)


MORE = (
    "`git branch --all` and `git tag` list what there is; "
    "`git fetch URL '+refs/heads/*:refs/remotes/origin/*'` gets every branch"
)
DEEPEN = (
    "this clone has only the newest commits: get the others with `git fetch --unshallow URL "
    "'+refs/heads/*:refs/remotes/origin/*'` (actions/checkout: `fetch-depth: 0`)"
)


@pytest.mark.parametrize(
    "revision", ["origin/main", "v\u202e1", "HEAD:seeds", "a..b", "", "-q", "x" * 300]
)
def test_revisions_that_are_none(repo: Repo, revision: str) -> None:
    shown = revision.replace("\u202e", "\\u202e")
    result = seedkit("check", f"--since={revision}", cwd=repo.root)
    assert result == failed(f"--since: there is no branch, tag or commit `{shown}` here", MORE)


def test_histories_without_a_common_commit(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.write({"README.md": "R\n"})
    repo.commit()
    assert since(repo, "main") == failed(
        "--since: HEAD and `main` have no commit in common", "name a revision that HEAD comes from"
    )


def test_before_the_first_commit(tmp_path: Path, cache: Path) -> None:
    repo = Repo(tmp_path / "new")
    repo.write(CLEAN)
    assert since(repo, "HEAD") == failed("--since: there is no commit yet", "leave it out")
    shutil.rmtree(repo.root / ".git")
    result = since(repo, "HEAD")
    assert (result.code, result.err.splitlines()[1:]) == (
        2,
        ["  help: --since asks git what the corpus was; leave it out"],
    )


def test_shallow_clones(repo: Repo, tmp_path: Path) -> None:
    repo.git("branch", "old")
    for number in range(3):
        repo.write({"seeds/a.txt": f"{number}\n"})
        repo.commit()
    clone = Repo(tmp_path / "clone")
    clone.git("fetch", "--quiet", "--depth=1", f"file://{repo.root}", "main:new", "old:old")
    clone.git("checkout", "--quiet", "new")
    assert since(clone, "HEAD~1") == failed(
        "--since: there is no branch, tag or commit `HEAD~1` here", DEEPEN
    )
    assert since(clone, "old") == failed("--since: HEAD and `old` have no commit in common", DEEPEN)
    assert since(clone, "HEAD") == ran(KNOWN.format(3, 2))


def test_what_makes_no_sense(repo: Repo) -> None:
    for option in ("--fix", "--diff", "--baseline-update"):
        assert since(repo, "HEAD", option).err == (
            f"seedkit check: error: --since can't be combined with {option}\n"
        )


# -- as a baseline made then would have it

CONTENTS = {
    "seeds/a.txt": ["A\n", "A", "x \ny \n", "w\u200bx\n", "w\u200bx\ny\u200bz"],
    "seeds/b.txt": ["A\n", "B\n", "x \n", "x \n\nx \n"],
    "seeds/deep/c.txt": ["C\n", "C \n"],
    "INDEX.md": ["", "- [a](seeds/a.txt)\n", CLEAN["INDEX.md"], "- [n](seeds/none.txt)\n"],
    "schemas/note.toml": [CLEAN["schemas/note.toml"], 'extends = "builtin:plain"\nfiles = ["*"]\n'],
}
changes = st.sampled_from(sorted(CONTENTS)).flatmap(
    lambda path: st.tuples(st.just(path), st.sampled_from(CONTENTS[path]))
)


def findings(result: Ran) -> Counter[str]:
    """What a JSON report has, without the baseline's own findings."""
    diagnostics = json.loads(result.out)["diagnostics"]
    return Counter(
        json.dumps(each) for each in diagnostics if each["rule"] != "config/stale-baseline"
    )


@more(0.5)
@given(st.lists(changes, max_size=5), st.lists(changes, max_size=5))
def test_as_with_a_baseline_of_then(
    tmp_path: Path, cache: Path, before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    repo = Repo(Path(tempfile.mkdtemp(dir=tmp_path)) / "repo", CLEAN)
    repo.write(dict(before))
    repo.commit()
    seedkit("check", "--baseline-update", cwd=repo.root)
    accepted = (repo.root / "seedkit-baseline.json").read_bytes()
    (repo.root / "seedkit-baseline.json").unlink()
    repo.write(dict(after))
    new = findings(since(repo, "HEAD", "--format", "json"))
    repo.write({"seedkit-baseline.json": accepted})
    assert new == findings(seedkit("check", "--format", "json", cwd=repo.root))
