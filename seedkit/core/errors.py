"""What can go wrong with the run itself, as against with a seed.

A bad seed is a finding; a bad environment is one of these exceptions. Each carries the exit code
and, where there is one, the remedy that the command line prints after `help:`.

    SeedkitError            exit 2
    ├── UsageError          the command line asks for something that makes no sense
    ├── ConfigError         configuration or a format is wrong; carries the diagnostics
    └── EnvironmentFault    a permission, a full disk, a cache that can't be trusted
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedkit.core.diagnostic import Diagnostic

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_ERROR = 2
EXIT_BUG = 3
EXIT_INTERRUPTED = 130

FEWER = "use fewer processes with `--jobs 1`, or exclude the largest files"
_REMEDIES = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk: your quota is used up",
    errno.EFBIG: "allow larger files: `ulimit -f`",
    errno.EMFILE: "allow more open files: `ulimit -n`",
    errno.ENFILE: "close other programs: all together have too many files open",
    errno.EAGAIN: "use fewer processes with `--jobs 1`, or allow more: `ulimit -u`",
    errno.ENOMEM: FEWER,
}
_NO_THREAD = "can't start new thread"  # as Python says it
# Python does not notice that a limit or a full disk cuts what it compiles.
_CUT = "marshal data too short"
_COMPILED = "remove the folders `__pycache__` where seedkit is installed: files there are cut off"


class SeedkitError(Exception):
    """Ends the run with exit code 2, a message and perhaps a remedy."""

    def __init__(self, message: str, *, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class UsageError(SeedkitError):
    """The command line can't be carried out as given."""


class EnvironmentFault(SeedkitError):
    """The machine refuses: permissions, disk, an untrusted cache."""


class ConfigError(SeedkitError):
    """Configuration or formats are wrong; `diagnostics` says where, each with its remedy."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("the configuration is not valid")
        self.diagnostics = list(diagnostics)
        self.root: str | None = None  # of the corpus, if it is known
        self.read: Callable[[str], str | None] = lambda path: None  # for excerpts, if it is known


def used_up(error: OSError) -> bool:
    """Tell whether this process lacks something: then the error says nothing about a file."""
    return error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


def remedy(error: BaseException) -> str | None:
    """Return what to do about an error that is the system's, or was raised because of such a one.

    None if there is no telling: then it may be a bug.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _REMEDIES:
            return _REMEDIES[cause.errno]
        if isinstance(cause, RuntimeError) and str(cause) == _NO_THREAD:
            return _REMEDIES[errno.EAGAIN]
        if isinstance(cause, EOFError) and str(cause) == _CUT:
            return _COMPILED
        cause = cause.__cause__ or cause.__context__
    return None
