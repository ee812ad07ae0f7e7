"""How fast are repeats found, compared with other tools?

    python benchmarks/repeats.py FOLDER [FORMAT]
    python benchmarks/repeats.py --messages FOLDER

FOLDER holds seeds of the built-in format FORMAT (default: plain). `--messages` makes one: 20,000
messages, 46 MB, with quotations, signatures, and some sent twice.

Peers that are not installed are left out: rensa, datasketch, gaoya and text-dedup from PyPI, jscpd
from npm (where PATH has it). First whole processes run on a temporary corpus, with as many workers
as they like. Then everything runs in this process and in one thread, in turn, and seconds are of
the processor. Printed are medians of five runs.
"""

from __future__ import annotations

import gc
import importlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from seedkit.repeats.fingerprints import fingerprint_texts
from seedkit.repeats.fold import tokenize, tokenize_both
from seedkit.repeats.grams import Sets, gram_sets, winnow
from seedkit.repeats.parameters import Parameters
from seedkit.repeats.passages import window
from seedkit.repeats.similar import similar_pairs

RUNS = 5
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
PERMUTATIONS, BANDS = 128, 16
PARAMETERS = Parameters()
PASSAGE = window(PARAMETERS.passage_tokens)
JSCPD = ("--min-tokens", "50", "--min-lines", "1", "--reporters", "silent")
SLOW = 20  # of slow peers' texts one in so many is measured
WORD = re.compile(r"\w+")

Found = set[tuple[int, int]]


class Row(NamedTuple):
    """A program to measure, and one in how many texts it gets."""

    name: str
    run: Callable[[Sequence[str]], Any]
    every: int = 1


def peer(name: str) -> ModuleType | None:
    """Return a module if it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name.partition('.')[0]}: not installed, not measured")
        return None


def measured(rows: Sequence[Row], texts: Sequence[str]) -> tuple[dict[str, float], dict[str, Any]]:
    """Return each row's median seconds for all texts, and what it returned."""
    seconds: dict[str, list[float]] = {row.name: [] for row in rows}
    results = {}
    sizes = {every: sum(map(len, texts[::every])) for every in {row.every for row in rows}}
    for _ in range(RUNS):
        for row in rows:
            own = texts[:: row.every]
            results.pop(row.name, None)
            gc.collect()
            gc.disable()  # or a tool that makes many objects pays for those of others
            started = time.process_time()
            results[row.name] = row.run(own)
            taken = time.process_time() - started
            gc.enable()
            seconds[row.name].append(taken * sizes[1] / sizes[row.every])
    return {name: statistics.median(each) for name, each in seconds.items()}, results


# -- fingerprints


def words(text: str) -> list[str]:
    """Return the words of a text, as a peer gets them."""
    return WORD.findall(text.casefold())


def shingles(text: str) -> list[str]:
    """Return the runs of three words of a text, as a peer gets them."""
    own = words(text)
    return list(map(" ".join, zip(own, own[1:], own[2:], strict=False)))


def ours(texts: Sequence[str]) -> list[Sets]:
    """Return sets of 3-grams, and make what finds passages."""
    sets = []
    for characters, whole in tokenize_both(texts):
        winnow(characters.hashes, characters.bounds, *PASSAGE)
        sets.append(gram_sets(whole.hashes, whole.bounds))
    return sets


def updated(kind: Callable[[], Any], tokens_of: Callable[[str], list[str]]) -> Callable[..., Any]:
    """Return the loop that a peer's manual shows: tokens, update."""

    def run(texts: Sequence[str]) -> list[Any]:
        sketches = []
        for text in texts:
            sketch = kind()
            sketch.update(tokens_of(text))
            sketches.append(sketch)
        return sketches

    return run


