"""A full disk, a failing one, no leave to write: it is said, no file is half written, and the next
command is right. The n-th operation fails, for n after n."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.core.files import TEMPORARY
from seedkit.settings.engines import STORED
from support import syscalls
from support.commandline import Ran
from support.faulty import ERRORS, Faults
from support.trouble import Trouble

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
REASONS = (
    "no space left on device", "input/output error", "permission denied", "file too large",
    "can't be read",
    # as SQLite says it:
    "database or disk is full", "disk i/o error", "unable to open database file",
)  # fmt: skip


def assert_told(ran: Ran) -> None:
    """Fail if a command whose file operations have failed has said anything but that."""
    assert ran.code in (0, 1, 2), ran
    assert ran.code != 2 or any(reason in ran.err for reason in REASONS), ran
    assert "Traceback" not in ran.err, ran


def each_failing(
    step: int, run: Callable[[], Ran], begin: Callable[[], object], *folders: Path
) -> None:
    """Run a command with its n-th operation failing, for every `step`-th n, in turn with each
    error, and with those after it or alone; `begin` makes things what they are before."""
    number = short = 0
    while short < 2:
        begin()
        error, lasting = ERRORS[number // step % len(ERRORS)], number // step % 2 == 1
        with Faults(*folders, failing=number, error=error, lasting=lasting) as faults:
            ran = run()
        if len(faults.done) <= number:
            short += 1  # one corpus takes more operations than another
        else:
            assert_told(ran)
            number += step
    assert number > 3 * step


@linux
@pytest.mark.parametrize(
    ("command", "engine", "step"),
    [
        ("index", "tantivy", 19),
        ("index", "whoosh", 47),  # it takes more of them
        ("search mill -l", "whoosh", 47),
        ("index --rebuild", "tantivy", 19),
    ],
)
@pytest.mark.filterwarnings("ignore:Exception ignored in")  # Whoosh leaves files to be closed
def test_operations_on_the_index(command: str, engine: str, step: int, tmp_path: Path) -> None:
    pytest.importorskip(engine)
    trouble = Trouble(tmp_path, engine)
    trouble.run("index", "--engine", engine)

    def begin() -> None:
        trouble.assert_right()
        trouble.edit()

    def run() -> Ran:
        ran = trouble.run(*command.split(), "--engine", engine)
        if command.startswith("search"):
            assert ran.code in (0, 1), ran  # all seeds are read instead
            assert sorted(ran.out.splitlines()) == trouble.holding("mill")
        return ran

    each_failing(step, run, begin, trouble.cache)


@linux
def test_operations_on_a_new_cache(tmp_path: Path) -> None:
    trouble = Trouble(tmp_path, "whoosh")
    right = trouble.run("check")

    def begin() -> None:
        shutil.rmtree(trouble.cache)
        trouble.cache.mkdir(0o700)

    def run() -> Ran:
        ran = trouble.run("check")
        assert ran.code == 2 or (ran.code == right.code and ran.out == right.out), ran
        assert ran.code == 2 or not ran.err or ran.err.startswith("seedkit: note: no cache: "), ran
        return ran

    each_failing(1, run, begin, trouble.cache)


@linux
@pytest.mark.parametrize("command", ["check", "index --engine whoosh"])
def test_operations_on_seeds(command: str, tmp_path: Path) -> None:
    """What could not be read for a moment is there at the next."""
    trouble = Trouble(tmp_path, "whoosh")
    trouble.run("index", "--engine", "whoosh")

    def begin() -> None:
        trouble.assert_right()
        trouble.edit()

    def run() -> Ran:
        return trouble.run(*command.split())

    each_failing(3, run, begin, trouble.root / "seeds")


def test_facts_that_can_not_be_kept(tmp_path: Path) -> None:
    trouble = Trouble(tmp_path, "whoosh")
    trouble.run("check")
    (settings,) = trouble.cache.glob("*/settings.json")
    settings.with_name("cache.sqlite").unlink()
    settings.with_name("cache.sqlite").mkdir()
    reason = (
        "the search index can't be kept: the cache can't be written: unable to open database file"
    )
    ran = trouble.run("index", "--engine", "whoosh")
    assert ran == Ran(
        2, "", f"seedkit index: error: {reason}\n  help: choose another folder with --cache-dir\n"
    )
    ran = trouble.run("search", "-l", "--sort", "path", "--engine", "whoosh", "mill")
    assert ran.out.splitlines() == trouble.holding("mill")
    assert ran.err == f"seedkit search: note: {reason}; reading all seeds instead\n"


@linux
@pytest.mark.parametrize("option", ["--fix", "--baseline-update"])
def test_operations_on_the_corpus(option: str, tmp_path: Path) -> None:
    """Each file is what it was, or what it was to become."""
    trouble = Trouble(tmp_path, "whoosh", seeds=3)
    before = trouble.tree()
    trouble.run("check", option)
    after = trouble.tree()
    assert before != after

    def begin() -> None:
        for name in trouble.tree().keys() | before.keys():
            path = trouble.root / name
            if name in before:
                path.write_text(before[name])
            else:
                path.unlink()

    def run() -> Ran:
        ran = trouble.run("check", option)
        for name, text in trouble.tree().items():
            if TEMPORARY not in name:  # which could not be removed either
                assert text in (before.get(name), after.get(name))
        return ran

    names = [trouble.root / folder / TEMPORARY for folder in ("", "seeds")]
    each_failing(1, run, begin, *names)


# -- what SQLite and tantivy do, which no Python code can let fail


@pytest.mark.skipif(not syscalls.available(), reason="strace can't be used here")
@pytest.mark.parametrize("engine", STORED)
def test_calls_of_the_system(engine: str, tmp_path: Path) -> None:
    pytest.importorskip(engine)
    trouble = Trouble(tmp_path, engine)
    trouble.run("index", "--engine", engine)
    trouble.edit()
    operations = syscalls.record(trouble, "index", "--engine", engine)
    for error in ("ENOSPC", "EIO"):
        trouble.edit()
        # The first that other threads open are to Python's thread the libraries that it needs.
        operation = trouble.chance.choice([o for o in operations if o.name != "open" or o.first])
        lasting = operation.name not in ("open", "write")  # which it cannot do without
        told = syscalls.failing(
            trouble, operation, error, "index", "--engine", engine, lasting=lasting
        )
        assert_told(Ran(told[0], "", told[1]))
        trouble.assert_right()


LIMITED = """
import resource, sys
from seedkit.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
sys.exit(main())
"""


@linux
@pytest.mark.parametrize(("engine", "limit"), [("whoosh", 0), ("tantivy", 30_000)])
def test_files_that_may_not_grow(engine: str, limit: int, tmp_path: Path) -> None:
    pytest.importorskip(engine)
    trouble = Trouble(tmp_path, engine)
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), "search", "-l", "--sort", "path", "mill",
         "--engine", engine, "--cache-dir", str(trouble.cache)],
        cwd=trouble.root, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert_told(Ran(ran.returncode, ran.stdout, ran.stderr))
    assert ran.stdout.splitlines() == trouble.holding("mill")
    trouble.assert_right()


@linux
def test_a_check_says_that_it_remembers_nothing(tmp_path: Path) -> None:
    trouble = Trouble(tmp_path, "whoosh")
    right = trouble.run("check")
    shutil.rmtree(trouble.cache)
    trouble.cache.mkdir(0o700)
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, "0", "check", "--cache-dir", str(trouble.cache)],
        cwd=trouble.root, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (right.code, right.out)
    assert ran.stderr == "seedkit: note: no cache: it can't be written: disk i/o error\n"


ROOM = 64  # KB: enough for the cache database, too little for an index
FULL = """
mount -t tmpfs -o size=4m,mode=0700 none "$2" || exit 9
head -c $((4096 * 1024 - $5 * 1024)) /dev/zero > "$2"/ballast
cd "$1"
for time in 1 2
do
    "$3" -m seedkit search -l --sort path mill --engine "$4" --cache-dir "$2"
    echo "code $?"
    rm -f "$2"/ballast
done
"$3" -m seedkit index --verify --engine "$4" --cache-dir "$2" | sed 's/:.*//'
"""


def _mounts() -> bool:
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "-Urm", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _mounts(), reason="no file system can be mounted here")
@pytest.mark.parametrize("engine", STORED)
def test_a_full_disk(engine: str, tmp_path: Path) -> None:
    """A disk with hardly any room: the answer is the same, and the reason is told."""
    pytest.importorskip(engine)
    trouble = Trouble(tmp_path, engine)
    right = "".join(f"{path}\n" for path in trouble.holding("mill"))
    ran = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", FULL, "sh", str(trouble.root), str(trouble.cache),
         sys.executable, engine, str(ROOM)],
        capture_output=True, text=True, timeout=60, check=False, env=os.environ,
    )  # fmt: skip
    verified = "The index is equal to the seeds\n"
    assert ran.stdout == f"{right}code 0\n{right}code 0\n{verified}", ran
    assert re.fullmatch("seedkit search: note: .*; reading all seeds instead\n", ran.stderr), ran
