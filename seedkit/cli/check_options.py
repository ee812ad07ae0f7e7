"""The options of `seedkit check`, and which of them make no sense together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from seedkit.cli.hook import MODES
from seedkit.cli.options import Parser, number, one_of
from seedkit.cli.reports import AT_A_TERMINAL, FORMATS, output, refuse_bad_outputs
from seedkit.core.errors import UsageError
from seedkit.rules.selectors import known_selector, no_selector
from seedkit.sources.root import BASELINE

if TYPE_CHECKING:
    from argparse import Namespace

_MOST = 1_000_000_000

# What makes no sense together; an option that is ignored in silence would be a trap.
_AGAINST: Final = (
    (
        "--diff",
        ("--baseline-update", "--format", "--output-file", "--output", "--statistics"),
    ),
    (
        "--baseline-update",
        ("--fix", "--stdin-filename", "--format", "--output-file", "--output", "--statistics"),
    ),
    ("--stdin-filename", ("--fix", "--diff")),
    ("--staged", ("--fix", "--diff", "--baseline-update", "--stdin-filename")),
    ("--hook", ("--staged", "--fix", "--diff", "--baseline-update", "--stdin-filename")),
    ("--since", ("--fix", "--diff", "--baseline-update", "--stdin-filename")),
    ("--statistics", ("--format",)),
)  # fmt: skip


def parse(arguments: Sequence[str]) -> Namespace:
    """Return the options; raises `UsageError`, or `EnvironmentFault` for a file that can't be."""
    args = _parser().parse(arguments)
    _refuse_conflicts(args)
    args.fix = args.fix and not args.diff  # which shows what it would do
    refuse_bad_outputs(args)
    return args


def _parser() -> Parser:
    parser = Parser(
        "check",
        "[PATH …]",
        "Check that every seed matches its format and is listed in INDEX.md. A PATH\n"
        "narrows what is reported, not what is known: all seeds are compared.",
        {
            "": "check the whole corpus",
            "seeds/a.txt": "report only what concerns one seed",
            "--diff": "show what --fix would change",
            "--fix": "apply safe fixes",
            "--select index,text/bom": "check some rules and families only",
            "--baseline-update": "accept what there is now",
            "--staged": "check what will be committed",
            "--since origin/main": "report only what is new",
        },
        "Exit codes: 0 clean, 1 findings (errors or warnings), 2 usage or configuration.\n"
        "With --diff: 1 if --fix would change anything.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument(
        "paths", metavar="PATH", nargs="*", help="a seed, a folder, INDEX.md, a format"
    )
    fixing = parser.add_argument_group("Fixing")
    fixing.add_argument("--fix", action="store_true", help="apply safe fixes")
    fixing.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: change content too"
    )
    fixing.add_argument("--diff", action="store_true", help="show what --fix would change")
    choice = parser.add_argument_group("Rules")
    choice.add_argument(
        "--select", metavar="RULE,…", action="extend", type=_selectors,
        help="check only these rules or families",
    )  # fmt: skip
    choice.add_argument(
        "--ignore", metavar="RULE,…", action="extend", type=_selectors,
        help="leave these rules or families out",
    )  # fmt: skip
    choice.add_argument("--baseline-update", action="store_true", help=f"write {BASELINE}")
    reports = parser.add_argument_group("Output")
    reports.add_argument(
        "--format", metavar="NAME", type=one_of(*FORMATS),
        help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}; default: full",
    )  # fmt: skip
    reports.add_argument("--output-file", metavar="FILE", help="write the report there")
    reports.add_argument(
        "--output", metavar="FORMAT=FILE", action="append", type=output,
        help="write a report in that format too; may be repeated",
    )  # fmt: skip
    reports.add_argument("--statistics", action="store_true", help="count findings by rule")
    reports.add_argument(
        "--max-findings", metavar="N", type=number("findings", 0, _MOST),
        help=f"show at most N, 0 is all; default: {AT_A_TERMINAL} on a terminal",
    )  # fmt: skip
    reports.add_argument("--exit-zero", action="store_true", help="exit 0 whatever is found")
    files = parser.add_argument_group("Files")
    files.add_argument(
        "--staged", action="store_true", help="check git's index in place of the disk"
    )
    files.add_argument(
        "--hook", metavar="WHAT", type=one_of(*MODES),
        help="check the push or commit of a hook: corpus or changes",
    )  # fmt: skip
    files.add_argument(
        "--since", metavar="REF", help="report only what is new since HEAD parted from REF"
    )
    files.add_argument(
        "--stdin-filename", metavar="PATH", help="check standard input in place of that file"
    )
    files.add_argument(
        "--force-exclude", action="store_true", help="say nothing of a PATH that is no seed"
    )
    parser.elsewhere = {
        "--output-format": "`--format` names the report",
        "--watch": "`seedkit watch` does that",
    }
    return parser


def _selectors(text: str) -> list[str]:
    from argparse import ArgumentTypeError

    selectors = [part.strip() for part in text.split(",") if part.strip()]
    if not selectors:
        raise ArgumentTypeError("no rule or family is named")
    for selector in selectors:
        if not known_selector(selector):
            raise ArgumentTypeError(no_selector(selector))
    return selectors


def _refuse_conflicts(args: Namespace) -> None:
    def given(option: str) -> bool:
        name = "paths" if option == "PATH" else option.removeprefix("--").replace("-", "_")
        value = getattr(args, name)
        return value is not None and value is not False and value != []

    for option, others in _AGAINST:
        for other in filter(given, others):
            if given(option):
                raise UsageError(f"{option} can't be combined with {other}")
    if args.unsafe_fixes and not (args.fix or args.diff):
        raise UsageError("--unsafe-fixes goes with --fix or --diff")
