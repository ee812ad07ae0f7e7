"""Runs commands in a process that has little memory and little time, as a hostile corpus needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from support.commandline import Ran
from support.places import ROOT

MEMORY = 300_000_000  # bytes, beyond what a process has that has loaded what it needs
PROCESSOR = 2  # seconds a command
PROGRAM = f"""
import json, os, resource, signal, sys
from support import commandline
import seedkit.cli.checking, seedkit.formats.load, numpy
import seedkit.search.engines.whoosh, seedkit.edit.adding
def used(): return int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used() + {MEMORY},) * 2)
for folder, args in json.load(sys.stdin):
    start = sum(os.times()[:4])
    resource.setrlimit(resource.RLIMIT_CPU, (int(start) + {PROCESSOR} + 2, -1))
    signal.alarm(60)  # waiting for a pipe takes no time of the processor
    ran = commandline.seedkit(*args, "--jobs", "1", cwd=folder)
    print(json.dumps([*ran, sum(os.times()[:4]) - start]))
"""


def under_limits(runs: Sequence[tuple[Path, Sequence[str]]]) -> list[Ran]:
    """Run commands with little memory; fails if one of them takes long, or ends the process."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps([(str(f), list(a)) for f, a in runs]),
        capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
    )  # fmt: skip
    results = [json.loads(line) for line in done.stdout.splitlines()]
    ended = runs[len(results)] if len(results) < len(runs) else None
    assert (done.stderr, done.returncode, ended) == ("", 0, None)
    taken = zip(runs, results, strict=True)
    slow = [(str(root), *args, ran[-1]) for (root, args), ran in taken if ran[-1] > PROCESSOR]
    assert slow == [], slow
    return [Ran(*result) for *result, _ in results]
