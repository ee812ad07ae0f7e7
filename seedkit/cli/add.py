"""`seedkit add`: brings texts into the corpus, checked and compared before anything is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from seedkit.check.fix import FixedFile, apply_fixes
from seedkit.check.run import CheckResult, run_check, selection
from seedkit.cli.common import refuse_half_seen, standard_input, writing
from seedkit.cli.opening import corpus_source, load, open_workspace
from seedkit.cli.options import Parser, one_of, selectors
from seedkit.cli.output import note, paths_here, show, style_for
from seedkit.cli.paths import named_paths
from seedkit.core.diagnostic import Diagnostic, Severity, involves, sort_key
from seedkit.core.errors import EXIT_CLEAN, EXIT_FINDINGS, EnvironmentFault, UsageError
from seedkit.core.rules import (
    INDEX_MERGE_CONFLICT,
    INDEX_MISSING_INDEX,
    INDEX_UNLISTED_SEED,
    INDEX_UNREADABLE_INDEX,
)
from seedkit.core.skipped import ABSENT_SUBMODULE, NOT_CHECKED_OUT
from seedkit.core.text import plural, shorten, visible
from seedkit.edit.adding import (
    Fit,
    Incoming,
    apply_safe_fixes,
    format_for,
    is_numbered,
    nameless,
    place_all,
    shown_name,
)
from seedkit.edit.moving import recorded
from seedkit.formats.layout import Layout
from seedkit.report.add import Added, AddReport, as_given, render
from seedkit.sources.files import Change, until_unchanged, write_all
from seedkit.sources.source import DiskSource, Refused, read_file, within
from seedkit.sources.tracked import submodule_command

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.corpus.workspace import Workspace
    from seedkit.formats.spec import FormatSpec

_NO_INDEX, _UNLISTED = INDEX_MISSING_INDEX.name, INDEX_UNLISTED_SEED.name
# Where an index can't be read, nobody knows what it lists, and no row can be written.
_UNKNOWN_INDEX = frozenset((INDEX_MERGE_CONFLICT.name, INDEX_UNREADABLE_INDEX.name))
_NO_ROWS = _UNKNOWN_INDEX | {_NO_INDEX}


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
        return until_unchanged(lambda: _add(incoming, args, disk))


def _add(incoming: Sequence[Incoming], args: Namespace, disk: DiskSource) -> int:
    known = load(args, disk).formats
    workspace = open_workspace(args, disk)
    refuse_half_seen(workspace)
    _refuse_seeds(incoming, workspace)
    fits = [_format(each, args, known, workspace) for each in incoming]
    layouts = [Layout(fit.name, nameless(known[fit.name])) for fit in fits]
    as_read = incoming
    if args.fix:
        incoming = [
            each._replace(data=apply_safe_fixes(each.data, layout))
            for each, layout in zip(incoming, layouts, strict=True)
        ]
    fixable = not args.fix and any(
        apply_safe_fixes(each.data, layout) != each.data
        for each, layout in zip(as_read, layouts, strict=True)
    )
    decoded = {
        each.given: each.data.decode(known[fit.name].file.encoding, "surrogateescape")
        for each, fit in zip(incoming, fits, strict=True)
    }
    refusal = _Refusal(args, workspace, decoded, fixable=fixable)
    unfit = [(each, fit) for each, fit in zip(incoming, fits, strict=True) if fit.findings]
    if unfit:
        found = [
            as_given(d, {d.place.path: each.given}) for each, fit in unfit for d in fit.findings
        ]
        return refusal.of(found, [(each.given, fit.name) for each, fit in unfit])
    formats = [fit.name for fit in fits]
    to = None if args.to is None else _folder(args.to, disk.root)
    shown = paths_here(disk.root).shown
    taken, modules = _unseen(workspace)
    while True:
        placed = place_all(incoming, formats, known, workspace, to, taken, shown)
        for module in modules:
            _refuse_unseen(placed, formats, workspace, module)
        texts = {path: each.data for path, each in placed.items()}
        changed, found, listed = _tried(texts, args, disk)
        if not listed:
            break
        taken |= dict.fromkeys(listed, "is listed already, as a seed that is not there")
    given = {path: each.given for path, each in placed.items()}
    bad = [as_given(each, given) for each in found if each.severity is not Severity.INFO]
    if bad:
        return refusal.of(sorted(bad, key=sort_key))
    if not args.dry_run:
        new = [Change(path, None, each.data) for path, each in placed.items()]
        write_all(disk, [*new, *(Change(each.path, each.before, each.after) for each in changed)])
    added = [
        Added(each.given, path, name)
        for (path, each), name in zip(placed.items(), formats, strict=True)
    ]
    _show(AddReport(disk.root, added, [each.path for each in changed], (), decoded.get), args)
    return EXIT_CLEAN


def _parser() -> Parser:
    parser = Parser(
        "add",
        "FILE …",
        "Bring texts into the corpus, as seeds (its text files): give each a name and a\n"
        "row in INDEX.md. They are checked and compared with all seeds first; if anything\n"
        "is found, nothing is written. FILE itself stays as and where it is.",
        {
            "draft.txt": "add a text; its format is recognized",
            "draft.txt --as news": "say which format it has",
            "draft.txt --to seeds/pos": "say which folder it goes in",
            "- --as news --name 012.txt": "add standard input, under that name",
            "draft.txt --fix": "apply safe fixes first",
        },
        "Exit codes: 0 added, 1 refused with findings, 2 usage or configuration.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("files", metavar="FILE", nargs="*", help="a text; `-` is standard input")
    adding = parser.add_argument_group("Adding")
    adding.add_argument("--as", metavar="FORMAT", dest="as_format", help="the format it has")
    adding.add_argument(
        "--to", metavar="DIR",
        help="the folder; needed if seeds of the format are in several",
    )  # fmt: skip
    adding.add_argument(
        "--name", metavar="NAME", help="its file name, taken as it is; default: as the format says"
    )
    adding.add_argument("--fix", action="store_true", help="apply safe fixes first")
    adding.add_argument(
        "--ignore", metavar="RULE,…", action="extend", type=selectors, default=[],
        help="add it in spite of these rules or families",
    )  # fmt: skip
    adding.add_argument("--dry-run", action="store_true", help="write nothing, say what would be")
    output = parser.add_argument_group("Output")
    output.add_argument(
        "--format", metavar="NAME", type=one_of("full", "concise", "json"), default="full",
        help="full, concise or json; default: full",
    )  # fmt: skip
    return parser


def _read(given: str, args: Namespace, limit: int) -> Incoming:
    """The text that the user names, of at most `limit` bytes."""
    if given == "-":
        if args.files.count("-") > 1:
            raise UsageError("standard input can be read only once")
        data = standard_input(limit)
        return Incoming(given, args.name or "", data, demanded=args.name is not None)
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
    name = os.path.basename(given) if args.name is None else args.name
    return Incoming(given, name, data, demanded=args.name is not None)


def _refuse_seeds(incoming: Sequence[Incoming], workspace: Workspace) -> None:
    """Raise `UsageError` for a file that is a seed already: it would become one of two copies."""
    for each in incoming:
        if each.given == "-":
            continue
        (path,) = named_paths([each.given], workspace.root, outside=True)
        if workspace.is_there(path):
            raise UsageError(
                f"`{visible(each.given)}` is a seed of this corpus already",
                help="`seedkit check --fix` lists it; `seedkit mv` gives it another name",
            )


def _unseen(workspace: Workspace) -> tuple[dict[str, str], list[str]]:
    """Return seeds that have their names though they can't be read, or are not checked out, and
    why; and the submodules that are not checked out, in which nobody sees any.
    """
    skipped = workspace.skipped()
    refused = dict.fromkeys(filter(workspace.is_seed, workspace.refused), "exists")
    absent = (path for path, why in skipped.items() if why == NOT_CHECKED_OUT)
    unseen = refused | dict.fromkeys(absent, "is known to git, and not checked out here")
    return unseen, [path for path, why in skipped.items() if why == ABSENT_SUBMODULE]


def _refuse_unseen(
    placed: Mapping[str, Incoming], formats: Sequence[str], workspace: Workspace, module: str
) -> None:
    """Raise `UsageError` if a text gets a place in a submodule that is not checked out, or a number
    that a seed in it may have.
    """
    brought = f"`{submodule_command(workspace.source, module)}` brings it"
    for (path, each), name in zip(placed.items(), formats, strict=True):
        if within(path, module):
            raise UsageError(
                f"{visible(path)} lies in the submodule {visible(module)}, which is not checked "
                "out here",
                help=brought,
            )
        if is_numbered(path, each, workspace.formats[name]):
            raise UsageError(
                f"can't number {shown_name(each.given)}: the submodule {visible(module)} is not "
                "checked out here, and may have seeds with higher numbers",
                help=f"{brought}; or name the text with --name",
            )


def _folder(given: str, root: str) -> str:
    """The folder that --to names, relative to the root, empty for the root."""
    try:
        (folder,) = named_paths([given], root)
    except UsageError as error:
        raise UsageError(f"--to: {error.message}", help=error.help) from None
    if os.path.lexists(os.path.join(root, folder)) and not os.path.isdir(
        os.path.join(root, folder)
    ):
        raise UsageError(f"--to: `{visible(given)}` is not a folder")
    return "" if folder == "." else folder


def _format(
    incoming: Incoming, args: Namespace, formats: Mapping[str, FormatSpec], workspace: Workspace
) -> Fit:
    if args.as_format is None:
        wanted = selection(workspace, None, args.ignore)
        return format_for(incoming, formats, wanted, fix=args.fix)
    if args.as_format in formats:
        return Fit(args.as_format, [], telling=True, delimited=0)
    listed = ", ".join(f"`{name}`" for name in formats)
    raise UsageError(
        f"there is no format `{shorten(args.as_format)}`", help=f"this corpus has {listed}"
    )


def _tried(
    texts: dict[str, bytes], args: Namespace, disk: DiskSource
) -> tuple[list[FixedFile], list[Diagnostic], set[str]]:
    """What becomes of the indexes, what is found about the texts after that, and which of their
    paths are in an index already: what a row says there is about another text.
    """
    result = _check(texts, args, disk)
    listing = [
        finding
        for finding in result.diagnostics
        if finding.rule == _NO_INDEX or (finding.rule == _UNLISTED and finding.place.path in texts)
    ]
    unsure = texts.keys() - {finding.place.path for finding in listing}
    if unsure and not any(finding.rule in _NO_ROWS for finding in result.diagnostics):
        listed = recorded(open_workspace(args, disk), unsure)
        if listed:
            return [], [], listed
    changed = apply_fixes(listing, disk, {}, result.checked, unsafe=True)
    overlay = {**texts, **{each.path: each.after for each in changed}}
    found = _check(overlay, args, disk).diagnostics
    return changed, [e for e in found if involves(e, texts) or e.rule in _UNKNOWN_INDEX], set()


def _check(overlay: dict[str, bytes], args: Namespace, disk: DiskSource) -> CheckResult:
    workspace = open_workspace(args, disk, overlay)
    refuse_half_seen(workspace)
    return run_check(workspace, selection(workspace, None, args.ignore))


class _Refusal(NamedTuple):
    """Shows why nothing was added; `texts` are those of the user's files."""

    args: Namespace
    workspace: Workspace
    texts: Mapping[str, str]
    fixable: bool

    def of(self, found: Sequence[Diagnostic], nearest: Sequence[tuple[str, str]] = ()) -> int:
        """Show the findings, which are those of the nearest format where no other fits."""
        _show(AddReport(self.workspace.root, (), (), found, self.read), self.args)
        if not self.args.quiet:
            count = plural(len(found), "finding")
            note(f"seedkit add: nothing was added, because of {count}")
            for given, name in nearest:
                misfit = f"no format of this corpus fits {shown_name(given)}"
                note(f"  note: {misfit}; `{visible(name)}` is the nearest")
            if self.fixable:
                note("  help: --fix applies safe fixes")
            elif nearest:
                note("  help: --as names the format it is to have")
        return EXIT_FINDINGS

    def read(self, path: str) -> str | None:
        """Return the text of a user's file, or of one of the corpus."""
        return self.texts[path] if path in self.texts else self.workspace.read_text(path)


def _show(report: AddReport, args: Namespace) -> None:
    report = report._replace(rehearsal=args.dry_run, quiet=args.quiet)
    if args.format != "json":
        style = style_for(sys.stdout, args.color, report.root)
        kept = frozenset(args.files)
        style = style._replace(paths=style.paths._replace(kept=kept))
        show(render(report, args.format, style), color=style.color)
        return
    from seedkit.report.add.json import output
    from seedkit.report.check.json import dump

    show([dump(output(report)), "\n"], raw=True)
