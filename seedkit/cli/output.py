"""Writes to the terminal: colour, width, progress and broken pipes are dealt with here only."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from seedkit.core.errors import ConfigError, EnvironmentFault
from seedkit.core.text import harmless, plural

if TYPE_CHECKING:
    from seedkit.report import Paths, Style


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a person reads the stream where lines can be laid out.

    A terminal that calls itself dumb is a program: an editor, which wants what a pipe gets.
    """
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def style_for(stream: TextIO, color: str = "auto", root: str | None = None) -> Style:
    """Return what the stream can show; `color` is `auto`, `always` or `never`.

    The paths of a corpus at `root` are written relative to the working directory.
    """
    from seedkit.report import Style

    terminal = is_terminal(stream)
    use = _environment_color(terminal) if color == "auto" else color == "always"
    width = _terminal_size((100, 24)).columns if terminal else None
    encoding = (stream.encoding or "").lower().replace("-", "")
    return Style(color=use, width=width, unicode=encoding == "utf8", paths=paths_here(root))


def paths_here(root: str | None) -> Paths:
    """Return how the paths of a corpus at `root` are shown to the user of the command."""
    from seedkit.report import Paths, paths_from

    if root is None:
        return Paths()
    try:
        return paths_from(root, os.path.realpath(os.getcwd()))
    except OSError:  # the working directory is gone
        return Paths(before=f"{root}/")


def _terminal_size(fallback: tuple[int, int]) -> os.terminal_size:
    import shutil

    return shutil.get_terminal_size(fallback)


def _environment_color(terminal: bool) -> bool:
    """NO_COLOR beats FORCE_COLOR, which beats the terminal; empty variables do not count."""
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE")
    if forced:
        return forced != "0"
    return terminal


def show(chunks: Iterable[str | bytes], *, raw: bool = False, color: bool = False) -> None:
    """Write the chunks to stdout, made `harmless` to a terminal; `color` keeps the inks in them.

    `raw` ones, which programs read, are written as they are, in UTF-8 whatever the terminal's
    encoding; so are bytes.

    Stops where the reader leaves: `head` takes the first lines and goes. That is no reason for the
    run to end otherwise than if it had stayed. Raises `EnvironmentFault` for other failures.
    """
    try:
        for chunk in chunks:
            if isinstance(chunk, str) and not raw:
                sys.stdout.write(harmless(chunk, color=color))
                continue
            sys.stdout.flush()
            data = chunk.encode("utf-8", "backslashreplace") if isinstance(chunk, str) else chunk
            sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        abandon(sys.stdout)
    except OSError as error:
        abandon(sys.stdout)
        closed = isinstance(error, io.UnsupportedOperation)
        reason = "it is closed" if closed else (error.strerror or str(error)).lower()
        raise EnvironmentFault(f"the output can't be written: {reason}") from None


def note(line: str, *, color: bool = False) -> None:
    """Write a line to stderr, if there is anybody to read it; see `show`."""
    try:
        sys.stderr.write(f"{harmless(line, color=color)}\n")
        sys.stderr.flush()
    except OSError:
        abandon(sys.stderr)


def note_stopped(name: str, error: ConfigError) -> None:
    """Write to stderr that a command was stopped by errors in the configuration."""
    count = plural(len(error.diagnostics), "error")
    note(f"seedkit {name}: stopped by {count} in the configuration")


def abandon(stream: TextIO) -> None:
    """Send to nowhere what is in the stream's buffer and what is still to come.

    Otherwise Python would try to write it as it exits, and complain.
    """
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


class Progress:
    """A line on stderr while much is done with many seeds: how many, of how many, how fast.

    Nothing is shown in a pipe, in a hook, or before half a second has passed.
    """

    def __init__(self, *, quiet: bool, what: str = "Checking") -> None:
        self._what = what
        hook = bool(os.environ.get("PRE_COMMIT"))
        self._active = is_terminal(sys.stderr) and not quiet and not hook
        self._started = time.monotonic()
        self._shown = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Show the progress, at most ten times a second."""
        now = time.monotonic()
        if not self._active or now - self._started < 0.5 or now - self._shown < 0.1:
            return
        self._shown = now
        rate = done / (now - self._started)
        left = f", {(total - done) / rate:.0f} s left" if rate else ""
        self._line(f"{self._what} {done:,} of {total:,} seeds, {rate:,.0f} a second{left}")

    def clear(self) -> None:
        """Remove the line."""
        if self._shown:
            self._line("")
            self._shown = 0.0

    def _line(self, text: str) -> None:
        width = _terminal_size((80, 24)).columns
        try:
            sys.stderr.write(f"\r\x1b[K{text[: width - 1]}")
            sys.stderr.flush()
        except OSError:
            abandon(sys.stderr)
