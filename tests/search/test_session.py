"""A search answers as the seeds are, whatever happens to them, to the index or to the disk."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.core.errors import EnvironmentFault, UsageError
from seedkit.corpus.workspace import Workspace
from seedkit.search import find
from seedkit.search.engines import load
from seedkit.search.find import Request
from seedkit.search.index.store import Store
from seedkit.search.model import Answer, EngineHits, IndexDamaged, Node, Reader
from seedkit.search.session import Session
from seedkit.settings.load import load_settings
from seedkit.sources.source import DiskSource
from seedkit.store.database import CacheDatabase
from support.corpora import Files, write_files

FILES = {
    "seedkit.toml": "",
    "schemas/plain.toml": 'extends = "builtin:plain"\nfiles = ["seeds/*.txt"]\n',
    "seeds/a.txt": "the mill\n",
    "seeds/b.txt": "a ferry\n",
}


class Source(DiskSource):
    """A disk on which something may happen just before a seed is read."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.meanwhile: Callable[[], object] = lambda: None

    def read(self, path: str, limit: int | None = None) -> bytes:
        self.meanwhile()
        return super().read(path, limit)


class Searching:
    """A corpus, and searches of it, each by a process of its own."""

    def __init__(self, root: Path, cache: Path | None) -> None:
        self.root = root
        self.cache = cache
        self.source = Source(str(root))
        self.said: list[str] = []

    def session(self, engine: str = "tantivy", *, refresh: bool = True) -> Session:
        database = CacheDatabase(None if self.cache is None else str(self.cache / "cache.sqlite"))
        workspace = Workspace(self.source, load_settings(self.source), database)
        if refresh:
            workspace.refresh()
        self.said.clear()
        return Session(workspace, self.cache, engine, say=self.said.append)

    def search(self, query: str, engine: str = "tantivy") -> list[str]:
        return shown(self.session(engine).answer(Request(query)))

    def write(self, **texts: str) -> None:
        write_files(self.root, {f"seeds/{name}.txt": text for name, text in texts.items()})


def shown(answer: Answer) -> list[str]:
    """The hits, and what is found in each."""
    return [
        " | ".join([hit.path.removeprefix("seeds/"), *(each.text for each in hit.snippets)])
        for hit in answer.hits
    ]


@pytest.fixture
def searching(corpus: Callable[[Files], Path], tmp_path: Path) -> Searching:
    pytest.importorskip("tantivy")
    cache = tmp_path / "kept"
    cache.mkdir(mode=0o700)
    return Searching(corpus(FILES), cache)


def test_what_is_there_is_found(searching: Searching) -> None:
    assert searching.search("mill") == ["a.txt | the mill"]
    assert searching.search("lamp") == []
    searching.write(b="a lamp\n")
    assert searching.search("lamp") == ["b.txt | a lamp"]
    assert searching.search("ferry") == []
    assert searching.said == []


# -- seeds that change meanwhile


def test_a_seed_that_changes_while_it_is_searched(searching: Searching) -> None:
    session = searching.session()
    session.answer(Request("mill"))

    def once() -> None:
        searching.source.meanwhile = lambda: None
        searching.write(a="the old mill\n", c="a mill, too\n")

    searching.source.meanwhile = once
    answer = session.answer(Request("mill"))
    assert sorted(shown(answer)) == ["a.txt | the old mill", "c.txt | a mill, too"]
    assert answer.fresh
    assert searching.said == []


def test_a_seed_that_goes_while_it_is_searched(searching: Searching) -> None:
    session = searching.session()
    session.answer(Request("mill"))
    searching.source.meanwhile = lambda: (searching.root / "seeds/a.txt").unlink(missing_ok=True)
    answer = session.answer(Request("mill"))
    assert (shown(answer), answer.total, answer.fresh) == ([], 0, True)


def test_a_seed_that_never_stays_the_same(searching: Searching) -> None:
    session = searching.session()
    session.answer(Request("mill"))
    count = iter(range(1000))
    searching.source.meanwhile = lambda: searching.write(a=f"the mill {next(count)}\n")
    answer = session.answer(Request("mill"))
    assert not answer.fresh
    assert answer.total == 1
    assert searching.said == [
        "seeds change while they are searched: this answer may be out of date"
    ]


# -- an index that is damaged, or can't be kept


