"""Do the worst corpora take linear time and bounded memory?

    python benchmarks/worst_cases.py [N …]

Each corpus has N seeds (default: 10,000, 30,000 and 100,000) of 120 words; where it is one seed, 10
N words. A process of its own takes their fingerprints and finds all repeats, with the stages that
`seedkit check` uses; texts are made when they are asked for, and making them is not timed. `growth`
is the exponent to which time grew with N, so 1 is linear; `least` is the least similarity (for
contained seeds: containment) in any group.
"""

from __future__ import annotations

import hashlib
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from seedkit.repeats.arrays import Bounds, Hashes
from seedkit.repeats.find import Repeats, find_repeats
from seedkit.repeats.fingerprints import Fingerprints, fingerprint_texts, joined
from seedkit.repeats.fold import tokenize
from seedkit.repeats.parameters import Parameters

SIZES = (10_000, 30_000, 100_000)
WORDS = 120
CLUSTER = 1000
BATCH = 1 << 11  # texts held at once
PARAMETERS = Parameters()

TextOf = Callable[[int], str]


def words(*key: int, count: int = WORDS) -> list[str]:
    """Return random words that depend on the key only, and are hardly ever in another's."""
    rng = np.random.default_rng((*key, 1))
    return [f"w{number:x}" for number in rng.integers(0, 1 << 36, count).tolist()]


def rare_words(number: int, count: int) -> list[str]:
    """Return words that no other seed has."""
    return words(number, count=count)


def frequent_words(number: int, count: int) -> list[str]:
    """Return words as frequent as those of natural language: the most frequent is one in ten."""
    rng = np.random.default_rng((number, 1))
    return [f"z{rank:x}" for rank in (1000 ** rng.random(count)).astype(np.int64).tolist()]


def copies(number: int) -> str:
    """Every seed is the same."""
    return " ".join(words(0))


def sharing(percent: int, own_words: Callable[[int, int], list[str]]) -> TextOf:
    """Every seed has so much own text, and else one paragraph that all share."""
    own = WORDS * percent // 100
    paragraph = words(0, count=WORDS - own)
    return lambda number: " ".join([*paragraph, *own_words(number + 1, own)])


def chain(number: int) -> str:
    """Each seed lacks the first six words of the one before, and has six more."""
    return " ".join(f"w{at:x}" for at in range(number * 6, number * 6 + WORDS))


