"""The scan: records in memory, as an engine; and which engine is taken."""

from __future__ import annotations

import importlib.machinery
import importlib.util

import pytest

from seedkit.core.errors import EnvironmentFault
from seedkit.search import engines
from seedkit.search.engines import choose, load
from seedkit.search.engines.scan import ScanReader
from seedkit.search.model import And, IndexRecord, Or, Phrase, Terms


def record(path: str, text: str, tags: str = "") -> IndexRecord:
    return IndexRecord(path, 0, text, text, tags)


def scores(node: And | Or | Phrase | Terms, *records: IndexRecord) -> dict[str, float]:
    found = ScanReader(records).search(node, None)
    return {path: round(score, 4) for path, _, score in found.hits}


def test_scores_are_bm25() -> None:
    records = [record("a", "sea sea moon"), record("b", "sea"), record("c", "sun sun")]
    # idf(sea) = ln(1 + 1.5 / 2.5) = 0.4700, mean length 2; 2.2 · tf / (tf + 1.2 · (…))
    assert scores(Terms("stems", ("sea",)), *records) == {"b": 0.5909, "a": 0.5666}
    assert scores(Terms("stems", ("sea",), 2.0), *records) == {"b": 1.1817, "a": 1.1332}
    assert scores(Terms("stems", ("sea", "moon", "x")), *records) == {"a": 1.3809, "b": 0.5909}
    assert scores(Phrase(("sea", "moon")), *records) == {"a": 1.2045}
    both = And((Terms("words", ("sea",)), Or((Terms("stems", ("moon",)), Terms("stems", ("x",))))))
    assert scores(both, *records) == {"a": 1.3809}
    assert scores(And((), (Terms("stems", ("sea",)),)), *records) == {"c": 0}


def test_tags_score_by_rarity_alone() -> None:
    records = [record("a", "x", "n=1 n=1"), record("b", "x y z", "n=1"), record("c", "x")]
    assert scores(Terms("tags", ("n=1",)), *records) == {"a": 0.47, "b": 0.47}


def test_the_fastest_installed_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert choose("auto") == "whoosh"
    assert choose("tantivy") == "tantivy"
    spec = importlib.machinery.ModuleSpec("tantivy", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: spec)
    assert choose("auto") == "tantivy"


def test_an_engine_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise ImportError("no module named tantivy")

    monkeypatch.setattr(engines, "import_module", fail)
    with pytest.raises(EnvironmentFault) as caught:
        load("tantivy")
    assert caught.value.message == (
        "search engine `tantivy` can't be loaded: no module named tantivy"
    )
    assert caught.value.help == 'pip install tantivy, or set `engine = "auto"`'
