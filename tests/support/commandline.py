"""Runs the command in this process, as a user would, and returns what was said."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from seedkit.cli import main


class Ran(NamedTuple):
    """How a run ended, and what it wrote."""

    code: int
    out: str
    err: str


class Stream(io.TextIOWrapper):
    """A stream in memory; `terminal` says what it takes itself for."""

    def __init__(self, *, terminal: bool = False, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors="strict", newline="")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        self.flush()
        raw = self.buffer
        assert isinstance(raw, io.BytesIO)
        return raw.getvalue().decode()


def seedkit(
    *arguments: str,
    cwd: Path | None = None,
    stdin: bytes | None = b"",
    terminal: bool = False,
    kind: str = "xterm",
    encoding: str = "utf-8",
) -> Ran:
    """Run `seedkit ARGUMENTS` in a folder, in a pipe or at a terminal of some kind."""
    out, err = (Stream(terminal=terminal, encoding=encoding) for _ in range(2))
    given = None if stdin is None else io.TextIOWrapper(io.BytesIO(stdin))
    before = sys.stdin
    folder = contextlib.nullcontext() if cwd is None else contextlib.chdir(cwd)
    said = mock.patch.dict(os.environ, {"TERM": kind})
    with folder, said, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            sys.stdin = given  # it may be closed
            code = main(list(arguments))
        finally:
            sys.stdin = before
    return Ran(code, out.text(), err.text())


def ran(out: str = "", err: str = "", code: int = 0) -> Ran:
    """What a run is expected to be."""
    return Ran(code, out, err)


# Two seeds: one as it should be, and one with two faults, that --fix can fix.
DEMO = {
    "seedkit.toml": "",
    "INDEX.md": "# Seeds\n\n- [a](seeds/a.txt)\n",
    "schemas/note.toml": (
        'extends = "builtin:plain"\nfiles = ["seeds/**"]\n[file]\nfinal_newline = "require"\n'
    ),
    "seeds/a.txt": "The tide comes in.\n",
    "seeds/b.txt": "A lamp in the window",
}
CLEAN = {
    **DEMO,
    "INDEX.md": "# Seeds\n\n- [a](seeds/a.txt)\n- [b](seeds/b.txt)\n",
    "seeds/b.txt": "A lamp in the window\n",
}
