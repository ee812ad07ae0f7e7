"""The Whoosh engine's own: its files, what Whoosh makes of them, and what becomes of updates."""

from __future__ import annotations

import contextlib
import errno
import math
import os
import pickle
import re
import struct
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seedkit.search.model import (
    And,
    Engine,
    Found,
    IndexBusy,
    IndexDamaged,
    IndexRecord,
    Node,
    Or,
    Phrase,
    Terms,
)

pytest.importorskip("whoosh")

from whoosh import index, query
from whoosh.columns import VarBytesColumn
from whoosh.reading import TermNotFound

from seedkit.search.engines import whoosh as module
from seedkit.search.engines.whoosh import Whoosh
from seedkit.search.engines.whoosh_inverted import (
    COUNTED,
    EXISTS,
    LONG,
    POSITIONED,
    TOKENS_IN_BLOCK,
    Dictionary,
    InvertedFile,
    pack,
    unpack,
)
from seedkit.search.engines.whoosh_inverter import InvertedWriter, Occurrences
from seedkit.search.engines.whoosh_segment import last_commit, with_segments


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The folder of an empty index."""
    return made(tmp_path / "index")


def made(folder: Path) -> str:
    folder.mkdir()
    Whoosh().create(str(folder))
    return str(folder)


def record(path: str, text: str = "", tags: str = "", number: int = 0) -> IndexRecord:
    """A record whose `stems` are its `words`."""
    return IndexRecord(path, number, text.replace("|", "").replace("  ", " "), text, tags)


def write(
    folder: str, *records: IndexRecord, removed: Iterable[str] = (), engine: Engine | None = None
) -> None:
    writer = (engine or Whoosh()).write(folder)
    writer.remove(removed)
    for each in records:
        writer.add(each)
    writer.commit()


def answer(folder: str, *nodes: Node) -> list[Found]:
    reader = Whoosh().read(folder)
    found = [reader.search(node, None) for node in nodes]
    reader.close()
    return found


def paths(folder: str, node: Node) -> list[str]:
    return [path for path, _, _ in answer(folder, node)[0].hits]


def files(folder: str, suffix: str = "") -> list[str]:
    return [name for name in sorted(os.listdir(folder)) if name.endswith(suffix)]


EVERYTHING = And(())


# Numbers


@given(st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 300)))
@example([])
@example([0xD7FF, 0xD800, 0xDFFF, 0xE000, 0xFEFF, 0x10FFFF])
@example([0x110000])
@example([0x10FFFF, 2**32 - 1])
def test_numbers_come_back(numbers: list[int]) -> None:
    assert unpack(pack(array("I", numbers))).tolist() == numbers


def test_small_numbers_take_little() -> None:
    assert len(pack(array("I", range(128)))) == 128
    assert len(pack(array("I", range(128, 2048)))) == 2 * 1920


def test_what_was_never_packed_is_refused() -> None:
    with pytest.raises(ValueError):
        unpack(b"\x80")


# Inverted files

DETAIL = st.sampled_from((EXISTS, COUNTED, POSITIONED))
SOME = st.lists(st.sampled_from(("a", "b", "ab", "é", "\U0001f600", "a b"[:1])), max_size=5)


def inverted(detail: int, records: Iterable[list[str]]) -> Dictionary:
    occurrences = Occurrences(detail)
    for tokens in records:
        occurrences.add(tokens)
    return written(occurrences)


def written(occurrences: Occurrences) -> Dictionary:
    data = bytearray()
    writer = InvertedWriter(data.extend)
    writer.field("f", occurrences.detail, occurrences.turn())
    writer.close()
    return InvertedFile(bytes(data)).field("f")


def by_token(detail: int, records: Iterable[list[str]]) -> dict[str, dict[int, list[int]]]:
    """What should be found: for every token, where it stands in which record."""
    found: dict[str, dict[int, list[int]]] = {}
    for number, tokens in enumerate(records):
        for place, token in enumerate(tokens):
            found.setdefault(token, {}).setdefault(number, []).append(place)
    return {token: found[token] for token in sorted(found)}


def check(dictionary: Dictionary, detail: int, records: list[list[str]]) -> None:
    expected = by_token(detail, records)
    assert [block.tokens[n] for block, n in dictionary.scan("")] == list(expected)
    for block, number in dictionary.find(list(expected)):
        places = expected.pop(block.tokens[number])
        assert list(block.records(number)) == list(places)
        assert block.holders[number] == len(places)
        postings = block.postings(number)
        assert list(postings.records) == list(places)
        if detail != EXISTS:
            assert block.occurrences(number) == sum(map(len, places.values()))
            counts = [1] * len(places) if postings.counts is None else list(postings.counts)
            assert counts == [len(each) for each in places.values()]
        if detail == POSITIONED:
            assert list(postings.positions or ()) == [p for each in places.values() for p in each]
        else:
            assert postings.positions is None
    assert expected == {}


@given(DETAIL, st.lists(SOME))
def test_a_dictionary_gives_back_what_stood_where(detail: int, records: list[list[str]]) -> None:
    check(inverted(detail, records), detail, records)


@pytest.mark.parametrize("detail", [EXISTS, COUNTED, POSITIONED])
def test_many_tokens_and_long_lists(detail: int) -> None:
    """Several blocks, with lists on both sides of what is long, once and several times a record."""
    records = [
        [f"{number:03d}" for number in range(n % 3, 3 * TOKENS_IN_BLOCK, n + 1)] * (n % 2 + 1)
        for n in range(LONG + 2)
    ]
    check(inverted(detail, records), detail, records)


def test_tokens_are_found_between_and_beyond_those_that_are_there() -> None:
    dictionary = inverted(EXISTS, [[f"{n:04d}" for n in range(0, 1000, 2)]])
    wanted = sorted({"", "0000", "0001", "0254", "0255", "0256", "0998", "0999", "z"})
    found = [block.tokens[n] for block, n in dictionary.find(wanted)]
    assert found == ["0000", "0254", "0256", "0998"]
    assert [block.tokens[n] for block, n in dictionary.scan("025")] == [
        "0250", "0252", "0254", "0256", "0258",
    ]  # fmt: skip
    assert [block.tokens[n] for block, n in dictionary.scan("0255")] == []
    assert [block.tokens[n] for block, n in dictionary.scan("z")] == []


@given(DETAIL, st.lists(SOME), st.lists(SOME), st.sets(st.integers(0, 9)))
def test_merging_is_adding_what_is_left(
    detail: int, old: list[list[str]], new: list[list[str]], removed: set[int]
) -> None:
    occurrences = Occurrences(detail)
    for tokens in new:
        occurrences.add(tokens)
    left = [number for number in range(len(old)) if number not in removed]
    moved = np.full(len(old), -1)
    moved[left] = np.arange(len(new), len(new) + len(left))
    occurrences.merge(inverted(detail, old), moved)
    check(written(occurrences), detail, new + [old[number] for number in left])


def test_blocks_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of a large dictionary is bounded."""
    monkeypatch.setattr("seedkit.search.engines.whoosh_inverted._BLOCKS_KEPT", 2)
    records = [[f"{n:04d}" for n in range(5 * TOKENS_IN_BLOCK)]] * 2
    dictionary = inverted(POSITIONED, records)
    for _ in range(2):
        check(dictionary, POSITIONED, records)


