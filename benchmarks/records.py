"""How fast are checks of large files of records, compared with reading them?

    python benchmarks/records.py [chats N [FILES] | leaks N [FILES] | table N] [--keep FOLDER]

`chats` (default: 400,000 in 12 files, 1 GB): conversations in JSON, one a line. `leaks`:
instructions in JSON, N in FILES files (default: one) of split `train`, a hundredth as many in
`test`; of these each fifth is by construction a near duplicate of one in `train` and must be found,
and nothing else. `table`: a CSV of N rows (default: 1,000,000).

Printed are wall seconds, processor seconds and the peak memory of all processes together (PSS):
cold, warm, with a record appended to one file, and without repeats; and the same of peers on the
same files: reading line by line with `json.loads`, or with Python's `csv`. frictionless and
check-jsonschema, if they are installed, take so long that they get the first 20,000 records only.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

FEW = 20_000  # records for peers that are slow
WORDS = 400  # of a conversation, on average
SEEDKIT = [sys.executable, "-m", "seedkit"]
READ_JSON = "import json,sys\nfor name in sys.argv[1:]:\n for line in open(name): json.loads(line)"
READ_CSV = "import csv,sys\nfor name in sys.argv[1:]:\n for row in csv.reader(open(name)): pass"


class Run(NamedTuple):
    """What a command took, and what it printed."""

    wall: float
    processor: float
    peak: float
    output: str


class Words:
    """Text with the frequencies of natural language, made a block at a time."""

    def __init__(self) -> None:
        """Make the vocabulary."""
        self._rng = np.random.default_rng(7)
        rank = np.arange(60_000)
        sizes = np.minimum(2 + np.log2(rank + 1) * 0.45, 10).astype(int)
        letters = self._rng.choice(list("etaoinshrdlucmfwypvbgk"), int(sizes.sum()))
        ends = np.cumsum(sizes)
        self._words = np.array(
            ["".join(letters[a:b]) for a, b in zip(ends - sizes, ends, strict=True)], np.object_
        )
        chances = 1 / (rank + 2.7) ** 1.05
        self._sums = np.cumsum(chances / chances.sum())
        self._block: list[str] = []

    def take(self, count: int) -> list[str]:
        """Return the next words."""
        if len(self._block) < count:
            picked = np.searchsorted(self._sums, self._rng.random(1 << 20)).clip(0, 59_999)
            self._block = self._words[picked].tolist()
        found = self._block[-count:]
        del self._block[-count:]
        return found

    def number(self, least: int, most: int) -> int:
        """Return a random number."""
        return int(self._rng.integers(least, most))


def main() -> None:
    """Write the corpus, run everything, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", nargs="?", choices=("chats", "leaks", "table"), default="chats")
    parser.add_argument("count", nargs="?", type=int)
    parser.add_argument("files", nargs="?", type=int)
    parser.add_argument("--keep", type=Path, help="write the corpus here, and only that")
    chosen = parser.parse_args()
    count = chosen.count or (400_000 if chosen.kind == "chats" else 1_000_000)
    files = chosen.files or (12 if chosen.kind == "chats" else 1)
    write = {"chats": write_chats, "leaks": write_leaks, "table": write_table}[chosen.kind]
    if chosen.keep is not None:
        write(chosen.keep, count, files)
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "corpus")
        planted = write(root, count, files)
        os.environ["SEEDKIT_CACHE_DIR"] = str(Path(folder, "cache"))
        compare(chosen.kind, root, planted)


def compare(kind: str, root: Path, planted: set[int]) -> None:
    """Run seedkit and its peers on a corpus."""
    seeds = sorted(path for path in (root / "seeds").rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in seeds)
    print(f"{kind}: {len(seeds):,} files, {size / 1e6:,.0f} MB")
    reader = READ_CSV if kind == "table" else READ_JSON
    read = show("read by Python", run([sys.executable, "-c", reader, *map(str, seeds)], root))
    check = [*SEEDKIT, "check", "--format", "json"]
    found = show("check, cold", run(check, root), read)
    if kind == "leaks":
        recall(found.output, planted)
    show("check, warm", run(check, root), read)
    target = seeds[0]
    with target.open("rb") as file:
        lines = file.readline(), file.readline()
    with target.open("ab") as file:
        file.write(lines[1])
    show("check, one record appended", run(check, root), read)
    shutil.rmtree(os.environ["SEEDKIT_CACHE_DIR"])
    show("check without repeats, cold", run([*check, "--ignore", "repeat"], root), read)
    peers(kind, root, seeds[0])


def recall(output: str, planted: set[int]) -> None:
    """Print which of the planted records are reported, and what else is."""
    leaks = [each for each in json.loads(output)["diagnostics"] if each["rule"] == "repeat/leak"]
    found = {each["start"]["line"] for each in leaks}
    print(
        f"  {len(planted):,} planted, {len(found & planted):,} found, "
        f"{len(found - planted):,} others"
    )


