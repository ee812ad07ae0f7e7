"""What findings look like, to people and to programs: one module per output format.

A renderer turns a `CheckReport` into chunks of text. It prints nothing, decides nothing, and sees
only what it is given. To add a format: one module and one line in `RENDERERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple, Protocol, cast

from seedkit.core.diagnostic import Diagnostic, Severity
from seedkit.core.errors import UsageError
from seedkit.core.skipped import Skipped
from seedkit.report.paths import Paths

BOLD = "1"
DIM = "2"
CYAN = "1;36"
SEVERITY_INK: Mapping[Severity, str] = {
    Severity.ERROR: "1;31",
    Severity.WARNING: "1;33",
    Severity.INFO: "1;36",
}


class CheckReport(NamedTuple):
    """What a `check` run produced, its diagnostics sorted.

    `seeds` and `others` count the seeds and other files that were looked at: of those that the user
    named, if any. `hidden` findings were left out by --max-findings; `baselined` ones the baseline
    accepts; `known` ones were there before. None of them are among `diagnostics`; `everything` has
    the hidden ones too. `read` returns the decoded text of a file of the corpus, or None; renderers
    call it at most once per file, and only for what they show. `quiet` leaves the summary out.
    `stopped`: the findings are errors of the configuration, so nothing else was looked at.
    `folder` is where the corpus lies in its repository, "" for the whole of it. `say` takes what a
    user should know of the report itself: that a platform takes no more, and what was left out.
    `skipped` counts what was not looked into, by reason.
    """

    root: str
    diagnostics: Sequence[Diagnostic]
    seeds: int
    read: Callable[[str], str | None]
    hidden: int = 0
    baselined: int = 0
    known: int = 0
    everything: Sequence[Diagnostic] = ()
    quiet: bool = False
    folder: str = ""
    others: int = 0
    stopped: bool = False
    say: Callable[[str], object] = lambda line: None
    skipped: Mapping[Skipped, int] = MappingProxyType({})

    @property
    def counted(self) -> Sequence[Diagnostic]:
        """Return what a summary counts: the hidden findings too, where they are known."""
        return self.everything or self.diagnostics


class Style(NamedTuple):
    """What the output can show: `color` is ANSI, `width` is a terminal's or None where there is
    none, `unicode` tells whether the encoding has characters such as `…`. `paths` writes paths."""

    color: bool = False
    width: int | None = None
    unicode: bool = True
    paths: Paths = Paths()

    @property
    def ellipsis(self) -> str:
        """Return the mark for what is left out."""
        return "…" if self.unicode else "..."

    def paint(self, ink: str, text: str) -> str:
        """Return the text in that ink (ANSI SGR parameters), or as it is without colour."""
        return f"\x1b[{ink}m{text}\x1b[0m" if self.color and text else text


class Renderer(Protocol):
    """Turns a report into text, in chunks that end with a newline."""

    def __call__(self, report: CheckReport, style: Style) -> Iterator[str]: ...


# Named, not imported: `--format concise` must not pay for pydantic.
RENDERERS: Mapping[str, str] = {
    "full": "seedkit.report.check.full:render",
    "concise": "seedkit.report.check.concise:render",
    "json": "seedkit.report.check.json:render",
    "sarif": "seedkit.report.check.sarif:render",
    "github": "seedkit.report.check.github:render",
    "gitlab": "seedkit.report.check.gitlab:render",
    "junit": "seedkit.report.check.junit:render",
    "statistics": "seedkit.report.check.statistics:render",
}


def load_renderer(name: str) -> Renderer:
    """Return the renderer of that name; raises UsageError if there is none."""
    target = RENDERERS.get(name)
    if target is None:
        known = ", ".join(RENDERERS)
        raise UsageError(f"unknown output format `{name}`", help=f"the formats are {known}")
    module, function = target.split(":")
    return cast(Renderer, getattr(import_module(module), function))
