"""`seedkit search`: what is where, the best first."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from seedkit.cli.common import cache_of, corpus_source, open_source
from seedkit.cli.options import Parser, number, one_of
from seedkit.cli.output import Progress, note, show, style_for
from seedkit.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError
from seedkit.report.search import RENDERERS, SearchReport, load_renderer, summary
from seedkit.search.find import Request
from seedkit.search.session import ENGINES, Session
from seedkit.text import plural, shorten, visible
from seedkit.workspace import Workspace

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.search.answer import Answer

_MOST = 1_000_000
_HITS = 10  # shown if nothing is said
_IN_A_PIPE = 300  # characters of a line
_NARROWEST = 40
_PLACE = 12  # cells for line and column
_SORTS: Final = ("score", "path", "size", "mtime")

# What makes no sense together; an option that is ignored in silence would be a trap.
_AGAINST: Final = (
    ("--count", ("-l", "-0", "--format", "--facets", "--explain", "--sort", "-n")),
    ("-l", ("--format", "--facets", "--explain")),
    ("-0", ("--format", "--facets", "--explain")),
    ("--no-refresh", ("--like", "--sort")),
)

_QUERIES = """\
Queries:
  mill river         both words, in any form: mills, rivers
  mill OR ferry      either; AND binds tighter than OR
  mill -ferry        without, or NOT ferry; on the command line behind --
  (mill OR ferry) x  groups
  "by the mill"      side by side, as they are written
  "mill ferry"~3     in any order, 3 words between them at most
  mil*  ferri~1      what begins so; what differs in one letter
  title:mill         in a section, or another field: path:b format:news
  number:10..20      in a range; 10.. is open
  mill^2             counts twice

Exit codes: 0 hits, 1 none, 2 usage or configuration."""


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit search`; return the exit code."""
    started = time.perf_counter()
    args = _parse(arguments)
    disk = corpus_source(args)
    folder = cache_of(args, disk.root)
    workspace = open_source(args, disk, folder, refresh=not args.no_refresh, watched=True)
    request = Request(
        query=" ".join(args.query),
        like=_like(args, workspace),
        limit=_hits(args),
        order=None if args.sort is None else _order(workspace, args.sort),
        facets=tuple(dict.fromkeys(args.facets)),
        explain=args.explain,
        width=_width(style_for(sys.stdout).width),
    )
    progress = Progress(quiet=args.quiet, what="Indexing")

    def say(text: str) -> None:
        progress.clear()
        note(f"seedkit search: note: {visible(text)}")

    engine = args.engine or workspace.settings.config.engine
    session = Session(workspace, folder, engine, progress, say)
    try:
        if args.no_refresh:
            answer = session.answer_as_it_is(request)
        else:
            answer = session.answer(request, folding=not (args.paths or args.count))
    finally:
        progress.clear()
        workspace.ledger.close()
    took = round((time.perf_counter() - started) * 1000)
    report = SearchReport(
        disk.root, answer, _limit(args), took, explain=args.explain, quiet=args.quiet
    )
    _show(args, report)
    if not args.quiet:
        _remark(args, report)
    return EXIT_CLEAN if answer.total else EXIT_FINDINGS


def _parse(arguments: Sequence[str]) -> Namespace:
    """The options. What comes after `--` is part of the query, whatever it begins with."""
    given = list(arguments)
    at = given.index("--") if "--" in given else len(given)
    options, rest = given[:at], given[at + 1 :]
    try:
        args = _parser().parse(options)
    except UsageError as error:
        left_out = next((each for each in options if re.match("-[^-]", each)), None)
        if rest or left_out is None:
            raise
        raise UsageError(
            error.message,
            help=f"a query with `{shorten(left_out)}` in it goes behind `--`: seedkit search -- …",
        ) from None
    args.query += rest
    _refuse_conflicts(args)
    args.format = args.format or ("paths" if args.list or args.nul else "text")
    args.paths = args.format == "paths"
    if not "".join(args.query).strip() and args.like is None:
        raise UsageError("there is no QUERY", help="see `seedkit search --help`")
    return args