def fingerprint_rows() -> list[Row]:
    """Return what makes fingerprints."""
    rows = [
        Row("seedkit: words, 3-gram sets, winnow", ours),
        Row("seedkit: all that is stored of a seed", lambda t: fingerprint_texts(t, PARAMETERS)),
    ]
    if rensa := peer("rensa"):
        for name in ("RMinHash", "CMinHash"):
            kind = getattr(rensa, name)
            for what, tokens_of in (("words", words), ("3-grams", shingles)):
                loop = updated(lambda kind=kind: kind(PERMUTATIONS, 42), tokens_of)
                rows.append(Row(f"rensa {name}, {what}", loop))
        rows.append(
            Row(
                "rensa RMinHash, words, all at once",
                lambda texts: rensa.RMinHash.digest_matrix_from_token_sets(
                    list(map(words, texts)), PERMUTATIONS, 42
                ),
            )
        )
    if datasketch := peer("datasketch"):
        for what, tokens_of in (("words", words), ("3-grams", shingles)):

            def one_by_one(texts: Sequence[str], tokens_of: Any = tokens_of) -> None:
                for text in texts:
                    sketch = datasketch.MinHash(PERMUTATIONS)
                    for token in tokens_of(text):
                        sketch.update(token.encode())

            def batch(texts: Sequence[str], tokens_of: Any = tokens_of) -> None:
                for text in texts:
                    sketch = datasketch.MinHash(PERMUTATIONS)
                    sketch.update_batch([token.encode() for token in tokens_of(text)])

            rows.append(Row(f"datasketch MinHash, {what}", one_by_one, SLOW))
            rows.append(Row(f"datasketch MinHash, {what}, update_batch", batch, SLOW))
    if text_dedup := peer("text_dedup.minhash"):
        rows.append(Row("text-dedup minhash, 3-grams", text_dedup_signatures(text_dedup), SLOW))
    return rows


def text_dedup_signatures(module: ModuleType) -> Callable[[Sequence[str]], list[Any]]:
    """Return what makes text-dedup's signatures, with its faster hash."""
    prime = np.uint32((1 << 32) - 5)
    rng = np.random.RandomState(42)
    permutations = tuple(
        rng.randint(low, prime, PERMUTATIONS, dtype=np.uint64).astype(np.uint32) for low in (1, 0)
    )
    size = PERMUTATIONS // BANDS

    def run(texts: Sequence[str]) -> list[Any]:
        return [
            module.embed_func(
                content=text,
                idx=number,
                num_perm=PERMUTATIONS,
                ngram_size=3,
                min_length=0,
                hashranges=[(at, at + size) for at in range(0, PERMUTATIONS, size)],
                permutations=permutations,
                hash_func=module.xxh3_32hash,
                dtype=np.uint32,
                max_hash=np.uint32((1 << 32) - 1),
                modulo_prime=prime,
            )
            for number, text in enumerate(texts)
        ]

    return run


def fingerprints(texts: Sequence[str], size: float) -> None:
    """Print the table of fingerprints."""
    rows = fingerprint_rows()
    seconds, _ = measured(rows, texts)
    own = seconds[rows[0].name]
    print(f"\n{'fingerprints, tokenising included':<44}{'seconds':>9}{'MB/s':>8}{'÷ ours':>8}")
    for row in rows:
        taken = seconds[row.name]
        star = " *" if row.every > 1 else ""
        print(f"{row.name:<44}{taken:>9.2f}{size / taken:>8.1f}{taken / own:>8.2f}{star}")
    print(f"* measured with one text in {SLOW}, times as much as all have")


# -- pairs


def our_pairs(texts: Sequence[str]) -> Found:
    """Return all pairs of texts with Jaccard ≥ 0.8."""
    tokens = tokenize(texts)
    sets = gram_sets(tokens.hashes, tokens.bounds)
    pairs = similar_pairs(sets, 0.8, 0.8, jaccard_only=True, complete=True)
    return set(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))


def verified(sets: Sequence[list[str]], answers: Iterable[tuple[int, Iterable[int]]]) -> Found:
    """Return the pairs among what a peer answers that have true Jaccard ≥ 0.8."""
    distinct: dict[int, set[str]] = {}
    found = set()
    for a, b in {(a, b) for a, others in answers for b in others if a < b}:
        for each in (a, b):
            if each not in distinct:
                distinct[each] = set(sets[each])
        first, second = distinct[a], distinct[b]
        shared = len(first & second)
        if shared and 9 * shared >= 4 * (len(first) + len(second)):
            found.add((a, b))
    return found


