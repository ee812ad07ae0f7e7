"""How worker processes are made: without interruption, and not to outlive their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from seedkit.core.processes import in_processes, uninterrupted

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_the_end(number: signal.Signals) -> None:
    class Came(Exception):
        pass

    def handle(number: int, frame: object) -> None:
        raise Came

    before = signal.signal(number, handle)
    done = []
    try:
        with pytest.raises(Came), uninterrupted():
            os.kill(os.getpid(), number)
            done.append("all of it")
        assert done == ["all of it"]
        assert signal.getsignal(number) is handle
        with uninterrupted():
            pass
    finally:
        signal.signal(number, before)


@posix
def test_an_error_is_not_lost() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="mine"), uninterrupted():
        raise ValueError("mine")
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_have_no_signals_to_wait_with() -> None:
    done = []

    def work() -> None:
        with uninterrupted():
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1]


ORPHANED = """
import os, sys, time
from multiprocessing import get_context
from seedkit.core.processes import begin

def work():
    begin()
    print(os.getpid(), flush=True)
    time.sleep(60)

if __name__ == "__main__":
    get_context("fork").Process(target=work).start()
    sys.stdin.read()
    os._exit(9)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux")
def test_a_worker_does_not_outlive_its_parent() -> None:
    """Its standard output is closed when it has ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", ORPHANED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert int(process.stdout.readline()) != process.pid
    process.communicate(timeout=20)
    assert process.returncode == 9


def doubler(by: int) -> Callable[[int], tuple[int, int]]:
    return lambda number: (number * by, os.getpid())


def test_results_come_in_order_from_processes_that_are_kept() -> None:
    made = list(in_processes(partial(doubler, 2), range(30), 2))
    assert [number for number, _ in made] == list(range(0, 60, 2))
    processes = {process for _, process in made}
    assert len(processes) <= 2
    assert os.getpid() not in processes


def test_no_more_is_begun_than_may_wait() -> None:
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(30):
            asked.append(number)
            yield number

    results = in_processes(partial(doubler, 1), items(), 2)
    assert next(results)[0] == 0
    assert asked == [0, 1, 2, 3, 4]
    results.close()  # ends them


def test_what_a_process_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_processes(partial(divider, 1), [1, 0], 1))


def divider(number: int) -> Callable[[int], float]:
    return lambda by: number / by