def _parser() -> Parser:
    parser = Parser(
        "search",
        "QUERY …",
        "Find seeds by the words in them, the best first. The index follows every change\n"
        "of the seeds by itself.",
        {
            "mill river": "seeds with both words, in any form",
            "title:mill number:10..20": "in a section; by the file's name",
            "-- mill -river": "with one word and without the other",
            "-l mill | xargs wc": "just the paths, all of them",
        },
        _QUERIES,
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("query", metavar="QUERY", nargs="*", help="what to search for; see below")
    what = parser.add_argument_group("What to find")
    what.add_argument("--like", metavar="SEED", help="seeds with the same rare words as that one")
    what.add_argument(
        "--no-refresh", action="store_true", help="answer from the index as it is: may be stale"
    )
    what.add_argument(
        "--engine", metavar="NAME", type=one_of(*ENGINES),
        help=f"{', '.join(ENGINES[:-1])} or {ENGINES[-1]}; default: as configured",
    )  # fmt: skip
    output = parser.add_argument_group("Output")
    output.add_argument(
        "-n", metavar="N", type=number("hits", 0, _MOST), dest="limit",
        help=f"show at most N hits, 0 is all; default: {_HITS}, of paths all",
    )  # fmt: skip
    formats = tuple(RENDERERS)
    output.add_argument(
        "--format", metavar="NAME", type=one_of(*formats),
        help=f"{', '.join(formats[:-1])} or {formats[-1]}; default: text",
    )  # fmt: skip
    output.add_argument("-l", action="store_true", dest="list", help="the same as --format paths")
    output.add_argument(
        "-0", "--null", action="store_true", dest="nul",
        help="paths with a NUL behind each, for xargs -0",
    )  # fmt: skip
    output.add_argument("--count", action="store_true", help="print the number of hits only")
    output.add_argument(
        "--sort", metavar="KEY",
        help="score, path, size, mtime, or a part of file names such as number; the largest and "
        "latest first",
    )  # fmt: skip
    output.add_argument(
        "--facets", metavar="FIELD", action="append", default=[],
        help="count the hits by the values of a field: format, path, …",
    )  # fmt: skip
    output.add_argument(
        "--explain", action="store_true", help="show how the query was read, and scores"
    )
    return parser


def _refuse_conflicts(args: Namespace) -> None:
    given = {
        "-l": args.list, "-0": args.nul, "--format": args.format, "--count": args.count,
        "--facets": args.facets, "--explain": args.explain, "--sort": args.sort,
        "-n": args.limit is not None, "--no-refresh": args.no_refresh, "--like": args.like,
    }  # fmt: skip
    for option, others in _AGAINST:
        for other in others:
            if given[option] and given[other]:
                raise UsageError(f"{option} can't be combined with {other}")


def _limit(args: Namespace) -> int | None:
    """How much to show, None for all. Of paths, which programs read, none is left out."""
    if args.limit is None:
        return None if args.paths else _HITS
    return args.limit or None


def _hits(args: Namespace) -> int | None:
    """How many hits to show, None for all."""
    counting = args.count or (args.facets and args.format == "text")
    return 0 if counting else _limit(args)


def _width(terminal: int | None) -> int:
    """How many characters of a line to show: what a terminal has room for beside its place."""
    return _IN_A_PIPE if terminal is None else max(_NARROWEST, terminal - _PLACE)


def _like(args: Namespace, workspace: Workspace) -> str | None:
    """The seed that hits are to be like."""
    if args.like is None:
        return None
    from seedkit.cli.paths import named_paths

    (path,) = named_paths([args.like], workspace.source.root)
    if workspace.row(path) is None:
        raise UsageError(f"--like: `{shorten(args.like)}` is no seed of this corpus")
    return path


def _order(workspace: Workspace, key: str) -> Callable[[str], Any] | None:
    """What paths are sorted by, None for the score."""
    files = workspace.scan.files
    if key == "score":
        return None
    if key == "path":
        return lambda path: 0  # which is what decides among equals
    if key == "size":
        return lambda path: -files[path].size
    if key == "mtime":
        return lambda path: -files[path].mtime_ns
    names = sorted(workspace.group_names())
    if key not in names:
        known = ", ".join((*_SORTS, *names))
        raise UsageError(
            f"--sort: `{shorten(key)}` is neither an order nor a part of file names",
            help=f"there are {known}",
        )

    from seedkit.facts import unpack_groups

    def part(path: str) -> tuple[bool, int, str]:
        row = workspace.row(path)
        value = unpack_groups(row.groups).get(key, "") if row is not None else ""
        number = int(value) if value.isascii() and value.isdigit() else 0
        return not value, number, value

    return part


def _show(args: Namespace, report: SearchReport) -> None:
    if args.count:
        show([f"{report.answer.total}\n"])
    elif args.nul:
        from seedkit.report.search_paths import render_nul

        show(render_nul(report))
    else:
        chunks = load_renderer(args.format)(report, style_for(sys.stdout, args.color))
        show(chunks, raw=args.format == "json")


def _remark(args: Namespace, report: SearchReport) -> None:
    """Say on stderr what a user should know of the answer."""
    answer = report.answer
    for remark in answer.notes:
        note(f"seedkit search: note: {visible(remark)}")
    if not answer.total:
        note(f"seedkit search: {_nothing(answer)}")
    elif _hits(args) and args.format == "text" and not sys.stdout.isatty() and summary(report):
        note(f"seedkit search: {summary(report)}")


def _nothing(answer: Answer) -> str:
    """Why there are no hits, and what may have been meant."""
    said = "no hits"
    if answer.missing:
        said = f"no seed has {' or '.join(f'`{shorten(part)}`' for part in answer.missing)}"
    if answer.suggestion is not None:
        query, hits = answer.suggestion
        said += f"; did you mean `{shorten(query)}` ({plural(hits, 'hit')})?"
    return said
