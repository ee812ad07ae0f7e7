"""Files as git has them are the files of a clean checkout, whatever lies in the working tree."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.errors import SeedkitError
from seedkit.core.files import TEMPORARY
from seedkit.corpus import pool
from seedkit.corpus.reconcile import is_racy
from seedkit.corpus.workspace import Workspace
from seedkit.settings.load import load_settings
from seedkit.sources import git
from seedkit.sources.git import Blobs, BlobTooLarge, GitError
from seedkit.sources.git_source import GitSource, _signatures
from seedkit.sources.repository import Repository, repository_at
from seedkit.sources.source import DiskSource, Source
from seedkit.sources.walk import NEVER_SEEDS, is_leftover
from seedkit.store.database import CacheDatabase
from support.corpora import Files, open_corpus
from support.gitrepo import ALONE, Repo
from support.leftovers import LEFTOVERS, TEXTS

FILES: Files = {
    "INDEX.md": "# Index\n",
    "seeds/a.txt": "a\n",
    "seeds/deep/b.txt": "b\n",
    "seeds/empty.txt": "",
    "seeds/.gitattributes": "* -text\n",
    "seeds/.seedkit-x/c.txt": "temporary\n",
    "other/d.txt": "d\n",
}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's git settings, and no hook's environment."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo", FILES)


def staged(root: Path) -> GitSource:
    return GitSource.staged(str(root), repository_at(str(root)))


def at(root: Path, commit: str) -> GitSource:
    return GitSource.at(str(root), repository_at(str(root)), commit)


def contents(source: Source, *folders: str) -> dict[str, bytes | str]:
    """Every file under the folders with its bytes, and what is refused with the reason."""
    scan = source.scan(folders or ["seeds"])
    return {**{path: source.read(path) for path in scan.files}, **scan.refused}


def same_as(source: GitSource, checkout: Path) -> None:
    """The source has the files that the folder has, and refuses what is refused there."""
    disk = DiskSource(str(checkout))
    for folders in (["seeds"], ["."], ["seeds/deep", "other"], ["none"], ["INDEX.md"]):
        assert contents(source, *folders) == contents(disk, *folders), folders
    asked = ["seeds", "seeds/deep", "seeds/a.txt", "none", "../x", ".", "other/d.txt", "link/x"]
    for path in (*asked, *contents(disk, ".")):
        assert source.exists(path) == disk.exists(path), path
        assert reading(source, path) == reading(disk, path), path


def reading(source: Source, path: str) -> bytes | str:
    try:
        return source.read(path)
    except OSError as error:
        return os.strerror(error.errno or 0)
    except SeedkitError as error:
        return error.message


def test_the_index_not_the_disk(repo: Repo, tmp_path: Path) -> None:
    repo.stage({"seeds/a.txt": "staged\n", "seeds/new.txt": "new\n"})
    repo.write({"seeds/a.txt": "not staged\n", "seeds/untracked.txt": "u\n"})
    repo.git("rm", "--cached", "--quiet", "seeds/empty.txt")
    (repo.root / "seeds/deep/b.txt").unlink()
    source = staged(repo.root)
    assert contents(source) == {
        "seeds/a.txt": b"staged\n",
        "seeds/deep/b.txt": b"b\n",
        "seeds/new.txt": b"new\n",
    }
    same_as(source, repo.checkout(tmp_path / "clean"))


def test_a_commit(repo: Repo, tmp_path: Path) -> None:
    old = repo.git("rev-parse", "HEAD")
    repo.write({"seeds/a.txt": "later\n", "seeds/later.txt": "l\n"})
    new = repo.commit()
    for commit in (old, new):
        same_as(at(repo.root, commit), repo.checkout(tmp_path / "clean", f"{commit}^{{tree}}"))
    assert at(repo.root, old).read("seeds/a.txt") == b"a\n"
    assert at(repo.root, new).read("seeds/a.txt") == b"later\n"


@pytest.mark.parametrize("name", ["n~", "#n#", ".n.swp", "n.orig", "n.rej", "._n", ".~lock.n#"])
def test_what_editors_leave_is_not_listed(repo: Repo, name: str) -> None:
    repo.stage({f"seeds/{name}": "left", "seeds/n": "kept"})
    paths = staged(repo.root).scan(["seeds"]).paths
    assert "seeds/n" in paths
    assert f"seeds/{name}" not in paths


_PARTS = st.sampled_from((*NEVER_SEEDS, TEMPORARY, *LEFTOVERS, *TEXTS, "seeds", "ü"))


@given(
    st.sets(st.lists(_PARTS, min_size=1, max_size=3).map("/".join)), st.sampled_from((".", "seeds"))
)
def test_what_is_never_a_seed_is_found_in_any_list(paths: set[str], folder: str) -> None:
    """Looked for in all paths at once, it is what each path by itself says."""
    repository = cast("Repository", SimpleNamespace(blobs=lambda: None))
    source = GitSource("", repository, dict.fromkeys(paths, "100644 " + "0" * 40))
    prefix = "" if folder == "." else f"{folder}/"
    below = sorted(path for path in paths if path.startswith(prefix))
    expected = [path for path in below if not is_never(path.removeprefix(prefix).split("/"))]
    assert source.scan([folder]).paths == (expected if below or folder == "." else [])


def is_never(parts: list[str]) -> bool:
    return is_leftover(parts[-1]) or any(p in NEVER_SEEDS or p.startswith(TEMPORARY) for p in parts)


def test_a_folder_of_the_repository(repo: Repo, tmp_path: Path) -> None:
    repo.write({"corpus/seeds/x.txt": "x\n", "corpus/INDEX.md": "x"})
    commit = repo.commit()
    clean = repo.checkout(tmp_path / "clean") / "corpus"
    same_as(staged(repo.root / "corpus"), clean)
    same_as(at(repo.root / "corpus", commit), clean)


def test_links_are_refused(repo: Repo, tmp_path: Path) -> None:
    (repo.root / "seeds/link.txt").symlink_to("a.txt")
    (repo.root / "seeds/folder").symlink_to("../other")
    (repo.root / "link").symlink_to("seeds")
    (repo.root / "out").symlink_to("../..")
    (repo.root / "loop").symlink_to("loop")
    repo.git("add", "--all")
    source = staged(repo.root)
    assert contents(source)["seeds/link.txt"] == "is a symbolic link"
    assert contents(source, "link") == {"link": "is a symbolic link"}
    assert reading(source, "link/a.txt") == "`link/a.txt` is a symbolic link, or behind one"
    assert [source.exists(path) for path in ("link/a.txt", "link/none", "seeds/folder/d.txt")] == [
        True,
        False,
        True,
    ]
    assert not any(map(source.exists, ("out/etc", "loop/x")))
    clean = repo.checkout(tmp_path / "clean")
    same_as(source, clean)
    assert DiskSource(str(clean)).exists("loop/x") is False


def test_names_that_are_no_text(repo: Repo, tmp_path: Path) -> None:
    names = ("a\nb.txt", 'q"uote.txt', "tab\t.txt", "\udcff.txt", " .txt", "-x.txt", ":(glob)*.txt")
    repo.write({f"seeds/{name}": name.encode("utf-8", "surrogateescape") for name in names})
    repo.git("add", "--all")
    assert {f"seeds/{name}" for name in names} < set(contents(staged(repo.root)))
    same_as(staged(repo.root), repo.checkout(tmp_path / "clean"))


def test_intended_files_are_not_committed(repo: Repo, tmp_path: Path) -> None:
    repo.write({"seeds/intended.txt": "later\n", "seeds/flags: 1": ""})
    repo.git("add", "--intent-to-add", "seeds/intended.txt")
    repo.git("add", "seeds/flags: 1")
    source = staged(repo.root)
    assert not source.exists("seeds/intended.txt")
    assert source.exists("seeds/empty.txt")
    same_as(source, repo.checkout(tmp_path / "clean"))


def test_many_empty_files(repo: Repo) -> None:
    repo.write({f"seeds/{number}.txt": "" for number in range(120)})
    repo.git("add", "--all")
    repo.write({"seeds/intended.txt": ""})
    repo.git("add", "--intent-to-add", "--all")
    files = contents(staged(repo.root))
    assert len(files) == 2 + 1 + 120
    assert "seeds/intended.txt" not in files


def test_conflicts(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "other")
    repo.write({"seeds/a.txt": "theirs\n"})
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.write({"seeds/a.txt": "ours\n"})
    repo.commit()
    with pytest.raises(AssertionError, match="merge"):
        repo.git("merge", "other")
    with pytest.raises(GitError, match=r"the index has conflicts, in `seeds/a\.txt` for one"):
        staged(repo.root)
    repo.git("add", "seeds/a.txt")
    assert b"<<<<<<<" in staged(repo.root).read("seeds/a.txt")


def test_sparse_checkouts_are_whole(repo: Repo, tmp_path: Path) -> None:
    clean = repo.checkout(tmp_path / "clean")
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "other")
    assert not (repo.root / "seeds").exists()
    same_as(staged(repo.root), clean)


def test_files_that_git_must_not_look_at(repo: Repo) -> None:
    repo.git("update-index", "--assume-unchanged", "seeds/a.txt")
    repo.git("update-index", "--skip-worktree", "seeds/deep/b.txt")
    repo.write({"seeds/a.txt": "x", "seeds/deep/b.txt": "x"})
    assert contents(staged(repo.root)) == {
        "seeds/a.txt": b"a\n",
        "seeds/deep/b.txt": b"b\n",
        "seeds/empty.txt": b"",
    }


def test_blobs_decide_whatever_conversions_say(repo: Repo) -> None:
    repo.write({".gitattributes": "*.txt text eol=crlf\n"})
    repo.commit()
    repo.stage({"other/crlf.txt": "1\r\n2\r\n"})
    assert staged(repo.root).read("other/crlf.txt") == b"1\n2\n"


def test_seeds_in_lfs_are_refused(repo: Repo) -> None:
    oid = f"oid sha256:{'0' * 64}"
    pointer = f"version https://git-lfs.github.com/spec/v1\n{oid}\nsize 1\n"
    repo.stage({"seeds/large.txt": pointer})
    assert reading(staged(repo.root), "seeds/large.txt") == (
        "`seeds/large.txt` is kept in Git LFS, git has only a pointer to it"
    )


# -- submodules and worktrees


def submodule(repo: Repo, files: Files) -> Repo:
    inner = Repo(repo.root.parent / "inner", files)
    repo.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root),
        "seeds/sub",
    )  # fmt: skip
    repo.commit()
    return Repo(repo.root / "seeds/sub")


def test_submodules_are_as_they_are_pinned(repo: Repo, tmp_path: Path) -> None:
    sub = submodule(repo, {"x.txt": "pinned\n", "deep/y.txt": "y\n"})
    pinned = {"seeds/sub/x.txt": b"pinned\n", "seeds/sub/deep/y.txt": b"y\n"}
    sub.write({"x.txt": "moved on\n"})
    sub.commit()
    sub.write({"x.txt": "not committed\n"})
    for source in (staged(repo.root), at(repo.root, "HEAD")):
        files = contents(source)
        assert {path: files[path] for path in pinned} == pinned
        assert source.exists("seeds/sub")
        assert source.exists("seeds/sub/deep")
    repo.git("add", "seeds/sub")
    assert staged(repo.root).read("seeds/sub/x.txt") == b"moved on\n"
    sub.git("checkout", "--force", "--quiet", "HEAD")
    same_as_with_submodule = DiskSource(str(repo.root))
    assert contents(staged(repo.root)) == contents(same_as_with_submodule)


def test_submodules_that_are_not_checked_out(repo: Repo, tmp_path: Path) -> None:
    submodule(repo, {"x.txt": "x\n"})
    repo.git("submodule", "--quiet", "deinit", "--force", "--all")
    source = staged(repo.root)
    assert "seeds/sub/x.txt" not in contents(source)
    assert source.exists("seeds/sub")
    assert reading(source, "seeds/sub") == "`seeds/sub` is a folder"
    same_as(source, repo.checkout(tmp_path / "clean"))


def test_a_submodule_behind_a_link_is_not_entered(repo: Repo, tmp_path: Path) -> None:
    submodule(repo, {"x.txt": "x\n"})
    shutil.move(repo.root / "seeds", tmp_path / "elsewhere")
    (repo.root / "seeds").symlink_to(tmp_path / "elsewhere")
    assert "seeds/sub/x.txt" not in contents(staged(repo.root))


def test_a_submodule_without_its_commit(repo: Repo) -> None:
    sub = submodule(repo, {"x.txt": "x\n"})
    missing = "1" * 40
    repo.git("update-index", "--cacheinfo", f"160000,{missing},seeds/sub")
    with pytest.raises(GitError, match="submodule `seeds/sub`: git: not a tree object") as caught:
        staged(repo.root)
    assert caught.value.help == "bring it up to date: `git submodule update --init`"
    assert sub.git("rev-parse", "HEAD")


def test_ids_of_another_length(tmp_path: Path) -> None:
    root = tmp_path / "long"
    root.mkdir()
    subprocess.run(("git", "init", "--quiet", "--object-format=sha256", str(root)), check=True)
    repo = Repo(root, FILES)
    repo.write({"seeds/intended.txt": "", "seeds/empty2.txt": ""})
    repo.git("add", "seeds/empty2.txt")
    repo.git("add", "--intent-to-add", "seeds/intended.txt")
    assert len(repo.git("rev-parse", "HEAD")) == 64
    same_as(staged(root), repo.checkout(tmp_path / "clean"))
    assert contents(at(root, "HEAD"))["seeds/a.txt"] == b"a\n"


def test_worktrees_have_their_own_index(repo: Repo, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    repo.git("worktree", "add", "--quiet", str(tree))
    other = Repo(tree)
    other.stage({"seeds/a.txt": "in the worktree\n"})
    assert staged(tree).read("seeds/a.txt") == b"in the worktree\n"
    assert staged(repo.root).read("seeds/a.txt") == b"a\n"


# -- what git tells a hook


HOOK = """\
#!/bin/sh
env | grep '^GIT_' > '{told}'
cp "$GIT_INDEX_FILE" '{told}.index'
exit 1
"""


@pytest.fixture
def in_hook(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that runs `git commit` and leaves this process as its hook would be."""

    def enter(where: Repo, *arguments: str) -> None:
        told = tmp_path / "told"
        hook = repo.root / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(HOOK.format(told=told))
        hook.chmod(0o755)
        with pytest.raises(AssertionError):
            where.git("commit", "--message=.", *arguments)
        for line in told.read_text().splitlines():
            name, _, value = line.partition("=")
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GIT_INDEX_FILE", f"{told}.index")
        monkeypatch.chdir(where.root)

    return enter


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), b"staged\n"),
        (("--all",), b"on disk\n"),
        (("--", "seeds/deep/b.txt"), b"a\n"),
    ],
)
def test_the_index_that_a_hook_is_given(
    repo: Repo, in_hook: Callable[..., None], arguments: tuple[str, ...], expected: bytes
) -> None:
    repo.stage({"seeds/a.txt": "staged\n"})
    repo.write({"seeds/a.txt": "on disk\n", "seeds/deep/b.txt": "new b\n"})
    in_hook(repo, *arguments)
    source = staged(repo.root)
    assert source.read("seeds/a.txt") == expected
    assert source.read("seeds/deep/b.txt") == (b"new b\n" if arguments else b"b\n")
    assert staged(repo.root / "other").scan(["."]).files.keys() == {"d.txt"}


