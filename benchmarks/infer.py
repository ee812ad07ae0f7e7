"""How good are inferred formats? For every built-in format, from files of that kind alone.

    python benchmarks/infer.py [-v] [KIND …]

From 200 generated files a format is inferred, built-in formats disabled. Printed are how many of
200 other files of the kind it accepts without a finding, and how many damaged ones it rejects: a
delimiter removed, doubled or moved, sections swapped, a section emptied, a wrong name. A damage
that leaves a sound file of the kind, as the built-in format judges it, is none: `-`. With -v, what
was inferred, and what went wrong.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from kinds import KINDS, Made, damage, make

from seedkit.core.diagnostic import Diagnostic
from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.infer.choose import best_format
from seedkit.infer.draft import spec_of
from seedkit.infer.plan import describe
from seedkit.infer.propose import Proposal, Seed, propose

FILES = 200
WAYS = ("removed", "doubled", "moved", "swapped", "emptied", "name")


class Row(NamedTuple):
    """What was measured for one kind."""

    proposal: Proposal
    seconds: float  # of CPU
    rejected: list[tuple[Made, list[Diagnostic]]]  # held-out files with findings
    tried: Counter[str]
    caught: Counter[str]
    missed: list[tuple[str, str]]


def measure(kind: str) -> Row:
    """Infer the format of a kind of files, and try it on others."""
    train, test = make(kind, 1, FILES), make(kind, 2, FILES)
    started = time.process_time()
    seeds = [Seed(f"seeds/{file.name}", file.text.encode(), file.text) for file in train]
    choice = best_format([seed.lines for seed in seeds], builtins=False)
    proposal = propose(choice, seeds, [file.name for file in train])
    seconds = time.process_time() - started
    analyser = Analyser(Layout(kind, spec_of(proposal.values)))

    def findings(name: str, text: str) -> list[Diagnostic]:
        found = analyser.analyse(f"seeds/{name}", text.encode()).diagnostics
        return [each for each in found if not each.rule.startswith("repeat/")]

    row = Row(proposal, seconds, [], Counter(), Counter(), [])
    for file in test:
        found = findings(file.name, file.text)
        if found:
            row.rejected.append((file, found))
        for spoilt in damage(kind, file):
            caught = bool(findings(spoilt.name, spoilt.text))
            row.tried[spoilt.how] += 1
            row.caught[spoilt.how] += caught
            if not caught:
                row.missed.append((spoilt.how, f"{spoilt.name}: {spoilt.text}"))
    return row


def main() -> None:
    """Print the table."""
    verbose = "-v" in sys.argv
    heads = " ".join(f"{way:>8}" for way in WAYS)
    print(f"{'kind':<13} {'accepted':>8} {heads}   damaged   caught   CPU")
    for kind in [arg for arg in sys.argv[1:] if arg != "-v"] or list(KINDS):
        row = measure(kind)
        accepted = 100 * (FILES - len(row.rejected)) / FILES
        cells = " ".join(
            f"{100 * row.caught[way] / row.tried[way]:>6.1f} %" if row.tried[way] else f"{'-':>8}"
            for way in WAYS
        )
        tried, caught = row.tried.total(), row.caught.total()
        print(
            f"{kind:<13} {accepted:>6.1f} % {cells} {tried:>9,} {100 * caught / tried:>6.1f} %",
            end="",
        )
        print(f" {row.seconds:>4.1f} s", flush=True)
        if verbose:
            print(f"  {describe(row.proposal.values)}\n  {row.proposal.values}")
            for file, found in row.rejected[:3]:
                print(f"  rejected {file.name}: {found[0].rule}: {found[0].message}")
            for how, text in row.missed[:3]:
                print(f"  missed, {how}: {text[:300]!r}")


if __name__ == "__main__":
    main()