def failing(session: Session, monkeypatch: pytest.MonkeyPatch, times: int) -> list[Node]:
    """Make the engine's searches fail so many times; return those that were asked."""
    asked: list[Node] = []
    reader = type(load("tantivy").read(session.index().open().generation.data))
    real = reader.search

    def search(self: Reader, node: Node, limit: int | None) -> EngineHits:
        asked.append(node)
        if len(asked) <= times:
            raise IndexDamaged("broken")
        return real(self, node, limit)

    monkeypatch.setattr(reader, "search", search)
    return asked


def test_damage_is_repaired(searching: Searching, monkeypatch: pytest.MonkeyPatch) -> None:
    session = searching.session()
    asked = failing(session, monkeypatch, 1)
    assert shown(session.answer(Request("mill"))) == ["a.txt | the mill"]
    assert len(asked) == 2
    assert searching.said == []


def test_damage_that_can_not_be_repaired(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = searching.session()
    failing(session, monkeypatch, 1000)
    answer = session.answer(Request("mill"))
    assert (shown(answer), answer.engine, answer.fresh) == (["a.txt | the mill"], "scan", True)
    assert searching.said == [
        "the search index is damaged again and again; reading all seeds instead"
    ]


def test_files_that_are_damaged(searching: Searching) -> None:
    assert searching.cache is not None
    searching.search("mill")
    for file in searching.cache.rglob("data/*"):
        file.write_bytes(b"")
    assert searching.search("mill") == ["a.txt | the mill"]
    assert searching.said == []


def test_without_a_cache(searching: Searching) -> None:
    searching.cache = None
    answer = searching.session().answer(Request("mill"))
    assert (shown(answer), answer.engine, answer.fresh) == (["a.txt | the mill"], "scan", True)
    assert searching.said == [
        "the search index can't be kept: there is no cache folder; reading all seeds instead"
    ]


def test_no_folder_can_be_made(searching: Searching) -> None:
    assert searching.cache is not None
    (searching.cache / "search").touch()
    assert searching.search("mill") == ["a.txt | the mill"]
    assert searching.said == [
        "the search index can't be kept: file exists; reading all seeds instead"
    ]


def test_a_full_disk(searching: Searching, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Store, "seal", full)
    assert searching.search("mill") == ["a.txt | the mill"]
    assert searching.said == [
        "the search index can't be written: no space left on device; reading all seeds instead"
    ]


def test_scan_keeps_nothing_and_says_nothing(searching: Searching) -> None:
    assert searching.cache is not None
    assert searching.search("mill", "scan") == ["a.txt | the mill"]
    assert searching.said == []
    assert not (searching.cache / "search").exists()


# -- the index as it is


def test_as_it_is(searching: Searching) -> None:
    searching.search("mill")
    searching.write(a="the old mill\n", c="a new mill\n")
    answer = searching.session(refresh=False).answer_as_it_is(Request("mill"))
    assert (shown(answer), answer.fresh) == (["a.txt | the old mill"], False)
    (searching.root / "seeds/a.txt").unlink()
    answer = searching.session(refresh=False).answer_as_it_is(Request("mill"))
    assert (shown(answer), answer.total) == (["a.txt"], 1)
    assert searching.search("mill") == ["c.txt | a new mill"]


def test_no_index_to_ask(searching: Searching, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(engine: str) -> str:
        with pytest.raises(EnvironmentFault) as caught:
            searching.session(engine, refresh=False).answer_as_it_is(Request("mill"))
        assert caught.value.help == (
            "search without --no-refresh, or make one with `seedkit index`"
        )
        return caught.value.message

    assert asked("tantivy") == "there is no search index to answer from"
    assert asked("scan") == "there is no search index to answer from"
    searching.search("mill")
    assert searching.cache is not None
    for file in searching.cache.rglob("data/*"):
        file.write_bytes(b"")
    assert asked("tantivy") == "there is no search index to answer from"
    failing(searching.session(), monkeypatch, 1000)
    assert asked("tantivy") == "there is no search index to answer from"


# -- facets


def test_a_field_with_too_many_values(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(
        searching.root,
        {
            "schemas/plain.toml": 'files = ["seeds/*"]\n[file]\nname = "(?P<Name>.)[.]txt"\n',
            "seeds/c.txt": "a lamp\n",
        },
    )
    answer = searching.session().answer(Request("mill OR ferry", facets=("name",), limit=0))
    assert answer.facets == (("name", (("a", 1), ("b", 1))),)
    monkeypatch.setattr(find, "_MOST", 2)
    with pytest.raises(UsageError) as caught:
        searching.session().answer(Request("mill", facets=("Name",)))
    assert caught.value.message == "--facets: `Name` has more than 2 values"


# -- what is searched


def test_what_no_format_claims_is_searched_if_it_is_text(searching: Searching) -> None:
    write_files(
        searching.root,
        {
            "seeds/new.md": "a mill nobody knows\n",
            "seeds/old.md": b"a mill nobody\xff knew\n",
            "seeds/image.png": b"mill \xff\xfe\0\1\2\3",
            "seeds/zero.bin": "mill\0\0\0",
        },
    )
    for engine in ("tantivy", "scan"):
        found = sorted(searching.search("mill", engine))
        assert found == [
            "a.txt | the mill", "new.md | a mill nobody knows", "old.md | a mill nobody\udcff knew",
        ]  # fmt: skip
    searching.session().index().open(rebuild=True)
    assert searching.search("nobody knows") == ["new.md | a mill nobody knows"]


def test_a_byte_that_is_no_utf8_hides_nothing(searching: Searching) -> None:
    write_files(searching.root, {"seeds/c.txt": b"a broken \xff mill\n"})
    for engine in ("tantivy", "scan"):
        assert searching.search("broken mill", engine) == ["c.txt | a broken \udcff mill"]


def test_names_that_are_no_utf8(searching: Searching) -> None:
    write_files(searching.root, {"seeds/\udcff.txt": "broken name\n"})
    for engine in ("tantivy", "scan"):
        assert searching.search("broken", engine) == ["\udcff.txt | broken name"]


def test_what_an_engine_can_not_judge(searching: Searching) -> None:
    searching.write(c="by the river a mill\n", d="mill one two three four river\n")
    for engine in ("tantivy", "scan"):
        session = searching.session(engine)
        near = session.answer(Request('"mill river"~2'))
        assert (shown(near), near.total) == (["c.txt | by the river a mill"], 1)
        others = session.answer(Request('mill -"mill river"~2', limit=1))
        assert (len(others.hits), others.total, others.rest) == (1, 2, 1)


def test_a_suggestion_that_has_to_be_judged(searching: Searching) -> None:
    searching.write(c="by the river a mill\n")
    answer = searching.session().answer(Request('"mil river"~2'))
    assert answer.missing == ('"mil river"~2',)
    assert answer.suggestion == ('"mill river"~2', 1, ("mil",))
    answer = searching.session().answer(Request('"mil ferry"~2'))
    assert answer.suggestion is None


def test_like_a_seed(searching: Searching) -> None:
    searching.write(c="a ferry, an old one\n", d="the old mill\n")
    answer = searching.session().answer(Request(like="seeds/c.txt"))
    assert {hit.path for hit in answer.hits} == {"seeds/b.txt", "seeds/d.txt"}
    assert all(len(hit.snippets) == 1 and not hit.sections for hit in answer.hits)
    answer = searching.session().answer(Request("mill", like="seeds/c.txt"))
    assert shown(answer) == ["d.txt | the old mill"]


def test_a_query_without_a_word(searching: Searching) -> None:
    with pytest.raises(UsageError) as caught:
        searching.search("***")
    assert caught.value.message == "there is no word to search for in `***`"


def test_copies_are_collapsed(searching: Searching) -> None:
    searching.write(c="the mill\n", d="the mill\n", e="the mill, again\n")
    session = searching.session()
    answer = session.answer(Request("mill"))
    assert [(hit.path, hit.repeats) for hit in answer.hits] == [
        ("seeds/a.txt", ("seeds/c.txt", "seeds/d.txt")),
        ("seeds/e.txt", ()),
    ]
    assert (answer.total, answer.rest) == (4, 0)
    answer = session.answer(Request("mill"), collapsing=False)
    assert [(hit.path, hit.repeats) for hit in answer.hits][1] == ("seeds/c.txt", ())


def test_more_copies_than_are_looked_at_at_first(searching: Searching) -> None:
    searching.write(**{f"c{n:03}": "the mill\n" for n in range(700)}, z="the very old mill\n")
    answer = searching.session().answer(Request("mill", limit=2))
    assert [hit.path for hit in answer.hits] == ["seeds/a.txt", "seeds/z.txt"]
    assert len(answer.hits[0].repeats) == 700
    assert (answer.total, answer.rest) == (702, 0)
