"""How fast is an index made and asked, how large is it, how well does it rank, next to others?

    python benchmarks/search.py FOLDER FORMAT [CRANFIELD]

FOLDER holds seeds of the built-in format FORMAT. A second corpus is made here: 10,000 English-like
seeds of 2.5 KB with 40,000 different words. CRANFIELD is the folder of that collection
(`cran.all.1400`, `cran.qry`, `cranqrel`). If FOLDER has a folder `pages.id`, as tldr has, the seeds
in it, which are in Indonesian, are searched for by their titles.

Peers that are not installed are left out: tantivy, Whoosh and bm25s from PyPI, recoll (for how well
it ranks) from Debian's `recollcmd`; SQLite's FTS5 comes with Python. They are fed the same strings,
read and cut before, and analyse them their own way.
Each index is made by a process of its own, in turn with the others; printed are medians of three
runs, in seconds of the clock and of all processors. Slow ones get one seed in ten.
"""

from __future__ import annotations

import importlib.util
import os
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, NamedTuple

from seedkit.core.languages import detect
from seedkit.core.processes import in_processes
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format
from seedkit.search import plan, query
from seedkit.search.analysis import Tokeniser, chunks
from seedkit.search.engines import load
from seedkit.search.model import IndexRecord
from seedkit.search.records import RecordMaker, fields_of

RUNS = 3
QUERIES = 40
Texts = Sequence[tuple[str, str]]  # names and contents
FUNCTION_WORDS = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from"
)


# -- corpora


def read(folder: Path) -> Texts:
    """Return the texts of a folder that are UTF-8."""
    texts = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            texts.append((str(path.relative_to(folder)), path.read_bytes().decode()))
        except UnicodeDecodeError:
            print(f"{path}: no UTF-8, left out")
    return texts


def english(count: int = 10_000, types: int = 40_000) -> Texts:
    """Make texts of sentences whose words are as frequent as in English (Zipf, Mandelbrot)."""
    rng = random.Random(23)
    onsets, vowels = (
        ["", *"bcdfghlmnprstvw", "st", "tr", "pl", "sh"],
        ["a", "e", "i", "o", "u", "ea"],
    )
    endings = ("", "s", "ed", "ing", "er", "ly", "ation", "ness")
    words = dict.fromkeys(FUNCTION_WORDS.split())
    while len(words) < types:
        size = 1 + (len(words) > 200) + (len(words) > 20_000)
        stem = "".join(rng.choice(onsets) + rng.choice(vowels) for _ in range(size))
        stem += rng.choice("bdgklmnprtz")
        for ending in rng.sample(endings, 3):
            words[stem + ending] = None
    vocabulary = list(words)[:types]
    chances = list(accumulate(1 / (rank + 2.7) for rank in range(types)))

    def sentence() -> str:
        drawn = [vocabulary[bisect(chances, rng.random() * chances[-1])] for _ in range(14)]
        return " ".join(drawn).capitalize() + rng.choice((".", ".", "?", ", he said."))

    return [
        (f"{number // 1000:02}/{number:05}.txt", " ".join(sentence() for _ in range(23)) + "\n")
        for number in range(count)
    ]


# -- indexes: seedkit's, and those of others


def ours(engine: str, workers: int = 1) -> Callable[[Texts, str], None]:
    """Return what analyses texts and stores them in one of seedkit's engines.

    More than one worker are processes of their own, as `seedkit index` starts them.
    """

    def build(texts: Texts, folder: str) -> None:
        portions = (range(at, min(at + 1000, len(texts))) for at in range(0, len(texts), 1000))
        make = partial(analysed, texts)
        made = map(make(), portions) if workers == 1 else in_processes(make, portions, workers)
        write(engine, folder, chain.from_iterable(made))

    return build


def analysed(texts: Texts) -> Callable[[range], Iterable[IndexRecord]]:
    """Return what makes records of some of the texts, by number."""
    tokeniser = Tokeniser()

    def record(path: str, text: str) -> IndexRecord:
        found = chunks(text)
        words, stems = tokeniser.fields(found, text.isascii(), detect(found))
        return IndexRecord(path, 0, stems, words, "format=plain sole=text")

    return lambda numbers: [record(*texts[number]) for number in numbers]