def test_merging_long_lists() -> None:
    old = [["a"] * (n % 3) + ["b"] for n in range(2 * LONG)]
    occurrences = Occurrences(POSITIONED)
    occurrences.merge(inverted(POSITIONED, old), np.arange(len(old)))
    check(written(occurrences), POSITIONED, old)


# What Whoosh makes of an index

WORD = st.sampled_from(("a", "b", "c", "ab", "é"))
WORDS = st.lists(WORD, max_size=6).map(" ".join)
PATHS = ("a", "b", "a b", "a%20b", "é")
# Seeds rewritten in a batch, each with the texts of its records; and seeds removed.
BATCHES = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(PATHS), st.lists(WORDS, max_size=3)),
        st.sets(st.sampled_from(PATHS)),
    ),
    max_size=4,
)
Batches = list[tuple[dict[str, list[str]], set[str]]]


def apply(folder: str, batches: Batches, engine: Engine | None = None) -> list[IndexRecord]:
    """Write batches, one commit each; return what is there in the end."""
    left: dict[str, list[IndexRecord]] = {}
    for written, removed in batches:
        records = {
            path: [record(path, text, f"t={len(text) % 2}", n) for n, text in enumerate(texts)]
            for path, texts in written.items()
        }
        each = [record for of_seed in records.values() for record in of_seed]
        write(folder, *each, removed={*records, *removed}, engine=engine)
        left = {path: of for path, of in left.items() if path not in removed} | records
    return [record for of_seed in left.values() for record in of_seed]


