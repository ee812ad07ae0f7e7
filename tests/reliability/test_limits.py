"""Files, memory, processes or watches are used up, or folders too deep: said, with a remedy."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.settings.engines import STORED
from support.commandline import Ran, seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]

linux = pytest.mark.skipif(sys.platform != "linux", reason="these limits are Linux's")
each_engine = pytest.mark.parametrize("engine", STORED)
FILES = {
    "INDEX.md": "# Seeds\n\n- [a](seeds/a.txt)\n",
    "schemas/f.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "seeds/a.txt": "Two words\n",
}


def _unloaded() -> ImportError:
    library = ImportError("lib.so: failed to map segment", name="numpy._core.lib", path="lib.so")
    error = ImportError("IMPORTANT: PLEASE READ THIS")
    error.__cause__ = library
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "too many open files\n  help: allow more "
         "open files: `ulimit -n`"),
        (OSError(errno.ENOSPC, "No space left on device"), "no space left on device\n  help: make "
         "room on the disk"),
        (OSError(errno.EFBIG, "File too large"), "file too large\n  help: allow larger files: "
         "`ulimit -f`"),
        (RuntimeError("can't start new thread"), "can't start new thread\n  help: use fewer "
         "processes with `--jobs 1`, or allow more: `ulimit -u`"),
        (EOFError("marshal data too short"), "marshal data too short\n  help: remove the folders "
         "`__pycache__` where seedkit is installed: files there are cut off"),
        (_unloaded(), "a library can't be loaded: lib.so: failed to map segment\n  help: "
         "allow more memory (`ulimit -v`), or install seedkit again"),
        (MemoryError(), "there is not enough memory\n  help: use fewer processes with `--jobs 1`, "
         "or exclude the largest files"),
    ],
)  # fmt: skip
def test_what_is_used_up_is_no_bug(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("seedkit.cli.opening.load_settings", refuse)
    ran = seedkit("show-settings", cwd=corpus({**FILES, "seedkit.toml": ""}))
    assert ran == Ran(2, "", f"seedkit show-settings: error: {said}\n")


@pytest.mark.parametrize(
    "error", [OSError(errno.EBADF, "Bad file descriptor"), RuntimeError("other"), ImportError("x")]
)
def test_what_has_no_remedy_may_be_a_bug(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("seedkit.cli.opening.load_settings", refuse)
    ran = seedkit("show-settings", cwd=corpus({**FILES, "seedkit.toml": ""}))
    assert (ran.code, ran.err.partition(":")[2].partition(":")[0]) == (
        3,
        " this is a bug in seedkit",
    )


def limited(root: Path, command: str, *, files: int) -> Ran:
    """Run a command that may have so many files open, in a process of its own."""
    import resource

    ran = subprocess.run(
        [sys.executable, "-m", "seedkit", *command.split()], cwd=root, capture_output=True,
        text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
    )  # fmt: skip
    return Ran(ran.returncode, ran.stdout, ran.stderr)


@linux
@each_engine
@pytest.mark.parametrize(
    "command", ["check", "search words", "index", "watch --once-ready", "add draft --name b.txt"]
)
def test_few_open_files(corpus: Corpus, engine: str, command: str) -> None:
    if engine == "whoosh" and not command.startswith(("index", "watch", "search")):
        pytest.skip("no matter of the engine")
    pytest.importorskip(engine)
    root = corpus({**FILES, "seedkit.toml": f'engine = "{engine}"\n', "draft": "Other words\n"})
    ran = limited(root, command, files=6)
    assert ran.code in (0, 2), ran
    assert ran.code == 0 or "too many open files" in ran.err, ran
    assert not re.search("bug|Traceback", ran.err), ran


@linux
def test_no_threads_of_a_library_that_interrupts_without_them(corpus: Corpus) -> None:
    """OpenBLAS would raise SIGINT where it can't start one for each core."""
    program = (
        "import os, sys; from seedkit.cli import main; assert main(['check', '-q']) == 0; "
        "assert 'numpy' in sys.modules; print(len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=corpus({**FILES, "seedkit.toml": ""}),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "1\n"


@linux
@each_engine
def test_folders_that_are_1500_deep(corpus: Corpus, engine: str) -> None:
    pytest.importorskip(engine)
    root = corpus({**FILES, "seedkit.toml": f'engine = "{engine}"\n'})
    here = os.getcwd()
    os.chdir(root / "seeds")
    try:
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        Path("deep.txt").write_text("Deep words\n")
        deep = "seeds/" + "d/" * 1500 + "deep.txt"
        os.chdir(here)
        assert seedkit("check", "--fix", "-q", cwd=root) == Ran(0, "", "")
        assert seedkit("search", "-l", "deep", cwd=root) == Ran(0, f"{deep}\n", "")
        watched = seedkit("watch", "--once-ready", cwd=root)
        assert (watched.code, watched.err) == (0, "")
        *degraded, last = watched.out.splitlines()
        assert last.endswith(" watching 2 seeds, no findings")
        reason = f" degraded: {root}/seeds can't be watched: its folders are nested too deeply"
        assert [line[8:] for line in degraded] == [reason] * (sys.version_info < (3, 12))
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", str(root)], check=True)  # shutil's has the same depth


NO_INOTIFY = 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"'


@linux
def test_a_system_without_a_free_inotify_instance(corpus: Corpus) -> None:
    root = corpus({**FILES, "seedkit.toml": ""})
    alone = ["unshare", "-Ur", "sh", "-c", NO_INOTIFY, "sh"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no user namespaces here")
    ran = subprocess.run(
        [*alone, sys.executable, "-m", "seedkit", "watch", "--once-ready"], cwd=root, text=True,
        capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [line[9:] for line in ran.stdout.splitlines()] == [
        "degraded: changes are not heard: inotify instance limit reached "
        "(fs.inotify.max_user_instances): everything is looked at every few seconds",
        "watching 1 seed, no findings",
    ]
