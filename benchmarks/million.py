"""Do fingerprints and groups of a million seeds fit in 3 GB, and is everything planted found?

    python benchmarks/million.py [N]         the stages, in one process
    python benchmarks/million.py N FOLDER    write the seeds as a corpus, for `seedkit check`

N seeds (default: 1,000,000) of about 2.5 KB are generated one batch at a time and never kept: words
and stock phrases with the frequencies of natural language. One in fifty begins a family, whose
second seed, anywhere in the corpus, is a copy, a near duplicate with some words replaced, a seed
that contains most of the first, or an unrelated one that shares a passage. What is true of each
family is computed from its two texts with Python's sets. One seed in a hundred ends with a common
paragraph.

One process does it all, with the stages that `seedkit check` uses. Fingerprints go to a temporary
file, as they go to the cache database there: 3.5 GB for a million seeds.
"""

from __future__ import annotations

import math
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seedkit.repeats import sieve
from seedkit.repeats.arrays import running
from seedkit.repeats.find import star_clusters
from seedkit.repeats.fingerprints import fingerprint_texts
from seedkit.repeats.fold import tokenize
from seedkit.repeats.grams import Sets
from seedkit.repeats.parameters import Parameters
from seedkit.repeats.passages import passages, repeating
from seedkit.repeats.set_similarity import likeness, take
from seedkit.repeats.similar import Pairs, similar_pairs

PARAMETERS = Parameters()
LEAST = PARAMETERS.passage_tokens
SIZE = 2500  # bytes of a seed, on average
BATCH = 1 << 11  # texts held at once
SETS = 1 << 13  # fingerprints held at once
LIMIT = 3000  # MB
PHRASES = 20_000
# What the second seed of a family is: (kind, how many words).
KINDS = (
    ("copy", 0),
    *(("near", replaced) for replaced in (1, 8, 13, 14, 15, 16, 22, 26, 27, 28, 32)),
    *(("contained", taken) for taken in (120, 200, 300)),
    *(("passage", shared) for shared in (LEAST - 5, LEAST - 1, LEAST, LEAST + 1, 60, 120)),
)


class Family(NamedTuple):
    """Two seeds, what they have in common, and how alike they truly are."""

    kind: tuple[str, int]
    seeds: tuple[int, int]
    similarity: float
    containment: float


