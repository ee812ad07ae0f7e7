"""The file table comes back as it was stored, or not at all, and is compared as an oracle would."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.sources.walk import Scan
from seedkit.store import file_table as file_table_module
from seedkit.store.file_table import EMPTY, HAS_FINDINGS, HEADER, RECHECK, FileTable

Entry = tuple[tuple[int, int, int, int], int, int, bytes]  # signature, kind, flags, digest

numbers = st.sampled_from([0, 1, 2**63 - 1])
entries = st.tuples(
    st.tuples(numbers, numbers, numbers, numbers),
    st.sampled_from([0, 1, 2, 65_535]),
    st.sampled_from([0, RECHECK, HAS_FINDINGS, EMPTY, HAS_FINDINGS | EMPTY]),
    st.sampled_from([b"", b"\x01" * 32, bytes(range(32))]),
)
names = st.sampled_from(["a", "b/c", "caf\udcff", "d\ne", "é", "f g"])
corpora = st.dictionaries(names, entries, max_size=6)


def made(entries: dict[str, Entry]) -> FileTable:
    """Return a file table of these files."""
    signatures = array("q", [number for entry in entries.values() for number in entry[0]])
    file_table = FileTable.blank(Scan.of_columns(list(entries), signatures, {}))
    for index, (_, kind, flags, digest) in enumerate(entries.values()):
        file_table.put(index, kind, flags, digest)
    return file_table


def told(file_table: FileTable) -> dict[str, Entry]:
    """Return what a file table holds."""
    return {
        path: (
            tuple(file_table.signature(i)),
            file_table.kinds[i],
            file_table.flags[i],
            file_table.digest(i),
        )  # type: ignore[misc]
        for i, path in enumerate(file_table.paths)
    }


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_table_module, "PART", 2)
    monkeypatch.setattr(file_table_module, "_STEP", 2)


@given(corpora)
def test_a_file_table_comes_back_from_its_parts(entries: dict[str, Entry]) -> None:
    file_table = FileTable.unpack(made(entries).pack("key"), "key")
    assert told(file_table) == entries
    assert file_table.at == {path: index for index, path in enumerate(entries)}
    assert file_table.seed_count == sum(entry[1] > 0 for entry in entries.values())
    assert file_table.finding_count == sum(
        bool(entry[2] & HAS_FINDINGS) for entry in entries.values()
    )
    assert file_table.is_doubtful == any(entry[2] & RECHECK for entry in entries.values())


@given(corpora, names, entries)
def test_a_file_changes_one_part(entries: dict[str, Entry], path: str, entry: Entry) -> None:
    file_table = made(entries)
    parts = file_table.pack("key")
    if path in entries:
        index = file_table.at[path]
        file_table.put(index, *entry[1:])
        changed = file_table.pack("key", [index])
        assert set(changed) == {HEADER, index // 2}
        parts |= changed
        entries[path] = (entries[path][0], *entry[1:])
    assert told(FileTable.unpack(parts, "key")) == entries


@given(corpora, st.data())
def test_parts_of_no_file_table_are_refused(entries: dict[str, Entry], data: st.DataObject) -> None:
    parts = made(entries).pack("key")
    with pytest.raises(ValueError):
        FileTable.unpack(parts, "another key")
    number = data.draw(st.sampled_from(sorted(parts)))
    for wrong in (
        {each: part for each, part in parts.items() if each != number},
        {**parts, number: parts[number][:-1]},
        {**parts, number: b""},
        {**parts, len(parts): parts[HEADER]},
        {**parts, HEADER: b'["key", 99]'},
        {**parts, HEADER: b"null"},
    ):
        with pytest.raises(ValueError):
            FileTable.unpack(wrong, "key")


@given(corpora, corpora)
def test_another_walk(before: dict[str, Entry], now: dict[str, Entry]) -> None:
    signatures = array("q", [number for entry in now.values() for number in entry[0]])
    file_table, suspects, gone = made(before).renewed(Scan.of_columns(list(now), signatures, {}))
    assert file_table.paths == list(now)
    assert sorted(gone) == sorted(p for p, entry in before.items() if p not in now and entry[1])
    expected = {
        path: (entry[0], *before[path][1:]) if path in before else (entry[0], 0, RECHECK, b"")
        for path, entry in now.items()
    }
    assert told(file_table) == expected
    assert suspects == [
        number
        for number, (path, entry) in enumerate(now.items())
        if path not in before or entry[0] != before[path][0] or before[path][2] & RECHECK
    ]
