"""Where the cache lives, and what is left there by older versions."""

from __future__ import annotations

from pathlib import Path

from seedkit.store.location import remove_older


def test_a_database_of_an_older_version_is_removed_once(tmp_path: Path) -> None:
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.txt"):
        (tmp_path / name).touch()
    remove_older(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.txt"]