class Corpus:
    """Seeds made from their numbers: the same whenever they are asked for."""

    def __init__(self, count: int) -> None:
        """Make the vocabulary."""
        self.count = count
        self.families = count // 50
        self._step = next(s for s in range(int(count * 0.618), 2 * count) if math.gcd(s, count) < 2)
        self._back = pow(self._step, -1, count)
        rng = np.random.default_rng(1)
        rank = np.arange(100_000)
        sizes = np.minimum(2 + np.log2(rank + 1) * 0.45, 10).astype(np.int64)
        letters = rng.choice(list("etaoinshrdlucmfwypvbgk"), int(sizes.sum()))
        ends = np.cumsum(sizes)
        words = ["".join(letters[a:b]) for a, b in zip(ends - sizes, ends, strict=True)]
        common = 1 / (rank + 2.7) ** 1.05
        common /= common.sum()
        picked = iter(rng.choice(rank, 5 * PHRASES, p=common).tolist())
        phrases = [
            " ".join(words[next(picked)] for _ in range(3 + number % 3))
            for number in range(PHRASES)
        ]
        frequent = 1 / (np.arange(PHRASES) + 10)
        chances = np.concatenate((common * 0.9, frequent / frequent.sum() * 0.1))
        counts = np.maximum(chances * (1 << 21), 1).astype(np.int64)
        self._units = np.repeat(np.array([*words, *phrases], np.object_), counts)
        sample = " ".join(self._units[rng.integers(0, len(self._units), 100_000)].tolist())
        self._length = 100_000 * SIZE // len(sample)  # units of a seed
        self._common = " ".join(self._own(count).split()[:80])

    def text(self, number: int) -> str:
        """Return one seed."""
        slot = number * self._step % self.count
        if slot >= 2 * self.families:
            own = self._own(number)
            # A word that occurs once keeps what stands before the paragraph out of the passage.
            return f"{own} c{number}x {self._common}" if slot % 100 == 0 else own
        return self._member(slot // 2, slot % 2)

    def family(self, number: int) -> Family:
        """Return a family, compared by sets of three words."""
        first, second = (self._grams(self._member(number, member)) for member in (0, 1))
        shared, least = len(first & second), min(len(first), len(second))
        seeds = sorted((2 * number + member) * self._back % self.count for member in (0, 1))
        alike = shared / len(first | second), shared / least
        return Family(self._kind(number), (seeds[0], seeds[1]), *alike)

    @staticmethod
    def _grams(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return set(zip(words, words[1:], words[2:], strict=False))

    def _kind(self, family: int) -> tuple[str, int]:
        return KINDS[family % len(KINDS)]

    def _own(self, *key: int) -> str:
        """Return words that depend on the key only."""
        rng = np.random.default_rng((*key, 1))  # numpy takes (7,) and (7, 0) for the same
        length = int(self._length * rng.uniform(0.75, 1.25))
        return " ".join(self._units[rng.integers(0, len(self._units), length)].tolist())

    @lru_cache(maxsize=4)  # noqa: B019
    def _member(self, family: int, member: int) -> str:
        kind, amount = self._kind(family)
        first, other = (self._own(family, which).split() for which in (0, 1))
        rng = np.random.default_rng((family, 2))
        if kind == "contained" and member == 0:
            first = first[:amount]
        if member == 0 and kind != "passage":
            return " ".join(first)
        if kind == "near":
            for at in rng.choice(len(first) // 3, amount, replace=False) * 3:
                first[at] += "x"
        elif kind == "contained":
            at = int(rng.integers(len(other)))
            edited = first[:amount]
            edited[amount // 2] = "edited"
            first = [*other[:at], *edited, *other[at:]]
        elif kind == "passage":
            # Between words that occur once, so that neither chance nor the place makes it longer.
            run = first[:amount]
            own = other if member else first[amount:]
            at = int(rng.integers(len(own) // 2))
            guards = [f"{side}{family}x{member}" for side in "ab"]
            first = [*own[:at], guards[0], *run, guards[1], *own[at:]]
        return " ".join(first)


class Stages:
    """Prints how long each stage takes and how much memory was in use at most so far."""

    def __init__(self) -> None:
        """Print the head of the table."""
        self.total = 0.0
        self._apart = 0.0
        print(f"\n{'stage':<44}{'seconds':>9}{'peak MB':>9}", flush=True)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; what was generated meanwhile is left out."""
        started, self._apart = time.perf_counter(), 0.0
        yield
        seconds = time.perf_counter() - started - self._apart
        self.total += seconds
        print(f"{name:<44}{seconds:>9.1f}{peak():>9.0f}", flush=True)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Leave time out: making texts is no part of the stage."""
        started = time.perf_counter()
        yield
        self._apart += time.perf_counter() - started


def peak() -> float:
    """Return the greatest resident MB so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Spool:
    """Sets of 64-bit values, one after the other in a file; read in parts, and never mapped."""

    def __init__(self, path: Path) -> None:
        """Start an empty file."""
        self._file = path.open("w+b")
        self._sizes: list[np.ndarray] = []

    def write(self, sets: Sets) -> None:
        """Add some sets."""
        sets.values.tofile(self._file)
        self._sizes.append(sets.sizes())

    def close_writing(self) -> None:
        """Make the file ready to be read."""
        self._file.flush()
        self._bounds = running(np.concatenate(self._sizes))

    def read(self, start: int, stop: int) -> Sets:
        """Return the sets of some numbers."""
        bounds = self._bounds[start : stop + 1]
        self._file.seek(int(bounds[0]) * 8)
        values = np.fromfile(self._file, np.uint64, int(bounds[-1] - bounds[0]))
        return Sets(values, bounds - bounds[0])

    @property
    def values(self) -> int:
        """How many values there are."""
        return int(self._bounds[-1])


def distinct_texts(digests: bytes) -> tuple[np.ndarray, set[tuple[int, int]]]:
    """Return which texts are the first of their kind, and the pairs of a first and a copy."""
    halves = np.frombuffer(digests, np.uint64).reshape(-1, 2)
    order = np.lexsort((np.arange(len(halves)), halves[:, 1], halves[:, 0]))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (halves[order[1:]] != halves[order[:-1]]).any(axis=1)
    first = order[fresh][np.cumsum(fresh) - 1]
    is_first = np.zeros(len(order), np.bool_)
    is_first[order[fresh]] = True
    copies = zip(first[~fresh].tolist(), order[~fresh].tolist(), strict=True)
    return is_first, set(copies)


def read(spool: Spool, distinct: np.ndarray) -> Iterator[tuple[np.ndarray, Sets]]:
    """Return the distinct texts' arrays, part by part, with the texts' numbers."""
    for start in range(0, len(distinct), SETS):
        chosen = np.flatnonzero(distinct[start : start + SETS])
        yield start + chosen, take(spool.read(start, min(start + SETS, len(distinct))), chosen)


def joined(parts: list[Sets]) -> Sets:
    """Return parts as one."""
    bounds = running(np.concatenate([part.sizes() for part in parts]))
    return Sets(np.concatenate([part.values for part in parts]), bounds)


def sieved(grams: Spool, distinct: np.ndarray, stages: Stages) -> tuple[Sets, np.ndarray]:
    """Return the sets that may be in a pair, and their numbers."""
    like = likeness(PARAMETERS.near_duplicate, PARAMETERS.contained)
    table = sieve.cells(min((2 * grams.values).bit_length(), 30))
    with stages.stage("see every set"):
        for _, sets in read(grams, distinct):
            sieve.see(table, sets)
    surviving, rarest = [], []
    with stages.stage("let survive what may have a larger partner"):
        for _, sets in read(grams, distinct):
            stay = sieve.survive(table, sets, like)
            surviving.append(stay)
            rarest.append(sieve.rarest(table, take(sets, np.flatnonzero(stay)), like))
        named = sieve.name(rarest)
    del table
    kept, which = [], []
    with stages.stage("meet those that survive"):
        for (numbers, sets), stay in zip(read(grams, distinct), surviving, strict=True):
            left = np.flatnonzero(stay | sieve.meet(named, sets))
            kept.append(take(sets, left))
            which.append(numbers[left])
    survivors = sum(int(stay.sum()) for stay in surviving)
    print(f"  {survivors:,} survive, {sum(map(len, which)):,} are left to compare")
    return joined(kept), np.concatenate(which)


def grouped(pairs: Pairs, sets: Sets) -> np.ndarray:
    """Make groups; return which pairs are near duplicates."""
    sizes = sets.sizes()
    a, b = sizes[pairs.a], sizes[pairs.b]
    near = likeness(PARAMETERS.near_duplicate, 1, jaccard_only=True).holds(pairs.shared, a, b)
    counts = []
    for which, score in (
        (near, pairs.shared / (a + b - pairs.shared)),
        (~near, pairs.shared / np.minimum(a, b)),
    ):
        found = star_clusters(pairs.a[which], pairs.b[which], score[which], sizes)
        counts.append(len(found.representatives))
    print(f"  {counts[0]:,} groups of near duplicates, {counts[1]:,} of contained seeds")
    return near


Runs = dict[tuple[int, ...], set[int]]


def shared_runs(
    corpus: Corpus, marks: Spool, distinct: np.ndarray, stages: Stages
) -> tuple[Runs, int]:
    """Return the lengths of the passages that the same seeds share, and the most frequent one's
    seeds."""
    numbers = np.flatnonzero(distinct)
    with stages.stage("find the seeds with a mark that occurs again"):
        sets = joined([sets for _, sets in read(marks, distinct)])
        numbers = numbers[np.unique(np.concatenate(repeating(sets)))]
        del sets
    with stages.stage("passages of these, from their texts"):
        parts, counts = [], []
        for at in range(0, len(numbers), BATCH):
            with stages.apart():
                texts = [corpus.text(number) for number in numbers[at : at + BATCH].tolist()]
            tokens = tokenize(texts, characters=True)
            parts.append(tokens.hashes)
            counts.append(np.diff(tokens.bounds))
        found = passages(np.concatenate(parts), running(np.concatenate(counts)), LEAST)
    runs: Runs = {}
    common = 0
    seeds = numbers[found.texts].tolist()
    bounds = found.bounds.tolist()
    for number, length in enumerate(found.lengths.tolist()):
        having = tuple(sorted(set(seeds[bounds[number] : bounds[number + 1]])))
        common = max(common, len(having))
        runs.setdefault(having, set()).add(length)
    print(f"  {len(numbers):,} seeds read again, {len(found.lengths):,} passages")
    return runs, common


def run_check(families: list[Family], found: dict[str, set[tuple[int, int]]], runs: Runs) -> None:
    """Print what should be found of each kind, and what is."""
    told = {
        "copy": "copies",
        "near": "{} words replaced",
        "contained": "{} words in a larger seed",
        "passage": "a passage of {} tokens",
    }
    shapes = {
        "copies": "copy",
        "near duplicates, Jaccard ≥ 0.8": "near",
        "contained seeds, ≥ 0.8": "contained",
        "unrelated seeds that share a passage": "passage",
    }
    true: dict[str, set[tuple[int, int]]] = {name: set() for name in shapes.values()}
    rows = {kind: [0, 0, 0, 0.0, 0.0] for kind in KINDS}
    for family in families:
        kind, amount = family.kind
        if kind == "passage":
            wanted = kind if amount >= LEAST else ""
            hit = amount in runs.get(family.seeds, ())
        elif kind == "copy":
            wanted, hit = kind, family.seeds in found["copy"]
        else:
            near, contained = family.similarity >= 0.8, family.containment >= 0.8
            wanted = "near" if near else "contained" if contained else ""
            hit = bool(wanted) and family.seeds in found[wanted]
        if wanted:
            true[wanted].add(family.seeds)
        row = rows[family.kind]
        for at, more in enumerate((1, bool(wanted), hit, family.similarity, family.containment)):
            row[at] += more
    print(f"\n{'planted':<30}{'families':>9}{'Jaccard':>9}{'contained':>11}{'true':>8}{'found':>8}")
    for (kind, amount), (planted, wanted, hits, similarity, containment) in rows.items():
        name = told[kind].format(amount)
        means = f"{similarity / planted:>9.3f}{containment / planted:>11.3f}"
        print(f"{name:<30}{planted:>9,}{means}{wanted:>8,}{hits:>8,}")
    print(f"\n{'':<38}{'true':>9}{'found':>9}{'recall':>9}{'precision':>11}")
    for name, kind in shapes.items():
        both = len(found[kind] & true[kind])
        shares = f"{both / len(true[kind]):>9.4f}{both / max(len(found[kind]), 1):>11.4f}"
        print(f"{name:<38}{len(true[kind]):>9,}{len(found[kind]):>9,}{shares}")


def write(corpus: Corpus, folder: Path) -> None:
    """Write the seeds into a folder, a thousand to a subfolder, with a format for them."""
    (folder / "schemas").mkdir(parents=True)
    (folder / "schemas" / "plain.toml").write_text('files = ["*.txt"]\n', encoding="utf-8")
    (folder / "seedkit.toml").touch()
    for number in range(corpus.count):
        path = folder / "seeds" / f"{number // 1000:04}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{corpus.text(number)}\n", encoding="utf-8")


def main() -> None:
    """Make the corpus, take its fingerprints, group them, compare with what was planted."""
    count = int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000
    corpus = Corpus(count)
    if len(sys.argv) > 2:
        write(corpus, Path(sys.argv[2]))
        return
    fingerprint_texts([corpus.text(0)], PARAMETERS)  # fills the table of code points
    stages = Stages()
    found: dict[str, set[tuple[int, int]]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        grams, marks = (Spool(Path(temporary, name)) for name in ("grams", "marks"))
        digests = bytearray()
        size = 0
        with stages.stage("fingerprints, tokenising included"):
            for at in range(0, count, BATCH):
                with stages.apart():
                    texts = [corpus.text(each) for each in range(at, min(at + BATCH, count))]
                    size += sum(map(len, texts))
                fingerprints = fingerprint_texts(texts, PARAMETERS)
                grams.write(fingerprints.grams)
                marks.write(fingerprints.marks)
                digests += fingerprints.digests.tobytes()
            grams.close_writing()
            marks.close_writing()
        print(f"  {count:,} seeds, {size / 1e6:,.0f} MB, {grams.values:,} 3-grams")
        with stages.stage("same texts"):
            distinct, found["copy"] = distinct_texts(bytes(digests))
        left, numbers = sieved(grams, distinct, stages)
        with stages.stage("pairs"):
            pairs = similar_pairs(
                left, PARAMETERS.near_duplicate, PARAMETERS.contained, complete=True
            )
        with stages.stage("groups"):
            near = grouped(pairs, left)
        for kind, which in (("near", near), ("contained", ~near)):
            a, b = numbers[pairs.a[which]].tolist(), numbers[pairs.b[which]].tolist()
            found[kind] = set(zip(a, b, strict=True))
        del left, pairs
        runs, common = shared_runs(corpus, marks, distinct, stages)
        print(f"  the common paragraph is in {common:,} seeds")
    print(f"{'together, without making texts':<44}{stages.total:>9.1f}{peak():>9.0f}")
    print(f"within {LIMIT:,} MB: {'yes' if peak() <= LIMIT else 'NO'}", flush=True)
    families = [corpus.family(number) for number in range(corpus.families)]
    related = {each.seeds for each in families if each.kind[0] in ("near", "contained")}
    found["passage"] = {seeds for seeds in runs if len(seeds) == 2} - related
    run_check(families, found, runs)


if __name__ == "__main__":
    main()
