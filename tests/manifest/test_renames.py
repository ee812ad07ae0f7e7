"""What git knows of a rename: evidence by which a row follows its seed, and never another one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.commandline import seedkit
from support.corpora import more
from support.gitrepo import ALONE, Repo

HEAD = "| seed | source |\n|---|---|\n"
SCHEMA = 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n'
HEADER = "Licence: what all of the seeds in this corpus have in common, word for word\n" * 3


def text(name: str) -> str:
    """Return a seed that has a header in common with others, and lines of its own."""
    return HEADER + "".join(f"Line {n} is about {name} alone, and no other\n" for n in range(6))


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


def corpus(folder: Path, names: str = "abc") -> Repo:
    rows = "".join(f"| [{name}.txt](seeds/{name}.txt) | from {name} |\n" for name in names)
    seeds = {f"seeds/{name}.txt": text(name) for name in names}
    files = {"seedkit.toml": "", "INDEX.md": HEAD + rows, "schemas/n.toml": SCHEMA, **seeds}
    return Repo(folder, files)


@pytest.fixture
def repo(tmp_path: Path, cache: Path) -> Repo:
    return corpus(tmp_path / "repo")


def sources(root: Path) -> dict[str, str]:
    """Apply the safe fixes; return where the row of each source leads."""
    seedkit("check", "--fix", "-q", cwd=root)
    rows = (root / "INDEX.md").read_text().splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {source: link for link, source in cells if source}


def test_unrelated_seed_does_not_get_the_row_of_one_that_is_gone(repo: Repo) -> None:
    (repo.root / "seeds/b.txt").unlink()
    repo.write({"seeds/z.txt": text("z")})
    assert sources(repo.root)["from b"] == "[b.txt](seeds/b.txt)"


@pytest.mark.parametrize("edit", [text("b"), text("b").replace("Line 2", "Row 2") + "End\n"])
@pytest.mark.parametrize("stage", [False, True])
def test_row_follows_a_seed_that_was_renamed(repo: Repo, edit: str, stage: bool) -> None:
    (repo.root / "seeds/b.txt").unlink()
    repo.write({"seeds/new.txt": edit})
    if stage:
        repo.git("add", "--all")
        said = seedkit("check", "--staged", "-q", "--format", "concise", cwd=repo.root).out
        assert "`seeds/b.txt` does not exist, the seed is now `seeds/new.txt`" in said
    assert sources(repo.root)["from b"] == "[new.txt](seeds/new.txt)"


def test_two_copies_are_no_evidence(repo: Repo) -> None:
    (repo.root / "seeds/b.txt").unlink()
    repo.write({"seeds/x.txt": text("b"), "seeds/y.txt": text("b")})
    assert sources(repo.root)["from b"] == "[b.txt](seeds/b.txt)"


def test_seed_that_was_there_already_is_no_new_name(repo: Repo) -> None:
    repo.write({"seeds/copy.txt": text("b")})
    repo.commit()
    (repo.root / "seeds/b.txt").unlink()
    assert sources(repo.root)["from b"] == "[b.txt](seeds/b.txt)"


def test_a_seed_that_may_be_the_one_of_a_row_gets_no_other(repo: Repo) -> None:
    """Or the hint would be gone, and `seedkit mv` would find it listed."""
    (repo.root / ".git").rename(repo.root.parent / "elsewhere")
    repo.write({"seeds/new/b.txt": text("b"), "seeds/z.txt": text("z")})
    (repo.root / "seeds/b.txt").unlink()
    index = ("check", "--select", "index", "--format", "concise")
    said = seedkit(*index, "--fix", cwd=repo.root).out
    assert said.split("\nFound")[0] == (
        "INDEX.md:4:11: error[index/dangling-entry] `seeds/b.txt` does not exist\n"
        "seeds/new/b.txt:1:1: error[index/unlisted-seed] `seeds/new/b.txt` is not listed in "
        "`INDEX.md`"
    )
    assert "z.txt" in (repo.root / "INDEX.md").read_text()
    said = seedkit("check", "--select", "index/unlisted-seed", cwd=repo.root).out
    assert "= help: if it was `seeds/b.txt`, `seedkit mv` records that\n" in said
    assert seedkit("mv", "seeds/b.txt", "seeds/new/b.txt", cwd=repo.root).code == 0
    assert sources(repo.root)["from b"] == "[b.txt](seeds/new/b.txt)"


STEPS = st.tuples(
    st.sampled_from(["rename", "delete", "create", "edit", "move and edit", "stage"]),
    st.sampled_from("abc"),
)


@more(0.5)
@given(st.lists(STEPS, min_size=1, max_size=5), st.booleans())
def test_no_row_ever_leads_to_another_seed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]], git: bool
) -> None:
    """Whatever is done to seeds, a row leads to its own, or stays where it was."""
    root = Path(tempfile.mkdtemp(dir=tmp_path_factory.getbasetemp()))
    repo = corpus(root / "repo")
    if not git:
        (repo.root / ".git").rename(root / "elsewhere")
    now = {name: f"seeds/{name}.txt" for name in "abc"}
    for number, (what, name) in enumerate(steps):
        file = repo.root / now[name]
        fresh = f"seeds/n{number}.txt"
        if what == "create":
            repo.write({fresh: text(f"new {number}")})
        elif what == "stage" and git:
            repo.git("add", "--all")
        elif file.exists() and what == "delete":
            file.unlink()
        elif file.exists() and what != "stage":
            if what != "rename":
                file.write_text(file.read_text() + f"And {number}\n")
            if what != "edit":
                file.rename(repo.root / fresh)
                now[name] = fresh
    for source, link in sources(repo.root).items():
        path = link.partition("(")[2].rstrip(")")
        assert path in (now[source[-1]], f"seeds/{source[-1]}.txt")
