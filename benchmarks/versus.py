"""Is this version of seedkit slower than another one, on the same corpus?

    python benchmarks/versus.py OTHER FOLDER [FORMAT] [--runs N] [--only WORD] [--memory]

OTHER is a checkout of the other version; FOLDER holds seeds of the built-in format FORMAT (default:
plain). They are copied to a temporary corpus, whose INDEX.md the other version writes. Each version
has a cache of its own. Both run as whole processes under this Python, so with the same packages, in
turn; printed are the medians of the processor time of each process and its children, and the ratio
of the two. Processor time says less than the clock about waiting, but more on a busy machine.
`--only WORD` leaves out the commands whose title has no WORD in it. `--memory` prints the peak of
the proportional set size of a cold check's processes together (Linux), which slows them down.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent.parent
WORDS = ("tar", "archive")  # to search for


class Version(NamedTuple):
    """A checkout, and the cache that its processes use."""

    checkout: Path
    cache: Path

    def start(self, arguments: Sequence[str], root: Path) -> subprocess.Popen[bytes]:
        """Start a command of this version in a corpus."""
        environment = os.environ | {
            "PYTHONPATH": str(self.checkout),
            "SEEDKIT_CACHE_DIR": str(self.cache),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "seedkit", *arguments],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def seconds(self, arguments: Sequence[str], root: Path) -> float:
        """Return the processor time of a command and of the children that it waits for."""
        process = self.start(arguments, root)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            raise SystemExit(f"{self.checkout}: exit code {process.returncode}: {arguments}")
        return usage.ru_utime + usage.ru_stime

    def megabytes(self, arguments: Sequence[str], root: Path) -> float:
        """Return the peak of the memory of a command's processes, looked at every 10 ms."""
        process = self.start(arguments, root)
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(map(_pss, _family(process.pid))))
            time.sleep(0.01)
        return peak / 1024


def _family(pid: int) -> list[int]:
    """Return the ids of a process and of all that descend from it."""
    found = [pid]
    for parent in found:
        for task in Path("/proc", str(parent), "task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:  # it has ended
                continue
    return found


def _pss(pid: int) -> int:
    """Return the proportional set size of a process in kB; 0 for one that has ended."""
    try:
        rollup = Path("/proc", str(pid), "smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(x.split()[1]) for x in rollup.splitlines() if x.startswith("Pss:")), 0)


class Command(NamedTuple):
    """A command to time; `before` is called before each of its runs, `each_round` before both."""

    title: str
    arguments: Sequence[str]
    each_round: Callable[[], object] = lambda: None
    before: Callable[[Version], object] = lambda version: None


class Corpus:
    """A temporary corpus in a repository of its own."""

    def __init__(self, root: Path, folder: Path, format_name: str) -> None:
        self.root = root
        shutil.copytree(folder, root / "seeds", symlinks=True)
        (root / "schemas").mkdir()
        schema = f'extends = "builtin:{format_name}"\nfiles = ["seeds/**"]\n'
        (root / "schemas" / "format.toml").write_text(schema)
        (root / "seedkit.toml").touch()
        self.git("init", "-q")
        self.git("config", "user.name", "A")
        self.git("config", "user.email", "a@example.org")
        files = (path for path in (root / "seeds").rglob("*") if path.is_file())
        self.seeds = sorted(path for path in files if not path.is_symlink())
        self._changes = 0

    def git(self, *arguments: str) -> None:
        """Run a command of git."""
        subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True)

    def commit(self) -> None:
        """Commit all that is there."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a")

    def change(self) -> Path:
        """Append a line to the seed in the middle, and return the seed."""
        self._changes += 1
        seed = self.seeds[len(self.seeds) // 2]
        with seed.open("a", encoding="utf-8") as file:
            file.write(f"\nchange {self._changes}\n")
        return seed

    def stage(self) -> None:
        """Stage a change of one seed."""
        self.git("add", str(self.change()))


def commands(corpus: Corpus) -> list[Command]:
    """Return the commands to time; the first ones find an empty cache."""

    def clear(version: Version) -> None:
        shutil.rmtree(version.cache, ignore_errors=True)

    return [
        Command("--version", ["--version"]),
        Command("check, cold", ["check"], before=clear),
        Command("check, warm", ["check"]),
        Command("check, one changed", ["check"], corpus.change),
        Command("hook, nothing staged", ["check", "--staged"], corpus.commit),
        Command("hook, one staged", ["check", "--staged"], corpus.stage),
        Command("repeats", ["repeats"]),
        Command("index, rebuilt", ["index", "--rebuild"]),
        Command("search", ["search", *WORDS]),
    ]


def main() -> None:
    """Make the corpus, run everything, print a table."""
    parser = argparse.ArgumentParser(usage="versus.py OTHER FOLDER [FORMAT] [OPTIONS]")
    parser.add_argument("other", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("format_name", nargs="?", default="plain")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", default="")
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Corpus(Path(temporary, "corpus"), options.folder, options.format_name)
        other = Version(options.other.resolve(), Path(temporary, "other"))
        this = Version(HERE, Path(temporary, "this"))
        other.seconds(["check", "--fix"], corpus.root)
        corpus.commit()
        size = sum(seed.stat().st_size for seed in corpus.seeds)
        print(f"{len(corpus.seeds):,} seeds, {size / 1e6:.1f} MB, format {options.format_name}")
        print(f"medians of {options.runs} runs in turn, processor seconds\n")
        print(f"{'':<24}{'other':>9}{'this':>9}{'ratio':>8}")
        for command in commands(corpus):
            if options.only not in command.title:
                continue
            spent: dict[Version, list[float]] = {other: [], this: []}
            for round_number in range(options.runs + 1):
                command.each_round()
                for version in sorted(spent, reverse=round_number % 2 == 0):
                    command.before(version)
                    seconds = version.seconds(command.arguments, corpus.root)
                    if round_number:  # the first one fills the caches
                        spent[version].append(seconds)
            before, after = map(statistics.median, spent.values())
            print(
                f"{command.title:<24}{before:>9.3f}{after:>9.3f}{after / before:>8.3f}", flush=True
            )
        if options.memory:
            peaks = []
            for version in (other, this):
                shutil.rmtree(version.cache)
                peaks.append(version.megabytes(["check"], corpus.root))
            print(f"\ncheck, cold: peak of {peaks[0]:.0f} MB and {peaks[1]:.0f} MB")


if __name__ == "__main__":
    main()
