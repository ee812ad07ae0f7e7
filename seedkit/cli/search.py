"""`seedkit search`: what is where, the best first. This reads the options and opens the corpus."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from seedkit.cli.opening import Opening, cache_of, corpus_source
from seedkit.cli.options import Parser, number, one_of
from seedkit.core.errors import UsageError
from seedkit.core.text import shorten
from seedkit.report.search import HITS, RENDERERS
from seedkit.settings.engines import CHOICES

if TYPE_CHECKING:
    from argparse import Namespace

_MOST = 1_000_000
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
    opening = Opening(args, disk, folder, look=not args.no_refresh, watched=not args.no_refresh)
    from seedkit.cli.searching import run  # much to import: meanwhile the seeds are looked at

    return run(args, opening, started)


def _parse(arguments: Sequence[str]) -> Namespace:
    """The options. What comes after `--` is part of the query, whatever it begins with."""
    given = list(arguments)
    at = given.index("--") if "--" in given else len(given)
    options, rest = given[:at], given[at + 1 :]
    try:
        args = _parser().parse(options)
    except UsageError as error:
        left_out = next((each for each in options if re.match("-[^-]", each)), None)
        unknown = error.message.startswith("there is no option")
        if rest or left_out is None or not unknown or error.help in _OF_GREP.values():
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


_PATTERNS = 'words are searched for, no patterns: `mil*`, `ferri~1`, `"by the mill"`'
_OF_GREP = {
    **dict.fromkeys(("-i", "--ignore-case", "-S", "--smart-case"), "case never counts"),
    **dict.fromkeys(("-w", "--word-regexp"), "words are whole; `mil*` finds what begins so"),
    **dict.fromkeys(("-e", "--regexp", "-P", "-E", "-F", "--fixed-strings"), _PATTERNS),
    **dict.fromkeys(("-c", "--count-matches"), "`--count` prints the number of hits"),
    **dict.fromkeys(("-m", "--max-count"), "`-n` says how many hits to show"),
    **dict.fromkeys(("-r", "-R", "--recursive"), "all seeds are searched, whatever their folder"),
    "--files": "`seedkit show-files` lists the seeds",
    "--json": "`--format json` does that",
}


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
    parser.elsewhere = _OF_GREP
    named = parser.add_argument_group("Arguments")
    named.add_argument("query", metavar="QUERY", nargs="*", help="what to search for; see below")
    what = parser.add_argument_group("What to find")
    what.add_argument("--like", metavar="SEED", help="seeds with the same rare words as that one")
    what.add_argument(
        "--no-refresh", action="store_true", help="answer from the index as it is: may be stale"
    )
    what.add_argument(
        "--engine", metavar="NAME", type=one_of(*CHOICES),
        help=f"{', '.join(CHOICES[:-1])} or {CHOICES[-1]}; default: as configured",
    )  # fmt: skip
    output = parser.add_argument_group("Output")
    output.add_argument(
        "-n", metavar="N", type=number("hits", 0, _MOST), dest="limit",
        help=f"show at most N hits, 0 is all; default: {HITS}, of paths all",
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
        help="score, path, size, mtime (the largest and latest first), or a field such as number",
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