def pair_rows() -> list[Row]:
    """Return what finds pairs."""
    rows = [Row("seedkit", our_pairs)]
    if rensa := peer("rensa"):

        def loop(texts: Sequence[str]) -> Found:
            sets = list(map(shingles, texts))
            index = rensa.RMinHashLSH(0.8, PERMUTATIONS, BANDS)
            sketches = []
            for number, own in enumerate(sets):
                sketch = rensa.RMinHash(PERMUTATIONS, 42)
                sketch.update(own)
                index.insert(number, sketch)
                sketches.append(sketch)
            return verified(sets, ((n, index.query(each)) for n, each in enumerate(sketches)))

        def at_once(texts: Sequence[str]) -> Found:
            sets = list(map(shingles, texts))
            sketches = rensa.RMinHash.from_token_sets(sets, PERMUTATIONS, 42)
            index = rensa.RMinHashLSH(0.8, PERMUTATIONS, BANDS)
            index.insert_many(sketches)
            return verified(sets, enumerate(index.query_all(sketches)))

        rows.append(Row("rensa RMinHash, LSH, pairs", loop))
        rows.append(Row("rensa RMinHash, LSH, pairs, all at once", at_once))
    if gaoya := peer("gaoya.minhash"):

        def indexed(texts: Sequence[str], *, analyzed: bool) -> Found:
            sets = list(map(shingles, texts))
            given: dict[str, Any] = {"analyzer": "word", "lowercase": True, "ngram_range": (3, 3)}
            queries: Sequence[Any] = texts
            if not analyzed:
                given, queries = {"analyzer": sets.__getitem__}, range(len(texts))
            rows = PERMUTATIONS // BANDS
            index = gaoya.MinHashStringIndex(32, 0.8, BANDS, rows, id_container="vec", **given)
            index.par_bulk_insert_docs(list(range(len(texts))), list(queries))
            return verified(sets, enumerate(index.par_bulk_query(list(queries))))

        rows.append(Row("gaoya, the same 3-grams", lambda texts: indexed(texts, analyzed=False)))
        rows.append(Row("gaoya, its own 3-grams", lambda texts: indexed(texts, analyzed=True)))
    return rows


def pairs(texts: Sequence[str]) -> None:
    """Print the table of pairs."""
    rows = pair_rows()
    seconds, found = measured(rows, texts)
    own = rows[0].name
    right = found[own]
    print(f"\n{'texts in memory to pairs, Jaccard ≥ 0.8':<44}{'seconds':>9}{'ours ÷':>8}", end="")
    print(f"{'pairs':>8}{'recall':>8}{'others':>8}")
    for row in rows:
        ratio = seconds[own] / seconds[row.name]
        recall = len(found[row.name] & right) / max(len(right), 1)
        more = len(found[row.name] - right)
        print(f"{row.name:<44}{seconds[row.name]:>9.2f}{ratio:>8.2f}", end="")
        print(f"{len(found[row.name]):>8,}{recall:>8.3f}{more:>8,}")


# -- whole processes


def timed(command: Sequence[str], cwd: Path, before: Callable[[], object]) -> tuple[float, ...]:
    """Return a command's median seconds of the clock and of processors, and peak resident MB."""
    clock, processors = [], []
    peak = 0.0
    for _ in range(RUNS):
        before()
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        clock.append(time.perf_counter() - started)
        process.returncode = 0
        processors.append(usage.ru_utime + usage.ru_stime)
        peak = max(peak, usage.ru_maxrss / 1024)
    return statistics.median(clock), statistics.median(processors), peak


