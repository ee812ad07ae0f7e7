"""What can go wrong with the run itself, as against with a seed.

A bad seed is a finding; a bad environment is one of these exceptions. Each carries the exit code
and, where there is one, the remedy that the command line prints after `help:`.

    SeedkitError            exit 2
    ├── UsageError          the command line asks for something that makes no sense
    ├── ConfigError         configuration or a format is wrong; carries the diagnostics
    └── EnvironmentFault    a permission, a full disk, a cache that can't be trusted
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedkit.diagnostic import Diagnostic

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_ERROR = 2
EXIT_BUG = 3
EXIT_INTERRUPTED = 130


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