def test_a_hook_in_a_worktree(
    repo: Repo, in_hook: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git sets GIT_DIR there: then another folder would pass for the top of the working tree."""
    tree = tmp_path / "tree"
    repo.git("worktree", "add", "--quiet", str(tree))
    other = Repo(tree)
    other.stage({"seeds/a.txt": "in the worktree\n"})
    in_hook(other)
    assert "GIT_DIR" in os.environ
    assert staged(tree).read("seeds/a.txt") == b"in the worktree\n"
    assert staged(tree / "seeds").read("a.txt") == b"in the worktree\n"
    monkeypatch.chdir(tree / "seeds")
    assert staged(tree / "seeds").read("a.txt") == b"in the worktree\n"
    # Another repository than the hook's is not the hook's.
    another = Repo(tmp_path / "another", {"seeds/a.txt": "another\n"})
    assert staged(another.root).read("seeds/a.txt") == b"another\n"


def test_an_index_relative_to_the_top(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.stage({"seeds/a.txt": "staged\n"})
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    monkeypatch.chdir(repo.root)
    assert staged(repo.root / "seeds").read("a.txt") == b"staged\n"


def test_a_repository_apart_from_its_tree(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.move(repo.root / ".git", tmp_path / "apart")
    with pytest.raises(GitError, match="git: not a git repository"):
        staged(repo.root)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "apart"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repo.root))
    assert staged(repo.root).read("seeds/a.txt") == b"a\n"
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "gone"))
    with pytest.raises(GitError, match="git: not a git repository"):
        staged(repo.root)


# -- signatures


@given(st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), unique=True))
def test_signatures_tell_contents_apart(names: list[str]) -> None:
    for length in (40, 64):
        signatures = _signatures([f"100644 {name[:length]}" for name in names])
        each = [tuple(signatures[at : at + 4]) for at in range(0, len(signatures), 4)]
        expected = []
        for name in names:
            known = bytes.fromhex(name[:length])[:21].ljust(21, b"\0")
            numbers = (int.from_bytes(known[at : at + 7], "little") for at in (0, 7, 14))
            expected.append((-1, *numbers))
        assert each == expected


def test_a_cache_of_blobs(repo: Repo, tmp_path: Path) -> None:
    """Signatures are remembered, whenever they were made, and sizes are those of the blobs."""

    def opened() -> tuple[Workspace, frozenset[str]]:
        source = staged(repo.root)
        database = CacheDatabase(str(tmp_path / "cache.sqlite"))
        workspace = Workspace(source, load_settings(source), database)
        return workspace, workspace.refresh().changed

    workspace, changed = opened()
    assert changed == {"seeds/a.txt", "seeds/deep/b.txt", "seeds/empty.txt"}
    assert {path: row.signature.size for path, row in workspace.rows.items()} == {
        "seeds/a.txt": 2,
        "seeds/deep/b.txt": 2,
        "seeds/empty.txt": 0,
    }
    assert not any(is_racy(row.signature, time.time_ns()) for row in workspace.rows.values())
    assert opened()[1] == frozenset()
    repo.stage({"seeds/a.txt": "longer\n"})
    workspace, changed = opened()
    assert changed == {"seeds/a.txt"}
    assert workspace.rows["seeds/a.txt"].signature.size == 7
    assert workspace.rows.keys() == open_corpus(staged(repo.root)).rows.keys()


# -- reading blobs, and git itself


def blobs(repo: Repo) -> Blobs:
    return repository_at(str(repo.root)).blobs()


def test_large_blobs_and_limits(repo: Repo) -> None:
    large = os.urandom(3_000_000) + b"\n\n"
    repo.write({"large": large})
    repo.git("add", "--all")
    reader = blobs(repo)
    assert reader.read(":./large") == large
    with pytest.raises(BlobTooLarge) as caught:
        reader.read(":./large", 1000)
    assert caught.value.size == 3_000_002
    assert reader.read(":./INDEX.md", 1000) == b"# Index\n"
    assert reader.read(":./INDEX.md", 8) == b"# Index\n"
    with pytest.raises(SeedkitError) as refused:
        staged(repo.root).read("large", 1000)
    assert refused.value.message == "`large` has 3,000,002 bytes, at most 1,000 are read"


def test_missing_blobs(repo: Repo) -> None:
    name = repo.git("rev-parse", "HEAD:seeds/a.txt")
    (repo.root / f".git/objects/{name[:2]}/{name[2:]}").unlink()
    with pytest.raises(GitError, match=f"git has no blob {name[:12]}"):
        staged(repo.root).read("seeds/a.txt")


def test_damaged_blobs(repo: Repo) -> None:
    name = repo.git("rev-parse", "HEAD:seeds/a.txt")
    path = repo.root / f".git/objects/{name[:2]}/{name[2:]}"
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    path.write_bytes(b"damaged")
    source = staged(repo.root)
    with pytest.raises(GitError):
        source.read("seeds/a.txt")
    assert source.read("seeds/deep/b.txt") == b"b\n"


def test_partial_clones_fetch_nothing(repo: Repo, tmp_path: Path) -> None:
    """Not even what they need: a remote's configuration may run any program."""
    ran = tmp_path / "ran"
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = Repo(tmp_path / "clone")
    clone.git("remote", "add", "origin", f"file://{repo.root}")
    clone.git("fetch", "--quiet", "--filter=blob:none", "origin", "main")
    clone.git("update-ref", "refs/heads/main", "FETCH_HEAD")
    clone.git("config", "remote.origin.uploadpack", f"touch '{ran}'; git-upload-pack")
    with pytest.raises(GitError) as caught:
        at(clone.root, "HEAD").read("seeds/a.txt")
    assert not ran.exists()
    assert caught.value.help is not None
    assert "`git fetch --refetch --no-filter` completes a partial clone" in caught.value.help
    clone.git("config", "--unset", "remote.origin.uploadpack")
    clone.git("fetch", "--quiet", "--refetch", "--no-filter", "origin", "main")
    assert at(clone.root, "HEAD").read("seeds/a.txt") == b"a\n"


def fake_git(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    program = folder / "git"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(
    ("script", "message", "remedy"),
    [
        ("exit 1", "git has failed, and does not say why", None),
        ("echo 'fatal: no' >&2; exit 128", "git: no", None),
        (
            "printf 'warning: x\\nfatal: it is\\tbad\\n\\n  do\\n\\tthis\\n' >&2; exit 128",
            "git: it is bad",
            "do this",
        ),
    ],
)
def test_git_fails(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str,
    remedy: str | None,
) -> None:  # fmt: skip
    repository = repository_at(str(repo.root))
    fake_git(tmp_path / "fake", script, monkeypatch)
    with pytest.raises(GitError) as caught:
        repository.index()
    assert (caught.value.message, caught.value.help) == (message, remedy)
    with pytest.raises(GitError) as caught:
        repository.blobs().read("x")
    assert (caught.value.message, caught.value.help) == (message, remedy)


def test_git_is_too_old(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = repository_at(str(repo.root))
    answers = (
        'test "$1" = --version && echo git version 2.14.1 && exit',
        "echo 'Unknown option: --no-optional-locks' >&2",
        "echo 'usage: git [--version] [--help] [-C <path>]' >&2",
        "exit 129",
    )
    fake_git(tmp_path / "fake", "\n".join(answers), monkeypatch)
    for ask in (repository.index, lambda: repository.blobs().read("x")):
        with pytest.raises(GitError) as caught:
            ask()
        assert (caught.value.message, caught.value.help) == (
            "git 2.14.1 is too old: seedkit needs git 2.15 or newer",
            "install a newer one: https://git-scm.com",
        )


def test_git_is_not_there(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = repository_at(str(repo.root))
    # A program of the working directory, or of a relative folder, is not taken.
    monkeypatch.chdir(tmp_path)
    fake_git(tmp_path / "fake", "exit 0", monkeypatch)
    monkeypatch.setenv("PATH", f"fake{os.pathsep}.{os.pathsep}")
    with pytest.raises(GitError, match="git is not installed, or not in PATH"):
        repository.index()
    monkeypatch.setenv("PATH", str(tmp_path / "fake"))
    (tmp_path / "fake/git").write_text("#!/nowhere/sh\n")
    for ask in (repository.index, lambda: repository.blobs().read("x")):
        with pytest.raises(GitError, match="git can't be run: no such file or directory"):
            ask()


def test_git_does_not_answer(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = repository_at(str(repo.root))
    monkeypatch.setattr(git, "_SECONDS", 0.05)
    fake_git(tmp_path / "fake", "exec /bin/sleep 60", monkeypatch)
    for ask in (repository.index, lambda: repository.blobs().read("x")):
        with pytest.raises(GitError, match=r"git has not answered in 0\.05 seconds"):
            ask()


def test_git_finds_the_folder_dubious(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its remedy is passed on."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(
        GitError, match="git: detected dubious ownership in repository at"
    ) as caught:
        staged(repo.root)
    assert caught.value.help == (
        "To add an exception for this directory, call: "
        f"git config --global --add safe.directory {repo.root}"
    )


def test_processes_end(repo: Repo) -> None:
    reader = blobs(repo)
    assert reader.read(":./INDEX.md") == b"# Index\n"
    process = reader._process
    assert process is not None
    reader.close()
    assert process.returncode is not None
    assert reader.read(":./INDEX.md") == b"# Index\n"
    process = reader._process
    assert isinstance(process, subprocess.Popen)
    del reader
    assert process.returncode is not None


def test_processes_read_blobs(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process reads with a git of its own, what is staged and not what is on disk."""
    monkeypatch.setattr(pool, "_FEW", 1)
    monkeypatch.setattr(pool, "_CHUNK", 3)
    repo.stage({f"seeds/{number}.txt": f"seed {number}\n" for number in range(10)})
    repo.write({f"seeds/{number}.txt": "none of it\n" for number in range(10)})
    alone, together = (open_corpus(staged(repo.root), workers=workers) for workers in (1, 2))
    assert len(alone.rows) == 13
    assert alone.rows == together.rows
