"""`seedkit overlap`: how much of some texts occurs in others: of a test set in training data."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Sequence
from functools import partial

from seedkit.cli.options import Parser, number, one_of
from seedkit.cli.output import Progress, note, show
from seedkit.core.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError
from seedkit.core.text import shorten, visible

# As in Brown et al. 2020, "Language Models are Few-Shot Learners", appendix C: benchmarks are
# taken to be contaminated by 13 words in a row of the training data.
_LEAST = 13


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit overlap`; return the exit code."""
    args = _parser().parse(arguments, corpus=False)
    if len(args.paths) != 2:
        raise UsageError("two things are compared: A and B", help="see `seedkit overlap --help`")
    from seedkit.infer.overlap import overlap
    from seedkit.infer.texts import Collection
    from seedkit.report.overlap import OverlapReport, render
    from seedkit.report.overlap.json import render as render_json

    known, asked = map(Collection, args.paths)
    found = overlap(known, asked, args.tokens, partial(_progress, args.quiet))
    known.refuse_unread()
    asked.refuse_unread()
    skipped = {**known.skipped, **asked.skipped}
    report = OverlapReport(found, known.given, asked.given, args.tokens, skipped, args.quiet)
    as_json = args.format == "json"
    show(render_json(report) if as_json else render(report), raw=as_json)
    for path, why in sorted(skipped.items()):
        note(f"seedkit overlap: note: {visible(path)} is not compared: {why}")
    failed = bool(found.runs) if args.fail_over is None else found.share > args.fail_over
    return EXIT_FINDINGS if failed else EXIT_CLEAN


def _parser() -> Parser:
    parser = Parser(
        "overlap",
        "A B",
        "Show how much of B occurs in A, word for word: of a test set in training data,\n"
        "of new texts in a corpus. A and B are files, folders or corpora; they need no\n"
        "format. Lines of .jsonl and rows of .csv and .tsv are compared one by one; a\n"
        "text that has fewer words is shared if A has the same one.",
        {
            "train.jsonl test.jsonl": "show what was trained on",
            "corpus new.txt --tokens 30": "count 30 words in a row or more",
            "train test --fail-over 0.01": "fail if over 1 % is shared",
        },
        "Exit codes: 0 nothing is shared, 1 something is, 2 usage or configuration.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("paths", metavar="A B", nargs="*", help="a file, a folder or a corpus")
    what = parser.add_argument_group("What counts")
    what.add_argument(
        "--tokens", metavar="N", type=number("words", 3, 1000), default=_LEAST,
        help="fewest words in a row; in scripts without spaces, characters; default: 13",
    )  # fmt: skip
    what.add_argument(
        "--fail-over", metavar="SHARE", type=_share,
        help="exit with 1 only if more than this share of B's words is shared, from 0 to 1",
    )  # fmt: skip
    output = parser.add_argument_group("Output")
    output.add_argument(
        "--format", metavar="NAME", type=one_of("text", "json"), default="text",
        help="text or json; default: text",
    )  # fmt: skip
    return parser


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"`{shorten(text)}` is not a share, from 0 to 1")
    return value


def _progress(quiet: bool, what: str) -> Progress:
    return Progress(quiet=quiet, what=what)
