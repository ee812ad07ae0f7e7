"""Ends seedkit at random moments, and sees whether the next command is right.

    python tests/support/crashes.py --engine whoosh --rounds 250 --signal KILL

A round: the corpus is edited; a command begins to follow; it is killed at some moment of its work;
then a search and a check must say what is so, at once, and without a word about it. What can be
that is asked to end must end in its way: within a second, with an exit code that says so, quietly.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from seedkit.settings.engines import STORED
from support.trouble import Trouble, wait_for_group

COMMANDS = (
    ("index",),
    ("watch", "--format", "json"),
    ("index", "--rebuild"),
    ("search", "mill"),
    ("check",),
)
SIGNALS = {"KILL": signal.SIGKILL, "INT": signal.SIGINT, "TERM": signal.SIGTERM}
_LOCKED = 8.0  # seconds; what takes as long has waited for a lock


class Crashes:
    """Rounds with one engine, on one corpus."""

    def __init__(self, folder: Path, engine: str, seeds: int = 12, chance: int = 0) -> None:
        self.trouble = Trouble(folder, engine, seeds, chance)
        self.takes = dict.fromkeys(COMMANDS, 0.5)  # seconds of work, as far as is known
        self.seen: Counter[str] = Counter()
        self.slowest = 0.0  # seconds from a signal to the end

    def round(self, command: tuple[str, ...], number: signal.Signals) -> None:
        """Edit, begin a command, end it by a signal, look. Raises `AssertionError`."""
        trouble = self.trouble
        trouble.edit()
        watching = command[0] == "watch"
        process = trouble.start(*command, "--config", f"engine = {trouble.engine!r}")
        began = time.monotonic()
        moment = trouble.chance.uniform(0, self.takes[command] * 1.1)
        if watching:
            time.sleep(moment / 2)
            trouble.edit()
            time.sleep(moment / 2)
        else:
            with contextlib.suppress(Exception):
                process.wait(moment)
        alive = process.poll() is None
        if not alive:
            self.takes[command] = max(0.05, 0.9 * self.takes[command])
        elif not watching:
            self.takes[command] = max(self.takes[command], 1.05 * (time.monotonic() - began))
        began = time.monotonic()
        process.send_signal(number)
        _, err = wait_for_group(process)
        if alive:
            self.slowest = max(self.slowest, time.monotonic() - began)
        assert "Traceback" not in err and "Exception" not in err and "bug" not in err, err
        if process.returncode not in (0, 1) or watching:
            expected = [130] if number == signal.SIGINT else [-number]
            if number == signal.SIGTERM and watching:
                expected += [0]  # once it has begun
            assert process.returncode in expected, (process.returncode, err)
        self.seen[f"{' '.join(command)}: {'killed' if alive else 'had ended'}"] += 1
        began = time.monotonic()
        trouble.assert_right()
        assert time.monotonic() - began < _LOCKED, "a lock stays"


def main() -> int:
    """Run as many rounds as asked for; return how many went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=STORED, default="tantivy")
    parser.add_argument("--signal", choices=SIGNALS, default="KILL")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=12, help="more than 400: in several processes")
    parser.add_argument("--chance", type=int, default=0, help="what the random numbers begin with")
    args = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        crashes = Crashes(Path(folder), args.engine, args.seeds, args.chance)
        for number in range(args.rounds):
            command = COMMANDS[number % len(COMMANDS)]
            try:
                crashes.round(command, SIGNALS[args.signal])
            except AssertionError as error:
                wrong += 1
                sys.stdout.write(f"round {number}, {' '.join(command)}: {error}\n")
        files = [path.relative_to(folder) for path in crashes.trouble.files()]
        sys.stdout.write(
            f"{args.rounds} rounds, {wrong} wrong; {len(files)} files in the cache; it took "
            f"{crashes.slowest:.2f} s at most to end\n"
        )
        for what, count in sorted(crashes.seen.items()):
            sys.stdout.write(f"  {count:4} {what}\n")
        for path in files:
            sys.stdout.write(f"  {path}\n")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
