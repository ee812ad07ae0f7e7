"""What `add` shows: what was added, or what was found about the texts as the user knows them.

The path that a text would get does not exist yet, so findings name the file that the user gave.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from seedkit.diagnostic import Applicability, Diagnostic, Place, Related
from seedkit.report import CheckReport, Style, load_renderer
from seedkit.text import visible

_HELP = "leave it out, or add it all the same with --ignore {0}"


class Added(NamedTuple):
    """A text that was added: what the user called it, its path in the corpus, its format."""

    given: str
    path: str
    format: str


class AddReport(NamedTuple):
    """What `add` did, or would do in a `rehearsal`, or what keeps it from that.

    `listed` are the indexes that changed. `diagnostics` are as `seen_from` has them; `read` returns
    the text of a file that they name.
    """

    root: str
    added: Sequence[Added]
    listed: Sequence[str]
    diagnostics: Sequence[Diagnostic]
    read: Callable[[str], str | None]
    rehearsal: bool = False
    quiet: bool = False


def render(report: AddReport, name: str, style: Style) -> Iterator[str]:
    """Return the report for people, its findings as the renderer of that name has them."""
    if report.diagnostics:
        found = CheckReport(report.root, report.diagnostics, 0, report.read, quiet=True)
        yield from load_renderer(name)(found, style)
    elif not report.quiet:
        yield from _sentences(report)


def _sentences(report: AddReport) -> Iterator[str]:
    verb = "Would add" if report.rehearsal else "Added"
    for each in report.added:
        yield f"{verb} {visible(each.path)} ({each.format})\n"
    if report.listed:
        listed = " and ".join(map(visible, report.listed))
        yield f"{'Would list' if report.rehearsal else 'Listed'} in {listed}\n"


def seen_from(found: Diagnostic, given: Mapping[str, str]) -> Diagnostic:
    """Return a finding as one about the new text, under the name that the user gave.

    `given` has that name by the path that the text would get. A finding at an old seed that is
    about a new text is turned round: the old seed is right as it is.
    """
    turned = found if found.place.path in given else _turned(found, given)
    help = turned.help
    if found.rule.startswith("repeat/"):
        help = _HELP.format(found.rule)
    fix = turned.fix
    if fix is not None and fix.applicability is not Applicability.SAFE:
        fix = None  # `add --fix` applies safe ones only
    if fix is not None:
        edits = tuple(e._replace(place=_named(e.place, given)) for e in fix.edits)
        fix = fix._replace(edits=edits)
    return turned._replace(
        message=_renamed(turned.message, given),
        place=_named(turned.place, given),
        help=None if help is None else _renamed(help, given),
        related=tuple(r._replace(place=_named(r.place, given)) for r in turned.related),
        fix=fix,
    )


def is_about(found: Diagnostic, given: Container[str]) -> bool:
    """Tell whether a finding at another file is about one of the new texts.

    One at an old seed is if it names the text; else it only says where the old seed stands.
    """
    named = (found.place.path, *found.about, *(related.place.path for related in found.related))
    paths = [path for path in named if path in given]
    if found.place.path in given or not found.related:
        return bool(paths)
    return any(f"`{visible(path)}`" in found.message for path in paths)


def _turned(found: Diagnostic, given: Mapping[str, str]) -> Diagnostic:
    new = next((each for each in found.related if each.place.path in given), None)
    if new is None:
        return found
    old, path = visible(found.place.path), visible(new.place.path)
    if found.rule == "repeat/contained-seed":  # the one that is not the same both ways
        message = found.message.replace("the seed", f"`{old}`").replace(f"`{path}`", "this text")
    else:
        message = found.message.replace(f"`{path}`", f"`{old}`")
    others = tuple(each for each in found.related if each is not new)
    related = (Related(found.place, "the other"), *others)
    return found._replace(message=message, place=new.place, related=related)


def _named(place: Place, given: Mapping[str, str]) -> Place:
    return place._replace(path=given.get(place.path, place.path))


def _renamed(text: str, given: Mapping[str, str]) -> str:
    for path, name in given.items():
        text = text.replace(f"`{visible(path)}`", f"`{visible(name)}`")
    return text
