"""What `seedkit search` does: ask, and show what is found.

While the seeds are still being looked at, the index is asked already; the answer is good if they
turn out to be as they were.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, Final

from seedkit.cli.common import why_no_seeds
from seedkit.cli.output import Progress, is_terminal, note, show, style_for
from seedkit.cli.paths import skipped_in
from seedkit.core.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError
from seedkit.core.languages import spoken_language
from seedkit.core.skipped import describe, what_it_is
from seedkit.core.text import other_form, plural, shorten, visible
from seedkit.corpus.facts import skipped_of
from seedkit.report.search import HITS, SearchReport, load_renderer, summary
from seedkit.search.find import Request
from seedkit.search.session import Session
from seedkit.search.values import order
from seedkit.search.words import fold, name_key

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.cli.opening import Opening
    from seedkit.core.skipped import Skipped
    from seedkit.corpus.workspace import Workspace
    from seedkit.search.model import Answer

_IN_A_PIPE: Final = 300  # characters of a line
_NARROWEST: Final = 40
_PLACE: Final = 12  # cells for line and column
_NO_SEEDS: Final = ("symbolic-link", "special-file")  # what nobody takes for a text


def run(args: Namespace, opening: Opening, started: float) -> int:
    """Search the corpus; return the exit code. `started` is when that was asked for."""
    workspace = opening.workspace
    progress = Progress(quiet=args.quiet, what="Indexing")

    def say(text: str) -> None:
        progress.clear()
        note(f"seedkit search: note: {visible(text)}")

    engine = args.engine or workspace.config.engine
    spoken = spoken_language(os.environ)
    session = Session(workspace, opening.folder, engine, progress, say, spoken)
    try:
        answer = _answer(args, opening, session)
    finally:
        progress.clear()
        workspace.close()
    if not workspace.seed_count and not args.no_refresh:
        answer = answer._replace(notes=(*answer.notes, why_no_seeds(workspace)[0]))
    if args.no_refresh:
        workspace.assume()  # so that it is known what was skipped
    took = round((time.perf_counter() - started) * 1000)
    report = SearchReport(
        workspace.root,
        answer,
        _limit(args),
        took,
        explain=args.explain,
        quiet=args.quiet,
        skipped=skipped_in(workspace),
    )
    _show(args, report)
    if not args.quiet:
        _remark(args, report)
    elif not answer.total:  # which would look like certainty
        _note_skipped(report, but=_NO_SEEDS)
    return EXIT_CLEAN if answer.total else EXIT_FINDINGS


def _answer(args: Namespace, opening: Opening, session: Session) -> Answer:
    workspace = opening.workspace
    if args.no_refresh:
        return session.answer_as_it_is(_request(args, session))
    collapsing = not (args.paths or args.count)
    optimistic = None
    if args.like is None and args.sort is None and workspace.assume():
        optimistic = session.optimistic_answer(_request(args, session), collapsing=collapsing)
    if opening.settle() and optimistic is not None:
        return optimistic
    return session.answer(_request(args, session), collapsing=collapsing)


def _request(args: Namespace, session: Session) -> Request:
    workspace = session.workspace
    by, field = (None, "") if args.sort is None else _order(session, args.sort)
    return Request(
        query=" ".join(args.query),
        like=_like(args, workspace),
        limit=_hits(args),
        order=by,
        field=field,
        facets=tuple(dict.fromkeys(args.facets)),
        explain=args.explain,
        width=_width(style_for(sys.stdout).width),
    )


def _limit(args: Namespace) -> int | None:
    """How much to show, None for all. Of paths, which programs read, none is left out."""
    if args.limit is None:
        return None if args.paths else HITS
    return args.limit or None


def _hits(args: Namespace) -> int | None:
    """How many hits to show, None for all."""
    counting = args.count or (args.facets and args.format == "text")
    return 0 if counting else _limit(args)


def _width(terminal: int | None) -> int:
    """How many characters of a line to show: what a terminal has room for next to its place."""
    return _IN_A_PIPE if terminal is None else max(_NARROWEST, terminal - _PLACE)


def _like(args: Namespace, workspace: Workspace) -> str | None:
    """The seed that hits are to be like."""
    if args.like is None:
        return None
    from seedkit.cli.paths import named_paths

    (path,) = named_paths([args.like], workspace.root)
    row = workspace.row(path)
    if row is None:
        form = other_form(path, workspace.paths)
        raise UsageError(f"--like: `{shorten(args.like)}` is no seed of this corpus{form}")
    skipped = skipped_of(row.findings)
    if skipped is not None:
        raise UsageError(f"--like: `{shorten(args.like)}` is not searched: {what_it_is(skipped)}")
    return path


def _order(session: Session, key: str) -> tuple[Callable[[str], Any] | None, str]:
    """What paths are sorted by, or the field that records are; neither for the score."""
    workspace = session.workspace
    files = workspace.signatures
    orders: dict[str, Callable[[str], Any] | None] = {
        "score": None,
        "path": lambda path: 0,  # which is what decides among equals
        "size": lambda path: -files[path].size,
        "mtime": lambda path: -files[path].mtime_ns,
    }
    if key in orders:
        return orders[key], ""
    groups = workspace.group_names()
    if key in groups:
        return _by_group(workspace, key), ""
    fields = session.fields.sections | session.fields.values
    field = name_key(key)
    if field in fields:
        return None, field
    known = ", ".join((*orders, *sorted({*groups, *fields} - orders.keys())))
    raise UsageError(
        f"--sort: `{shorten(key)}` is neither an order nor a field", help=f"there are {known}"
    )


def _by_group(workspace: Workspace, key: str) -> Callable[[str], Any]:
    """What paths are sorted by, as a part of their names."""
    from seedkit.corpus.facts import unpack_groups

    def part(path: str) -> tuple[bool, Any]:
        row = workspace.row(path)
        value = unpack_groups(row.groups).get(key, "") if row is not None else ""
        return not value, order(fold(value))

    return part


def _show(args: Namespace, report: SearchReport) -> None:
    style = style_for(sys.stdout, args.color, report.root)
    if args.count:
        show([f"{report.answer.total}\n"])
    elif args.nul:
        from seedkit.report.search.paths import render_nul

        show(render_nul(report, style))
    else:
        chunks = load_renderer(args.format)(report, style)
        show(chunks, raw=args.format == "json", color=style.color)


def _remark(args: Namespace, report: SearchReport) -> None:
    """Say on stderr what a user should know of the answer."""
    answer = report.answer
    for remark in answer.notes:
        note(f"seedkit search: note: {visible(remark)}")
    _note_skipped(report)
    if not answer.total:
        note(f"seedkit search: {_nothing(report)}")
        for word in filter(_is_path, args.query):
            remedy = "`path:` before a word of it narrows the search"
            note(f"  help: `{shorten(word)}` was searched for as text, not as a PATH: {remedy}")
        return
    if answer.suggestion is not None:
        words = _either(answer.suggestion.instead)
        note(f"seedkit search: note: no seed has {words} as it is written{_instead(answer)}")
    if _hits(args) and args.format == "text" and not is_terminal(sys.stdout) and summary(report):
        note(f"seedkit search: {summary(report)}")


def _is_path(word: str) -> bool:
    """Tell whether a word of the query was rather meant as a file or folder, as for grep."""
    try:
        return os.path.lexists(word)
    except ValueError:
        return False


def _note_skipped(report: SearchReport, but: Collection[Skipped] = ()) -> None:
    """Say how many files were not searched, but for those of some kinds."""
    skipped = {reason: count for reason, count in report.skipped.items() if reason not in but}
    if skipped:
        note(f"seedkit search: note: {describe(skipped)}")


def _nothing(report: SearchReport) -> str:
    """Why there are no hits, and what may have been meant."""
    answer = report.answer
    said = "no hits in the seeds that were searched" if report.skipped else "no hits"
    if answer.missing:
        seed = "no seed that was searched" if report.skipped else "no seed"
        said = f"{seed} has {_either(answer.missing)}"
    return said + _instead(answer)


def _either(words: Iterable[str]) -> str:
    return " or ".join(f"`{shorten(word)}`" for word in words)


def _instead(answer: Answer) -> str:
    """What may have been meant."""
    if answer.suggestion is None:
        return ""
    query, hits, _ = answer.suggestion
    return f"; did you mean `{shorten(query)}` ({plural(hits, 'hit')})?"
