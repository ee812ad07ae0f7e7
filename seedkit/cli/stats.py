"""`seedkit stats`: how many seeds, bytes, records and sections, by format; findings by rule."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from seedkit.check import judge, selection
from seedkit.cli.common import Parser, corpus_source, open_workspace
from seedkit.cli.output import write
from seedkit.errors import EXIT_CLEAN
from seedkit.workspace import Workspace


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
        "stats", "Count seeds, bytes, records and sections by format, findings by rule."
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    args = parser.parse_args(arguments)
    workspace = open_workspace(args, corpus_source(args))
    formats, total = _totals(workspace)
    findings = Counter(d.rule for d in judge(workspace, selection(workspace)).diagnostics)
    if args.format == "json":
        content = {
            "formats": {name: asdict(each) for name, each in formats.items()},
            "total": asdict(total),
            "findings": dict(sorted(findings.items())),
        }
        write(json.dumps(content, indent=2) + "\n", raw=True)
        return EXIT_CLEAN
    rows = [(name, *asdict(each).values()) for name, each in [*formats.items(), ("total", total)]]
    _table(("format", "seeds", "bytes", "records", "sections"), rows)
    if findings:
        write("\n")
        ranked = sorted(findings.items(), key=lambda item: (-item[1], item[0]))
        _table(("rule", "findings"), ranked)
    return EXIT_CLEAN


def _totals(workspace: Workspace) -> tuple[dict[str, Totals], Totals]:
    formats: dict[str, Totals] = {}
    total = Totals()
    for row in workspace.rows.values():
        for sums in (formats.setdefault(row.format or "(none)", Totals()), total):
            sums.seeds += 1
            sums.bytes += row.stamp.size
            sums.records += row.records
            sums.sections += row.sections
    return dict(sorted(formats.items())), total


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """The first column to the left, numbers to the right."""
    texts = [
        list(head),
        *([f"{c:,}" if isinstance(c, int) else str(c) for c in row] for row in rows),
    ]
    widths = [max(len(text[i]) for text in texts) for i in range(len(head))]
    for text in texts:
        cells = [text[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(text[1:], widths[1:], strict=True)]
        write("  ".join(cells).rstrip() + "\n")
