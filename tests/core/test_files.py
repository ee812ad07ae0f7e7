"""Files that processes share: replaced whole or not at all, sealed, locked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.files import exclusive, keyed_checksum, replacing, seal, try_lock, unseal


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "a"
    with replacing(path, durable=durable) as file:
        file.write(b"one")
    with pytest.raises(KeyboardInterrupt), replacing(path, durable=durable) as file:
        file.write(b"half")
        assert path.read_bytes() == b"one"
        raise KeyboardInterrupt
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a"]


def test_only_a_durable_file_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr("os.fsync", flushed.append)
    for durable in (False, True):
        with replacing(tmp_path / "a", durable=durable) as file:
            file.write(b"one")
    assert len(flushed) == 1


@given(st.text(st.characters(codec="utf-8")), st.data())
def test_a_sealed_text_that_is_changed_is_refused(text: str, data: st.DataObject) -> None:
    sealed = seal(text)
    assert unseal(sealed) == text
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda sign: sign != sealed[at]))
    with pytest.raises(ValueError, match="damaged"):
        unseal(sealed[:at] + other + sealed[at + 1 :])


def test_a_keyed_checksum_depends_on_the_key() -> None:
    assert keyed_checksum(b"a", "k") == keyed_checksum(b"a", "k") != keyed_checksum(b"a", "l")


def test_what_is_locked_can_be_locked_by_nobody_else(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with exclusive(path, 0), open(path, "rb") as file:
        assert not try_lock(file.fileno())
        assert not try_lock(file.fileno(), shared=True)
    with open(path, "rb") as one, open(path, "rb") as other:
        assert try_lock(one.fileno(), shared=True)
        assert try_lock(other.fileno(), shared=True)
