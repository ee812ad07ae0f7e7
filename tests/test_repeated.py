"""Repeats with a ledger: whatever is stored, the answer is that of a fresh start."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path

import pytest
from conftest import Files, more, open_corpus
from hypothesis import given
from hypothesis import strategies as st

from seedkit import pool, repeated
from seedkit.diagnostic import Diagnostic, sort_key
from seedkit.ledger import Ledger
from seedkit.repeated import CorpusRepeats, find, repeat_findings
from seedkit.settings import load_settings
from seedkit.source import MemorySource, Source
from seedkit.workspace import Workspace

Corpus = Callable[[Files], Path]

WORDS = "the mill at the bend of the river turned all night and nobody slept"
PLAIN = 'files = ["seeds/**"]\n'
UNLIKE = {f"seeds/{n}.txt": " ".join(f"{n}-{w}" for w in "abcdefghijk") for n in range(4)}


def opened(source: Source, ledger: str | None) -> Workspace:
    """Return the refreshed workspace of a corpus."""
    workspace = Workspace(source, load_settings(source), Ledger(ledger))
    workspace.refresh()
    return workspace


def findings(source: Source, ledger: str | None = None) -> list[Diagnostic]:
    """Return what repeats, sorted; with a ledger, what is stored may be used."""
    workspace = opened(source, ledger)
    return sorted(repeat_findings(workspace, workspace.repeat_parameters()), key=sort_key)


def everything(source: Source, ledger: str | None = None) -> tuple[object, ...]:
    """Return what the `repeats` command is told."""
    workspace = opened(source, ledger)
    found = find(workspace, workspace.repeat_parameters())
    assert isinstance(found, CorpusRepeats)
    return found[:3]


def memory(files: Mapping[str, str | bytes], **settings: object) -> MemorySource:
    """Return a corpus in memory; settings are written as TOML."""
    config = "".join(f"{key} = {value}\n" for key, value in settings.items())
    defaults = {"seedkit.toml": f"passage_tokens = 8\n{config}", "schemas/note.toml": PLAIN}
    contents = {"seeds/.keep": "", **defaults, **files}
    return MemorySource(
        {path: t if isinstance(t, bytes) else t.encode() for path, t in contents.items()}
    )


@pytest.fixture
def ledger(cache: Path) -> str:
    """The path of a ledger of this test's own."""
    return str(cache / "ledger.sqlite")


