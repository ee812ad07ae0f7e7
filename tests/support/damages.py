"""Damages files of the cache, and sees whether the next command is right.

    python tests/support/damages.py --cases 2000

A case: one byte of one file is changed, or the file is cut short, emptied, partly zeroed, longer
than it was, another file, or gone. Then a search and a check must say what is so, and nothing else.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from seedkit.settings.engines import STORED
from support.trouble import Trouble, folders_stay

Damage = Callable[[bytes, random.Random], bytes | None]


def _flip(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _replace(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.randbytes(1) + data[at + 1 :]


def _truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def _zero(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + bytes(end - start) + data[end:]


def _page(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data)) & ~4095
    return data[:start] + bytes(len(data[start : start + 4096])) + data[start + 4096 :]


def _lengthen(data: bytes, chance: random.Random) -> bytes:
    return data + chance.randbytes(chance.randrange(1, 5000))


# How likely each is, and what it makes of a file that has a byte at least; None if the file goes.
DAMAGES: Final[dict[str, tuple[int, Damage]]] = {
    "a bit flipped": (8, _flip),
    "a byte replaced": (4, _replace),
    "cut short": (4, _truncate),
    "a stretch zeroed": (4, _zero),
    "a page zeroed": (2, _page),
    "all zeroed": (1, lambda data, chance: bytes(len(data))),
    "emptied": (1, lambda data, chance: b""),
    "lengthened": (2, _lengthen),
    "something else": (1, lambda data, chance: chance.randbytes(len(data))),
    "gone": (1, lambda data, chance: None),
}


class Damages:
    """Cases on one corpus, which has an index of each engine, and a cache database in
    mid-commit.
    """

    def __init__(self, folder: Path, chance: int = 0, engines: tuple[str, ...] = STORED) -> None:
        self.trouble = Trouble(folder, engines[0], chance=chance)
        self.engines = engines
        self.seen: Counter[str] = Counter()
        for engine in engines:
            self.trouble.engine = engine
            self.trouble.edit()
            self.trouble.run("index", "--engine", engine)
        self._leave_a_log()
        self.before = self.trouble.files()
        self.trouble.assert_right()

    def _leave_a_log(self) -> None:
        """Leave the files that SQLite has while somebody is writing, or was killed then."""
        from contextlib import closing
        from sqlite3 import connect

        trouble = self.trouble
        (database,) = trouble.cache.glob("*/cache.sqlite")
        with closing(connect(database)) as connection:
            connection.execute("SELECT count(*) FROM seeds").fetchone()  # keeps the log
            trouble.edit()
            for engine in self.engines:
                trouble.run("index", "--engine", engine)
            trouble.run("check")
            files = trouble.files()
        trouble.restore(files)

    def case(self) -> str:
        """Damage a file, look, repair it; return what was done. Raises `AssertionError`."""
        trouble, chance = self.trouble, self.trouble.chance
        trouble.restore(self.before)
        path = chance.choice([path for path, data in self.before.items() if data])
        weights = [weight for weight, _ in DAMAGES.values()]
        (name,) = chance.choices(list(DAMAGES), weights)
        after = DAMAGES[name][1](self.before[path], chance)
        path.unlink()
        if after is not None:
            path.write_bytes(after)
        trouble.engine = chance.choice(self.engines)
        self.seen[name] += 1
        told = f"{path.name}: {name}, with {trouble.engine}"
        try:
            trouble.assert_right()
            trouble.assert_right()  # and for good
        except AssertionError as error:
            raise AssertionError(f"{told}: {error}") from None
        return told


def main() -> int:
    """Try as many cases as asked for; return 1 if any went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--chance", type=int, default=0, help="what the random numbers begin with")
    args = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, folders_stay():
        damages = Damages(Path(folder), args.chance)
        for number in range(args.cases):
            try:
                damages.case()
            except AssertionError as error:
                wrong += 1
                sys.stdout.write(f"case {number}: {error}\n")
    sys.stdout.write(f"{args.cases} cases, {wrong} wrong\n")
    for what, count in sorted(damages.seen.items()):
        sys.stdout.write(f"  {count:5} {what}\n")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
