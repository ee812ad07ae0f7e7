"""`seedkit stats`: how many seeds, bytes, records and sections, by format; findings by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

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
        {"": "count what is in the corpus", "--format json": "the same for programs"},
    )
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
    if args.format == "json":
        content = {
            "formats": {name: asdict(each) for name, each in formats.items()},
            "total": asdict(total),
            "findings": dict(sorted(findings.items())),
            "skipped": skipped,
        }
        show([json_text(content, indent=2) + "\n"], raw=True)
        return note_no_seeds(workspace, "stats")
    sums = [*formats.items(), ("total", total)]
    rows = [(visible(name), *asdict(each).values()) for name, each in sums]
    lines = _table(("format", "seeds", "bytes", "records", "sections"), rows)
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