@pytest.fixture
def never(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which finding repeats anew is a failure."""

    def forbid() -> None:
        def fail(*arguments: object) -> object:
            raise AssertionError("repeats are looked for anew")

        monkeypatch.setattr(repeated, "find_repeats", fail)

    return forbid


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
    path = str(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
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


# -- what is reused


def test_an_unrelated_edit_reuses_what_is_stored(ledger: str, never: Callable[[], None]) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    before = findings(memory(files), ledger)
    assert len(before) == 1
    never()
    assert findings(memory(files), ledger) == before
    files["seeds/0.txt"] = "quite another text of a few words only"
    assert findings(memory(files), ledger) == before
    files["seeds/new.txt"] = "a seed that nobody has seen as yet"
    assert findings(memory(files), ledger) == before
    files["seeds/none.txt"] = "\n"
    assert findings(memory(files), ledger) == before
    del files["seeds/1.txt"]
    assert findings(memory(files), ledger) == before


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
def test_a_related_edit_is_looked_at(
    edit: Files, ledger: str, never: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    findings(memory(files), ledger)
    source = memory({**files, **edit})
    with monkeypatch.context() as context:
        context.setattr(repeated, "find_repeats", lambda *a: pytest.fail("it is looked at"))
        with pytest.raises(pytest.fail.Exception):
            findings(source, ledger)
    assert findings(source, ledger) == findings(source)


def test_a_removed_seed_that_had_a_part_in_it(ledger: str) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    assert len(findings(memory(files), ledger)) == 1
    del files["seeds/x.txt"]
    assert findings(memory(files), ledger) == []


def test_another_format_may_compare_another_text(ledger: str) -> None:
    """Which files a format claims is no part of what a seed's facts depend on."""
    files: dict[str, str] = {
        "schemas/all.toml": PLAIN.replace("**", "a.txt"),
        "schemas/note.toml": f'{PLAIN}[[section]]\nname = "text"\nrepeats = false\n',
        "seeds/a.txt": f"{WORDS} alpha beta gamma delta epsilon zeta eta",
        "seeds/b.txt": f"one two three four five six seven {WORDS}",
    }
    assert findings(memory(files), ledger) == []
    files["schemas/all.toml"] = PLAIN
    assert len(findings(memory(files), ledger)) == 1
    files["schemas/all.toml"] = PLAIN.replace("**", "a.txt")
    assert findings(memory(files), ledger) == []


def test_a_seed_that_cannot_be_compared_is_read_once_for_that(
    ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = memory({"seeds/a.txt": b"\xff", "seeds/b.txt": WORDS})
    everything(source, ledger)
    monkeypatch.setattr(repeated, "analyse_all", lambda *a: pytest.fail("it is read again"))
    everything(source, ledger)


def test_prints_are_made_when_they_are_first_wanted(ledger: str) -> None:
    files = {"seeds/a.txt": WORDS, "seeds/b.txt": f"{WORDS} and woke", "seeds/c": b"\xff"}
    source = memory(files, select='["text"]')
    opened(source, ledger).ledger.close()
    assert Ledger(ledger).prints() == {}
    assert everything(source, ledger) == everything(source)
    stored = Ledger(ledger).prints()
    assert sorted(stored) == ["seeds/a.txt", "seeds/b.txt", "seeds/c"]
    assert stored["seeds/c"][3:] == (0, b"", b"", b"")


# -- whatever happens to what is stored


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE prints SET marks = x'00112233445566778899aabbccddeeff'",
        "UPDATE prints SET grams = x''",
        "UPDATE prints SET tokens = 3, text = x'00'",
        "UPDATE prints SET marks = 'text'",
        "DELETE FROM prints",
        "DROP TABLE prints",
        "UPDATE results SET value = substr(value, 1, 20)",
        "UPDATE results SET value = '00000000null'",
        "UPDATE results SET value = replace(value, 'x.txt', 'q.txt')",
        "DELETE FROM results",
        "DROP TABLE results",
    ],
)
def test_damage_changes_no_answer(ledger: str, damage: str) -> None:
    files = {**UNLIKE, "seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"}
    before = findings(memory(files), ledger)
    for edit in ({}, {"seeds/0.txt": "quite another text"}, {"seeds/0.txt": f"{WORDS} again"}):
        with closing(sqlite3.connect(ledger)) as connection, suppress(sqlite3.OperationalError):
            connection.execute(damage)  # a table that was dropped is not there any more
            connection.commit()
        source = memory({**files, **edit})
        assert everything(source, ledger) == everything(source)
        assert findings(source, ledger) == findings(source)
    assert before


@pytest.mark.parametrize("value", ["null", "[]", '["", [], 3]', '["", null, "[]"]', "{}", "[1"])
def test_a_result_of_another_shape_is_ignored(ledger: str, value: str) -> None:
    source = memory({"seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS}"})
    before = findings(source, ledger)
    Ledger(ledger).store_result("repeats", value)
    assert findings(source, ledger) == before


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
    after: int, text: bytes | None, select: str, ledger: str
) -> None:
    files = memory({"seeds/x.txt": WORDS, "seeds/y.txt": f"Now: {WORDS} {WORDS}"}, select=select)
    findings(Changing(files.files, "seeds/x.txt", after, text), ledger)
    everything(Changing(files.files, "seeds/x.txt", after, text), ledger)
    assert everything(files, ledger) == everything(files)
    Path(ledger).unlink()
    everything(Changing(files.files, "seeds/x.txt", after, text), ledger)
    assert findings(files, ledger) == findings(files)


def test_a_file_rewritten_within_one_tick_of_the_clock(corpus: Corpus, ledger: str) -> None:
    root = corpus({"seedkit.toml": "passage_tokens = 8\n", "schemas/n.toml": PLAIN, **UNLIKE})
    seed = root / "seeds" / "0.txt"

    def run() -> list[Diagnostic]:
        workspace = open_corpus(root, ledger)
        return repeat_findings(workspace, workspace.repeat_parameters())

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
        workspace = open_corpus(root, workers=workers)
        found.append(find(workspace, workspace.repeat_parameters())[:3])
    assert found[0] == found[1] and found[0][2].groups
