"""Pipes, devices, links and folders in place of files that are opened by name: refused at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.commandline import Ran, seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]
Make = Callable[[Path], None]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and links are POSIX's")

CLEAN = {
    "INDEX.md": "# Seeds\n\n- [a](seeds/a.txt)\n",
    "schemas/f.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "seeds/a.txt": "Two words\n",
}
GIGABYTES = 20 << 30
NO_LINKS = "links are not followed: put the file itself there"
NEEDED = "a file is needed there"


def _link(path: Path) -> None:
    target = path.parent / "real"
    target.write_text("[tool.seedkit]\n")
    path.symlink_to(target)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(GIGABYTES)


SPECIAL: dict[str, tuple[Make, str, str]] = {
    "pipe": (os.mkfifo, "is a pipe", NEEDED),
    "folder": (Path.mkdir, "is a folder", NEEDED),
    "link": (_link, "is a symbolic link", NO_LINKS),
    "dangling link": (lambda path: path.symlink_to("gone"), "is a symbolic link", NO_LINKS),
    "link to a device": (_endless, "is a symbolic link", NO_LINKS),
}
each_kind = pytest.mark.parametrize("kind", SPECIAL)


def place(root: Path, name: str, kind: str) -> tuple[str, str]:
    make, reason, remedy = SPECIAL[kind]
    (root / name).unlink(missing_ok=True)
    make(root / name)
    return reason, remedy


@each_kind
@pytest.mark.parametrize("name", ["seedkit.toml", "pyproject.toml"])
def test_a_configuration(corpus: Corpus, name: str, kind: str) -> None:
    root = corpus(CLEAN)
    reason, remedy = place(root, name, kind)
    reason += ", or behind one" if "link" in reason else ""
    assert seedkit("check", cwd=root / "seeds") == Ran(
        2,
        "",
        f"error[config/unreadable-file]: file can't be read: `{name}` {reason}\n"
        f" --> ../{name}\n  = help: {remedy}\n\n"
        "seedkit check: stopped by 1 error in the configuration\n",
    )


@each_kind
def test_a_pyproject_above_which_there_is_no_corpus(tmp_path: Path, kind: str) -> None:
    (tmp_path / "below").mkdir()
    reason, remedy = place(tmp_path, "pyproject.toml", kind)
    assert seedkit("check", cwd=tmp_path / "below") == Ran(
        2,
        "",
        f"seedkit check: error: no corpus here: `{tmp_path / 'pyproject.toml'}` {reason}\n"
        f"  help: {remedy}\n",
    )


@each_kind
def test_a_seedkit_toml_below_another_hides_it_not(corpus: Corpus, kind: str) -> None:
    """What stands in its place marks the corpus, so that the one above is not taken for it."""
    root = corpus({**CLEAN, "seedkit.toml": "", "inner/b.txt": "b"})
    reason, _ = place(root / "inner", "seedkit.toml", kind)
    ran = seedkit("check", cwd=root / "inner")
    assert (ran.code, ran.err.partition("\n")[0].partition(", or")[0]) == (
        2,
        f"error[config/unreadable-file]: file can't be read: `seedkit.toml` {reason}",
    )


@each_kind
def test_an_index(corpus: Corpus, kind: str) -> None:
    root = corpus(CLEAN)
    reason, remedy = place(root, "INDEX.md", kind)
    ran = seedkit("check", cwd=root)
    assert ran.code == 1
    assert ran.out.startswith(
        f"error[index/unreadable-index]: index can't be read: `INDEX.md` {reason}"
    )
    assert f"= help: {remedy}\n" in ran.out


@each_kind
def test_a_baseline(corpus: Corpus, kind: str) -> None:
    root = corpus(CLEAN)
    reason, remedy = place(root, "seedkit-baseline.json", kind)
    ran = seedkit("check", cwd=root)
    assert ran.code == 2
    assert ran.err.startswith(
        "seedkit check: error: seedkit-baseline.json can't be read: `seedkit-baseline.json` "
        f"{reason}"
    )
    assert ran.err.endswith(f"\n  help: {remedy}\n")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("pipe", "`draft` is a pipe\n"),
        ("folder", "`draft` is a folder\n  help: name the files in it\n"),
        ("link", "`draft` is a symbolic link\n  help: name the file that it leads to\n"),
    ],
)
def test_a_text_to_add(corpus: Corpus, kind: str, said: str) -> None:
    root = corpus(CLEAN)
    place(root, "draft", kind)
    assert seedkit("add", "draft", cwd=root) == Ran(2, "", f"seedkit add: error: {said}")


def test_texts_that_are_too_large_to_add(corpus: Corpus) -> None:
    root = corpus({**CLEAN, "schemas/f.toml": f"{CLEAN['schemas/f.toml']}[file]\nmax_bytes = 9\n"})
    assert seedkit("add", "/dev/zero", cwd=root).err == (
        "seedkit add: error: `/dev/zero` is a device\n"
    )
    assert seedkit("add", "-", "--name", "b.txt", stdin=b"x" * 10, cwd=root).err == (
        "seedkit add: error: standard input has more than 9 bytes\n"
    )
    _sparse(root / "draft")
    assert seedkit("add", "draft", cwd=root).err == (
        "seedkit add: error: `draft` has 21,474,836,480 bytes, at most 9 are read\n"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("seedkit.toml", "`seedkit.toml` has 21,474,836,480 bytes, at most 1,000,000 are read"),
        ("schemas/f.toml", "the formats have 21,474,836,480 bytes together, at most 4,000,000"),
        ("INDEX.md", "`INDEX.md` has 21,474,836,480 bytes, at most 50,000,000 are read"),
        (
            "seedkit-baseline.json",
            "`seedkit-baseline.json` has 21,474,836,480 bytes, at most 50,000,000 are read",
        ),
        ("seeds/a.txt", "file has 21,474,836,480 bytes, at most 100,000,000 are allowed"),
    ],
)
def test_files_of_gigabytes_are_not_read(corpus: Corpus, name: str, said: str) -> None:
    root = corpus(CLEAN)
    _sparse(root / name)
    ran = seedkit("check", cwd=root)
    assert ran.code == (2 if ran.err else 1)
    assert said in ran.out + ran.err
    if name == "seeds/a.txt":
        assert seedkit("search", "words", cwd=root).code == 1
        assert seedkit("repeats", cwd=root).code == 0


def test_a_seed_of_gigabytes_is_moved_and_removed_unread(corpus: Corpus) -> None:
    root = corpus(CLEAN)
    _sparse(root / "seeds/a.txt")
    assert seedkit("mv", "seeds/a.txt", "seeds/b.txt", cwd=root) == Ran(
        0, "Moved seeds/a.txt to seeds/b.txt\nChanged INDEX.md\n", ""
    )
    assert (root / "seeds/b.txt").stat().st_size == GIGABYTES
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    assert seedkit("rm", "seeds/b.txt", cwd=root).err == (
        "seedkit rm: error: seeds/b.txt differs from the last commit: git could not bring it back\n"
        "  help: commit first, or use --force\n"
    )
    assert seedkit("rm", "-f", "seeds/b.txt", cwd=root) == Ran(
        0, "Removed seeds/b.txt\nChanged INDEX.md\n", ""
    )
    assert os.listdir(root / "seeds") == []


def test_standard_input_without_end(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedkit.cli.checking.MOST", 9)
    ran = seedkit("check", "--stdin-filename", "seeds/a.txt", stdin=b"x" * 10, cwd=corpus(CLEAN))
    assert ran == Ran(
        2,
        "",
        "seedkit check: error: --stdin-filename: standard input has more than 9 bytes\n"
        "  help: check the file itself: `seedkit check seeds/a.txt`\n",
    )


def _git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def _said(command: str, path: Path) -> Ran:
    said = f"error: git can't be run: `{path}` is a pipe\n  help: a file is needed there\n"
    return Ran(2, "", f"seedkit {command}: {said}")


@pytest.mark.parametrize(
    "name",
    [
        "HEAD", "config", "index", "packed-refs", "info/exclude", "info/attributes", "info/grafts",
        "refs/heads/main", "objects/info/alternates", "objects/pack/multi-pack-index",
    ],
)  # fmt: skip
def test_a_pipe_in_a_repository(corpus: Corpus, name: str) -> None:
    """Git would wait for somebody to write."""
    root = corpus(CLEAN)
    _git(root, "init", "-q", "-b", "main")
    place(root / ".git", name, "pipe")
    ran = seedkit("check", "--staged", cwd=root)
    assert ran == _said("check", root / ".git" / name)


def test_a_pipe_in_the_repository_of_a_worktree(corpus: Corpus) -> None:
    root = corpus(CLEAN)
    _git(root, "init", "-q")
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "x")
    _git(root, "worktree", "add", "-q", "../other")
    for path in (root / ".git/worktrees/other/index", root / ".git/info/exclude"):
        path.rename(root / "kept")
        os.mkfifo(path)
        assert seedkit("check", "--staged", cwd=root.parent / "other") == _said("check", path)
        path.unlink()
        (root / "kept").rename(path)
    assert seedkit("check", "--staged", cwd=root.parent / "other").code == 0


@pytest.mark.parametrize(
    "config",
    [
        "[include]\npath = ../pipe\n",
        '[INCLUDE] Path="../pi\\\npe" ; comment\n',
        '[includeIf "gitdir:/"]\n\tpath = first\n',
    ],
)
def test_a_pipe_that_a_repository_includes(corpus: Corpus, config: str) -> None:
    root = corpus(CLEAN)
    _git(root, "init", "-q")
    os.mkfifo(root / "pipe")
    (root / ".git/first").write_text("[include]\n\tpath = first\n\tpath = ../pipe # comment\n")
    with (root / ".git/config").open("a") as file:
        file.write(config)
    assert seedkit("check", "--staged", cwd=root) == _said("check", root / "pipe")


@pytest.mark.parametrize("key", ["core.attributesFile", "core.excludesFile", "include.path"])
def test_files_that_git_need_not_open(corpus: Corpus, key: str) -> None:
    """Attributes and ignored files change no answer; `/dev/null` is empty."""
    root = corpus(CLEAN)
    _git(root, "init", "-q")
    _git(root, "add", ".")
    os.mkfifo(root / "pipe")
    _git(root, "config", key, "/dev/null" if key == "include.path" else str(root / "pipe"))
    (root / ".git/info/exclude").unlink()
    (root / ".git/info/exclude").symlink_to("/dev/null")
    assert seedkit("check", "--staged", "-q", cwd=root) == Ran(0, "", "")
    moved = seedkit("mv", "seeds/a.txt", "seeds/b.txt", "-q", cwd=root)
    assert moved == Ran(0, "", "")


@pytest.mark.parametrize("folder", ["", "seeds/", "other/deep/"])
def test_a_pipe_in_place_of_attributes(corpus: Corpus, folder: str) -> None:
    """Git reads them as it writes its index, of files of the corpus and around it."""
    root = corpus({**CLEAN, "other/deep/x": "x"})
    _git(root, "init", "-q")
    _git(root, "add", ".")
    os.mkfifo(root / folder / ".gitattributes")
    for command in (["mv", "seeds/a.txt", "seeds/b.txt"], ["rm", "-f", "seeds/a.txt"]):
        ran = seedkit(*command, cwd=root)
        assert ran == _said(command[0], root / folder / ".gitattributes")
        assert (root / "INDEX.md").read_text() == CLEAN["INDEX.md"]
        assert (root / "seeds/a.txt").exists()


@pytest.mark.parametrize("name", ["settings.json", "search/CURRENT"])
def test_a_pipe_in_the_cache(corpus: Corpus, cache: Path, name: str) -> None:
    root = corpus(CLEAN)
    assert seedkit("search", "words", cwd=root).code == 0
    (folder,) = cache.iterdir()
    place(folder, name, "pipe")
    assert seedkit("search", "words", cwd=root) == Ran(0, "seeds/a.txt:1:5: Two words\n", "")


def test_no_memory_is_no_bug(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*arguments: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("seedkit.cli.opening.load_settings", out_of_memory)
    ran = seedkit("show-settings", cwd=corpus(CLEAN))
    assert ran == Ran(
        2,
        "",
        "seedkit show-settings: error: there is not enough memory\n"
        "  help: use fewer processes with `--jobs 1`, or exclude the largest files\n",
    )


@pytest.mark.skipif(sys.platform != "linux", reason="limits of size are the system's")
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (
            ["check"],
            0,
            "Checked 1 seed, no findings.\n"
            "seedkit: note: no cache: it can't be written: disk i/o error\n",
        ),
        (
            ["search", "words"],
            0,
            "seeds/a.txt:1:5: Two words\nseedkit search: note: the search index can't be kept: the "
            "cache can't be written: disk i/o error; reading all seeds instead\n",
        ),
        (
            ["watch", "--once-ready"],
            2,
            "seedkit watch: error: the cache folder {cache}/watch can't be written: file too "
            "large\n  help: choose another with --cache-dir\n",
        ),
    ],
)
def test_no_file_may_be_written(
    corpus: Corpus, cache: Path, command: list[str], code: int, said: str
) -> None:
    """As with `ulimit -f 0`."""
    import resource

    root = corpus({**CLEAN, "seedkit.toml": ""})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        ran = seedkit(*command, cwd=root)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    (folder,) = cache.iterdir()
    assert (ran.code, ran.out + ran.err) == (code, said.format(cache=folder))