def ours_cut(engine: str, format_name: str) -> Callable[[Texts, str], None]:
    """Return what indexes texts as seeds of a format, as `seedkit index` does in one process."""

    def build(texts: Texts, folder: str) -> None:
        maker = RecordMaker(layout(format_name), Tokeniser())
        write(engine, folder, (r for path, text in texts for r in maker.index(path, text.encode())))

    return build


def write(engine: str, folder: str, records: Iterable[IndexRecord]) -> None:
    """Make an index of records."""
    load(engine).create(folder)
    writer = load(engine).write(folder)
    for record in records:
        writer.add(record)
    writer.commit()


def layout(format_name: str) -> Layout:
    """Return a built-in format, compiled."""
    return Layout(format_name, builtin_format(format_name, ["**"]))


def tantivy_itself(threads: int) -> Callable[[Texts, str], None]:
    """Return what stores texts in two fields, plain and stemmed, with tantivy's tokenizers."""

    def build(texts: Texts, folder: str) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("path", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("words")
        builder.add_text_field("stems", tokenizer_name="en_stem")
        writer = tantivy.Index(builder.build(), path=folder).writer(128_000_000, threads)
        for path, text in texts:
            writer.add_document(tantivy.Document(path=path, words=text, stems=text))
        writer.commit()
        writer.wait_merging_threads()

    return build


def whoosh_itself(texts: Texts, folder: str) -> None:
    """Store texts with Whoosh's own writer and its StemmingAnalyzer."""
    from whoosh import analysis, fields, index

    schema = fields.Schema(
        path=fields.ID(stored=True), text=fields.TEXT(analyzer=analysis.StemmingAnalyzer())
    )
    writer = index.create_in(folder, schema).writer()
    for path, text in texts:
        writer.add_document(path=path, text=text)
    writer.commit()


def fts5(texts: Texts, folder: str) -> None:
    """Store texts in SQLite's full-text table with its stemmer, without their contents."""
    with closing(sqlite3.connect(f"{folder}/fts5")) as database, database:
        database.execute("CREATE TABLE paths (id INTEGER PRIMARY KEY, path TEXT)")
        database.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='porter unicode61')"
        )
        for number, (path, text) in enumerate(texts):
            database.execute("INSERT INTO paths VALUES (?, ?)", (number, path))
            database.execute("INSERT INTO texts (rowid, text) VALUES (?, ?)", (number, text))


def bm25s_itself(texts: Texts, folder: str) -> None:
    """Score all words of all texts with bm25s, in numpy, and save the matrix."""
    retriever, _ = bm25s_retriever([text for _, text in texts])
    retriever.save(folder)


def bm25s_retriever(texts: Sequence[str]) -> tuple[Any, Callable[[str], Any]]:
    """Return an index of texts, and what makes tokens of a query."""
    import bm25s
    import Stemmer

    def tokens(texts: Any) -> Any:
        stemmer = Stemmer.Stemmer("english")
        return bm25s.tokenize(texts, stopwords=None, stemmer=stemmer, show_progress=False)

    retriever = bm25s.BM25()
    retriever.index(tokens(texts), show_progress=False)
    return retriever, lambda text: tokens([text])


class Row(NamedTuple):
    """A way to make an index, what it is compared with, and one in how many texts it gets."""

    name: str
    needs: str
    build: Callable[[Texts, str], None]
    peer: str = ""
    every: int = 1


def rows(format_name: str) -> list[Row]:
    """Return all ways to make an index whose libraries are installed."""
    one, all_ = "tantivy itself, 1 thread", "tantivy itself, a thread a core"
    cut = f"seedkit, tantivy, cut as {format_name}"
    every = [
        Row(one, "tantivy", tantivy_itself(1)),
        Row(all_, "tantivy", tantivy_itself(0)),
        Row("seedkit, tantivy", "tantivy", ours("tantivy"), one),
        Row("the same, a process a core", "tantivy", ours("tantivy", os.cpu_count() or 1), one),
        Row(cut, "tantivy", ours_cut("tantivy", format_name), one),
        Row("Whoosh itself", "whoosh", whoosh_itself, every=10),
        Row("seedkit, whoosh", "whoosh", ours("whoosh"), "Whoosh itself"),
        Row("SQLite FTS5", "sqlite3", fts5),
        Row("bm25s", "bm25s", bm25s_itself),
    ]
    return [row for row in every if importlib.util.find_spec(row.needs)]


