"""Do the built-in formats accept what they are named for? For folders of real files.

    python benchmarks/builtins.py [-v] FORMAT=FOLDER …

Prints a row a folder: its files, the records in them, files with a finding, findings by rule. With
-v every finding too, to be judged by hand: false is one about which the program that reads such
files would not care. Repeats and names are not looked at, and nothing is written.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from seedkit.check.run import deduplicate
from seedkit.core.diagnostic import Diagnostic
from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format


def measure(name: str, folder: Path, *, verbose: bool) -> str:
    """Check every file below the folder by the built-in format; return the row."""
    analyser = Analyser(Layout(name, builtin_format(name, ["*"])))
    rules: Counter[str] = Counter()
    files = records = faulty = 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        facts = analyser.analyse(path.relative_to(folder).as_posix(), path.read_bytes())
        found = [each for each in deduplicate(facts.diagnostics).shown if _counts(each)]
        files += 1
        records += abs(facts.records)  # negative where undecodable bytes leave it open
        faulty += bool(found)
        rules.update(each.rule for each in found)
        for each in found if verbose else ():
            start = each.place.start
            at = "" if start is None else f":{start.line}:{start.column}"
            print(f"  {folder.name}/{each.place.path}{at}: {each.rule} {each.message}")
    listed = ", ".join(f"{rule} {count:,}" for rule, count in rules.most_common())
    return f"{name:<14} {folder.name:<24} {files:>6,} {records:>9,} {faulty:>6,}  {listed}"


def _counts(diagnostic: Diagnostic) -> bool:
    return not diagnostic.rule.startswith(("repeat/", "name/"))


def main() -> None:
    """Print the table."""
    rows = []
    for argument in (arg for arg in sys.argv[1:] if arg != "-v"):
        name, _, folder = argument.partition("=")
        rows.append(measure(name, Path(folder), verbose="-v" in sys.argv))
    print(f"{'format':<14} {'folder':<24} {'files':>6} {'records':>9} {'faulty':>6}  findings")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