LEAF: st.SearchStrategy[Node] = st.one_of(
    st.builds(
        lambda field, token: Terms(field, (token,)), st.sampled_from(("stems", "words")), WORD
    ),
    st.just(Terms("tags", ("t=1",))),
    st.lists(WORD, min_size=2, max_size=3).map(lambda tokens: Phrase(tuple(tokens))),
)
NODE: st.SearchStrategy[Node] = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(
            And,
            st.lists(inner, min_size=1, max_size=3).map(tuple),
            st.lists(inner, max_size=1).map(tuple),
        ),
    ),
    max_leaves=5,
)


def whooshs(searcher: Any, node: Node) -> set[int]:
    """What Whoosh finds. Sets are combined here: of its own `AndNot` the first hit may be wrong."""
    match node:
        case Terms(field, tokens):
            wanted = query.Or([query.Term(field, token) for token in tokens])
            return set(searcher.docs_for_query(wanted))
        case Phrase(tokens):
            return set(searcher.docs_for_query(query.Phrase("words", list(tokens))))
        case Or(nodes):
            return set().union(*(whooshs(searcher, each) for each in nodes))
        case And(nodes, without):
            found = set(searcher.docs_for_query(query.Every()))
            found.intersection_update(*(whooshs(searcher, each) for each in nodes))
            return found.difference(*(whooshs(searcher, each) for each in without))


@given(BATCHES, st.lists(NODE, max_size=4))
def test_whoosh_finds_the_same(batches: Batches, nodes: list[Node]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = made(Path(temporary, "index"))
        records = apply(folder, batches)
        with index.open_dir(folder).searcher() as searcher:
            assert searcher.doc_count() == len(records)
            for node, found in zip(nodes, answer(folder, *nodes), strict=True):
                theirs = map(searcher.stored_fields, whooshs(searcher, node))
                assert {(fields["path"], fields["record"]) for fields in theirs} == {
                    hit[:2] for hit in found.hits
                }


def test_whoosh_reads_the_dictionary(folder: str) -> None:
    write(folder, record("x", "b a b", "t=1"), record("y", "b c"))
    reader = index.open_dir(folder).reader()
    assert list(reader.lexicon("words")) == [b"a", b"b", b"c"]
    assert [term for term in reader.all_terms() if term[0] in ("tags", "path")] == [
        ("path", b"x"), ("path", b"y"), ("tags", b"t=1"),
    ]  # fmt: skip
    assert reader.doc_frequency("words", "b") == 2
    assert reader.frequency("words", "b") == 3
    assert reader.doc_frequency("words", "nowhere") == 0
    assert ("words", "nowhere") not in reader
    assert sorted(reader.indexed_field_names()) == ["path", "stems", "tags", "words"]
    assert reader.doc_field_length(0, "stems") == 3
    assert [term[1] for term, _ in reader.iter_from("words", "b")] == [b"b", b"c"]
    assert [term[1] for term, info in reader if info.doc_frequency() == 2] == [b"b", b"b"]
    assert reader.term_info("stems", "b").weight() == 3
    with pytest.raises(TermNotFound):
        reader.term_info("stems", "nowhere")
    matcher = reader.postings("words", "b")
    assert matcher.value_as("positions") == [0, 2]
    reader.close()


def test_whoosh_ranks_too(folder: str) -> None:
    write(folder, record("long", "a b c d e f g h"), record("short", "a b"), record("none", "b"))
    with index.open_dir(folder).searcher() as searcher:
        hits = searcher.search(query.Term("stems", "a"))
        assert [hit["path"] for hit in hits] == ["short", "long"]


def test_the_lock_is_whooshs(folder: str) -> None:
    writer = Whoosh().write(folder)
    with pytest.raises(index.LockError):
        index.open_dir(folder).writer()
    writer.close()
    theirs = index.open_dir(folder).writer()
    with pytest.raises(IndexBusy):
        Whoosh(patience=0.02).write(folder)
    theirs.cancel()
    write(folder, record("x"))
    assert paths(folder, EVERYTHING) == ["x"]


# Scores


def test_scores_are_bm25(folder: str) -> None:
    write(folder, record("x", "a a b"), record("y", "a b"), record("z", "b b b b"))
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    x = idf * 2.2 * 2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 3))
    y = idf * 2.2 * 1 / (1 + 1.2 * (0.25 + 0.75 * 2 / 3))
    assert answer(folder, Terms("stems", ("a",)))[0].hits == [
        ("x", 0, pytest.approx(x)), ("y", 0, pytest.approx(y)),
    ]  # fmt: skip
    ((path, _, score),) = answer(folder, Phrase(("a", "a"), 3.0))[0].hits
    assert path == "x"
    assert score == pytest.approx(3 * 2 * idf * 2.2 * 1 / (1 + 1.2))