def in_a_process(work: Callable[[], object]) -> tuple[float, float, float]:
    """Return the seconds of the clock and of processors that a child takes, and its peak MB."""
    started = time.perf_counter()
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit("a process failed")
    seconds = time.perf_counter() - started
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def indexing(title: str, texts: Texts, format_name: str, folder: Path) -> None:
    """Make every index, and print what it takes. What was made stays under `folder`."""
    sizes = [len(text.encode()) / 1e6 for _, text in texts]
    print(f"\n{title}: {len(texts):,} texts, {sum(sizes):.1f} MB\n")
    heads = ("seconds", "of CPUs", "MB/s", "size/text", "peak MB")
    print(f"{'':<34}" + "".join(f"{head:>10}" for head in heads))
    table = rows(format_name)
    taken: dict[str, list[tuple[float, float, float]]] = {row.name: [] for row in table}
    for _ in range(RUNS):
        for row in table:
            target = folder / row.name
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            part = texts[:: row.every]
            taken[row.name].append(in_a_process(lambda r=row, t=target, p=part: r.build(p, str(t))))
    speeds: dict[str, tuple[float, float]] = {}
    for row in table:
        seconds, processors, peak = (
            statistics.median(values) for values in zip(*taken[row.name], strict=True)
        )
        size = sum(sizes[:: row.every])
        stored = sum(f.stat().st_size for f in (folder / row.name).rglob("*")) / 1e6
        speeds[row.name] = size / seconds, size / processors
        ratio = ""
        if row.peer in speeds:
            clock, cpu = (a / b for a, b in zip(speeds[row.name], speeds[row.peer], strict=True))
            ratio = f"  {clock:.2f} × {row.peer.split(',')[0]} ({cpu:.2f} by CPUs)"
        print(
            f"{row.name:<34}{seconds:>10.2f}{processors:>10.2f}{size / seconds:>10.1f}"
            f"{stored / size:>10.2f}{peak:>10.0f}{ratio}",
            flush=True,
        )


# -- queries, with the index open


FORMS = {
    "one word": "{0}",
    "two words": "{0} AND {1}",
    "phrase": '"{0} {1}"',
    "prefix": "{0:.3}*",
    "fuzzy": "{0}~1",
}


def asking(texts: Texts, folder: Path) -> None:
    """Print how long queries take in this process: the ten best of each, from text to paths."""
    drawn = pairs(texts, QUERIES)
    print(f"\n{'milliseconds, median (95 of 100)':<34}" + "".join(f"{kind:>16}" for kind in FORMS))
    for name, ask, kinds in askers(folder):
        cells = [
            spread(ask, [form.format(*words) for words in drawn]) if kind in kinds else "-"
            for kind, form in FORMS.items()
        ]
        print(f"{name:<34}" + "".join(f"{cell:>16}" for cell in cells))


def pairs(texts: Texts, count: int) -> list[list[str]]:
    """Return pairs of words that stand side by side somewhere."""
    rng = random.Random(5)
    drawn: list[list[str]] = []
    while len(drawn) < count:
        words = re.findall(r"[a-z]{4,}", rng.choice(texts)[1].lower())
        if len(words) > 1:
            at = rng.randrange(len(words) - 1)
            drawn.append(words[at : at + 2])
    return drawn


def askers(folder: Path) -> Iterator[tuple[str, Callable[[str], Any], Iterable[str]]]:
    """Yield what answers queries from the indexes under a folder, and of which kinds."""
    for engine in ("tantivy", "whoosh"):
        name = f"seedkit, {engine}"
        if (folder / name).exists():
            yield name, asked_of(engine, str(folder / name)), FORMS
    name = "tantivy itself, 1 thread"
    if (folder / name).exists():
        yield name, asked_of_tantivy(str(folder / name)), list(FORMS)[:3]
    with closing(sqlite3.connect(folder / "SQLite FTS5" / "fts5")) as database:
        yield "SQLite FTS5", asked_of_fts5(database), list(FORMS)[:4]


