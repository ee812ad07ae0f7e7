"""How well does search rank and suggest, next to others?

    python benchmarks/relevance.py FOLDER [CRANFIELD]

FOLDER holds tldr pages: `pages` in English, `pages.id` in Indonesian, and others. A page is to be
found by its title: the English one, or one in any language. If there is a folder `pages.id`, its
pages are searched for among themselves. Title words with one letter changed are to be suggested.
CRANFIELD is the folder of that collection (`cran.all.1400`, `cran.qry`, `cranqrel`).

`search.py` prints these tables, too. Peers that are not installed are left out: tantivy and bm25s
from PyPI, recoll from Debian's `recollcmd`; SQLite's FTS5 comes with Python. They are fed the same
strings, read and cut before, and analyse them their own way; recoll, each in a file.
"""

from __future__ import annotations

import importlib.util
import math
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from search import Texts, bm25s_retriever, fts5, layout, read, tantivy_itself, write
from seedkit.search import query
from seedkit.search.analysis import Tokeniser
from seedkit.search.engines import load
from seedkit.search.find import Finder, suggestion
from seedkit.search.model import IndexRecord
from seedkit.search.records import RecordMaker, fields_of
from seedkit.search.words import pieces

NAMES = 1000  # titles of one word, and of several
EDITS = 300
LONG = 6  # letters of a word that is misspelt, at least

Ranking = Callable[[str, int], list[int]]  # the best texts for a query, by number


def engines() -> list[str]:
    """Return the engines of seedkit that are installed."""
    return [name for name in ("tantivy", "whoosh") if importlib.util.find_spec(name)]


# -- what answers


class Made(NamedTuple):
    """Records as an engine stores them, each with the number of its text; their languages."""

    records: list[IndexRecord]
    numbers: dict[tuple[str, int], int]
    languages: frozenset[str]


def made(texts: Texts, format_name: str, setting: str = "auto") -> Made:
    """Return the records of texts, of a format with one record a text."""
    maker = RecordMaker(layout(format_name), Tokeniser(), setting)
    records: list[IndexRecord] = []
    numbers: dict[tuple[str, int], int] = {}
    languages: set[str] = set()
    for number, (path, text) in enumerate(texts):
        found, language = maker.index_with_language(path, text.encode())
        records += found
        numbers |= {(record.path, record.record): number for record in found}
        languages.add(language)
    return Made(records, numbers, frozenset(languages))


def finder(engine: str, folder: Path, format_name: str, languages: frozenset[str]) -> Finder:
    """Return what answers queries from an index; of seeds, it shows nothing."""
    reader, fields = load(engine).read(str(folder)), fields_of([layout(format_name)])
    return Finder(reader, cast(Any, None), fields, Tokeniser(), languages)


def ranked_by(found: Finder, numbers: dict[tuple[str, int], int], *, any_word: bool) -> Ranking:
    """Return what ranks for a query, or for any of the words of a text."""

    def rank(text: str, limit: int) -> list[int]:
        if any_word:
            words = [query.Word(piece.text) for piece in pieces(text)]
            node: query.Node | None = query.Or(tuple(words))
        else:
            node = query.parse(text, found.fields).node
        if node is None:
            return []
        hits = found.reader.search(found.plan(node).node, limit).hits
        return [numbers[path, record] for path, record, _ in hits]

    return rank


def peers(texts: Sequence[str], folder: Path, *, any_word: bool) -> Iterator[tuple[str, Ranking]]:
    """Yield what ranks texts for any or for all of a query's words, by name."""
    numbered = [(str(number), text) for number, text in enumerate(texts)]
    yield "SQLite FTS5", ranked_by_fts5(numbered, folder / "fts5", any_word=any_word)
    if importlib.util.find_spec("tantivy"):
        yield "tantivy itself", ranked_by_tantivy(numbered, folder / "raw", any_word=any_word)
    if importlib.util.find_spec("bm25s"):
        yield "bm25s", ranked_by_bm25s(texts)
    if shutil.which("recollq"):
        yield "recoll", ranked_by_recoll(numbered, folder / "recoll", any_word=any_word)


