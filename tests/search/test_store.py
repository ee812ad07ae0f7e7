"""Where an index is kept: which generation counts, whatever was damaged, killed or copied."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.core.errors import EnvironmentFault
from seedkit.search.index.store import Generation, Meta, Store

META = Meta("tantivy 1", "words 1", "abc", 7, seeds=2, records=3, languages="en id")

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX owners, modes and locks")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def made(store: Store, meta: Meta = META, content: str = "postings") -> Generation:
    """A generation as an engine and its caller make it, current afterwards."""
    engine = meta.engine.partition(" ")[0]
    with store.writing():
        generation = store.begin(engine)
        Path(generation.data, "segment").write_text(content)
        sealed = store.seal(generation, meta)
        store.switch(sealed)
    return sealed


def current(store: Store, engine: str = "tantivy") -> Generation | None:
    return store.current(engine, f"{engine} 1", "words 1")


def names(store: Store) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir() if path.is_dir())


def test_nothing_is_current_at_first(store: Store) -> None:
    assert current(store) is None


def test_what_was_made_is_current(store: Store) -> None:
    sealed = made(store)
    assert sealed.meta == META
    assert current(store) == sealed
    assert current(Store(store.folder.parent)) == sealed
    assert Path(sealed.data, "segment").read_text() == "postings"
    assert (store.folder / "CURRENT").read_text() == "tantivy-1\n"


def test_meta_is_json(store: Store) -> None:
    values = json.loads((made(store).folder / "meta.json").read_text())
    assert values.pop("checksum")
    assert values.pop("files")["segment"][0] == len("postings")
    assert values == META._asdict()


def test_the_size_is_of_all_files(store: Store) -> None:
    sealed = made(store, content="x" * 1000)
    assert sealed.size() == 1000 + (sealed.folder / "meta.json").stat().st_size


@pytest.mark.parametrize(
    "versions",
    [
        ("tantivy", "tantivy 2", "words 1"),
        ("tantivy", "tantivy 1", "words 2"),
        ("whoosh", "tantivy 1", "words 1"),
    ],
)
def test_other_versions_have_none(store: Store, versions: tuple[str, str, str]) -> None:
    made(store)
    assert store.current(*versions) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"sequence": 7', '"sequence": 8'),
        lambda text: text.replace('"checksum": "', '"checksum": "0'),
        lambda text: text.replace('"seeds": 2, ', ""),
        lambda text: text.replace('"seeds"', '"sheep"'),
        lambda text: "[]",
        lambda text: "7",
        lambda text: "é",
        lambda text: " " * 200_000,
    ],
)
def test_a_damaged_meta_does_not_count(store: Store, damage: Callable[[str], str]) -> None:
    path = made(store).folder / "meta.json"
    path.write_text(damage(path.read_text()), encoding="utf-8")
    assert current(store) is None
    assert made(store).folder.name == "tantivy-2"


def test_a_copy_of_an_index_does_not_count(store: Store) -> None:
    sealed = made(store)
    shutil.copytree(sealed.folder, store.folder / "tantivy-9")
    (store.folder / "CURRENT").write_text("tantivy-9\n")
    assert current(store) == sealed


def test_the_one_before_stays_until_the_next(store: Store) -> None:
    first = made(store)
    second = made(store, META._replace(sequence=8))
    assert current(store) == second
    assert names(store) == ["tantivy-1", "tantivy-2"]
    assert Path(first.data, "segment").exists()  # somebody may be reading it
    made(store, META._replace(sequence=9))
    assert names(store) == ["tantivy-2", "tantivy-3"]


def test_numbers_are_not_given_twice_while_they_are_there(store: Store) -> None:
    (store.folder / "tantivy-41").mkdir()  # half made, by a process that was killed
    (store.folder / "notes").mkdir()
    (store.folder / "lock-file").touch()
    made(store)
    assert names(store) == ["notes", "tantivy-42"]


def test_each_engine_has_its_own(store: Store) -> None:
    first = made(store)
    second = made(store, META._replace(engine="whoosh 1"))
    assert current(store, "tantivy") == first
    assert current(store, "whoosh") == second
    with store.writing():
        store.switch(first)
    assert names(store) == ["tantivy-1", "whoosh-2"]
    assert (store.folder / "CURRENT").read_text() == "tantivy-1\n"


def test_an_update_is_sealed_again(store: Store) -> None:
    first = made(store)
    with store.writing():
        again = store.seal(first, META._replace(sequence=8))
        store.switch(again)
    assert current(store) == again
    assert names(store) == ["tantivy-1"]


def test_a_pointer_that_leads_nowhere(store: Store) -> None:
    sealed = made(store)
    for text in ("tantivy-7\n", "../..\n", "", "é\n"):
        (store.folder / "CURRENT").write_text(text, encoding="utf-8")
        assert current(store) == sealed
    (store.folder / "CURRENT").unlink()
    assert current(store) == sealed


def test_what_was_discarded_is_gone(store: Store) -> None:
    store.discard(made(store))
    assert current(store) is None
    assert names(store) == []


def test_what_can_not_be_removed_does_not_count(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "rmtree", lambda *given, **options: None)
    store.discard(made(store))
    assert current(store) is None
    assert names(store) == ["tantivy-1"]


# -- killed at any moment


class Killed(BaseException):
    """No handler catches it."""


def test_killed_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is the old state or the new one, and making another works."""
    steps = ("mkdir", "replace", "fsync", "unlink")
    for moment in range(100):
        (tmp_path / str(moment)).mkdir()
        store = Store(tmp_path / str(moment))
        old = made(store)
        made(store, META._replace(engine="whoosh 1"))
        left = [moment]

        def dying(name: str, left: list[int] = left) -> Callable[..., object]:
            real = getattr(os, name)

            def step(*given: object, **options: object) -> object:
                if not left[0]:
                    raise Killed
                left[0] -= 1
                return real(*given, **options)

            return step

        died = False
        with monkeypatch.context() as patched:
            for name in steps:
                patched.setattr(os, name, dying(name))
            try:
                new = made(store, META._replace(sequence=8))
            except Killed:
                died = True
        found = current(store)
        if not died:
            assert found == new
            break
        assert found is not None
        assert found == old or found.meta == META._replace(sequence=8)
        last = made(store, META._replace(sequence=9))
        assert current(store) == last
    else:
        pytest.fail("it never came to an end")
    assert moment > 6


