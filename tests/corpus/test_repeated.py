"""Repeats with a cache database: whatever is stored, the answer is that of a fresh start."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.diagnostic import Diagnostic, sort_key
from seedkit.corpus import batches, pool
from seedkit.corpus.repeated import fingerprints, repeat_findings, seed_groups, update
from seedkit.corpus.repeated.update import find
from seedkit.corpus.workspace import Workspace
from seedkit.repeats import find as find_module
from seedkit.repeats.fingerprints import pack, unpack_batch
from seedkit.settings.load import load_settings
from seedkit.sources.source import MemorySource, OverlaySource, Source
from seedkit.store.clusters import StoredGroup
from seedkit.store.database import CacheDatabase
from support.corpora import Files, more, open_corpus

Corpus = Callable[[Files], Path]

WORDS = "the mill at the bend of the river turned all night and nobody slept"
PLAIN = 'files = ["seeds/**"]\n'
UNLIKE = {f"seeds/{n}.txt": " ".join(f"{n}-{w}" for w in "abcdefghijk") for n in range(4)}


def opened(source: Source, database: str | None) -> Workspace:
    """Return the refreshed workspace of a corpus."""
    workspace = Workspace(source, load_settings(source), CacheDatabase(database))
    workspace.refresh()
    return workspace


def findings(source: Source, database: str | None = None) -> list[Diagnostic]:
    """Return what repeats, sorted; with a cache database, what is stored may be used."""
    return sorted(repeat_findings(opened(source, database)), key=sort_key)


def everything(source: Source, database: str | None = None) -> tuple[object, ...]:
    """Return what the `repeats` command is told."""
    found = find(opened(source, database))
    clusters = found.repeats.clusters.tolist()
    return found.paths, found.digests, pack(found.fingerprints.read()), found.repeats[:2], clusters


def memory(files: Mapping[str, str | bytes], **settings: object) -> MemorySource:
    """Return a corpus in memory; settings are written as TOML."""
    config = "".join(f"{key} = {value}\n" for key, value in settings.items())
    defaults = {"seedkit.toml": f"passage_tokens = 8\n{config}", "schemas/note.toml": PLAIN}
    contents = {"seeds/.keep": "", **defaults, **files}
    return MemorySource(
        {path: t if isinstance(t, bytes) else t.encode() for path, t in contents.items()}
    )


@pytest.fixture
def database(cache: Path) -> str:
    """The path of a cache database of this test's own."""
    return str(cache / "cache.sqlite")


# -- any edits, any settings

SECTIONS = PLAIN + '[sections]\ndelimiter = "\\n"\n' + "".join(
    f'[[section]]\nname = "{name}"\nempty = "allow"\n' for name in "abc"
)  # fmt: skip
BLOCKS = 'files = ["seeds/**"]\n[record]\nmode = "block"\nopen = "<"\nclose = ">"\n'
SCHEMAS = [
    {"schemas/note.toml": PLAIN},
    {"schemas/note.toml": SECTIONS},
    {"schemas/note.toml": f'{SECTIONS}same_as = "a"\n'},
    {"schemas/note.toml": f"{SECTIONS}repeats = false\n"},
    {"schemas/note.toml": BLOCKS},
    {"schemas/note.toml": f'{PLAIN}[comments]\nprefix = "the"\n'},
    {"schemas/note.toml": PLAIN.replace("**", "[ab].txt"), "schemas/other.toml": SECTIONS},
    {"schemas/note.toml": PLAIN.replace("**", "[cd].txt"), "schemas/other.toml": SECTIONS},
    {"schemas/note.toml": PLAIN.replace("**", "[abc].txt")},
]
SETTINGS = {
    "passage_tokens": ["8", "12"],
    "near_duplicate": ["0.8", "0.3"],
    "contained": ["0.8", "0.5"],
    "boilerplate_seeds": ["50", "2"],
    "similarity_tokens": ['"words"', '"characters"'],
    "select": ['["repeat"]', '["text"]', '["repeat/near-duplicate", "text"]'],
}


@st.composite
def texts(draw: st.DrawFn) -> str | bytes:
    """Parts of a few sentences, so that texts repeat each other."""
    if draw(st.integers(0, 11)) == 0:
        return draw(
            st.sampled_from([b"", b"\xff mill", b"\n", b"...", "種子必須誠實不可重複種".encode()])
        )
    words = f"{WORDS} {'ha ' * 12}a goat two apples one borrowed hat no excuse whatever".split()
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(words)))
        parts.append(" ".join(words[start : start + draw(st.integers(0, 20))]))
    return draw(st.sampled_from([" ", "\n"])).join(parts)


