"""Leaks between splits: what is compared, what is said of it and where, and what is remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.diagnostic import Diagnostic, sort_key
from seedkit.core.errors import ConfigError
from seedkit.corpus.repeated.leaks import leak_findings
from seedkit.corpus.repeated.records import RecordReader
from seedkit.corpus.workspace import Workspace
from seedkit.settings.load import load_settings
from seedkit.sources.source import MemorySource, Source
from seedkit.store.database import CacheDatabase
from support.corpora import more

SPLITS = '[splits]\ntrain = ["train*", "train/**"]\ntest = ["test*", "test/**"]\n'
LINES = 'files = ["**/*.txt"]\n[record]\nmode = "lines"\nempty = "skip"\n'
LONG = "the miller lets the water on to the wheel before dawn and waits for stones"


def memory(files: Mapping[str, str | bytes], config: str = "", schema: str = LINES) -> MemorySource:
    """Return a corpus with two splits, in memory."""
    own = {"seedkit.toml": f'seeds = ["."]\n{config}{SPLITS}', "schemas/note.toml": schema}
    contents = {**own, **{f"{path}": text for path, text in files.items()}}
    return MemorySource({p: t if isinstance(t, bytes) else t.encode() for p, t in contents.items()})


def opened(source: Source, database: str | None = None) -> Workspace:
    """Return the refreshed workspace of a corpus."""
    workspace = Workspace(source, load_settings(source), CacheDatabase(database))
    workspace.refresh()
    return workspace


def leaks(source: Source, database: str | None = None) -> list[Diagnostic]:
    """Return what leaks, sorted."""
    return sorted(leak_findings(opened(source, database)), key=sort_key)


def told(diagnostics: list[Diagnostic]) -> list[str]:
    """Return places and messages."""
    return [
        f"{d.place.path}:{d.place.start.line if d.place.start else 0} {d.message}"
        for d in diagnostics
    ]


def test_both_places_are_named() -> None:
    files = {"train/a.txt": "no\none Two three\n", "test/b.txt": "x\n\nOne two, three!\n"}
    [leak] = leaks(memory(files))
    assert leak.message == "record 2 of `test/b.txt` is record 2 of `train/a.txt`, in split `train`"
    assert (leak.rule, leak.severity) == ("repeat/leak", "error")
    assert leak.place.start is not None
    assert leak.place.start[:2] == (3, 1)
    [other] = leak.related
    assert other.place.path == "train/a.txt"
    assert other.place.start is not None
    assert other.place.start[:2] == (2, 1)


def test_every_kind_is_told() -> None:
    files = {
        "train/a.txt": f"yes\n{LONG}\n{' '.join('abcdefghijklmnopqrs')}\n"
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        "test/b.txt": f"Yes.\nthey say {LONG} and {' '.join(map(str, range(50, 60)))}\n"
        f"{' '.join('abcdefghijklmnopqr')} t\n"
        f"{' '.join(map(str, range(1, 17)))} {' '.join(map(str, range(60, 99)))}\n"
        "1 2 3 4 5 6 7 8 9 10 11 12 99\n",
    }
    assert told(leaks(memory(files, "contained = 0.95\nnear_duplicate = 0.85\n"))) == [
        "test/b.txt:1 record 1 of `test/b.txt` is record 1 of `train/a.txt`, in split `train`",
        "test/b.txt:2 100 % of record 2 of `train/a.txt` stands in record 2 of `test/b.txt`, "
        "in split `train`",
        "test/b.txt:3 record 3 of `test/b.txt` is 88 % the same as record 3 of `train/a.txt`, "
        "in split `train`",
        "test/b.txt:4 100 % of record 4 of `train/a.txt` stands in record 4 of `test/b.txt`, "
        "in split `train`",
    ]
    run = leaks(
        memory(
            {"train/a.txt": f"x {LONG} y h i j k l m\n", "test/b.txt": f"u w v {LONG} z o n q\n"}
        )
    )
    assert told(run) == [
        "test/b.txt:1 15 words of record 1 of `test/b.txt` also occur in record 1 of "
        "`train/a.txt`, in split `train`"
    ]
    assert run[0].place.start is not None
    assert run[0].place.start.column == 7
    assert run[0].related[0].place.start is not None
    assert run[0].related[0].place.start.column == 3


def test_seeds_without_records_are_compared_whole() -> None:
    plain = 'files = ["**/*.txt"]\n'
    files = {"train/a.txt": "one\ntwo\n", "train/b.txt": "one\n", "test/c.txt": "ONE two\n"}
    [leak] = leaks(memory(files, schema=plain))
    assert leak.message == "`test/c.txt` has the words of `train/a.txt`, in split `train`"
    assert leak.place.start is None


def test_seeds_without_a_format_are_compared_whole() -> None:
    files = {"train/a.md": "one\ntwo\n", "test/c.txt": "one two\n"}
    [leak] = leaks(memory(files))
    assert leak.message == "record 1 of `test/c.txt` is `train/a.md`, in split `train`"


def test_only_prose_of_data_is_compared_and_escapes_are_read() -> None:
    schema = 'extends = "builtin:chat-jsonl"\nfiles = ["**/*.jsonl"]\n'

    def line(number: int, *texts: str) -> str:
        roles = ("user", "assistant")
        messages = [{"role": r, "content": t} for r, t in zip(roles, texts, strict=True)]
        return json.dumps({"id": number, "messages": messages}) + "\n"

    half = LONG.split()
    files = {
        "train/a.jsonl": line(1, "Caf\u00e9\nopen?", "at six") + line(2, LONG, "never"),
        "test/b.jsonl": line(3, "caf\u00e9 OPEN", "At six.")
        + line(2, "unlike", "1")  # the same id is no leak
        + line(4, " ".join(half[:8]), " ".join(half[8:])),  # no run crosses from one into the next
    }
    found = told(leaks(memory(files, "contained = 1\nnear_duplicate = 1\n", schema)))
    assert found[0] == (
        "test/b.jsonl:1 record 1 of `test/b.jsonl` is record 1 of `train/a.jsonl`, in split `train`"
    )
    assert len(found) == 2  # and the third, whose words in a row are those of the other
    assert found[1].startswith("test/b.jsonl:3 ")
    assert "words of record" not in found[1]


def test_runs_do_not_cross_sections() -> None:
    schema = 'files = ["**/*.csv"]\n[record]\nmode = "csv"\nheader = true\n'
    half = LONG.split()
    files = {
        "train/a.csv": f"q,a\n{LONG} x y z,u v w\n",
        "test/b.csv": f"q,a\n{' '.join(half[:8])},{' '.join(half[8:])} k l m n o p q r\n",
    }
    assert leaks(memory(files, schema=schema)) == []


def test_a_seed_is_in_the_first_split_that_names_it() -> None:
    config = 'seeds = ["."]\n[splits]\na = ["x.txt", "y.txt"]\nb = ["*.txt"]\n'
    files = {"seedkit.toml": config, "x.txt": "one\n", "y.txt": "one\n", "z.txt": "one\n"}
    schema = LINES.replace("**/*.txt", "/*.txt")
    source = memory(files, schema=schema)
    assert [d.place.path for d in leaks(source)] == ["z.txt"]


def test_three_splits_are_compared_each_with_those_before() -> None:
    config = 'seeds = ["."]\n[splits]\na = ["a/**"]\nb = ["b/**"]\nc = ["c/**"]\n'
    files = {
        "seedkit.toml": config,
        "a/1.txt": "one\n",
        "b/1.txt": f"one\n{LONG}\n{LONG}\n",
        "c/1.txt": f"{LONG}\none\n",
    }
    assert told(leaks(memory(files))) == [
        "b/1.txt:1 record 1 of `b/1.txt` is record 1 of `a/1.txt`, in split `a`",
        "c/1.txt:1 record 1 of `c/1.txt` is record 2 of `b/1.txt`, in split `b`",
        "c/1.txt:2 record 2 of `c/1.txt` is record 1 of `a/1.txt`, in split `a`",
    ]


def test_a_split_without_a_seed_is_told() -> None:
    source = memory({"train/a.txt": "one\n", "tets/b.txt": "one\n"})
    [finding] = leaks(source)
    assert finding.rule == "config/unused-split"
    assert finding.message == "split `test` has no seed: nothing is compared with it"
    assert finding.place.path == "seedkit.toml"
    assert finding.place.start is not None
    assert (finding.place.start.line, finding.place.start.column) == (4, 1)


def test_one_split_alone_is_refused() -> None:
    config = 'seeds = ["."]\n[splits]\ntest = ["a/**"]\n'
    with pytest.raises(ConfigError) as error:
        load_settings(memory({"seedkit.toml": config}))
    assert "one split alone has nothing to be compared with" in error.value.diagnostics[0].message


def test_damaged_and_binary_seeds(cache: Path) -> None:
    files: dict[str, str | bytes] = {
        "train/a.txt": b"caf\xe9 one\n",
        "train/b.txt": b"\x00\x01\x02one\n" * 9,
        "test/a.txt": b"caf\xe9 one\n",
        "test/b.txt": b"\x00\x01\x02one\n" * 9,
    }
    assert [d.place.path for d in leaks(memory(files))] == ["test/a.txt"]


# -- what is remembered


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which seeds have been read to be compared."""
    paths: list[str] = []

    read = RecordReader.text

    def text(reader: RecordReader, path: str) -> tuple[str, bool] | None:
        paths.append(path)
        return read(reader, path)

    monkeypatch.setattr(RecordReader, "text", text)
    return paths