def test_a_token_given_twice_counts_twice(folder: str) -> None:
    write(folder, record("x", "a b"), record("y", "c"))
    once, twice = answer(folder, Terms("stems", ("a",)), Terms("stems", ("a", "a")))
    assert twice.hits[0][2] == pytest.approx(2 * once.hits[0][2])


@given(BATCHES, st.lists(NODE, max_size=3))
def test_updates_leave_no_trace_in_scores(batches: Batches, nodes: list[Node]) -> None:
    """An index with a history answers as one made at once does, to the last digit."""
    with tempfile.TemporaryDirectory() as temporary:
        updated = made(Path(temporary, "updated"))
        records = apply(updated, batches, Whoosh(memory=0))
        at_once = made(Path(temporary, "at once"))
        write(at_once, *records)
        assert answer(updated, *nodes) == answer(at_once, *nodes)


# Segments


def test_many_updates_make_few_segments(folder: str) -> None:
    write(folder, *(record(f"{n}", f"a {n}") for n in range(99)))
    most = 0
    for n in range(60):
        write(folder, record(f"{n % 7}", f"a new {n}"), removed=[f"{n % 7}"])
        most = max(most, len(files(folder, ".inv")))
    assert most <= 7
    assert sorted(paths(folder, Terms("stems", ("new",)))) == [f"{n}" for n in range(7)]
    assert answer(folder, EVERYTHING)[0].total == 99


def test_a_segment_of_removed_records_is_removed(folder: str) -> None:
    write(folder, *(record(f"{n}") for n in range(9)))
    write(folder, removed=[f"{n}" for n in range(9)])
    assert files(folder) == ["MAIN_WRITELOCK", "_MAIN_2.toc"]
    assert answer(folder, EVERYTHING) == [Found(0, [])]


def test_a_segment_with_few_records_left_is_rewritten(folder: str) -> None:
    write(folder, *(record(f"{n}", f"word{n}") for n in range(9)))
    before = files(folder, ".inv")
    write(folder, removed=[f"{n}" for n in range(5)])
    assert files(folder, ".inv") != before
    reader = Whoosh().read(folder)
    assert [token for token, _ in reader.terms("words", "", 99)] == [
        "word5", "word6", "word7", "word8",
    ]  # fmt: skip
    reader.close()


def test_nothing_is_written_if_nothing_changes(folder: str) -> None:
    write(folder, record("x"))
    before = files(folder)
    write(folder, removed=["y"])
    assert files(folder) == before


def test_short_memory_makes_more_segments_and_the_same_answers(folder: str, tmp_path: Path) -> None:
    text = " ".join(f"w{n}" for n in range(2000))
    records = [record(f"{n}", f"{text} {'a ' * n}end") for n in range(100)]
    write(folder, *records, engine=Whoosh(memory=1_000_000))
    assert len(files(folder, ".inv")) > 2
    whole = made(tmp_path / "whole")
    write(whole, *records)
    assert len(files(whole, ".inv")) == 1
    nodes = (Terms("stems", ("a",)), Phrase(("a", "end")), Terms("words", ("w7",)))
    assert answer(folder, *nodes) == answer(whole, *nodes)