# -- one writer at a time


@posix
def test_a_second_writer_is_told(store: Store) -> None:
    other = Store(store.folder.parent)
    with store.writing(), pytest.raises(EnvironmentFault) as caught, other.writing(patience=0):
        pass
    assert caught.value.message == (
        "another seedkit process is writing to the search index of this corpus"
    )
    assert caught.value.help == (
        "try again when it is done, or search without the index: --engine scan"
    )
    with other.writing(patience=0):
        pass


@posix
def test_a_second_writer_waits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    holder = os.open(store.folder / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(holder, fcntl.LOCK_EX)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 8:
            os.close(holder)

    monkeypatch.setattr("time.sleep", sleep)
    with store.writing():
        assert len(slept) == 8
    assert all(0 < seconds <= 0.25 for seconds in slept)
    assert slept[-1] > slept[0]


@posix
def test_no_locks_here(store: Store) -> None:
    (store.folder / "lock").mkdir()
    with pytest.raises(OSError, match="lock"), store.writing():
        pass


# -- whom the folder belongs to


@posix
def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.folder.chmod(0o777)
    with pytest.raises(EnvironmentFault, match="can be written by others"):
        Store(tmp_path)


@posix
def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "search").symlink_to("elsewhere")
    with pytest.raises(EnvironmentFault, match="is no folder"):
        Store(tmp_path)


@posix
def test_folders_are_the_users_alone(store: Store) -> None:
    sealed = made(store)
    for folder in (store.folder, sealed.folder, Path(sealed.data)):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "search").touch()
    with pytest.raises(OSError, match="search"):
        Store(tmp_path)
