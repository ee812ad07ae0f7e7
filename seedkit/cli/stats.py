"""`seedkit stats`: how many seeds, bytes, records and sections, by format; findings by rule.

Of texts, how long they are, and in which languages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from seedkit.check.run import run_check, selection
from seedkit.cli.common import note_no_seeds
from seedkit.cli.opening import corpus_source, open_workspace
from seedkit.cli.options import Parser, one_of
from seedkit.cli.output import show
from seedkit.cli.paths import skipped_in
from seedkit.core.skipped import describe
from seedkit.core.text import capitalized, display_width, visible
from seedkit.corpus.workspace import Workspace
from seedkit.report.machine import json_text

if TYPE_CHECKING:
    from seedkit.corpus.repeated.text_totals import TextTotals

_BAR = 40  # marks of the longest bar of a histogram


@dataclass(slots=True)
class Totals:
    """Sums over the seeds of a format."""

    seeds: int = 0
    bytes: int = 0
    records: int = 0
    sections: int = 0


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit stats`; return the exit code."""
    parser = Parser(
        "stats",
        "",
        "Count seeds, bytes, records and sections by format, and findings by rule.",
        {
            "": "count what is in the corpus",
            "--texts": "words, characters, languages and lengths, too",
            "--format json": "the same for programs",
        },
    )
    parser.add_argument(
        "--texts", action="store_true",
        help="read all seeds, and count words, characters, languages and lengths of records by "
        "format and split",
    )  # fmt: skip
    output = parser.add_argument_group("Output")
    output.add_argument(
        "--format", metavar="NAME", type=one_of("text", "json"), default="text",
        help="text or json; default: text",
    )  # fmt: skip
    args = parser.parse(arguments)
    workspace = open_workspace(args, corpus_source(args))
    formats, total = _totals(workspace)
    findings = Counter(d.rule for d in run_check(workspace, selection(workspace)).diagnostics)
    skipped = skipped_in(workspace)
    texts: dict[tuple[str, str], TextTotals] = {}
    if args.texts:
        from seedkit.corpus.repeated.text_totals import text_totals

        texts = text_totals(workspace)
    if args.format == "json":
        content: dict[str, object] = {
            "formats": {name: asdict(each) for name, each in formats.items()},
            "total": asdict(total),
            "findings": dict(sorted(findings.items())),
            "skipped": skipped,
        }
        if args.texts:
            content["texts"] = [_of_text(*key, each) for key, each in texts.items()]
        show([json_text(content, indent=2) + "\n"], raw=True)
        return note_no_seeds(workspace, "stats")
    sums = [*formats.items(), ("total", total)]
    rows = [(visible(name), *asdict(each).values()) for name, each in sums]
    lines = _table(("format", "seeds", "bytes", "records", "sections"), rows)
    if texts:
        lines += _texts(texts)
    if findings:
        ranked = sorted(findings.items(), key=lambda item: (-item[1], item[0]))
        lines += ["\n", *_table(("rule", "findings"), ranked)]
    if skipped:
        lines.append(f"\n{capitalized(describe(skipped))}.\n")
    show(lines)
    return note_no_seeds(workspace, "stats")


def _totals(workspace: Workspace) -> tuple[dict[str, Totals], Totals]:
    formats: dict[str, Totals] = {}
    total = Totals()
    for row in workspace.rows.values():
        for sums in (formats.setdefault(row.format or "(none)", Totals()), total):
            sums.seeds += 1
            sums.bytes += row.signature.size
            sums.records += abs(row.records)
            sums.sections += row.sections
    return dict(sorted(formats.items())), total


def _of_text(format_name: str, split: str, totals: TextTotals) -> dict[str, object]:
    """One entry of the JSON output; `lengths` are of records with `from` to `to` words."""
    return {
        "format": format_name or None,
        "split": split or None,
        "records": totals.records,
        "words": totals.words,
        "characters": totals.characters,
        "languages": dict(sorted(totals.languages.items())),
        "lengths": [
            {"from": least, "to": max(2 * least - 1, 0), "records": totals.lengths[least]}
            for least in sorted(totals.lengths)
        ],
    }


def _texts(texts: dict[tuple[str, str], TextTotals]) -> list[str]:
    """The lines about texts: a table, then a histogram for each of its rows."""
    names = [" ".join(filter(None, (visible(f) or "(none)", visible(s)))) for f, s in texts]
    head = ("texts", "records", "words", "characters")
    rows = [
        (name, each.records, each.words, each.characters)
        for name, each in zip(names, texts.values(), strict=True)
    ]
    lines = ["\n", *_table(head, rows)]
    for name, each in zip(names, texts.values(), strict=True):
        spoken = sorted(each.languages.items(), key=lambda item: (-item[1], item[0]))
        if spoken:
            languages = ", ".join(f"{code} {count:,}" for code, count in spoken)
            lines.append(f"\n{name}: seeds by language: {languages}\n")
        most = max(each.lengths.values(), default=1)
        bars = [
            (_range(least), count, "#" * -(-_BAR * count // most))
            for least, count in sorted(each.lengths.items())
        ]
        width = max((len(where) for where, _, _ in bars), default=0)
        digits = max((len(f"{count:,}") for _, count, _ in bars), default=0)
        lines += [f"{where:>{width}} words  {n:>{digits},}  {bar}\n" for where, n, bar in bars]
    return lines


def _range(least: int) -> str:
    return f"{least:,}" if least < 2 else f"{least:,}-{2 * least - 1:,}"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """The lines of a table: the first column to the left, numbers to the right."""
    texts = [
        list(head),
        *([f"{c:,}" if isinstance(c, int) else str(c) for c in row] for row in rows),
    ]
    widths = [max(display_width(text[i]) for text in texts) for i in range(len(head))]
    lines = []
    for name, *numbers in texts:
        cells = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
        space = " " * (widths[0] - display_width(name))
        lines.append("  ".join([name + space, *cells]) + "\n")
    return lines
