"""What is neither compared nor searched: every summary says so, with a number and a reason."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.skipped import Skipped, counted, describe
from seedkit.settings.engines import CHOICES
from seedkit.sources import source
from support.commandline import ran, seedkit
from support.corpora import Files
from support.gitrepo import ALONE, Repo

Corpus = Callable[[Files], Path]

LFS = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0123456789abcdef' * 4}\nsize 12\n"
ANNEX = "/annex/objects/SHA256E-s12--0123abcd.txt\n"
IMAGE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\0\0\0\2\0\x08\6\0\0\0\xf4x\xd4\xfa"
SOUND: Files = {
    "seedkit.toml": "",
    "schemas/text.toml": 'extends = "builtin:plain"\nfiles = ["*.txt"]\n[file]\nmax_bytes = 300\n',
    "seeds/mill.txt": "The mill stands still.\n",
}
FEW: Files = {**SOUND, "seeds/image.txt": IMAGE, "seeds/lfs.txt": LFS}
SAID = "skipped 1 Git LFS pointer and 1 binary file"
SHORT = f"S{SAID[1:]}.\n"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


def counts(root: Path) -> list[dict[str, int]]:
    """Return what each command counts, for programs."""

    def of(*arguments: str) -> Any:
        return json.loads(seedkit(*arguments, "--format", "json", cwd=root).out)

    return [
        of("check")["summary"]["skipped"],
        of("repeats")["summary"]["skipped"],
        of("stats")["skipped"],
        of("search", "mill")["skipped"],
        of("search", "mill", "--no-refresh")["skipped"],
    ]


@pytest.mark.skipif(os.name == "nt", reason="pipes and links are POSIX's")
def test_all_commands_count_the_same(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        **FEW,
        "seedkit.toml": 'exclude = ["seeds/out"]\n',
        "seeds/annex": ANNEX,
        "seeds/large.txt": "many words " * 40,
        "seeds/locked.txt": "a secret\n",
        "seeds/out": LFS,
        "seeds/utf16": "The mill stands still.\n".encode("utf-16"),
    }
    root = corpus(files)
    (root / "seeds/link.txt").symlink_to("mill.txt")
    (root / "seeds/folder").symlink_to(".")
    os.mkfifo(root / "seeds/pipe")
    read_seed = source.read_seed

    def locked(root: str, path: str, limit: int | None = None) -> bytes:
        if path == "seeds/locked.txt":
            raise PermissionError(13, "Permission denied")
        return read_seed(root, path, limit)

    monkeypatch.setattr(source, "read_seed", locked)
    expected = {
        "unreadable": 1,
        "lfs-pointer": 1,
        "annex-pointer": 1,
        "too-large": 1,
        "binary": 2,
        "symbolic-link": 2,
        "special-file": 1,
    }
    for _ in range(2):  # the second time it comes from the cache
        assert counts(root) == [expected] * 5
    assert seedkit("stats", cwd=root).out.endswith(
        "\nSkipped 1 unreadable file, 1 Git LFS pointer, 1 git-annex pointer, 1 file over the size "
        "limit, 2 binary files, 2 symbolic links and 1 special file.\n"
    )
    assert [line for line in seedkit("show-files", cwd=root).out.split("\n") if "(" in line] == [
        "seeds/annex\t(no format) (skipped: git-annex pointer)",
        "seeds/image.txt\ttext (skipped: binary file)",
        "seeds/large.txt\ttext (skipped: file over the size limit)",
        "seeds/lfs.txt\ttext (skipped: Git LFS pointer)",
        "seeds/locked.txt\ttext (skipped: unreadable file)",
        "seeds/utf16\t(no format) (skipped: binary file)",
        "seeds/folder\t(not read: is a symbolic link)",
        "seeds/link.txt\t(not read: is a symbolic link)",
        "seeds/pipe\t(not read: is a pipe)",
    ]


def test_nothing_is_said_of_nothing(corpus: Corpus) -> None:
    root = corpus(SOUND)
    assert counts(root) == [{}] * 5
    assert "kipped" not in "".join(
        out
        for command in ("check", "repeats", "stats", "index", "show-files")
        for out in seedkit(command, cwd=root)[1:]
    )


def test_a_link_alone_is_a_change(corpus: Corpus) -> None:
    """It is no file whose signature could differ, and a running watch is believed without a
    walk.
    """
    root = corpus(SOUND)
    assert counts(root) == [{}] * 5
    (root / "seeds/link.txt").symlink_to("mill.txt")
    assert counts(root) == [{"symbolic-link": 1}] * 5
    (root / "seeds/link.txt").unlink()
    assert counts(root) == [{}] * 5


# -- in words


def test_check(corpus: Corpus) -> None:
    root = corpus(FEW)
    assert seedkit("check", "--format=concise", cwd=root).out.endswith(
        f"Found 3 errors in 3 seeds, 1 fixable with --fix.\n{SHORT}"
    )
    only = ("check", "--select=name")
    assert seedkit(*only, cwd=root) == ran(f"Checked 3 seeds, no findings.\n{SHORT}")
    assert seedkit(*only, "-q", cwd=root) == ran()
    assert seedkit(*only, "seeds/mill.txt", cwd=root) == ran("Checked 1 seed, no findings.\n")
    assert seedkit(*only, "seeds/lfs.txt", cwd=root) == ran(
        "Checked 1 seed, no findings.\nSkipped 1 Git LFS pointer.\n"
    )
    assert seedkit(*only, "--statistics", cwd=root).out.endswith(SHORT)


def test_repeats(corpus: Corpus) -> None:
    root = corpus(FEW)
    assert seedkit("repeats", cwd=root) == ran(f"Compared 1 seed, no repeats.\n{SHORT}")
    assert seedkit("repeats", "--quiet", cwd=root) == ran(err=f"seedkit repeats: note: {SAID}\n")
    (root / "seeds/mills.txt").write_text("The mill stands still!\n")
    assert seedkit("repeats", "--format=concise", cwd=root) == ran(
        f"seeds/mills.txt: same-text 1.000 seeds/mill.txt\nFound 1 group in 2 seeds.\n{SHORT}",
        code=1,
    )
    assert seedkit("repeats", "--format=concise", "--quiet", cwd=root).err == ""


@pytest.mark.parametrize("engine", CHOICES[1:])
def test_a_search_that_finds_nothing_is_not_certain(corpus: Corpus, engine: str) -> None:
    root = corpus(FEW)
    note = f"seedkit search: note: {SAID}\n"
    search = ("search", "--engine", engine)
    assert seedkit(*search, "river", cwd=root) == ran(
        err=f"{note}seedkit search: no seed that was searched has `river`\n", code=1
    )
    assert seedkit(*search, "mill -stands", cwd=root) == ran(
        err=f"{note}seedkit search: no hits in the seeds that were searched\n", code=1
    )
    assert seedkit(*search, "--quiet", "river", cwd=root) == ran(err=note, code=1)
    assert seedkit(*search, "--count", "river", cwd=root).err.startswith(note)
    hit = "seeds/mill.txt:1:5: The mill stands still.\n"
    assert seedkit(*search, "mill", cwd=root) == ran(hit, note)
    assert seedkit(*search, "--quiet", "mill", cwd=root) == ran(hit)


def test_a_search_for_what_is_like_a_skipped_seed(corpus: Corpus) -> None:
    root = corpus(FEW)
    for name, what in (("lfs", "Git LFS pointer"), ("image", "binary file")):
        assert seedkit("search", "--like", f"seeds/{name}.txt", cwd=root) == ran(
            err=f"seedkit search: error: --like: `seeds/{name}.txt` is not searched: {what}\n",
            code=2,
        )


def test_the_index(corpus: Corpus) -> None:
    root = corpus(FEW)
    made = seedkit("index", cwd=root).out
    assert made.startswith("Indexed 1 seed in ")
    assert made.endswith(f"\n{SHORT}")
    assert seedkit("index", cwd=root).out == f"Up to date, 1 seed.\n{SHORT}"
    assert f"skipped    {SAID.removeprefix('skipped ')}\n" in seedkit(
        "index", "--status", cwd=root
    ).out.replace(":", "")
    assert seedkit("index", "--verify", cwd=root).out == (
        f"The index is equal to the seeds: 1 record compared.\n{SHORT}"
    )
    (root / "seeds/new.txt").write_bytes(IMAGE)
    (root / "seeds/lfs.txt").unlink()
    assert seedkit("index", cwd=root).out.startswith("Removed 1 seed in ")


@given(st.lists(st.sampled_from(("unreadable", "binary", "symbolic-link", "not-checked-out"))))
def test_each_is_counted_once(reasons: list[Skipped]) -> None:
    found = counted(reasons)
    assert sum(found.values()) == len(reasons)
    assert found == counted(reasons[::-1])
    assert sum(int(word) for word in describe(found).split() if word.isdigit()) == len(reasons)


# -- what git has not checked out


def test_a_sparse_checkout(tmp_path: Path, cache: Path) -> None:
    files = {f"seeds/{name}.txt": f"The {name} stands still.\n" for name in ("a/mill", "b/lamp")}
    index = "- [a](seeds/a/mill.txt)\n- [b](seeds/b/lamp.txt)\n"
    repo = Repo(tmp_path / "repo", {**SOUND, **files, "INDEX.md": index, "other/c.txt": "c\n"})
    assert counts(repo.root) == [{}] * 5
    repo.git("sparse-checkout", "set", "schemas", "seeds/a")
    assert counts(repo.root) == [{"not-checked-out": 1}] * 5
    said = seedkit("search", "lamp", cwd=repo.root)
    assert said.err == (
        "seedkit search: note: skipped 1 file not checked out\n"
        "seedkit search: no seed that was searched has `lamp`\n"
    )
    assert seedkit("show-files", cwd=repo.root).out.endswith(
        "seeds/b/lamp.txt\t(not checked out)\n"
    )
    staged = json.loads(seedkit("check", "--staged", "--format=json", cwd=repo.root).out)
    assert staged["summary"]["skipped"] == {}  # git has it
    (repo.root / "seedkit.toml").write_text('exclude = ["seeds/b"]\n')
    assert counts(repo.root) == [{}] * 5


def test_a_linked_worktree_and_a_submodule(tmp_path: Path, cache: Path) -> None:
    inner = Repo(tmp_path / "inner", {"lamp.txt": "A lamp.\n"})
    repo = Repo(tmp_path / "repo", SOUND)
    repo.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root),
        "seeds/inner",
    )  # fmt: skip
    repo.commit()
    assert counts(repo.root) == [{}] * 5
    repo.git("worktree", "add", "--quiet", str(tmp_path / "tree"))
    assert counts(tmp_path / "tree") == [{"absent-submodule": 1}] * 5


def test_what_a_submodule_has_not_checked_out(tmp_path: Path, cache: Path) -> None:
    allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    innermost = Repo(tmp_path / "innermost", {"oar.txt": "An oar.\n"})
    inner = Repo(tmp_path / "inner", {"a/lamp.txt": "A lamp.\n", "b/boat.txt": "A boat.\n"})
    inner.git(*allowed, str(innermost.root), "b/deep")
    inner.commit()
    repo = Repo(tmp_path / "repo", SOUND)
    repo.git(*allowed, str(inner.root), "seeds/inner")
    repo.commit()
    assert counts(repo.root) == [{"absent-submodule": 1}] * 5
    repo.git("-C", "seeds/inner", "sparse-checkout", "set", "a")
    assert counts(repo.root) == [{"absent-submodule": 1, "not-checked-out": 1}] * 5
    assert seedkit("show-files", cwd=repo.root).out.splitlines()[-2:] == [
        "seeds/inner/b/boat.txt\t(not checked out)",
        "seeds/inner/b/deep\t(submodule not checked out)",
    ]
    (repo.root / "seedkit.toml").write_text('seeds = ["seeds/inner"]\n')
    assert counts(repo.root) == [{"absent-submodule": 1, "not-checked-out": 1}] * 5
    (repo.root / "seedkit.toml").write_text('seeds = ["seeds/inner/a"]\n')
    assert counts(repo.root) == [{}] * 5


def test_git_is_asked_only_where_something_may_be_missing(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "repo", SOUND)
    repo.git("worktree", "add", "--quiet", str(tmp_path / "tree"))

    def run(*arguments: object) -> None:
        raise AssertionError("git is run")

    monkeypatch.setattr("seedkit.sources.git.Runner._run", run)
    for root in (repo.root, tmp_path / "tree"):
        assert seedkit("search", "mill", cwd=root).code == 0


# -- what no format matches

MILL = (
    "The mill at the bend of the river turned all night, and nobody in the village slept, because "
    "the miller had promised flour before the feast and the water was high enough at last."
)


@pytest.mark.parametrize("engine", CHOICES[1:])
def test_what_no_format_claims_is_text_unless_it_is_binary(corpus: Corpus, engine: str) -> None:
    spoiled = (
        f"A lamp.\n{MILL}\n".encode().replace(b"lamp", b"l\xffmp").replace(b"feast", b"fe\xffast")
    )
    files = {**SOUND, "seeds/a": f"{MILL}\n", "seeds/b": spoiled, "seeds/c": IMAGE}
    root = corpus(files)
    (group,) = json.loads(seedkit("repeats", "--format=json", cwd=root).out)["groups"]
    assert group["kind"] == "contained-seed"
    done = seedkit(
        "repeats", "--config=contained=1", "--passage-tokens=20",
        "--kind=repeated-passage", "--format=json", cwd=root,
    )  # fmt: skip
    (passage,) = json.loads(done.out)["passages"]
    first, second = passage["occurrences"]
    assert (first["path"], second["path"], second["start"]["line"]) == ("seeds/a", "seeds/b", 2)
    data = spoiled[second["start"]["offset"] : second["end"]["offset"]]
    assert data.decode() == MILL[: MILL.index(" feast")]
    done = seedkit("search", "l mp", "--engine", engine, "--format", "json", cwd=root)
    (hit,) = json.loads(done.out)["hits"]
    assert (hit["path"], hit["line"], hit["column"]) == ("seeds/b", 1, 3)
    assert seedkit("search", "ihdr", "--engine", engine, cwd=root).code == 1


SERIES: Files = {
    "seedkit.toml": "",
    "schemas/text.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n[file]\n'
    "name = '(?P<number>\\d+)\\.txt'\nsequential = \"number\"\nmax_bytes = 300\n",
    **{f"seeds/{folder}/{number}.txt": f"{number}\n" for number, folder in enumerate("aabab")},
}


def numbered(root: Path, *more: str) -> list[str]:
    """Return the findings about numbers."""
    rule = "--select=name/not-sequential"
    ran = seedkit("check", "-q", "--format=concise", rule, *more, cwd=root)
    return ran.out.splitlines()


@pytest.mark.skipif(os.name == "nt", reason="links are POSIX's")
def test_what_is_there_and_not_read_is_not_missing(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    more: Files = {
        "seeds/5.txt": LFS,
        "seeds/6.txt": ANNEX,
        "seeds/7.txt": IMAGE,
        "seeds/8.txt": "w" * 999,
    }
    root = corpus({**SERIES, **more, "seeds/9.txt": "locked", "seeds/11.txt": "last"})
    read_seed = source.read_seed

    def locked(root: str, path: str, limit: int | None = None) -> bytes:
        if path == "seeds/9.txt":
            raise PermissionError(13, "Permission denied")
        return read_seed(root, path, limit)

    monkeypatch.setattr(source, "read_seed", locked)
    assert numbered(root) == [
        "seeds/11.txt:1:1: error[name/not-sequential] number 11 follows 9: 10 missing"
    ]
    (root / "seeds/10.txt").symlink_to("11.txt")
    assert numbered(root) == []
    (root / "seeds/10.txt").unlink()
    assert len(numbered(root)) == 1


def test_what_lacks_may_be_in_a_submodule(tmp_path: Path, cache: Path) -> None:
    inner = Repo(tmp_path / "inner", {"2.txt": "two\n"})
    repo = Repo(tmp_path / "repo", {**SERIES, "other/c.txt": "c\n"})
    repo.git("rm", "--quiet", "seeds/b/2.txt")
    missing = ["seeds/a/3.txt:1:1: error[name/not-sequential] number 3 follows 1: 2 missing"]
    assert numbered(repo.root) == numbered(repo.root, "--staged") == missing
    repo.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root),
        "seeds/inner",
    )  # fmt: skip
    assert numbered(repo.root) == numbered(repo.root, "--staged") == []
    repo.commit()
    repo.git("submodule", "--quiet", "deinit", "--force", "seeds/inner")
    assert numbered(repo.root) == numbered(repo.root, "--staged") == []
    said = seedkit("show-files", cwd=repo.root).out.splitlines()
    assert said[-1] == "seeds/inner\t(submodule not checked out)"
    (repo.root / "seedkit.toml").write_text('exclude = ["seeds/inner"]\n')
    assert numbered(repo.root) == missing


def test_what_is_not_checked_out_is_not_missing(tmp_path: Path, cache: Path) -> None:
    repo = Repo(tmp_path / "repo", {**SERIES, "other/c.txt": "c\n"})
    assert numbered(repo.root) == []
    repo.git("sparse-checkout", "set", "schemas", "seeds/a")
    assert numbered(repo.root) == []
    repo.git("rm", "--sparse", "--quiet", "seeds/b/2.txt")
    assert numbered(repo.root) == [
        "seeds/a/3.txt:1:1: error[name/not-sequential] number 3 follows 1: 2 missing"
    ]