def peers(kind: str, root: Path, seed: Path) -> None:
    """Run programs that validate, on the first records of a file; seedkit too."""
    part = root.parent / "part"
    shutil.copytree(root / "schemas", part / "schemas")
    shutil.copy(root / "seedkit.toml", part)
    (part / "seeds").mkdir()
    few = part / "seeds" / seed.name
    with seed.open("rb") as source:
        lines = list(islice(source, FEW))
    few.write_bytes(b"".join(lines))
    own = show(f"check, cold, {len(lines):,} lines", run([*SEEDKIT, "check"], part))
    program = Path(sys.executable).parent
    if kind == "table" and (program / "frictionless").exists():
        show("frictionless validate", run([str(program / "frictionless"), "validate", few.name],
             few.parent), own)  # fmt: skip
    if kind != "table" and (program / "check-jsonschema").exists():
        whole = part / "part.json"
        whole.write_text("[" + ",".join(few.read_text().splitlines()) + "]")
        schema = part / "schema.json"
        keys = ["messages"] if kind == "chats" else ["instruction", "output"]
        item = {"type": "object", "required": keys}
        schema.write_text(json.dumps({"type": "array", "items": item}))
        command = [str(program / "check-jsonschema"), "--schemafile", str(schema), str(whole)]
        show("check-jsonschema", run(command, part), own)


def show(name: str, run: Run, peer: Run | None = None) -> Run:
    """Print a row, and how often the processor time and wall time of a peer it took."""
    ratio = ""
    if peer is not None:
        ratio = f"{run.processor / peer.processor:9.2f}{run.wall / peer.wall:9.2f}"
    print(f"{name:<34}{run.wall:8.2f} s{run.processor:8.2f} s{run.peak:8.0f} MB{ratio}", flush=True)
    return run


def run(command: Sequence[str], folder: Path) -> Run:
    """Run a command; return what it took, and the peak of the memory of all its processes."""
    before = os.times()
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        peak = [0.0]
        watcher = threading.Thread(target=watch, args=(process, peak))
        watcher.start()
        output = process.stdout.read() if process.stdout is not None else ""
        process.wait()
        wall = time.perf_counter() - started
        watcher.join()
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return Run(wall, used, peak[0], output)


def watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    """Keep the greatest sum of what a process and those under it hold, until it ends."""
    while process.poll() is None:
        peak[0] = max(peak[0], sum(map(held, below(process.pid))))
        time.sleep(0.5)  # to look takes time, too


def below(pid: int) -> Iterator[int]:
    """Return a process and all under it."""
    yield pid
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from below(int(child))


def held(pid: int) -> float:
    """Return the MB that a process holds; what it shares with others counts by parts."""
    with contextlib.suppress(OSError):
        found = re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def write_corpus(root: Path, builtin: str, settings: str = "", more: str = "") -> Path:
    """Write what a corpus has but for its seeds; return their folder."""
    (root / "seeds").mkdir(parents=True)
    (root / "schemas").mkdir()
    (root / "seedkit.toml").write_text(f'ignore = ["index"]\n{settings}')
    schema = f'extends = "builtin:{builtin}"\nfiles = ["seeds/**"]\n{more}\n'
    schema += "[file]\nmax_bytes = 1_000_000_000\n"
    (root / "schemas" / "data.toml").write_text(schema)
    return root / "seeds"


def write_chats(root: Path, count: int, files: int) -> set[int]:
    """Write conversations; nothing in them is planted."""
    seeds, words = write_corpus(root, "chat-jsonl"), Words()
    each = -(-count // files)
    for number in range(files):
        with (seeds / f"chats{number:02}.jsonl").open("w") as file:
            for _ in range(each):
                turns = ["user", "assistant"] * words.number(1, 4)
                messages = [{"role": "system", "content": "You are of help."}]
                for role in turns:
                    text = " ".join(words.take(words.number(20, 2 * WORDS // len(turns))))
                    text = f"{text.capitalize()}.\n\nIs “{text[:9]}” right?"
                    messages.append({"role": role, "content": text})
                file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
    return set()


def write_leaks(root: Path, count: int, files: int) -> set[int]:
    """Write instructions in splits; return the lines of `test` that repeat one of `train`."""
    settings = '[splits]\ntrain = ["seeds/train*.jsonl"]\ntest = ["seeds/test.jsonl"]\n'
    seeds, words = write_corpus(root, "instruction-jsonl", settings), Words()
    each = -(-count // files)
    test: list[list[str]] = []
    planted: set[int] = set()
    for number in range(files):
        with (seeds / f"train{number:04}.jsonl").open("w") as file:
            for at in range(number * each, min((number + 1) * each, count)):
                record = words.take(words.number(25, 45))
                file.write(instruction(record))
                if at % 100 == 0:
                    if at % 500 == 0:  # of n words one is replaced, in n - 2 sets of three
                        record[len(record) - 1] = f"edited{at}"
                        planted.add(len(test) + 1)
                    else:
                        record = words.take(len(record))
                    test.append(record)
    (seeds / "test.jsonl").write_text("".join(map(instruction, test)))
    return planted


def instruction(words: Sequence[str]) -> str:
    """Return a record as a line."""
    record = {"instruction": " ".join(words[:10]), "input": "", "output": " ".join(words[10:])}
    return json.dumps(record) + "\n"


def write_table(root: Path, count: int, files: int) -> set[int]:
    """Write a table; nothing in it is planted."""
    section = '[[section]]\nname = "{}"\n'
    sections = '[[section]]\nname = "id"\ntype = "integer"\n' + section.format("label")
    sections += 'enum = ["good", "bad", "none"]\n' + section.format("text")
    seeds, words = write_corpus(root, "csv", more=f"{sections}"), Words()
    with (seeds / "table.csv").open("w") as file:
        file.write("id,label,text\n")
        for number in range(count):
            label = ("good", "bad", "none")[number % 3]
            file.write(f'{number},{label},"{" ".join(words.take(12))}, {words.take(1)[0]}"\n')
    return set()


if __name__ == "__main__":
    main()