def clusters(number: int) -> str:
    """A thousand seeds at a time differ from one another in two words."""
    text = words(number // CLUSTER)
    text[number % 7 * 10] = f"a{number}"
    text[number % 11 * 10 + 5] = f"b{number}"
    return " ".join(text)


def word(number: int) -> str:
    """The only seed has one word, again and again."""
    return "again " * number


CASES: dict[str, tuple[str, TextOf]] = {
    "copies": ("copies of one seed", copies),
    "own30": ("a shared paragraph, 30 % own text", sharing(30, rare_words)),
    "own20": ("a shared paragraph, 20 % own text", sharing(20, rare_words)),
    "own10": ("a shared paragraph, 10 % own text", sharing(10, rare_words)),
    "usual": ("a shared paragraph, 30 % usual text", sharing(30, frequent_words)),
    "chain": ("a chain of near duplicates", chain),
    "clusters": (f"clusters of {CLUSTER:,} near duplicates", clusters),
    "word": ("one seed, one word 10 N times", word),
}


class Corpus:
    """Takes fingerprints and hands out tokens, and knows how long texts took to make."""

    def __init__(self, text_of: TextOf, numbers: Sequence[int]) -> None:
        """Nothing is made yet."""
        self._text_of = text_of
        self._numbers = numbers
        self.seconds = 0.0

    def _texts(self, which: Sequence[int]) -> list[str]:
        started = time.process_time()
        texts = [self._text_of(self._numbers[each]) for each in which]
        self.seconds += time.process_time() - started
        return texts

    def fingerprints(self) -> tuple[Hashes, Fingerprints]:
        """Return content digests and fingerprints of all seeds."""
        digests = bytearray()
        fingerprints: list[Fingerprints] = []
        for at in range(0, len(self._numbers), BATCH):
            texts = self._texts(range(at, min(at + BATCH, len(self._numbers))))
            for text in texts:
                digests += hashlib.sha256(text.encode()).digest()
            fingerprints.append(fingerprint_texts(texts, PARAMETERS))
        return np.frombuffer(digests, np.uint64).reshape(-1, 4), joined(fingerprints)

    def tokens_of(self, seeds: Sequence[int]) -> tuple[Hashes, Bounds]:
        """Return the tokens of some seeds, from their texts."""
        hashes, counts = [], [np.zeros(1, np.int64)]
        for at in range(0, len(seeds), BATCH):
            tokens = tokenize(self._texts(seeds[at : at + BATCH]), characters=True)
            hashes.append(tokens.hashes)
            counts.append(np.diff(tokens.bounds))
        return np.concatenate(hashes), np.cumsum(np.concatenate(counts))


def measure(case: str, size: int) -> None:
    """Find the repeats of one corpus in this process, and print what it took as JSON."""
    fingerprint_texts(["any text"], PARAMETERS)  # fills the table of code points
    text_of = CASES[case][1]
    corpus = Corpus(text_of, [10 * size] if case == "word" else range(size))
    started = time.process_time()
    digests, fingerprints = corpus.fingerprints()
    printed = time.process_time() - started - corpus.seconds
    made, started = corpus.seconds, time.process_time()
    repeats = find_repeats(digests, fingerprints, corpus.tokens_of, PARAMETERS)
    found = time.process_time() - started - (corpus.seconds - made)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([printed, found, peak, *summary(repeats)]))


def summary(repeats: Repeats) -> tuple[int, int, float, int, int]:
    """Return how many groups and seeds in them, their least score, how many passages, and in how
    many seeds the most frequent one is."""
    groups = [group for group in repeats.groups if group.members]
    scores = [
        member.containment if group.kind == "contained-seed" else member.similarity
        for group in groups
        for member in group.members
    ]
    grouped = {member.seed for group in groups for member in group.members}
    grouped |= {group.representative for group in groups}
    common = max((passage.seeds for passage in repeats.passages), default=0)
    return len(groups), len(grouped), min(scores, default=0.0), len(repeats.passages), common


def main() -> None:
    """Measure every case at every size, print the table."""
    if len(sys.argv) == 3 and sys.argv[1] in CASES:
        measure(sys.argv[1], int(sys.argv[2]))
        return
    sizes = [int(each.replace(",", "")) for each in sys.argv[1:]] or SIZES
    print("prints, repeats: seconds of processor for fingerprints, and to find all repeats")
    print("members: seeds in groups; common: seeds that have the most frequent passage\n")
    print(
        f"{'corpus and N':<16}{'prints':>9}{'repeats':>9}{'growth':>8}{'peak MB':>9}"
        f"{'groups':>9}{'members':>9}{'least':>7}{'passages':>10}{'common':>9}"
    )
    for case, (name, _) in CASES.items():
        print(name)
        before: tuple[int, float] | None = None
        for size in sizes:
            command = [sys.executable, __file__, case, str(size)]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
            printed, found, peak, groups, grouped, least, passages, common = json.loads(output)
            growth = ""
            if before is not None:
                ratio = math.log((printed + found) / before[1]) / math.log(size / before[0])
                growth = f"{ratio:.2f}"
            before = size, printed + found
            score = f"{least:.2f}" if groups else ""
            print(
                f"{size:>16,}{printed:>9.2f}{found:>9.2f}{growth:>8}{peak:>9,.0f}"
                f"{groups:>9,}{grouped:>9,}{score:>7}{passages:>10,}{common:>9,}",
                flush=True,
            )


if __name__ == "__main__":
    main()
