"""`seedkit repeats`: what repeats what, with the evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from seedkit.cli.common import refuse_no_seeds
from seedkit.cli.opening import corpus_source, open_workspace
from seedkit.cli.options import Parser, number, one_of
from seedkit.cli.output import note, show, style_for
from seedkit.cli.paths import Scope, named_paths, refuse_nothing, scope_of, skipped_in
from seedkit.core.diagnostic import Place
from seedkit.core.errors import EXIT_CLEAN, EXIT_FINDINGS
from seedkit.core.rules import REPEAT_REPEATED_SECTION
from seedkit.core.skipped import describe
from seedkit.core.text import shorten, visible
from seedkit.corpus.facts import has_finding
from seedkit.corpus.repeated.findings import CorpusRepeats
from seedkit.corpus.repeated.update import find
from seedkit.corpus.workspace import Workspace
from seedkit.repeats.find import all_pairs
from seedkit.repeats.parameters import Parameters
from seedkit.report.repeats import (
    RENDERERS,
    Pair,
    RepeatsReport,
    ReportedGroup,
    ReportedMember,
    ReportedPassage,
    load_renderer,
)
from seedkit.sources.source import within
from seedkit.store.database import Row

KINDS = (
    "duplicate-seed", "same-text", "near-duplicate", "contained-seed", "repeated-passage",
    "repeated-section", "boilerplate",
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit repeats`; return the exit code."""
    args = _parser().parse(arguments)
    if args.near_duplicate is not None:
        args.config.append(f"near_duplicate={args.near_duplicate}")
    if args.passage_tokens is not None:
        args.config.append(f"passage_tokens={args.passage_tokens}")
    disk = corpus_source(args)
    paths = named_paths(args.paths, disk.root)
    # Other tokens make other facts of every seed: those of `check` are better kept.
    workspace = open_workspace(args, disk, keep=args.passage_tokens is None)
    refuse_no_seeds(workspace)
    scope = scope_of(workspace, args.paths, paths)
    scope = Scope(scope.seeds, [], [*scope.others, *scope.strangers])  # these hold no text
    refuse_nothing(scope, workspace)
    for path in scope.strangers:
        note(f"seedkit repeats: note: {visible(path)} is no seed of this corpus")
    parameters = workspace.repeat_parameters()
    found = find(workspace)
    kinds = args.kind or KINDS
    skipped = skipped_in(workspace)
    report = RepeatsReport(
        root=disk.root,
        seeds=len(found.paths) - len(workspace.skipped_seeds()),
        groups=[g for g in _groups(found) if g.kind in kinds and _group_concerns(g, paths)],
        passages=[
            passage
            for passage in sorted(_passages(workspace, found, parameters), key=_order)
            if passage.kind in kinds and _concerns([p.path for p in passage.occurrences], paths)
        ],
        pairs=_pairs(found, parameters, paths) if args.pairs else None,
        read=workspace.read_text,
        concerns=lambda path: _concerns([path], paths),
        quiet=args.quiet,
        skipped=skipped,
    )
    style = style_for(sys.stdout, args.color, disk.root)
    chunks = load_renderer(args.format)(report, style)
    show(chunks, raw=args.format == "json", color=style.color)
    some = report.groups or report.passages or report.pairs
    if args.quiet and skipped and not some:  # which would look like certainty
        note(f"seedkit repeats: note: {describe(skipped)}")
    return EXIT_FINDINGS if some else EXIT_CLEAN