def processes(folder: Path, format_name: str) -> None:
    """Print the table of whole processes."""
    seedkit = [sys.executable, "-m", "seedkit"]
    with tempfile.TemporaryDirectory() as temporary:
        root, cache = Path(temporary, "corpus"), Path(temporary, "cache")
        os.environ["SEEDKIT_CACHE_DIR"] = str(cache)
        shutil.copytree(folder, root / "seeds")
        (root / "schemas").mkdir()
        schema = f'extends = "builtin:{format_name}"\nfiles = ["seeds/**"]\n'
        (root / "schemas" / "format.toml").write_text(schema)
        (root / "seedkit.toml").touch()
        quiet = {"cwd": root, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["git", "init", "-q"], check=True, **quiet)
        subprocess.run(["git", "add", "-A"], check=True, **quiet)
        subprocess.run([*seedkit, "check", "--fix"], check=False, **quiet)
        listing = [*seedkit, "repeats", "--format", "json"]
        told = subprocess.run(listing, cwd=root, stdout=subprocess.PIPE, check=False).stdout
        named = {root / path for path in re.findall(r'"(seeds/[^"]+)"', told.decode())}
        seeds = sorted(p for p in (root / "seeds").rglob("*") if p.is_file())
        middle = [*seeds[len(seeds) // 2 :], *seeds]
        repeating = next((seed for seed in middle if seed in named), middle[0])
        alone = next((seed for seed in middle if seed not in named), middle[0])
        print(f"{len(seeds):,} seeds, {len(named):,} repeat something, format {format_name}")

        def cold() -> None:
            shutil.rmtree(cache, ignore_errors=True)

        def touch(seed: Path) -> Callable[[], object]:
            return lambda: seed.write_bytes(seed.read_bytes() + b"\n")

        def nothing() -> None:
            pass

        print(f"\n{'whole processes':<44}{'seconds':>9}{'of CPUs':>9}{'peak MB':>9}")
        check = [*seedkit, "check"]
        digest = ["sh", "-c", "find seeds -type f -print0 | xargs -0 sha256sum"]
        jscpd = shutil.which("jscpd")
        for name, command, before in (
            ("sha256sum of all", digest, nothing),
            ("jscpd, passages of 50 tokens", [jscpd, *JSCPD, "seeds"] if jscpd else None, nothing),
            ("seedkit repeats, cold", [*seedkit, "repeats"], cold),
            ("seedkit repeats, warm", [*seedkit, "repeats"], nothing),
            ("seedkit check, cold", check, cold),
            ("seedkit check, warm", check, nothing),
            ("seedkit check, one that repeats changed", check, touch(repeating)),
            ("seedkit check, one that does not changed", check, touch(alone)),
        ):
            if command is None:
                print(f"{name:<44}{'not measured':>18}")
                continue
            clock, processors, peak = timed(command, root, before)
            print(f"{name:<44}{clock:>9.2f}{processors:>9.2f}{peak:>9.0f}", flush=True)


# -- messages


def make_messages(folder: Path, count: int = 20_000) -> None:
    """Write messages: headers, often a quotation, paragraphs, often a signature; some twice."""
    rng = np.random.default_rng(20)
    rank = np.arange(60_000)
    letters = rng.choice(list("etaoinshrdlucmfwypvbgk"), 12 * len(rank))
    sizes = np.minimum(2 + np.log2(rank + 1) * 0.45, 11).astype(int).tolist()
    vocabulary = ["".join(letters[12 * at : 12 * at + sizes[at]]) for at in rank.tolist()]
    chances = 1 / (rank + 2.7) ** 1.05
    chances /= chances.sum()

    def drawn() -> Iterator[str]:
        while True:
            yield from map(vocabulary.__getitem__, rng.choice(rank, 1 << 18, p=chances).tolist())

    stream = drawn()

    def lines(amount: int) -> list[str]:
        return [" ".join(islice(stream, 12)) for _ in range(amount)]

    signatures = [["-- ", *lines(int(rng.integers(1, 6)))] for _ in range(400)]
    folder.mkdir(parents=True)
    bodies: list[list[str]] = []
    for number in range(count):
        body = lines(int(rng.lognormal(2.95, 0.7)) + 1)
        kind = rng.random()
        if bodies and kind < 0.45:
            quoted = bodies[int(rng.integers(len(bodies)))]
            at = int(rng.integers(len(quoted)))
            quotation = [f"> {line}" for line in quoted[at : at + int(rng.integers(2, 25))]]
            body = ["Someone writes:", *quotation, "", *body]
        elif bodies and kind < 0.47:
            body = list(bodies[int(rng.integers(len(bodies)))])
            for at in rng.integers(0, len(body), 1 + len(body) // 12).tolist():
                body[at] = lines(1)[0]
        bodies.append(body)
        subject = lines(1)[0][:40]
        author = int(len(signatures) * rng.random() ** 2)
        text = [f"From: author{author}@example.org", f"Subject: {subject}", "", *body]
        if rng.random() < 0.6:
            text += signatures[author]
        (folder / f"{number:05d}.txt").write_text("\n".join(text) + "\n")


def main() -> None:
    """Run everything, print the tables."""
    if sys.argv[1] == "--messages":
        make_messages(Path(sys.argv[2]))
        return
    folder = Path(sys.argv[1])
    if os.environ.get(THREADS[-1]) != "1":
        # First, and not from a process that holds texts: a child's peak begins with its parent's.
        processes(folder, sys.argv[2] if len(sys.argv) > 2 else "plain")
        environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)
    texts = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            texts.append(path.read_text("utf-8"))
        except UnicodeDecodeError:
            print(f"{path}: no UTF-8, left out of what runs in this process")
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(f"\n{len(texts):,} texts, {size:.1f} MB")
    fingerprint_texts(texts, PARAMETERS)  # fills the table of code points
    gc.freeze()
    fingerprints(texts, size)
    pairs(texts)


if __name__ == "__main__":
    main()