def ranked_by_fts5(texts: Texts, folder: Path, *, any_word: bool) -> Ranking:
    """Return what ranks by SQLite's BM25, stemmed as English."""
    folder.mkdir()
    fts5(texts, str(folder))
    ask = sqlite3.connect(folder / "fts5").execute
    between = " OR " if any_word else " "

    def rank(text: str, limit: int) -> list[int]:
        asked = between.join(f'"{word}"' for word in re.findall(r"\w+", text))
        select = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?"
        return [number for (number,) in ask(select, (asked, limit))]

    return rank


def ranked_by_tantivy(texts: Texts, folder: Path, *, any_word: bool) -> Ranking:
    """Return what ranks by tantivy's BM25, with its query language, stemmed as English."""
    import tantivy

    folder.mkdir()
    tantivy_itself(1)(texts, str(folder))
    index = tantivy.Index.open(str(folder))
    searcher = index.searcher()

    def rank(text: str, limit: int) -> list[int]:
        words = " ".join(re.findall(r"\w+", text.lower()))
        asked = index.parse_query(words, ["stems"], conjunction_by_default=not any_word)
        found = searcher.search(asked, limit).hits
        return [int(searcher.doc(address)["path"][0]) for _, address in found]

    return rank


def ranked_by_bm25s(texts: Sequence[str]) -> Ranking:
    """Return what ranks by bm25s, which knows queries for any of the words only."""
    retriever, tokens = bm25s_retriever(texts)

    def rank(text: str, limit: int) -> list[int]:
        k = min(limit, len(texts))
        hits, scores = retriever.retrieve(tokens(text), k=k, show_progress=False)
        return [int(hit) for hit, score in zip(hits[0], scores[0], strict=True) if score > 0]

    return rank


def ranked_by_recoll(texts: Texts, folder: Path, *, any_word: bool) -> Ranking:
    """Return what ranks by recoll, which counts by Xapian's BM25, stemmed as English."""
    files = folder / "files"
    files.mkdir(parents=True)
    for name, text in texts:
        (files / f"{name}.txt").write_text(text)
    settings = f"topdirs = {files}\nnoaspell = 1\nindexstemminglanguages = english\n"
    (folder / "recoll.conf").write_text(settings)
    chosen = ("-c", str(folder))
    subprocess.run(("recollindex", *chosen), check=True, capture_output=True)

    def rank(text: str, limit: int) -> list[int]:
        words = re.findall(r"\w+", text.lower())
        mode = ("-o" if any_word else "-a", "-s", "english", "-b", "-n", str(limit))
        command = ("recollq", *chosen, *mode, *words)
        found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [int(Path(line).stem) for line in found.splitlines() if line.endswith(".txt")]

    return rank


# -- Cranfield


def cranfield(folder: Path, temporary: Path) -> None:
    """Print how well its queries are answered: any of the words, 1,000 deep."""
    documents = (folder / "cran.all.1400").read_bytes()
    maker = RecordMaker(layout("smart"), Tokeniser())
    texts, queries = (
        [
            "\n".join(seed.text[part.start : part.end] for part in seed.parts)
            for seed in maker.records(name, (folder / name).read_bytes())
        ]
        for name in ("cran.all.1400", "cran.qry")
    )
    relevant = judgements(folder / "cranqrel")
    print(f"\n{'Cranfield':<34}{'nDCG@10':>10}{'MAP':>10}")

    def row(name: str, rank: Ranking) -> None:
        ranked = [(rank(queries[number - 1], 1000), good) for number, good in relevant.items()]
        gains = statistics.mean(gain(hits, good) for hits, good in ranked)
        precision = statistics.mean(average_precision(hits, good) for hits, good in ranked)
        print(f"{name:<34}{gains:>10.4f}{precision:>10.4f}", flush=True)

    smart, language = maker.index_with_language("cran.all.1400", documents)
    as_smart = Made(smart, {r[:2]: r.record for r in smart}, frozenset((language,)))
    as_plain = made([(f"{n:04}", text) for n, text in enumerate(texts)], "plain")
    for engine in engines():
        for format_name, of in (("smart", as_smart), ("plain", as_plain)):
            target = temporary / f"{engine}-{format_name}"
            target.mkdir()
            write(engine, str(target), of.records)
            found = finder(engine, target, format_name, of.languages)
            row(f"seedkit, {engine}, as {format_name}", ranked_by(found, of.numbers, any_word=True))
    for name, rank in peers(texts, temporary, any_word=True):
        row(name, rank)


