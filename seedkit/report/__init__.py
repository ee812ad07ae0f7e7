"""What findings look like, to people and to programs: one module per output format.

A renderer turns a `CheckReport` into chunks of text. It prints nothing, decides nothing, and sees
only what it is given. To add a format of `check`: one module and one line in `RENDERERS`.

How the paths of a corpus are shown: relative to the reader's working directory.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple, Protocol, cast

from seedkit.core.diagnostic import Diagnostic, Place, Severity
from seedkit.core.errors import UsageError
from seedkit.core.skipped import Skipped
from seedkit.core.text import visible


class Paths(NamedTuple):
    """Turns paths relative to the root into paths relative to a folder; as they are by default.

    `inside` is that folder, if it lies in the corpus; `before` is what comes before each path, if
    it does not. `kept` are names of no file of the corpus: they stay as the user gave them.
    """

    inside: str = ""
    before: str = ""
    kept: frozenset[str] = frozenset()

    def of(self, path: str) -> str:
        """Return the path, exactly as an open call from that folder would need it."""
        if path in self.kept or path.startswith("--"):  # an option, which a setting came from
            return path
        if not self.inside:
            return self.before + path
        if path.startswith(f"{self.inside}/"):
            return path[len(self.inside) + 1 :]
        return posixpath.relpath(path or ".", self.inside)

    def shown(self, path: str) -> str:
        """Return the path, safe on a terminal and in a log."""
        return visible(self.of(path))

    def location(self, place: Place) -> str:
        """Return `path:line:column`, or just the path for a whole file, safe on a terminal."""
        path = self.shown(place.path)
        return path if place.start is None else f"{path}:{place.start.line}:{place.start.column}"


def paths_from(root: str, folder: str) -> Paths:
    """Return how the paths of a corpus at `root` are written for a reader in `folder`.

    Both are absolute, without links. A reader neither in the corpus nor in a folder around it gets
    absolute paths.
    """
    if root == folder:
        return Paths()
    try:
        common = os.path.commonpath((root, folder))
    except ValueError:  # on different drives
        common = ""
    if common == root:
        return Paths(inside=os.path.relpath(folder, root).replace(os.sep, "/"))
    if common == folder:
        return Paths(before=os.path.relpath(root, folder).replace(os.sep, "/") + "/")
    return Paths(before=root.rstrip(os.sep).replace(os.sep, "/") + "/")


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