def test_columns_with_starts(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoosh writes down where values start if there are more than 32,768 of them."""
    with_starts = partial(VarBytesColumn, write_offsets_cutoff=2)
    monkeypatch.setattr("seedkit.search.engines.whoosh_codec.VarBytesColumn", with_starts)
    names = ["é" * n for n in (0, 1, 200, 3, 40_000)]
    write(folder, *(record(name) for name in names))
    assert paths(folder, EVERYTHING) == sorted(names)
    with index.open_dir(folder).searcher() as searcher:
        assert [hit["path"] for hit in searcher.search(query.Every(), limit=None)] == names


def test_no_file_stays_open(folder: str) -> None:
    open_files = Path("/proc/self/fd")
    if not open_files.exists():
        pytest.skip("/proc is Linux's")
    before = len(list(open_files.iterdir()))
    readers = []
    for n in range(30):
        write(folder, record(f"{n % 3}", f"a {n}"), removed=[f"{n % 3}"])
        readers.append(Whoosh().read(folder))
    for reader in readers:
        assert reader.search(Terms("stems", ("a",)), 10).total
        reader.close()
    assert len(list(open_files.iterdir())) == before


def test_a_closed_reader_answers_no_more(folder: str) -> None:
    reader = Whoosh().read(folder)
    reader.close()
    with pytest.raises(RuntimeError, match="closed"):
        reader.count()


# How it fails


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)


def test_a_failed_commit_leaves_all_as_it_was(
    folder: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, record("old"))
    before = files(folder)
    writer = Whoosh().write(folder)
    writer.add(record("new"))
    request.getfixturevalue("full_disk")
    with pytest.raises(OSError, match="No space left"):
        writer.commit()
    monkeypatch.undo()
    assert files(folder) == before
    assert paths(folder, EVERYTHING) == ["old"]
    write(folder, record("new"))
    assert paths(folder, EVERYTHING) == ["new", "old"]


@pytest.mark.usefixtures("full_disk")
def test_an_index_that_can_not_be_made(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        Whoosh().create(str(tmp_path))


def test_leftovers_of_a_killed_process_go_with_the_next_commit(folder: str) -> None:
    for name in ("_MAIN_1.toc.1795509240.8", "MAIN_0123456789abcdef.inv"):
        Path(folder, name).write_bytes(b"half")
    write(folder, record("x"))
    assert files(folder, "8") == []
    assert len(files(folder, ".inv")) == 1
    assert paths(folder, EVERYTHING) == ["x"]


def test_a_commit_that_goes_while_it_is_opened(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that finds files gone looks for the next commit."""
    write(folder, record("x"))
    late = iter([FileNotFoundError(errno.ENOENT, "gone", "x")])
    commit = module.open_commit

    def once_late(directory: str) -> Any:
        for error in late:
            raise error
        return commit(directory)

    monkeypatch.setattr(module, "open_commit", once_late)
    assert paths(folder, EVERYTHING) == ["x"]


def test_what_is_missing_is_named(folder: str) -> None:
    write(folder, record("x"))
    (name,) = files(folder, ".inv")
    Path(folder, name).unlink()
    with pytest.raises(IndexDamaged) as caught:
        Whoosh().read(folder)
    assert caught.value.message == (
        f"the search index is damaged: {os.path.join(folder, name)} is missing"
    )


@pytest.mark.parametrize("kind", ["path.col", "length.col", "toc", "inv"])
def test_no_byte_can_change_unnoticed(folder: str, kind: str) -> None:
    write(folder, *(record(f"{n}", "a b c", "t=1") for n in range(3)))
    nodes = (Terms("stems", ("a",)), Phrase(("a", "b")), EVERYTHING)
    expected = answer(folder, *nodes)
    target = Path(folder, files(folder, kind)[-1])
    data = target.read_bytes()
    noticed = 0
    for place in range(0, len(data), max(1, len(data) // 60)):
        target.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        try:
            assert answer(folder, *nodes) == expected
        except IndexDamaged:
            noticed += 1
    assert noticed


class Harmful:
    """Makes a folder as it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("harm",))


@pytest.mark.filterwarnings("ignore:Exception ignored in.*toc")  # Whoosh leaves it open
def test_nothing_is_unpickled(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoosh runs what its table of contents says; seedkit doesn't read that part."""
    monkeypatch.chdir(tmp_path)
    write(folder, record("x", "a"))
    harm = pickle.dumps(Harmful())
    contents = struct.pack("!BBBii3BB", 4, 8, 4, -12345, -111, 2, 7, 5, len(harm)) + harm
    commit, segments = last_commit(folder)
    Path(folder, f"_MAIN_{commit}.toc").write_bytes(with_segments(contents, segments))
    assert paths(folder, Terms("stems", ("a",))) == ["x"]
    write(folder, record("y", "a"))
    assert not Path("harm").exists()

    Path(folder, "_MAIN_9.toc").write_bytes(contents)
    with contextlib.suppress(Exception):
        index.open_dir(folder)
    assert Path("harm").exists()


def test_a_search_loads_neither_whoosh_nor_numpy(folder: str) -> None:
    write(folder, record("x", "a"))
    program = f"""
import sys
from seedkit.search.engines import load
from seedkit.search.model import Terms
reader = load("whoosh").read({folder!r})
sys.stdout.write(f"{{reader.search(Terms('stems', ('a',)), 10).total}} hit\\n")
heavy = ("numpy", "pydantic", "pickle", "whoosh.index", "whoosh.compat", "asyncio")
sys.stdout.write(" ".join(name for name in heavy if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("1 hit\n", "")


def test_the_version_names_whooshs_and_ours() -> None:
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+, fields [0-9]+", Whoosh().version())