@more(1)
@given(data=st.data())
def test_what_is_stored_changes_no_answer(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = str(tmp_path_factory.mktemp("cache") / "cache.sqlite")
    files: dict[str, str | bytes] = {}
    schemas, settings = SCHEMAS[0], {key: values[0] for key, values in SETTINGS.items()}
    settings["passage_tokens"] = "8"
    names = st.sampled_from([f"seeds/{name}.txt" for name in "abcdef"])
    for _ in range(data.draw(st.integers(2, 7))):
        match data.draw(st.integers(0, 7)):
            case 0 if files:
                del files[data.draw(st.sampled_from(sorted(files)))]
            case 1 if files:
                files[data.draw(names)] = files.pop(data.draw(st.sampled_from(sorted(files))))
            case 2:
                key = data.draw(st.sampled_from(sorted(SETTINGS)))
                settings[key] = data.draw(st.sampled_from(SETTINGS[key]))
            case 3:
                schemas = data.draw(st.sampled_from(SCHEMAS))
            case _:
                files[data.draw(names)] = data.draw(texts())
        config = "".join(f"{key} = {value}\n" for key, value in settings.items())
        source = memory({"seedkit.toml": config, "schemas/note.toml": "", **schemas, **files})
        if data.draw(st.booleans()):
            assert findings(source, path) == findings(source)
        else:
            assert everything(source, path) == everything(source)


@more(1)
@given(
    contents=st.lists(texts(), min_size=2, max_size=12),
    together=st.integers(1, 4),
    near=st.sampled_from(SETTINGS["near_duplicate"]),
)
def test_what_is_read_in_parts_changes_no_answer(
    contents: list[str | bytes], together: int, near: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whether sets and marks are all held, or only those that a sieve leaves."""
    path = str(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    source = memory({f"seeds/{n}": text for n, text in enumerate(contents)}, near_duplicate=near)
    whole = everything(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints, "_WHOLE", -1)
        patch.setattr(fingerprints, "_KEPT", 0)
        patch.setattr(pool, "_CHUNK", together)
        patch.setattr(batches, "_PENDING", 1)
        assert everything(source) == everything(source, path) == everything(source, path) == whole


# -- what is reused


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many seeds have been compared with each other, each time."""
    counts: list[int] = []

    def find_repeats(contents: Any, *arguments: Any) -> Any:
        counts.append(len(contents))
        return find_module.find_repeats(contents, *arguments)

    monkeypatch.setattr(update, "find_repeats", find_repeats)
    return counts


def taken(counts: list[int]) -> list[int]:
    found = counts[:]
    counts.clear()
    return found


def test_an_unrelated_edit_reuses_what_is_stored(database: str, compared: list[int]) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    before = findings(memory(files), database)
    assert len(before) == 1
    assert taken(compared) == [6]
    assert findings(memory(files), database) == before
    assert taken(compared) == []
    files["seeds/0.txt"] = "quite another text of a few words only"
    assert findings(memory(files), database) == before
    files["seeds/new.txt"] = "a seed that nobody has seen as yet"
    assert findings(memory(files), database) == before
    files["seeds/none.txt"] = "\n"
    assert findings(memory(files), database) == before
    assert taken(compared) == [1, 1, 1]
    del files["seeds/1.txt"]
    assert findings(memory(files), database) == before
    assert findings(memory(files), database) == before
    assert taken(compared) == []


def test_an_edit_is_compared_with_what_it_has_to_do_with(
    database: str, compared: list[int]
) -> None:
    """Before it, and after it; what has to do with that only by way of others is looked at too."""
    pair = "a goat and two apples and one borrowed hat and no excuse whatever"
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    files |= {"seeds/p.txt": pair, "seeds/q.txt": f"Then: {pair}", "seeds/r.txt": f"Well, {pair}"}

    def look() -> list[int]:
        source = memory(files)
        expected = findings(source)
        taken(compared)
        assert findings(source, database) == expected
        return taken(compared)

    assert look() == [9]
    files["seeds/x.txt"] += " at all"
    assert look() == [2]
    files["seeds/x.txt"] = f"So {pair}"
    assert look() == [5]  # the one it was like, and the three it is like now
    del files["seeds/x.txt"]
    assert look() == [3]
    files["seeds/0.txt"] = f"{WORDS} {pair}"
    assert look() == [5]
    files["seeds/0.txt"] = UNLIKE["seeds/0.txt"]
    assert look() == [5]
    assert look() == []


def test_groups_are_stored(database: str) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    source = memory({**files, "seeds/z.txt": WORDS})
    group = StoredGroup("duplicate-seed", "seeds/x.txt", ("seeds/z.txt",))
    other = StoredGroup("near-duplicate", "seeds/y.txt", ("seeds/x.txt",))
    workspace = opened(source, database)
    assert workspace.stored_groups() is None
    assert seed_groups(workspace) == [group, other]
    assert opened(source, database).stored_groups() == [group, other]
    changed = opened(memory({**files, "seeds/z.txt": "another"}), database)
    assert changed.stored_groups() is None
    assert seed_groups(changed) == changed.stored_groups() == [other]
    other_settings = memory({**files, "seedkit.toml": "near_duplicate = 0.7"})
    assert opened(other_settings, database).stored_groups() is None
    assert opened(source, None).stored_groups() is None
    assert seed_groups(opened(source, None)) == [group, other]


def test_what_is_in_memory_only_is_not_kept(database: str, compared: list[int]) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    source = memory(files)
    before = findings(source, database)
    taken(compared)
    overlay = OverlaySource(source, {"seeds/0.txt": f"{WORDS} now".encode()})
    workspace = Workspace(overlay, load_settings(source), CacheDatabase(database, writable=False))
    workspace.refresh()
    assert len(repeat_findings(workspace)) == 2
    assert taken(compared) == [3]
    assert findings(source, database) == before
    assert taken(compared) == []


def test_where_very_much_is_in_common_everything_is_compared(
    database: str, compared: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Representatives may stand for pairs then, and which these are depends on all seeds."""
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    findings(memory(files), database)
    files["seeds/x.txt"] += " again"
    taken(compared)
    monkeypatch.setattr(update, "_LOAD", 0.0)
    source = memory(files)
    assert findings(source, database) == findings(source)
    assert taken(compared) == [2, 6, 6]


def test_after_many_edits_everything_is_compared(
    database: str, compared: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "_FEW", 3)
    counts = []
    for number in range(9):
        findings(memory({**UNLIKE, "seeds/0.txt": f"one edit after the other, {number}"}), database)
        counts += taken(compared)
    assert counts == [4, 1, 1, 1, 4, 1, 1, 1, 4]


def test_many_small_sheets_are_put_together(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "_SCATTERED", 4)
    monkeypatch.setattr(fingerprints, "_TOGETHER", 3)
    files: dict[str, str] = {}
    numbers = []
    for number in range(24):
        files[f"seeds/{number % 7}.txt"] = f"{WORDS[number:]} {number}"
        source = memory(files)
        assert findings(source, database) == findings(source)
        numbers.append(len(CacheDatabase(database).blobs("fingerprints")))
    assert max(numbers) < 10
    assert numbers != sorted(numbers)


def test_a_later_view_is_not_mixed_with_an_earlier_one(database: str) -> None:
    """What another process has stored of a later moment says nothing of what we have seen."""
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    early = opened(memory(files), database)
    assert findings(memory({**files, "seeds/x.txt": "gone"}), database) == []
    assert len(repeat_findings(early)) == 1
    assert findings(memory({**files, "seeds/x.txt": "gone"}), database) == []


@pytest.mark.parametrize(
    "edit",
    [
        {"seeds/0.txt": WORDS},
        {"seeds/0.txt": UNLIKE["seeds/1.txt"]},
        {"seeds/0.txt": UNLIKE["seeds/1.txt"].upper()},
        {"seeds/0.txt": UNLIKE["seeds/1.txt"] + " more"},
        {"seeds/0.txt": f"{' '.join(UNLIKE['seeds/1.txt'].split()[:9])} {WORDS[::-1]}"},
        {"seeds/0.txt": "ha " * 20},
        {"seeds/0.txt": "new words", "seeds/1.txt": "new words"},
        {"seeds/0.txt": "new words", "seeds/1.txt": "New, words"},
        {"seeds/0.txt": b"\xff", "seeds/1.txt": b"\xff"},
        {"seeds/x.txt": "no repeat any more"},
        {"seedkit.toml": "passage_tokens = 9\n"},
        {"seedkit.toml": "passage_tokens = 8\nnear_duplicate = 0.7\n"},
        {"schemas/note.toml": f"{PLAIN}[file]\nfinal_newline = 'require'\n"},
        {f"seeds/many/{n}.txt": f"seed number {n}" for n in range(101)},
    ],
)
def test_a_related_edit_is_looked_at(edit: Files, database: str, compared: list[int]) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    findings(memory(files), database)
    source = memory({**files, **edit})
    taken(compared)
    assert findings(source, database) == findings(source)
    assert len(taken(compared)) == 2


def test_a_removed_seed_that_had_a_part_in_it(database: str) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    assert len(findings(memory(files), database)) == 1
    del files["seeds/x.txt"]
    assert findings(memory(files), database) == []


def test_another_format_may_compare_another_text(database: str) -> None:
    """Which files a format matches is no part of what a seed's facts depend on."""
    files: dict[str, str] = {
        "schemas/all.toml": PLAIN.replace("**", "a.txt"),
        "schemas/note.toml": f'{PLAIN}[[section]]\nname = "text"\nrepeats = false\n',
        "seeds/a.txt": f"{WORDS} alpha beta gamma delta epsilon zeta eta",
        "seeds/b.txt": f"one two three four five six seven {WORDS}",
    }
    assert findings(memory(files), database) == []
    files["schemas/all.toml"] = PLAIN
    assert len(findings(memory(files), database)) == 1
    files["schemas/all.toml"] = PLAIN.replace("**", "a.txt")
    assert findings(memory(files), database) == []


def test_a_seed_that_cannot_be_compared_is_read_once_for_that(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = memory({"seeds/a.txt": b"\xff", "seeds/b.txt": WORDS})
    everything(source, database)
    monkeypatch.setattr(fingerprints, "analyse_all", lambda *a: pytest.fail("it is read again"))
    everything(source, database)


def test_prints_are_made_when_they_are_first_wanted(database: str) -> None:
    files: Files = {"seeds/a.txt": WORDS, "seeds/b.txt": f"{WORDS} and woke", "seeds/c": b"\xff"}
    source = memory(files, select='["text"]')
    opened(source, database).close()
    assert CacheDatabase(database).blobs("fingerprints") == {}
    assert everything(source, database) == everything(source)
    (piece,) = CacheDatabase(database).blobs("fingerprints").values()
    batch = unpack_batch(piece)
    assert sorted(batch.paths) == ["seeds/a.txt", "seeds/b.txt", "seeds/c"]
    assert batch.fingerprints.tokens[batch.paths.index("seeds/c")] == 0


def test_fingerprints_are_stored_as_they_are_made(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_CHUNK", 2)
    monkeypatch.setattr(batches, "_PENDING", 1)
    source = memory({**UNLIKE, "seeds/a.txt": WORDS, "seeds/b.txt": f"{WORDS} and woke"})
    assert opened(source, database).batches.pending == []
    assert len(CacheDatabase(database).blobs("fingerprints")) == 3
    assert everything(source, database) == everything(source)
    monkeypatch.setattr(CacheDatabase, "add_blobs", lambda *arguments: False)
    assert len(opened(source, None).batches.pending) == 3


# -- whatever happens to what is stored


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE pieces SET value = substr(value, 1, 70)",
        "UPDATE pieces SET value = substr(value, 1, 70) || x'00' || substr(value, 72)",
        "UPDATE pieces SET value = 'text'",
        "UPDATE pieces SET kind = kind || 's'",
        "UPDATE pieces SET number = -number",
        "UPDATE pieces SET checksum = NULL",
        "DELETE FROM pieces",
        "DELETE FROM pieces WHERE kind = 'fingerprints'",
        "DELETE FROM pieces WHERE kind = 'cluster'",
        "DELETE FROM pieces WHERE kind = 'file_table'",
        "DELETE FROM pieces WHERE kind = 'file_table' AND number = -1",
        "DELETE FROM pieces WHERE kind = 'file_table' AND number = 0",
        "DROP TABLE pieces",
        "DROP INDEX told",
        "DELETE FROM seeds WHERE path = x'73656564732f782e747874'",
        "UPDATE seeds SET rest = '[[], [], []]'",
        "UPDATE seeds SET rest = ''",
        "UPDATE results SET value = substr(value, 1, 20)",
        "UPDATE results SET value = '00000000null'",
        "UPDATE results SET value = replace(value, 'x.txt', 'q.txt')",
        "DELETE FROM results",
        "DROP TABLE results",
    ],
)
def test_damage_changes_no_answer(database: str, damage: str) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    before = findings(memory(files), database)
    for edit in ({}, {"seeds/0.txt": "quite another text"}, {"seeds/0.txt": f"{WORDS} again"}):
        with closing(sqlite3.connect(database)) as connection, suppress(sqlite3.OperationalError):
            connection.execute(damage)  # a table that was dropped is not there any more
            connection.commit()
        source = memory({**files, **edit})
        assert everything(source, database) == everything(source)
        assert findings(source, database) == findings(source)
    assert before


class Changing(MemorySource):
    """A corpus of which a seed is rewritten after so many times that it was read."""

    def __init__(
        self, files: Mapping[str, bytes], path: str, after: int, text: bytes | None
    ) -> None:
        super().__init__(files)
        self.left, self.changing, self.text = after, path, text

    def read(self, path: str, limit: int | None = None) -> bytes:
        if path == self.changing:
            self.left -= 1
            if self.left < 0:
                if self.text is None:
                    raise FileNotFoundError(path)
                return self.text
        return super().read(path, limit)


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize("text", [None, b"", b"quite another text", WORDS[:40].encode()])
@pytest.mark.parametrize("select", ['["text"]', '["repeat"]'])
def test_a_seed_that_changes_meanwhile(
    after: int, text: bytes | None, select: str, database: str
) -> None:
    files = memory({"seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS} {WORDS}"}, select=select)
    findings(Changing(files.files, "seeds/x.txt", after, text), database)
    everything(Changing(files.files, "seeds/x.txt", after, text), database)
    assert everything(files, database) == everything(files)
    Path(database).unlink()
    everything(Changing(files.files, "seeds/x.txt", after, text), database)
    assert findings(files, database) == findings(files)


def test_a_file_rewritten_within_one_tick_of_the_clock(corpus: Corpus, database: str) -> None:
    root = corpus({"seedkit.toml": "passage_tokens = 8\n", "schemas/n.toml": PLAIN, **UNLIKE})
    seed = root / "seeds" / "0.txt"

    def run() -> list[Diagnostic]:
        return repeat_findings(open_corpus(root, database))

    assert run() == []
    before = seed.stat()
    text = UNLIKE["seeds/1.txt"]
    assert len(text) == before.st_size
    seed.write_text(text, encoding="utf-8")
    os.utime(seed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [d.rule for d in run()] == ["repeat/duplicate-seed"]
    seed.write_text(UNLIKE["seeds/0.txt"], encoding="utf-8")
    os.utime(seed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run() == []


def test_order_of_files_changes_nothing() -> None:
    files = {f"seeds/{n}.txt": f"{n} {WORDS} {'x ' * n}" for n in range(12)}
    files |= {"seeds/a.txt": WORDS, "seeds/b.txt": WORDS}
    source, turned = memory(files), memory(dict(reversed(files.items())))
    assert findings(source) == findings(turned)
    assert everything(source) == everything(turned)


def test_number_of_processes_changes_nothing(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_FEW", 1)
    monkeypatch.setattr(pool, "_CHUNK", 3)
    files = {f"seeds/{n}.txt": f"{n} {WORDS} {'x ' * n}" for n in range(12)}
    root = corpus({"seedkit.toml": "passage_tokens = 8\n", "schemas/n.toml": PLAIN, **files})
    found = []
    for workers in (1, 2):
        repeats = find(open_corpus(root, workers=workers))
        found.append((repeats.paths, pack(repeats.fingerprints.read()), repeats.repeats[:2]))
    assert found[0] == found[1] and found[0][2][0]


class _Ended(Exception):
    pass


@pytest.mark.parametrize("known", [False, True])
def test_a_comparison_that_is_ended_at_any_moment_changes_no_answer(
    known: bool, database: str
) -> None:
    """A watch ends it where a question or a change waits, and begins again."""
    files: Files = {**UNLIKE, "seeds/a.txt": WORDS, "seeds/b.txt": f"{WORDS} {WORDS[::-1]}"}
    if known:
        findings(memory(files), database)
    files = {**files, "seeds/c.txt": f"Then {WORDS}", "seeds/d.txt": WORDS[5:] + " at all"}
    wanted = findings(memory(files))
    workspace = opened(memory(files), database)
    pulses = 0
    for last in range(99):
        calls = 0

        def pulse() -> None:
            nonlocal calls
            calls += 1
            if calls > last:  # noqa: B023
                raise _Ended

        workspace.pulse = pulse
        with suppress(_Ended):
            assert sorted(repeat_findings(workspace), key=sort_key) == wanted
            break
        pulses += 1
    assert 8 < pulses < 99
    assert findings(memory(files), database) == wanted
