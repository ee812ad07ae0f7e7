"""Findings about a corpus: what is remembered of them is what would be found again."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seedkit.check import findings as corpus
from seedkit.check import outline
from seedkit.check.run import run_check, selection
from seedkit.core.diagnostic import Diagnostic
from seedkit.core.errors import ConfigError
from seedkit.corpus.workspace import Workspace
from seedkit.rules import index as index_rules
from seedkit.rules import name as name_rules
from seedkit.settings.load import load_settings
from seedkit.sources.source import MemorySource
from seedkit.sources.walk import FileSignature, Scan
from seedkit.store.database import CacheDatabase
from support.corpora import lines, more

FORMAT = b'files = ["*.txt"]\n[file]\nfinal_newline = "require"\n'
NAMED = b'files = ["*.txt"]\n[file]\nname = \'(?P<id>[a-z]+)\\.txt\'\nunique = ["id"]\n'
BASE: Mapping[str, bytes] = {
    "seedkit.toml": b"",
    "schemas/note.toml": FORMAT,
    "INDEX.md": b"# Seeds\n\n- [a](seeds/a.txt)\n- [more](seeds/deep/INDEX.md)\n",
    "seeds/a.txt": b"The tide comes in.\n",
    "seeds/deep/INDEX.md": b"- [c](c.txt)\n",
    "seeds/deep/c.txt": b"A boat is waiting.\n",
}


class Versioned(MemorySource):
    """Files in memory that have honest signatures, old enough to be believed."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__({})
        self.versions: dict[str, int] = {}
        self.refused: dict[str, str] = {}
        self.now = 1
        self.reads = 0
        for path, data in files.items():
            self.write(path, data)

    def write(self, path: str, data: bytes) -> None:
        self.now += 2
        self.files[path] = data
        self.versions[path] = self.now

    def scan(self, folders: Sequence[str]) -> Scan:
        scan = super().scan(folders)
        for path, signature in scan.files.items():
            at = self.versions[path]
            scan.files[path] = FileSignature(signature.size, at, at, 1)
        scan.refused.update(self.refused)
        return scan

    def read(self, path: str, limit: int | None = None) -> bytes:
        self.reads += path.endswith(".md")
        return super().read(path, limit)


def open_workspace(source: MemorySource, database: CacheDatabase | Path | None) -> Workspace:
    if not isinstance(database, CacheDatabase):
        database = CacheDatabase(None if database is None else str(database))
    workspace = Workspace(source, load_settings(source), database)
    workspace.refresh()
    return workspace


def found(
    source: MemorySource, database: CacheDatabase | Path | None = None, select: Sequence[str] = ()
) -> list[Diagnostic]:
    workspace = open_workspace(source, database)
    return run_check(workspace, selection(workspace, select)).diagnostics


