"""Work that another process does meanwhile: it is done once, or said not to be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from seedkit.core import processes as ahead
from seedkit.sources.source import DiskSource

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks on Linux only")


def said(program: str, *arguments: str) -> str:
    """Run a program in a process of its own, which has one thread; return what it says."""
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60
    )
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


@linux
def test_what_is_made_elsewhere_is_had_here() -> None:
    program = """
import os
from seedkit.core.processes import prefetch
here = os.getpid()
first = prefetch(lambda: b"x" * 3_000_000 + str(os.getpid() != here).encode())
second = prefetch(lambda: b"")
print(first.result()[-5:], second.result(), first.result())
"""
    assert said(program) == "b'xTrue' b'' None\n"


@linux
@pytest.mark.parametrize("end", ["1 / 0", "os._exit(1)", "os.kill(os.getpid(), 9)", "sys.exit()"])
def test_an_end_without_a_result(end: str) -> None:
    program = f"""
import os, sys
from seedkit.core.processes import prefetch
def make():
    {end}
print(prefetch(make).result())
"""
    assert said(program) == "None\n"


@linux
def test_nobody_waits_for_what_nobody_asks_for(tmp_path: Path) -> None:
    """The output ends with the first process, though the other one is still at work."""
    os.mkfifo(tmp_path / "go")
    program = """
import sys
from seedkit.core.processes import prefetch
def make():
    open(sys.argv[1])
    return b"x" * 3_000_000
prefetch(make)
print("done", flush=True)
"""
    assert said(program, str(tmp_path / "go")) == "done\n"
    open(tmp_path / "go", "w").close()


@linux
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of threads, which pytest has
def test_the_result_of_a_copy_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_is_single", lambda: True)
    begun = ahead.prefetch(lambda: b"four")
    assert begun is not None
    assert begun.result() == b"four"
    assert begun.result() is None  # it is had once


def test_a_process_with_threads_is_not_copied() -> None:
    release = threading.Event()
    other = threading.Thread(target=release.wait)
    other.start()
    try:
        assert ahead.prefetch(lambda: b"x") is None
    finally:
        release.set()
        other.join()


def _fails(*_: object) -> NoReturn:
    raise OSError


@pytest.mark.parametrize("missing", ["pipe", "fork", "listdir"])
def test_where_there_is_no_other_process(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if missing != "listdir":
        monkeypatch.setattr(ahead, "_is_single", lambda: True)
    handles = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    monkeypatch.setattr(os, missing, _fails, raising=False)
    assert ahead.prefetch(lambda: b"x") is None
    monkeypatch.undo()
    if handles:
        assert set(os.listdir("/proc/self/fd")) == handles


def test_only_linux_forks_safely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert ahead.prefetch(lambda: b"x") is None


@pytest.mark.parametrize("fails", ["", "make", "streams", "receiver"])
def test_what_the_other_process_sends(fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens to it, it ends at once: it must not go on as the first one does."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(ahead, "_leave_streams", _fails if fails == "streams" else lambda _: None)

    def leave(code: int) -> NoReturn:
        raise SystemExit(code)

    monkeypatch.setattr(os, "_exit", leave)
    receiver, sender = os.pipe()
    other = 1 << 30 if fails == "receiver" else os.dup(receiver)
    make: Callable[[], bytes] = _fails if fails == "make" else lambda: b"four"
    with pytest.raises(SystemExit):
        ahead.work(make, sender, other, signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    if fails:
        os.close(sender)
    with open(receiver, "rb") as file:
        assert file.read() == (b"" if fails else b"\0\0\0\0\0\0\0\4four")


@linux
def test_a_walk_that_has_begun_is_the_walk(tmp_path: Path) -> None:
    for name in ("a", "b/c", "b/d/e", "f/g"):
        (tmp_path / "seeds" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "seeds" / name).write_text(name)
    (tmp_path / "seeds/link").symlink_to("a")
    program = """
import os, sys, time
from seedkit.sources import source
from seedkit.sources.folders import file_clock
from seedkit.sources.source import DiskSource
source.cpu_count = lambda: 3
disk = DiskSource(sys.argv[1])
before = file_clock()
disk.begin(["seeds"])
after = time.time_ns()
fresh = DiskSource(sys.argv[1]).scan(["seeds"])
if not os.path.exists(sys.argv[1] + "/seeds/later"):
    open(sys.argv[1] + "/seeds/later", "w").close()
first, second = disk.scan(["seeds"]), disk.scan(["seeds"])
same = first.signatures == fresh.signatures
print(first.paths == fresh.paths, same, first.refused == fresh.refused)
print(before <= first.started, len(second.paths) - len(fresh.paths))
disk.begin(["seeds"])
print(disk.scan(["seeds/b"]).paths == DiskSource(sys.argv[1]).scan(["seeds/b"]).paths)
"""
    # What is written after it has begun may be in it; not so here, or the test says nothing.
    out = said(program.replace("open(sys", "time.sleep(0)\nopen(sys"), str(tmp_path))
    assert out.splitlines()[1:] == ["True 1", "True"]


def test_one_processor_walks_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("")
    monkeypatch.setattr("seedkit.sources.source.cpu_count", lambda: 1)
    monkeypatch.setattr("seedkit.sources.source.prefetch", _fails)
    disk = DiskSource(str(tmp_path))
    disk.begin(["."])
    assert disk.scan(["."]).paths == ["a"]
