"""How soon is a saved seed searchable and checked by a watch, and what does that cost?

    python benchmarks/watch.py FOLDER [FORMAT] [--saves N] [--idle SECONDS] [--listed]

FOLDER holds seeds of the built-in format FORMAT (default: plain). They are copied to a temporary
corpus, whose INDEX.md lists none of them, or with `--listed` all. A watch runs as a process; a line
is appended to one seed after another, and its events are waited for: `indexed`, when the seed can
be found, and `checked`, when its findings are known. Printed are the medians and worst values of
the time since the save, and since the seed was indexed; next to them the processor time that the
watch spent meanwhile, which other work on the machine changes less. Then the watch is left alone
for some seconds: what it spends then, as a share of one processor.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")


class Moment(NamedTuple):
    """A time, and the processor time that a process had spent by then, both in seconds."""

    clock: float
    spent: float


class Watch:
    """A `seedkit watch` of a corpus."""

    def __init__(self, root: Path, cache: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "seedkit", "watch", "--format", "json"],
            cwd=root,
            env=os.environ | {"SEEDKIT_CACHE_DIR": str(cache)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )

    def now(self) -> Moment:
        """Return the time, and what the watch has spent so far."""
        stat = Path("/proc", str(self._process.pid), "stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return Moment(time.monotonic(), (int(user) + int(system)) / TICKS)

    def wait_for(self, event: str) -> Moment:
        """Wait for an event, and return when it came."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if json.loads(line)["event"] == event:
                return self.now()
        raise SystemExit("the watch has ended")

    def stop(self) -> None:
        """End the watch."""
        self._process.terminate()
        self._process.communicate()


def make(root: Path, folder: Path, format_name: str, *, listed: bool) -> list[Path]:
    """Make a corpus and return its seeds."""
    shutil.copytree(folder, root / "seeds")
    (root / "schemas").mkdir()
    schema = f'extends = "builtin:{format_name}"\nfiles = ["seeds/**"]\n'
    (root / "schemas" / "format.toml").write_text(schema)
    (root / "seedkit.toml").touch()
    (root / "INDEX.md").write_text("# Index\n")
    if listed:
        command = [sys.executable, "-m", "seedkit", "check", "--fix", "--ignore", "repeat", "-q"]
        subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL, check=False)
    return sorted(path for path in (root / "seeds").rglob("*") if path.is_file())


def show(title: str, since: Sequence[Moment], until: Sequence[Moment]) -> None:
    """Print a row of the table."""
    row = f"{title:<24}"
    for which in (0, 1):
        took = sorted(end[which] - start[which] for start, end in zip(since, until, strict=True))
        worst = took[min(len(took) - 1, int(len(took) * 0.99))]
        row += f"{statistics.median(took):>9.3f}{worst:>9.3f}"
    print(row, flush=True)


def main() -> None:
    """Make the corpus, watch it, save seeds, print a table."""
    parser = argparse.ArgumentParser(usage="watch.py FOLDER [FORMAT] [OPTIONS]")
    parser.add_argument("folder", type=Path)
    parser.add_argument("format_name", nargs="?", default="plain")
    parser.add_argument("--saves", type=int, default=100)
    parser.add_argument("--idle", type=float, default=60.0)
    parser.add_argument("--listed", action="store_true")
    options = parser.parse_args()
    choose = random.Random(1)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary, "corpus")
        root.mkdir()
        seeds = make(root, options.folder, options.format_name, listed=options.listed)
        watch = Watch(root, Path(temporary, "cache"))
        try:
            watch.wait_for("ready")
            saved, indexed, checked = list[Moment](), list[Moment](), list[Moment]()
            for number in range(options.saves + 1):
                time.sleep(choose.uniform(0.2, 0.7))
                seed = choose.choice(seeds)
                now = watch.now()
                with seed.open("a", encoding="utf-8") as file:
                    file.write(f"\nline {number}\n")
                found = watch.wait_for("indexed")
                known = watch.wait_for("checked")
                if number:  # the first one loads modules
                    saved.append(now)
                    indexed.append(found)
                    checked.append(known)
            listed = "all" if options.listed else "none"
            print(f"{len(seeds):,} seeds, {listed} listed, {options.saves} saves; seconds\n")
            print(f"{'':<24}{'median':>9}{'p99':>9}{'CPU':>9}{'p99':>9}")
            show("saved to searchable", saved, indexed)
            show("searchable to checked", indexed, checked)
            if options.idle:
                time.sleep(5)
                start = watch.now()
                time.sleep(options.idle)
                end = watch.now()
                share = (end.spent - start.spent) / (end.clock - start.clock)
                print(f"\nidle for {options.idle:.0f} s: {share:.3%} of a processor")
        finally:
            watch.stop()


if __name__ == "__main__":
    main()
