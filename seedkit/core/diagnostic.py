"""What a finding is: a rule, a severity, a message, a place, perhaps other places and a fix.

These are values: they neither read nor print. A `Finding` is what a rule says about one text, in
code points; a `Diagnostic` is the same with a path and positions, ready for any report.

Findings about two seeds, as seen from the one that is new: the other is right as it is.
"""

from __future__ import annotations

from collections.abc import Container
from enum import StrEnum
from typing import NamedTuple

from seedkit.core.text import visible


class Severity(StrEnum):
    """How bad: errors and warnings make the run exit 1, infos do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Applicability(StrEnum):
    """Whether a fix may be applied unasked (safe), on request (unsafe), or only be shown."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY_ONLY = "display-only"


class Position(NamedTuple):
    """A place between two characters: line and column from 1, offset from 0 in UTF-8 bytes."""

    line: int
    column: int
    offset: int


class Place(NamedTuple):
    """A file and a half-open span in it; without a span, the whole file."""

    path: str
    start: Position | None = None
    end: Position | None = None


class Related(NamedTuple):
    """Another place that the finding is about, and what is there."""

    place: Place
    message: str


class Edit(NamedTuple):
    """Replace the span of `place` by `text`; a place without a span is a new file."""

    place: Place
    text: str


class Fix(NamedTuple):
    """Edits that fix a finding. `title` is an imperative phrase."""

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability = Applicability.SAFE


class Diagnostic(NamedTuple):
    """One finding at one place. `fingerprint` names it independently of where it stands.

    `about` are paths that it is about, there or gone, other than those of its places.
    """

    rule: str
    severity: Severity
    message: str
    place: Place
    help: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    fingerprint: str = ""
    involved: tuple[str, ...] = ()

    def without_fix(self) -> Diagnostic:
        """Return the same diagnostic with no fix."""
        return self._replace(fix=None)


def sort_key(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    """Order diagnostics by path, then place, then rule: the same whatever found them first."""
    start = diagnostic.place.start
    return (
        diagnostic.place.path,
        -1 if start is None else start.offset,
        0 if diagnostic.place.end is None else diagnostic.place.end.offset,
        diagnostic.rule,
        diagnostic.message,
    )


def fingerprint(rule_name: str, subject: str) -> str:
    """Name a finding by its rule and what it is about, not by where that stands."""
    import hashlib  # which a hook with nothing to do never needs

    data = f"{rule_name}\0{subject}".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def involves(found: Diagnostic, new: Container[str]) -> bool:
    """Tell whether a finding is about one of the new seeds.

    One at another seed is if it names the new one; else it only says where the other one stands.
    """
    named = (found.place.path, *found.involved, *(related.place.path for related in found.related))
    paths = [path for path in named if path in new]
    if found.place.path in new or not found.related:
        return bool(paths)
    return any(f"`{visible(path)}`" in found.message for path in paths)


def seen_from(found: Diagnostic, new: Container[str]) -> Diagnostic:
    """Return a finding turned round so that it is at the new seed, if it is at another one."""
    here = next((each for each in found.related if each.place.path in new), None)
    if found.place.path in new or here is None:
        return found
    old, path = visible(found.place.path), visible(here.place.path)
    if " of the seed " in found.message:  # contained: this alone is not the same both ways
        message = found.message.replace("the seed", f"`{old}`").replace(f"`{path}`", "this text")
    else:
        message = found.message.replace(f"`{path}`", f"`{old}`")
    others = tuple(each for each in found.related if each is not here)
    related = (Related(found.place, "the other"), *others)
    return found._replace(message=message, place=here.place, related=related)