class Times:
    """How often the index has been compared, and names looked at, so far."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.indexes = self.names = 0
        compare, look = index_rules.check_index, name_rules.check_names

        def check_index(*arguments: Any, **more: Any) -> Any:
            self.indexes += 1
            return compare(*arguments, **more)

        def check_names(*arguments: Any, **more: Any) -> Any:
            self.names += 1
            return look(*arguments, **more)

        monkeypatch.setattr(index_rules, "check_index", check_index)
        monkeypatch.setattr(name_rules, "check_names", check_names)

    def taken(self) -> tuple[int, int]:
        """Return how often that was since this was asked last."""
        found = self.indexes, self.names
        self.indexes = self.names = 0
        return found


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Times:
    return Times(monkeypatch)


def test_what_is_known_is_not_computed_again(tmp_path: Path, times: Times) -> None:
    source = Versioned({**BASE, "seeds/b.txt": b"A lamp"})
    database = tmp_path / "cache.sqlite"
    expected = [
        "seeds/b.txt: index/unlisted-seed: `seeds/b.txt` is not listed in `INDEX.md`",
        "seeds/b.txt:1:7: text/missing-final-newline: no newline at the end of the file",
    ]
    assert lines(found(source, database)) == expected
    assert times.taken() == (1, 1)
    assert lines(found(source, database)) == expected
    assert lines(found(source, database, ["text"])) == expected[1:]
    source.write("seeds/b.txt", b"A lamp.")
    assert lines(found(source, database))[0] == expected[0]
    assert times.taken() == (0, 0)
    source.write("INDEX.md", BASE["INDEX.md"] + b"- [b](seeds/b.txt)\n")
    assert found(source, database) == found(source)
    assert times.taken() == (2, 1)
    source.write("seeds/d.txt", b"A lamp.")
    assert found(source, database) == found(source)
    assert times.taken() == (2, 2)


def test_rows_are_not_read_for_an_edit_within_a_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Versioned({**BASE, "seeds/b.txt": b"A lamp"})
    database = tmp_path / "cache.sqlite"
    found(source, database)
    for data in (b"A lamp\nis lit.\n", b"A boat is waiting.\n", b"A lamp \n", b"A lamp"):
        source.write("seeds/b.txt", data)
        expected = found(source)
        with monkeypatch.context() as patch:
            patch.setattr(CacheDatabase, "load", None)
            assert found(source, database) == found(source, database) == expected


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("INDEX.md", b""),
        ("seeds/deep/INDEX.md", b""),
        ("INDEX.md", None),
        ("seeds/deep/INDEX.md", None),
        ("seeds/deep/c.txt", None),
        ("seeds/b.txt", b"New.\n"),
        ("schemas/note.toml", NAMED),
        ("schemas/other.toml", b'files = ["*.md"]\n'),
        ("seedkit.toml", b'index_order = "path"\n'),
        ("seedkit.toml", b'exclude = ["c.txt"]\n'),
        ("seedkit.toml", b'index = "LIST.md"\n'),
        ("seedkit.toml", b"near_duplicate = 0.5\n"),
        ("seeds/link", None),
    ],
)
def test_every_change_is_noticed(tmp_path: Path, path: str, data: bytes | None) -> None:
    source = Versioned(BASE)
    database = tmp_path / "cache.sqlite"
    assert found(source, database) == found(source, database) == []
    if data is not None:
        source.write(path, data)
    elif source.files.pop(path, None) is None:
        source.refused[path] = "is a symbolic link"
    assert found(source, database) == found(source, database) == found(source)


def test_many_findings_are_not_remembered(
    tmp_path: Path, times: Times, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (corpus, outline):
        monkeypatch.setattr(module, "WORTH_REMEMBERING", 0)
    source = Versioned({**BASE, "seeds/b.txt": b"A lamp"})
    assert found(source, tmp_path / "l") == found(source, tmp_path / "l")
    assert times.taken() == (2, 1)


def test_allowances(tmp_path: Path) -> None:
    source = Versioned(
        {
            **BASE,
            "schemas/note.toml": FORMAT + b'[comments]\nprefix = "#"\n',
            "seeds/a.txt": b"# seedkit: allow text/trailing-whitespace verse\nTide \n",
            "seeds/deep/c.txt": b"# seedkit: allow text/bom none\nBoat\n",
        }
    )
    for _ in range(3):
        assert lines(found(source, tmp_path / "l")) == [
            "seeds/deep/c.txt:1:1: config/unused-allowance: allowance of `text/bom` allows nothing"
        ]


def test_an_index_that_can_not_be_read(tmp_path: Path) -> None:
    class Refusing(Versioned):
        def read(self, path: str, limit: int | None = None) -> bytes:
            if path == "INDEX.md":
                raise PermissionError(13, "Permission denied")
            return super().read(path, limit)

    source = Refusing(BASE)
    expected = found(source)
    assert [each.rule for each in expected if each.place.path == "INDEX.md"]
    for _ in range(3):
        assert found(source, tmp_path / "l") == expected
    assert found(Versioned(BASE), tmp_path / "l") == []


# -- a result that is damaged, or somebody else's


def test_damaged_results(tmp_path: Path) -> None:
    source = Versioned({**BASE, "seeds/b.txt": b"A lamp", "seeds/B.txt": b"A lamp"})
    path = tmp_path / "cache.sqlite"
    expected = found(source, path)
    assert found(source, path) == expected
    database = CacheDatabase(str(path))
    database.load()
    database.close()
    head = database.cursor
    assert head is not None
    for key in ("index", "outline", "cluster"):
        whole = CacheDatabase(str(path)).result(key)
        assert whole is not None
        values = json.loads(whole)
        changed = [
            [*values[:at], other, *values[at + 1 :]]
            for at, value in enumerate(values)
            for other in (None, "other", [["junk"]], {"junk": 1}, 7)
            if type(other) is not type(value)
        ]
        texts = ["", "garbage", "[]", "{}", "null", "[1, 2, 3]", whole[:-1]]
        for text in (*texts, *map(json.dumps, changed)):
            CacheDatabase(str(path)).store_result(head, key, text)
            assert found(source, path) == expected
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE results SET value = substr(value, 1, 20)")
        connection.close()
        assert found(source, path) == expected


def test_of_another_state_nothing_is_remembered(tmp_path: Path) -> None:
    source = Versioned(BASE)
    database = tmp_path / "cache.sqlite"
    first = open_workspace(source, database)
    source.write("seeds/b.txt", b"A lamp")
    assert lines(found(source, database)) != []
    run_check(first, selection(first))  # it is late, and what it finds is no longer so
    assert lines(found(source, database)) == lines(found(source))


# -- any history

SEEDS = ["seeds/a.txt", "seeds/b.txt", "seeds/A.txt", "seeds/deep/c.txt", "seeds/deep/d.md"]
TEXTS = [
    b"The tide comes in.\n",
    b"The tide comes in.",
    b"A lamp \n",
    b"",
    b"\xff\n",
    b"A boat\r\nis waiting.\n",
    b"The tide goes out, and with it go the boats, one after the other, into the dark.\n",
    b"The tide goes out, and with it go the boats, one after the other, into the night.\n",
    b"# seedkit: allow text/trailing-whitespace verse\nTide \n",
]
INDEXES = [
    b"",
    b"- [a](seeds/a.txt)\n- [b](seeds/b.txt)\n",
    b"- [a](seeds/a.txt)\n- [more](seeds/deep/INDEX.md)\n",
    b"- [a](seeds/A.txt)\n- [a](seeds/a.txt)\n- [read](README.md)\n- [x](docs/x.md)\n",
    b"| seed | title | bytes |\n|---|---|---|\n| [a](seeds/a.txt) | tide | 19 |\n",
    b"| seed | by&#116;es | RECORDS |\n|---|---|---|\n| [a](seeds/a.txt) | 19 | 1 |\n",
    b"| seed | sha256 |\n| --- | --- |\n| [a](seeds/a.txt) | 00 |\n| [b](seeds/b.txt) | |\n",
    b"| seed | format | id |\n|:--|:-:|--:|\n| [a](seeds/a.txt) | note | a |\n",
    b"- [out](../x)\n- [b](seeds/b%2Etxt)\n- [gone](seeds/gone.txt)\n",
]
DEEPER = [
    b"- [c](c.txt)\n",
    b"- [c](c.txt)\n- [a](../a.txt)\n- [up](../../INDEX.md)\n",
    b"| seed | bytes |\n|---|---|\n| [c](c.txt) | 19 |\n",
    b"",
]
SCHEMAS = [
    FORMAT,
    NAMED,
    FORMAT + b'[comments]\nprefix = "#"\n[[section]]\nname = "x"\nunique = "corpus"\n',
    b'files = ["a.txt"]\n',
]
CONFIGS = [
    b"",
    b'index_order = "path"\n',
    b'exclude = ["b.txt"]\n',
    b'select = ["index", "name", "section"]\n',
    b'ignore = ["name/pattern"]\n',
    b"near_duplicate = 0.5\npassage_tokens = 8\n",
]


def writes(paths: Sequence[str], contents: Sequence[bytes]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just("write"), st.sampled_from(paths), st.sampled_from(contents))


STEPS = st.lists(
    st.one_of(
        writes(SEEDS, TEXTS),
        writes(SEEDS, TEXTS),
        writes(["INDEX.md"], INDEXES),
        writes(["seeds/deep/INDEX.md"], DEEPER),
        writes(["README.md", "docs/x.md"], [b"# Read me\n"]),
        writes(["schemas/note.toml", "schemas/other.toml"], SCHEMAS),
        writes(["seedkit.toml"], CONFIGS),
        st.tuples(st.just("rename"), st.sampled_from(SEEDS), st.sampled_from(SEEDS)),
        st.tuples(
            st.just("delete"),
            st.sampled_from(
                [*SEEDS, "INDEX.md", "seeds/deep/INDEX.md", "README.md", "schemas/note.toml"]
            ),
        ),
    ),
    min_size=1,
    max_size=10,
)


@given(steps=STEPS)
@example(  # a column of sizes, however it is written
    steps=[
        (
            "write",
            "INDEX.md",
            b"| seed | by&#116;es |\n|---|---|\n| [a](seeds/a.txt) | 19 |\n",
        ),
        ("write", "seeds/a.txt", b"The tide comes in."),
    ]
)
@more(1)
def test_any_history(steps: list[tuple[str, ...]]) -> None:
    """After every step, with a memory of all before it, the findings are those of a fresh look."""
    source = Versioned(BASE)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "cache.sqlite"
        for step in steps:
            take(source, *step)
            try:
                fresh = found(source)
            except ConfigError:
                continue
            rows_are_those_of_a_fresh_look(source, CacheDatabase(str(database), writable=False))
            assert found(source, CacheDatabase(str(database), writable=False)) == fresh
            assert found(source, database) == fresh
            assert found(source, database) == fresh
            assert found(source, database, ["index", "text"]) == found(
                source, None, ["index", "text"]
            )
            rows_are_those_of_a_fresh_look(source, CacheDatabase(str(database)))


def rows_are_those_of_a_fresh_look(source: Versioned, database: CacheDatabase) -> None:
    """Whether all are read, or a few, or what the file table has of them; whether they can be
    kept.
    """
    fresh = open_workspace(source, None)
    rows = fresh.rows
    warm = open_workspace(source, database)
    assert bool(warm.position().identity) or not database.writable
    assert warm.seed_count == len(rows)
    assert warm.rows_with_findings() == {path: row for path, row in rows.items() if row.findings}
    assert {path: warm.row(path) for path in rows} == rows
    assert warm.row("seeds/none") is None
    for column in ("paths", "signatures", "kinds", "flags", "digests"):
        assert getattr(warm.files, column) == getattr(fresh.files, column)
    assert warm.rows == rows
    assert list(warm.rows) == list(rows)


def take(source: Versioned, verb: str, path: str, what: str | bytes = b"") -> None:
    if isinstance(what, bytes) and verb == "write":
        source.write(path, what)
    elif path in source.files:
        data = source.files.pop(path)
        if isinstance(what, str):
            source.files[what] = data
            source.versions[what] = source.versions[path] + 1  # as a new inode would tell