def judgements(file: Path) -> dict[int, set[int]]:
    """Return the relevant records of each query, by ordinals; -1 says that one is not."""
    found: dict[int, set[int]] = {}
    for line in file.read_text().splitlines():
        number, record, grade = map(int, line.split())
        if grade > 0:
            found.setdefault(number, set()).add(record - 1)
    return found


def gain(hits: Sequence[int], good: set[int]) -> float:
    """Return nDCG@10 with gains of 0 and 1 (Järvelin, Kekäläinen 2002)."""
    best = sum(1 / math.log2(at + 2) for at in range(min(10, len(good))))
    return sum(1 / math.log2(at + 2) for at, hit in enumerate(hits[:10]) if hit in good) / best


def average_precision(hits: Sequence[int], good: set[int]) -> float:
    """Return the mean over relevant records of the precision down to each."""
    at = [place for place, hit in enumerate(hits, 1) if hit in good]
    return sum(number / place for number, place in enumerate(at, 1)) / len(good)


# -- pages by their titles


def names(texts: Texts, readers: dict[str, Finder], of: Made, temporary: Path) -> None:
    """Print how often the first hit for a title is the English page, or one in any language.

    Titles are drawn from those of English pages.
    """
    titles = [title_of(text) for _, text in texts]
    english = [title for (path, _), title in zip(texts, titles, strict=True) if is_english(path)]
    distinct = sorted(set(english))
    rng = random.Random(11)
    one = rng.sample(singles := [t for t in distinct if " " not in t], min(NAMES, len(singles)))
    more = rng.sample(several := [t for t in distinct if " " in t], min(NAMES, len(several)))
    heads = (f"{len(one):,} of one word", f"{len(more):,} of several")
    print(f"\n{'titles; first: any, English':<34}" + "".join(f"{head:>20}" for head in heads))

    def row(name: str, rank: Ranking) -> None:
        cells = []
        for drawn in (one, more):
            first = [(title, rank(title, 1)) for title in drawn]
            right = [hits[0] for title, hits in first if hits and titles[hits[0]] == title]
            spoken = sum(is_english(texts[number][0]) for number in right)
            cells.append(f"{len(right) / len(drawn):.3f} {spoken / len(drawn):.3f}")
        print(f"{name:<34}" + "".join(f"{cell:>20}" for cell in cells), flush=True)

    for engine, found in readers.items():
        row(f"seedkit, {engine}", ranked_by(found, of.numbers, any_word=False))
    for name, rank in peers([text for _, text in texts], temporary, any_word=False):
        row(name, rank)


def is_english(path: str) -> bool:
    """Tell whether a page is one of the folder `pages`."""
    return path.startswith("pages/")


def title_of(text: str) -> str:
    """Return the words of the first heading, without case."""
    found = re.search(r"^#+ *(.*)$", text, re.MULTILINE)
    return " ".join(re.findall(r"[^\W_]+", found[1].lower())) if found else ""


