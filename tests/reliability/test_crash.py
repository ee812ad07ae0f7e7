"""However seedkit ends, the next command is right, and nothing is left behind.

More rounds, and with more seeds: `python tests/support/crashes.py --help`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from seedkit.settings.engines import STORED
from support import syscalls
from support.crashes import COMMANDS, Crashes
from support.trouble import Trouble, folders_stay, wait_for_group

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")


@pytest.mark.parametrize("engine", STORED)
def test_killed_at_any_moment(engine: str, tmp_path: Path) -> None:
    pytest.importorskip(engine)
    crashes = Crashes(tmp_path, engine, chance=4)
    for command in COMMANDS[:3]:
        crashes.round(command, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ended_by_a_signal(number: signal.Signals, tmp_path: Path) -> None:
    """It says so in its exit code, and in a word at most."""
    crashes = Crashes(tmp_path, "whoosh", chance=int(number))
    for command in COMMANDS if number == signal.SIGINT else COMMANDS[:2]:
        crashes.round(command, number)


@linux
def test_workers_end_with_the_process_that_was_killed(tmp_path: Path) -> None:
    """Left alone they would wait for work without end, and hold the lock of the index."""
    trouble = Trouble(tmp_path, "whoosh", seeds=450)
    process = trouble.start("index", "--jobs", "2", "--engine", "whoosh")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    end = time.monotonic() + 30
    while not children.read_text():
        assert process.poll() is None and time.monotonic() < end, "it has no workers"
    process.kill()
    wait_for_group(process)
    trouble.assert_right()


@pytest.mark.skipif(not syscalls.available(), reason="strace can't be used here")
@pytest.mark.parametrize(("command", "engine"), [("index", "tantivy"), ("--rebuild", "whoosh")])
def test_any_part_of_a_commit(command: str, engine: str, tmp_path: Path) -> None:
    """What is on the disk after some of the operations, or what a failing machine leaves of it."""
    pytest.importorskip(engine)
    trouble = Trouble(tmp_path, engine)
    trouble.run("index", "--engine", engine)
    trouble.edit()
    before = trouble.files()
    options = [command] if command.startswith("-") else []
    operations = syscalls.record(trouble, "index", "--engine", engine, *options)
    after = {str(path): data for path, data in trouble.files().items()}
    replay = syscalls.Replay(trouble.cache, before, operations)
    assert replay.state(len(operations)) == after
    with folders_stay():
        for lost in ("", "missing", "zeros"):
            for _ in range(3):
                count = trouble.chance.randrange(len(operations) + 1)
                replay.bring(count, replay.state(count, lost))
                trouble.assert_right()
