"""Colour, width, progress, and streams that nobody reads."""

from __future__ import annotations

import io
import os
import sys

import pytest

from seedkit.cli.output import Progress, abandon, note, show, style_for
from seedkit.core.errors import EnvironmentFault
from seedkit.report import Style
from support.commandline import Stream


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS", "PRE_COMMIT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "in_pipe", "on_terminal"),
    [
        ({}, False, True),
        ({"TERM": "xterm"}, False, True),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, False, True),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": ""}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
    ],
)
def test_color(
    environment: dict[str, str],
    in_pipe: bool,
    on_terminal: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for terminal, expected in ((False, in_pipe), (True, on_terminal)):
        stream = Stream(terminal=terminal)
        assert style_for(stream).color == expected
        assert style_for(stream, "always").color
        assert not style_for(stream, "never").color


def test_width_and_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "123")
    assert style_for(Stream(terminal=True), "never") == Style(width=123)
    assert style_for(Stream(), "never") == Style(width=None)
    assert style_for(Stream(encoding="ascii"), "never") == Style(unicode=False)
    assert style_for(io.StringIO(), "never") == Style(unicode=False)  # it has no encoding


# -- progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("seedkit.cli.output.time.monotonic", clock)
    return clock


def test_progress(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(terminal=True)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("COLUMNS", "100")
    progress = Progress(quiet=False)
    progress(5, 40_000)  # too early
    clock.now += 1
    progress(2_000, 40_000)
    clock.now += 0.05
    progress(3_000, 40_000)  # too soon after the last
    clock.now += 0.95
    monkeypatch.setenv("COLUMNS", "30")
    progress(5_000, 40_000)
    progress.clear()
    progress.clear()
    assert stream.text().split("\r\x1b[K") == [
        "",
        "Checking 2,000 of 40,000 seeds, 2,000 a second, 19 s left",
        "Checking 5,000 of 40,000 seed",
        "",
    ]


def test_progress_without_any(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(terminal=True)
    monkeypatch.setattr("sys.stderr", stream)
    progress = Progress(quiet=False)
    clock.now += 1
    progress(0, 10)
    assert stream.text() == "\r\x1b[KChecking 0 of 10 seeds, 0 a second"


@pytest.mark.parametrize(
    ("terminal", "quiet", "environment"),
    [
        (False, False, {}),
        (True, True, {}),
        (True, False, {"PRE_COMMIT": "1"}),
        (True, False, {"TERM": "dumb"}),
    ],
)
def test_no_progress(
    terminal: bool,
    quiet: bool,
    environment: dict[str, str],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = Stream(terminal=terminal)
    monkeypatch.setattr("sys.stderr", stream)
    progress = Progress(quiet=quiet)
    clock.now += 1
    progress(2_000, 40_000)
    progress.clear()
    assert stream.text() == ""


# -- streams that fail


class Failing(io.RawIOBase):
    """A file that fails to take anything."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error: OSError | None = error

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        if self.error is None:
            return len(bytes(data))  # type: ignore[call-overload]
        raise self.error


def failing(error: OSError, *, terminal: bool = False) -> tuple[io.TextIOWrapper, Failing]:
    raw = Failing(error)
    stream = io.TextIOWrapper(io.BufferedWriter(raw), write_through=True)
    if terminal:
        stream.isatty = lambda: True  # type: ignore[method-assign]
    return stream, raw


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, raw = failing(OSError(28, "No space left on device"))
    monkeypatch.setattr("sys.stdout", stream)
    with pytest.raises(EnvironmentFault) as caught:
        show(["x" * 100_000])
    assert caught.value.message == "the output can't be written: no space left on device"
    with pytest.raises(EnvironmentFault):
        show(["{}"], raw=True)
    raw.error = None


def test_a_reader_that_left(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, raw = failing(BrokenPipeError(32, "Broken pipe"))
    monkeypatch.setattr("sys.stdout", stream)
    seen = []
    show(seen.append(n) or "x" * 100_000 for n in range(5))  # type: ignore[func-returns-value]
    assert seen == [0]
    raw.error = None


def test_nobody_reads_the_notes(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream, raw = failing(BrokenPipeError(32, "Broken pipe"), terminal=True)
    monkeypatch.setattr("sys.stderr", stream)
    note("careful")
    progress = Progress(quiet=False)
    clock.now += 1
    progress(1, 2)
    progress.clear()
    raw.error = None


def test_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as reader, open(writing, "w") as stream:
        stream.write("first")
        stream.flush()
        stream.write("second")
        abandon(stream)
        stream.write("third")
        stream.flush()
        assert reader.read() == b"first"
    closed = io.StringIO()
    closed.close()
    abandon(closed)  # has no file, and never had
    assert sys.stdout is not None
