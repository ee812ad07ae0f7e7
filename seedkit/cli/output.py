"""What can the terminal show? Colour, width, progress: decided here and nowhere else."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TextIO

from seedkit.report import Style


def style_for(stream: TextIO, color: str = "auto") -> Style:
    """Return what the stream can show; `color` is `auto`, `always` or `never`."""
    terminal = stream.isatty()
    use = _environment_color(terminal) if color == "auto" else color == "always"
    width = shutil.get_terminal_size((100, 24)).columns if terminal else None
    encoding = (stream.encoding or "").lower().replace("-", "")
    return Style(color=use, width=width, unicode=encoding == "utf8")


def error_style() -> Style:
    """Return what stderr can show."""
    return style_for(sys.stderr)


def write(text: str, *, raw: bool = False) -> None:
    """Write to stdout; `raw` output is UTF-8 whatever the terminal's encoding."""
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    else:
        sys.stdout.write(text)


def _environment_color(terminal: bool) -> bool:
    """NO_COLOR beats FORCE_COLOR, which beats the terminal; empty variables do not count."""
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE")
    if forced:
        return forced != "0"
    return terminal and os.environ.get("TERM") != "dumb"


class Progress:
    """A line on stderr while many seeds are analysed: how many, of how many, how fast.

    Nothing is shown in a pipe, in a hook, or before half a second has passed.
    """

    def __init__(self, *, quiet: bool) -> None:
        hook = bool(os.environ.get("PRE_COMMIT"))
        self._active = sys.stderr.isatty() and not quiet and not hook
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
        sys.stderr.write(
            f"\r\x1b[KChecking {done:,} of {total:,} seeds, {rate:,.0f} a second{left}"
        )
        sys.stderr.flush()

    def clear(self) -> None:
        """Remove the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = 0.0
