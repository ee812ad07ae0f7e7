"""`seedkit add`: brings texts into the corpus, checked and compared before anything is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from seedkit.check import Judgement, judge, selection
from seedkit.cli.common import corpus_source, load, open_workspace, writing
from seedkit.cli.options import Parser
from seedkit.cli.output import note, show, style_for
from seedkit.diagnostic import Diagnostic, Severity
from seedkit.errors import EXIT_CLEAN, EXIT_FINDINGS, EnvironmentFault, UsageError
from seedkit.files import Change, Changed, write_all
from seedkit.fix import Mended
from seedkit.fix import mend as rows_added
from seedkit.formats.layout import Layout
from seedkit.infer.adding import Incoming, format_for, mend, nameless, place_all
from seedkit.report import CheckReport
from seedkit.report.full import findings as full
from seedkit.rules import known_selector, no_selector
from seedkit.source import DiskSource, Refused, read_file
from seedkit.text import plural, shorten, visible

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.formats.spec import FormatSpec

_ATTEMPTS = 10  # while somebody else keeps saving what is to be changed
_NO_INDEX, _UNLISTED = "index/missing-index", "index/unlisted-seed"
# Where an index can't be read, nobody knows what it lists, and no row can be written.
_UNKNOWN_INDEX = frozenset(("index/merge-conflict", "index/unreadable-index"))


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit add`; return the exit code."""
    args = _parser().parse(arguments)
    if not args.files:
        raise UsageError("no FILE is named", help="`-` is standard input")
    if args.name is not None and len(args.files) > 1:
        raise UsageError("--name goes with one FILE")
    disk = corpus_source(args)
    limit = max(spec.file.max_bytes for spec in load(args, disk).formats.values())
    incoming = [_read(given, args, limit) for given in args.files]
    with writing(args, disk.root, "add"):
        for attempts_left in reversed(range(_ATTEMPTS)):
            try:
                return _add(incoming, args, disk)
            except Changed:  # somebody has saved INDEX.md meanwhile
                if not attempts_left:
                    raise
    raise AssertionError  # the last attempt returns or raises


def _add(incoming: Sequence[Incoming], args: Namespace, disk: DiskSource) -> int:
    known = load(args, disk).formats
    workspace = open_workspace(args, disk)
    formats = [_format(each, args, known) for each in incoming]
    if args.fix:
        layouts = [Layout(name, nameless(known[name])) for name in formats]
        incoming = [
            each._replace(data=mend(each.data, layout))
            for each, layout in zip(incoming, layouts, strict=True)
        ]
    placed = place_all(incoming, formats, known, workspace)
    texts = {path: each.data for path, each in placed.items()}
    changed, found = _tried(texts, args, disk)
    bad = [finding for finding in found if finding.severity is not Severity.INFO]
    if bad:
        layouts = [Layout(name, nameless(known[name])) for name in formats]
        fixable = not args.fix and any(
            mend(each.data, layout) != each.data
            for each, layout in zip(incoming, layouts, strict=True)
        )
        _refuse(bad, texts, args, disk, fixable=fixable)
        return EXIT_FINDINGS
    if not args.dry_run:
        new = [Change(path, None, data) for path, data in texts.items()]
        write_all(disk, [*new, *(Change(each.path, each.before, each.after) for each in changed)])
    if not args.quiet:
        show(_report(placed, formats, changed, args))
    return EXIT_CLEAN


