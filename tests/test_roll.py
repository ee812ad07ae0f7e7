"""The roll comes back as it was stored, or not at all, and is compared as an oracle would."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.sources.walk import Scan
from seedkit.store import file_table as roll_module
from seedkit.store.file_table import AGAIN, BARE, HEAD, TOLD, Roll

Entry = tuple[tuple[int, int, int, int], int, int, bytes]  # stamp, kind, flags, digest

numbers = st.sampled_from([0, 1, 2**63 - 1])
entries = st.tuples(
    st.tuples(numbers, numbers, numbers, numbers),
    st.sampled_from([0, 1, 2, 65_535]),
    st.sampled_from([0, AGAIN, TOLD, BARE, TOLD | BARE]),
    st.sampled_from([b"", b"\x01" * 32, bytes(range(32))]),
)
names = st.sampled_from(["a", "b/c", "caf\udcff", "d\ne", "é", "f g"])
corpora = st.dictionaries(names, entries, max_size=6)


def made(entries: dict[str, Entry]) -> Roll:
    """Return a roll of these files."""
    stamps = array("q", [number for entry in entries.values() for number in entry[0]])
    roll = Roll.blank(Scan.of_columns(list(entries), stamps, {}))
    for index, (_, kind, flags, digest) in enumerate(entries.values()):
        roll.put(index, kind, flags, digest)
    return roll


def told(roll: Roll) -> dict[str, Entry]:
    """Return what a roll holds."""
    return {
        path: (tuple(roll.stamp(i)), roll.kinds[i], roll.flags[i], roll.digest(i))  # type: ignore[misc]
        for i, path in enumerate(roll.paths)
    }


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_module, "PART", 2)
    monkeypatch.setattr(roll_module, "_STEP", 2)


@given(corpora)
def test_a_roll_comes_back_from_its_parts(entries: dict[str, Entry]) -> None:
    roll = Roll.unpack(made(entries).pack("key"), "key")
    assert told(roll) == entries
    assert roll.at == {path: index for index, path in enumerate(entries)}
    assert roll.seed_count == sum(entry[1] > 0 for entry in entries.values())
    assert roll.told_count == sum(bool(entry[2] & TOLD) for entry in entries.values())
    assert roll.is_doubtful == any(entry[2] & AGAIN for entry in entries.values())


@given(corpora, names, entries)
def test_a_file_changes_one_part(entries: dict[str, Entry], path: str, entry: Entry) -> None:
    roll = made(entries)
    parts = roll.pack("key")
    if path in entries:
        index = roll.at[path]
        roll.put(index, *entry[1:])
        changed = roll.pack("key", [index])
        assert set(changed) == {HEAD, index // 2}
        parts |= changed
        entries[path] = (entries[path][0], *entry[1:])
    assert told(Roll.unpack(parts, "key")) == entries


@given(corpora, st.data())
def test_parts_of_no_roll_are_refused(entries: dict[str, Entry], data: st.DataObject) -> None:
    parts = made(entries).pack("key")
    with pytest.raises(ValueError):
        Roll.unpack(parts, "another key")
    number = data.draw(st.sampled_from(sorted(parts)))
    for wrong in (
        {each: part for each, part in parts.items() if each != number},
        {**parts, number: parts[number][:-1]},
        {**parts, number: b""},
        {**parts, len(parts): parts[HEAD]},
        {**parts, HEAD: b'["key", 99]'},
        {**parts, HEAD: b"null"},
    ):
        with pytest.raises(ValueError):
            Roll.unpack(wrong, "key")


@given(corpora, corpora)
def test_another_walk(before: dict[str, Entry], now: dict[str, Entry]) -> None:
    stamps = array("q", [number for entry in now.values() for number in entry[0]])
    roll, suspects, gone = made(before).renewed(Scan.of_columns(list(now), stamps, {}))
    assert roll.paths == list(now)
    assert sorted(gone) == sorted(p for p, entry in before.items() if p not in now and entry[1])
    expected = {
        path: (entry[0], *before[path][1:]) if path in before else (entry[0], 0, AGAIN, b"")
        for path, entry in now.items()
    }
    assert told(roll) == expected
    assert suspects == [
        number
        for number, (path, entry) in enumerate(now.items())
        if path not in before or entry[0] != before[path][0] or before[path][2] & AGAIN
    ]
