"""After any change of the corpus, the next search answers as a rebuilt index would."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from seedkit.corpus.workspace import Workspace
from seedkit.search.find import Request
from seedkit.search.model import Answer
from seedkit.search.session import Session
from seedkit.settings.engines import STORED
from seedkit.settings.load import load_settings
from seedkit.sources.source import DiskSource
from seedkit.store.database import CacheDatabase
from support.corpora import more, write_files

TEXTS = (
    "the mill turned",
    "The Mill\nturned all night\n",
    "mills turn\n%\na ferry went\n%\n",
    "\ufeffferry\r\nmill ferry\r\n",
    "水車 mill",
    "kincir di tepi sungai",
    "x",
    "",
)
NAMES = ("1.txt", "2.txt", "b/3.txt", "b/é.txt")
FORMATS = (
    'files = ["seeds/**"]\n',
    'files = ["seeds/**"]\nlanguage = "english"\n',
    'files = ["seeds/b/*"]\nextends = "builtin:fortune"\n',
    "files = [\"seeds/*.txt\"]\n[file]\nname = '(?P<number>\\d+)\\.txt'\n",
    'files = ["seeds/**"]\n[sections]\ndelimiter = "\\n"\n[[section]]\nname = "title"\n'
    'weight = 2.0\n[[section]]\nname = "body"\nrequired = false\n',
    'files = ["seeds/**"]\n[[section]]\nname = "text"\nsearch = false\n',
)
QUERIES = (
    "mill", "turn", "ferry", "-mill", "NOT (ferry OR mill)", '"turned all"', "mil*", "fery~1",
    "水車", "title:mill", 'title:"the mill"', '"night mill"~3', "number:1..2", "format:tale",
    "path:b", "kincir OR x",
)  # fmt: skip


class Editing(RuleBasedStateMachine):
    """A corpus that somebody works on, and searches of it, each by a process of its own."""

    engine: str

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.root = self.folder / "corpus"
        write_files(self.root, {"seeds/1.txt": TEXTS[0], "schemas/tale.toml": FORMATS[0]})
        self.cache = self.folder / "cache"
        self.cache.mkdir(mode=0o700)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(TEXTS))
    def write(self, name: str, text: str) -> None:
        write_files(self.root, {f"seeds/{name}": text})

    @rule(name=st.sampled_from(NAMES))
    def remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            (self.root / "seeds" / name).unlink()

    @rule(old=st.sampled_from(NAMES), new=st.sampled_from(NAMES))
    def rename(self, old: str, new: str) -> None:
        (self.root / "seeds" / "b").mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.replace(self.root / "seeds" / old, self.root / "seeds" / new)

    @rule(name=st.sampled_from(["tale", "other"]), text=st.sampled_from(FORMATS))
    def format(self, name: str, text: str) -> None:
        write_files(self.root, {f"schemas/{name}.toml": text})

    @rule(text=st.sampled_from(["", 'language = "indonesian"\n', 'exclude = ["seeds/b"]\n']))
    def configure(self, text: str) -> None:
        write_files(self.root, {"seedkit.toml": text})

    @rule()
    def lose_the_cache(self) -> None:
        for file in self.cache.glob("cache.sqlite*"):
            file.unlink()

    @rule(keep=st.floats(0, 1))
    def damage_the_index(self, keep: float) -> None:
        for file in sorted(self.cache.rglob("data/*"))[:3]:
            data = file.read_bytes()
            file.write_bytes(data[: int(keep * len(data))])

    @invariant()
    def every_answer_is_that_of_a_fresh_index(self) -> None:
        kept, fresh = self.session(self.cache, self.engine), self.session(None, "scan")
        for query in QUERIES:
            request = Request(query, limit=None)
            found = told(kept.answer(request, collapsing=False))
            assert found == told(fresh.answer(request, collapsing=False)), query

    def session(self, cache: Path | None, engine: str) -> Session:
        source = DiskSource(str(self.root))
        database = CacheDatabase(None if cache is None else str(cache / "cache.sqlite"))
        workspace = Workspace(source, load_settings(source), database)
        workspace.refresh()
        return Session(workspace, cache, engine)


def told(answer: Answer) -> object:
    """What both must say the same of: all, in the same order, and scores to four digits."""
    hits = [hit._replace(score=float(f"{hit.score:.3g}")) for hit in answer.hits]
    return answer.total, answer.fresh, answer.notes, hits


@pytest.mark.parametrize("engine", STORED)
def test_always_fresh(engine: str) -> None:
    pytest.importorskip(engine)

    class OfEngine(Editing):
        pass

    OfEngine.engine = engine
    run_state_machine_as_test(OfEngine, settings=settings(more(0.15), stateful_step_count=15))