def _parser() -> Parser:
    parser = Parser(
        "add",
        "FILE …",
        "Bring texts into the corpus: give each a name and a row in INDEX.md. They are\n"
        "checked and compared with all seeds first; if anything is at fault, nothing is\n"
        "written. FILE itself stays as and where it is.",
        {
            "draft.txt": "add a text; its format is recognized",
            "draft.txt --as news": "add it as what it is to be",
            "- --as news --name 012.txt": "add standard input, under that name",
            "draft.txt --fix": "mend first what can be mended safely",
        },
        "Exit codes: 0 added, 1 refused with findings, 2 usage or configuration.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("files", metavar="FILE", nargs="*", help="a text; `-` is standard input")
    adding = parser.add_argument_group("Adding")
    adding.add_argument("--as", metavar="FORMAT", dest="format", help="the format it is to have")
    adding.add_argument("--name", metavar="NAME", help="its file name; default: as the format says")
    adding.add_argument("--fix", action="store_true", help="mend what can be mended safely")
    adding.add_argument(
        "--ignore", metavar="RULE,…", action="extend", type=_selectors, default=[],
        help="add it in spite of these rules or families",
    )  # fmt: skip
    adding.add_argument("--dry-run", action="store_true", help="say what would be done")
    return parser


def _selectors(text: str) -> list[str]:
    from argparse import ArgumentTypeError

    selectors = [part.strip() for part in text.split(",") if part.strip()]
    for selector in selectors:
        if not known_selector(selector):
            raise ArgumentTypeError(no_selector(selector))
    return selectors


def _read(given: str, args: Namespace, limit: int) -> Incoming:
    """The text that the user names, of at most `limit` bytes."""
    if given == "-":
        if args.files.count("-") > 1:
            raise UsageError("standard input can be read only once")
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        data = sys.stdin.buffer.read(limit + 1)
        if len(data) > limit:
            raise UsageError(f"standard input has more than {limit:,} bytes")
        return Incoming(given, args.name or "", data)
    try:
        data = read_file(given, limit, name=visible(given))
    except FileNotFoundError:
        raise UsageError(f"there is no file `{visible(given)}`") from None
    except Refused as error:
        named = "name the files in it" if os.path.isdir(given) else "name the file that it leads to"
        remedy = named if os.path.isdir(given) or os.path.islink(given) else None
        raise UsageError(error.message, help=remedy) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EnvironmentFault(f"{visible(given)} can't be read: {reason}") from None
    return Incoming(given, args.name or os.path.basename(given), data)


def _format(incoming: Incoming, args: Namespace, formats: Mapping[str, FormatSpec]) -> str:
    if args.format is None:
        return format_for(incoming, formats, fix=args.fix)
    if args.format in formats:
        return str(args.format)
    listed = ", ".join(f"`{name}`" for name in formats)
    raise UsageError(
        f"there is no format `{shorten(args.format)}`", help=f"this corpus has {listed}"
    )


def _tried(
    texts: dict[str, bytes], args: Namespace, disk: DiskSource
) -> tuple[list[Mended], list[Diagnostic]]:
    """What becomes of the indexes, and what is found about the texts after that."""
    judgement = _judge(texts, args, disk)
    listing = [
        finding
        for finding in judgement.diagnostics
        if finding.rule == _NO_INDEX or (finding.rule == _UNLISTED and _is_about(finding, texts))
    ]
    changed = rows_added(listing, disk, {}, judgement.checked, unsafe=False)
    overlay = {**texts, **{each.path: each.after for each in changed}}
    found = _judge(overlay, args, disk).diagnostics
    return changed, [e for e in found if _is_about(e, texts) or e.rule in _UNKNOWN_INDEX]


def _judge(overlay: dict[str, bytes], args: Namespace, disk: DiskSource) -> Judgement:
    workspace = open_workspace(args, disk, overlay)
    return judge(workspace, selection(workspace, None, args.ignore))


def _is_about(finding: Diagnostic, texts: Container[str]) -> bool:
    places = [finding.place, *(related.place for related in finding.related)]
    return any(path in texts for path in (*finding.about, *(place.path for place in places)))


def _refuse(
    found: Sequence[Diagnostic],
    texts: dict[str, bytes],
    args: Namespace,
    disk: DiskSource,
    *,
    fixable: bool,
) -> None:
    workspace = open_workspace(args, disk, texts)
    report = CheckReport(
        root=disk.root, diagnostics=list(found), seeds=len(texts), read=workspace.read_text
    )
    show(full(report, style_for(sys.stdout, args.color)))
    if args.quiet:
        return
    note(f"seedkit add: nothing was added, because of {plural(len(found), 'finding')}")
    if fixable:
        note("  help: --fix mends what can be mended safely")
    elif all(d.rule.startswith("repeat/") for d in found):
        note("  help: --ignore repeat adds it all the same")


def _report(
    placed: dict[str, Incoming],
    formats: Sequence[str],
    changed: Sequence[Mended],
    args: Namespace,
) -> Iterable[str]:
    verb = "Would add" if args.dry_run else "Added"
    for path, name in zip(placed, formats, strict=True):
        yield f"{verb} {visible(path)} ({name})\n"
    if changed:
        listed = " and ".join(visible(each.path) for each in changed)
        yield f"{'Would list' if args.dry_run else 'Listed'} in {listed}\n"