def _parser() -> Parser:
    parser = Parser(
        "repeats",
        "[PATH …]",
        "Show which seeds and passages repeat each other. A PATH narrows what is shown,\n"
        "not what is compared.",
        {
            "": "show all repeats",
            "seeds/a.txt": "show only what concerns one seed",
            "--kind near-duplicate": "show near duplicates only",
            "--pairs --format json": "list every pair, for programs",
        },
        "Exit codes: 0 no repeats, 1 some, 2 usage or configuration.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("paths", metavar="PATH", nargs="*", help="a seed, or a folder of seeds")
    what = parser.add_argument_group("What to show")
    what.add_argument(
        "--kind", metavar="KIND,…", action="extend", type=_kinds,
        help=f"only {', '.join(KINDS[:-1])} or {KINDS[-1]}",
    )  # fmt: skip
    what.add_argument(
        "--near-duplicate", metavar="SHARE", type=_share,
        help="least similarity, from 0 to 1; default: as configured",
    )  # fmt: skip
    what.add_argument(
        "--passage-tokens", metavar="N", type=number("tokens", 8, 1_000_000),
        help="fewest tokens of a passage; default: as configured",
    )  # fmt: skip
    what.add_argument(
        "--pairs", action="store_true", help="list every pair of near duplicates, too"
    )
    output = parser.add_argument_group("Output")
    formats = tuple(RENDERERS)
    output.add_argument(
        "--format", metavar="NAME", type=one_of(*formats), default="full",
        help=f"{', '.join(formats[:-1])} or {formats[-1]}; default: full",
    )  # fmt: skip
    return parser


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"`{shorten(text)}` is not a number above 0, up to 1")
    return share


def _kinds(text: str) -> list[str]:
    kinds = [part.strip() for part in text.split(",") if part.strip()]
    if not kinds:
        raise argparse.ArgumentTypeError("no kind is named")
    for kind in kinds:
        if kind not in KINDS:
            raise argparse.ArgumentTypeError(f"`{shorten(kind)}` is not one of {', '.join(KINDS)}")
    return kinds


def _groups(found: CorpusRepeats) -> Iterator[ReportedGroup]:
    paths = found.paths
    for group in found.repeats.groups:
        members = tuple(
            ReportedMember(paths[m.seed], m.similarity, m.containment, m.larger)
            for m in sorted(group.members, key=lambda m: (-m.similarity, m.seed))
        )
        yield ReportedGroup(group.kind, paths[group.representative], members)


def _passages(
    workspace: Workspace, found: CorpusRepeats, parameters: Parameters
) -> Iterator[ReportedPassage]:
    texts = found.texts
    for passage in found.repeats.passages:
        frequent = passage.seeds > parameters.boilerplate_seeds
        yield ReportedPassage(
            "boilerplate" if frequent else "repeated-passage",
            passage.tokens,
            passage.seeds,
            texts.cut(*passage.places[0]),
            tuple(texts.place(*each) for each in passage.places),
        )
    for _, row in sorted(workspace.rows_with_findings().items()):
        if has_finding(row.findings, REPEAT_REPEATED_SECTION):
            yield from _sections(workspace, row)


def _sections(workspace: Workspace, row: Row) -> Iterator[ReportedPassage]:
    from seedkit.repeats.fold import tokenize

    text = workspace.read_text(row.path) or ""
    for diagnostic in workspace.findings_of(row).diagnostics:
        if diagnostic.rule == REPEAT_REPEATED_SECTION.name:
            first = diagnostic.related[0].place
            section = _cut(text, first)
            tokens = len(tokenize([section], characters=True).hashes)
            yield ReportedPassage("repeated-section", tokens, 1, section, (first, diagnostic.place))


def _cut(text: str, place: Place) -> str:
    assert place.start is not None and place.end is not None  # a section has a span
    data = text.encode("utf-8", "surrogateescape")[place.start.offset : place.end.offset]
    return data.decode("utf-8", "surrogateescape")


def _pairs(found: CorpusRepeats, parameters: Parameters, paths: Sequence[str]) -> list[Pair]:
    fingerprints = found.fingerprints.read()
    pairs = [
        Pair(found.paths[a], found.paths[b], *shares)
        for a, b, *shares in all_pairs(fingerprints, parameters)
    ]
    return [pair for pair in pairs if _concerns((pair.a, pair.b), paths)]


def _order(passage: ReportedPassage) -> tuple[str, int, int]:
    place = passage.occurrences[0]
    return place.path, place.start.offset if place.start else -1, passage.tokens


def _group_concerns(group: ReportedGroup, paths: Sequence[str]) -> bool:
    return _concerns((group.representative, *(m.path for m in group.members)), paths)


def _concerns(involved: Sequence[str], paths: Sequence[str]) -> bool:
    return not paths or any(within(each, path) for each in involved for path in paths)