def asked_of_tantivy(folder: str) -> Callable[[str], Any]:
    """Return what answers a query with tantivy's own language."""
    import tantivy

    index = tantivy.Index.open(folder)
    searcher = index.searcher()

    def ask(text: str) -> Any:
        found = searcher.search(index.parse_query(text, ["words"]), 10)
        return [searcher.doc(address)["path"] for _, address in found.hits]

    return ask


def asked_of(engine: str, folder: str) -> Callable[[str], Any]:
    """Return what answers a query as `seedkit search` does, with the index open."""
    tokeniser, reader, fields = Tokeniser(), load(engine).read(folder), fields_of([layout("plain")])

    def ask(text: str) -> Any:
        node = query.parse(text, fields).node
        return node and reader.search(plan.plan(node, reader, fields, tokeniser, ["en"]).node, 10)

    return ask


def asked_of_fts5(database: sqlite3.Connection) -> Callable[[str], Any]:
    """Return what answers a query with SQLite."""
    select = (
        "SELECT path FROM texts JOIN paths ON id = texts.rowid "
        "WHERE texts MATCH ? ORDER BY rank LIMIT 10"
    )
    return lambda text: database.execute(select, (text,)).fetchall()


def spread(ask: Callable[[str], Any], queries: list[str]) -> str:
    """Return the median and the 95th percentile of queries' times, each the best of three."""
    times = []
    for text in queries:
        runs = []
        for _ in range(3):
            started = time.perf_counter()
            ask(text)
            runs.append(time.perf_counter() - started)
        times.append(1000 * min(runs))
    times.sort()
    return f"{statistics.median(times):.2f} ({times[len(times) * 95 // 100]:.2f})"


# -- whole processes


def processes(folder: Path, format_name: str, words: Sequence[str]) -> None:
    """Print how long `seedkit index` and `search` take on a corpus, compared with ripgrep."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary, "corpus")
        environment = {**os.environ, "SEEDKIT_CACHE_DIR": str(Path(temporary, "cache"))}
        shutil.copytree(folder, root / "seeds")
        (root / "schemas").mkdir()
        schema = f'extends = "builtin:{format_name}"\nfiles = ["seeds/**"]\n'
        (root / "schemas" / "format.toml").write_text(schema)
        (root / "seedkit.toml").touch()
        seedkit = [sys.executable, "-m", "seedkit"]

        def run(command: Sequence[str]) -> None:
            done = subprocess.run(command, cwd=root, env=environment, capture_output=True)
            if done.returncode > 1:
                raise SystemExit(done.stderr.decode())

        def row(name: str, commands: Sequence[Sequence[str]]) -> None:
            taken = []
            for command in commands:
                run(command)  # once before: what the disk has to read is not measured
                for _ in range(RUNS):
                    started = time.perf_counter()
                    run(command)
                    taken.append(time.perf_counter() - started)
            print(f"{name:<44}{statistics.median(taken):>10.3f}", flush=True)

        print(f"\n{'whole processes, format ' + format_name:<44}{'seconds':>10}")
        row("python -c pass", [[sys.executable, "-c", "pass"]])
        if shutil.which("rg"):
            row("rg -l -i WORD", [["rg", "-l", "-i", word] for word in words])
        for engine in ("tantivy", "whoosh"):
            if importlib.util.find_spec(engine):
                chosen = ["--engine", engine]
                row(
                    f"seedkit index --rebuild, {engine}",
                    [[*seedkit, "index", "--rebuild", *chosen]],
                )
                row(
                    f"seedkit search WORD, {engine}",
                    [[*seedkit, "search", *chosen, word] for word in words],
                )


def main() -> None:
    """Run everything, print the tables."""
    folder, format_name = Path(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as made:
        temporary = Path(made)
        texts = read(folder)
        words = [word for word, _ in pairs(texts, 5)]
        indexing(folder.name, texts, format_name, temporary / "folder")
        processes(folder, format_name, words)
        texts = english()
        indexing("English-like", texts, "plain", temporary / "english")
        asking(texts, temporary / "english")
    from relevance import report

    report(folder, Path(sys.argv[3]) if len(sys.argv) > 3 else None)


if __name__ == "__main__":
    main()