def test_leaks_are_remembered_until_a_split_changes(cache: Path, compared: list[str]) -> None:
    database = str(cache / "ledger.sqlite")
    files = {"train/a.txt": "one\n", "test/b.txt": "one\n", "other/c.txt": "one\n"}
    before = leaks(memory(files), database)
    assert len(before) == 1
    compared.clear()
    assert leaks(memory(files), database) == before
    files["other/c.txt"] = "two\n"  # of no split
    assert leaks(memory(files), database) == before
    assert leaks(memory(files), database) == before
    assert compared == []
    files["train/a.txt"] = "two\n"
    assert leaks(memory(files), database) == []
    assert compared != []
    assert leaks(memory({**files, "test/b.txt": "two\n"}), database) != []


def test_a_seed_that_changes_meanwhile_is_not_remembered(cache: Path) -> None:
    database = str(cache / "ledger.sqlite")
    files = {"train/a.txt": "one\n", "test/b.txt": "one\n"}
    source = memory(files)
    workspace = opened(source, database)
    source.files["test/b.txt"] = b"two\n"
    assert leak_findings(workspace) == []
    assert len(leaks(memory(files), database)) == 1


@more(1)
@given(data=st.data())
def test_what_is_remembered_changes_no_answer(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = str(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    names = st.sampled_from([f"{split}/{n}.txt" for split in ("train", "test", "x") for n in "ab"])
    words = st.lists(st.sampled_from(["a", "b", "c"]), max_size=6).map(" ".join)
    files: dict[str, str | bytes] = {}
    for _ in range(data.draw(st.integers(2, 6))):
        files[data.draw(names)] = "\n".join(data.draw(st.lists(words, max_size=4)))
        tokens = data.draw(st.sampled_from([3, 4]))
        source = memory(files, f"leak_tokens = {tokens}\n")
        assert leaks(source, database) == leaks(source)