def known_items(folder: Path, language: str, temporary: Path) -> None:
    """Print how high a page stands among those that have all words of its title.

    The mean of 1 over its rank among the first ten (and among all), for each page with a title, in
    the language of a text as it is detected, in the folder's own, and without stemming.
    """
    texts = [(path, text) for path, text in read(folder) if title_of(text)]
    columns = "".join(f"{head:>18}" for head in ("detected", language, "none"))
    print(f"\n{f'MRR@10 (MRR), {len(texts):,} titles':<34}{columns}")

    def cell(rank: Ranking) -> str:
        ranks = [reciprocal(rank(title_of(text), 10_000), n) for n, (_, text) in enumerate(texts)]
        ten = statistics.mean(each if each >= 1 / 10 else 0 for each in ranks)
        return f"{f'{ten:.4f} ({statistics.mean(ranks):.4f})':>18}"

    for engine in engines():
        cells = []
        for setting in ("auto", language, "none"):
            target = temporary / f"items-{engine}-{setting}"
            target.mkdir()
            of = made(texts, "tldr", setting)
            write(engine, str(target), of.records)
            found = finder(engine, target, "tldr", of.languages)
            cells.append(cell(ranked_by(found, of.numbers, any_word=False)))
        print(f"{f'seedkit, {engine}':<34}" + "".join(cells), flush=True)
    for name, rank in peers([text for _, text in texts], temporary, any_word=False):
        print(f"{name:<34}{'':>36}{cell(rank)}", flush=True)


def reciprocal(hits: Sequence[int], number: int) -> float:
    """Return 1 over the rank of a number, 0 if it is not there."""
    return 1 / (hits.index(number) + 1) if number in hits else 0.0


# -- misspelt words


def misspelt(texts: Texts, readers: dict[str, Finder]) -> None:
    """Print what is suggested for title words in which one letter was changed.

    Right is that word, or hits of another form of it; silly are other hits without a suggestion.
    """
    titles = (title_of(text) for path, text in texts if is_english(path))
    words = sorted({word for title in titles for word in title.split() if len(word) >= LONG})
    words = [word for word in words if word.isascii() and word.isalpha()]
    engine, found = next(iter(readers.items()))
    edits = list(drawn_edits(words, found))
    heads = "".join(f"{head:>10}" for head in ("right", "wrong", "nothing", "silly"))
    print(f"\n{f'{len(edits)} words with a wrong letter':<34}{heads}")
    for engine, found in readers.items():
        outcomes = Counter(outcome(found, typed, word) for typed, word in edits)
        cells = (outcomes[kind] / len(edits) for kind in ("right", "wrong", "nothing", "silly"))
        print(f"{f'seedkit, {engine}':<34}" + "".join(f"{cell:>10.3f}" for cell in cells))


def drawn_edits(words: Sequence[str], found: Finder) -> Iterator[tuple[str, str]]:
    """Yield words that no text has, one edit from a word that some have, and that word."""
    rng = random.Random(17)
    count = 0
    while count < EDITS:
        word = rng.choice(words)
        typed = edited(word, rng)
        if typed != word and typed not in dict(found.reader.terms("words", typed, 1)):
            count += 1
            yield typed, word


def edited(word: str, rng: random.Random) -> str:
    """Return the word with a letter replaced, dropped, put in, or swapped with the next."""
    at, letter = rng.randrange(len(word)), rng.choice("abcdefghijklmnopqrstuvwxyz")
    return rng.choice(
        (
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        )
    )


def outcome(found: Finder, typed: str, word: str) -> str:
    """Return how a misspelt word was answered."""
    node = query.parse(typed, found.fields).node
    assert node is not None
    suggested = suggestion(found, typed, node)
    if suggested is not None:
        return "right" if suggested.query == word else "wrong"
    if not found.reader.search(found.plan(node).node, 0).total:
        return "nothing"
    forms = (set(found.tokeniser.lookups(each, found.languages)) for each in (typed, word))
    return "right" if found.reader.holders("stems", set.intersection(*forms)) else "silly"


def report(folder: Path, collection: Path | None) -> None:
    """Print all tables."""
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        if collection is not None:
            cranfield(collection, temporary)
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        texts = [(path, text) for path, text in read(folder) if path.startswith("pages")]
        if not texts:
            return
        of = made(texts, "tldr")
        readers = {}
        for engine in engines():
            (temporary / engine).mkdir()
            write(engine, str(temporary / engine), of.records)
            readers[engine] = finder(engine, temporary / engine, "tldr", of.languages)
        names(texts, readers, of, temporary)
        misspelt(texts, readers)
    with tempfile.TemporaryDirectory() as name:
        if (folder / "pages.id").is_dir():
            known_items(folder / "pages.id", "indonesian", Path(name))


if __name__ == "__main__":
    report(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
