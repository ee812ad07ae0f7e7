"""Compressed files are read as what they hold, never more than is allowed, and never fixed."""

from __future__ import annotations

import gzip
import importlib
import json
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.sources.compressed import HoldsTooMuch, NotExpanded, NotInstalled, expand
from support.commandline import seedkit
from support.gitrepo import Repo

TEXT = (
    "Every house on the lower road has a mark cut into its wall, as high as the flood once came, "
    "and children are measured against it in spring. The miller keeps two lanterns by the door, "
    "and lights them when the river rises.\n"
)


def zstd(data: bytes) -> bytes:
    try:
        return importlib.import_module("compression.zstd").compress(data)
    except ImportError:
        return pytest.importorskip("zstandard").ZstdCompressor().compress(data)


WAYS = {"gz": gzip.compress, "zst": zstd}
FORMAT = {"schemas/x.toml": 'files = ["seeds/**"]\n[file]\nfinal_newline = "require"\n'}


@pytest.mark.parametrize("way", WAYS)
@given(parts=st.lists(st.binary(max_size=5000), min_size=1, max_size=4), cut=st.integers(1, 9))
def test_what_parts_hold(way: str, parts: list[bytes], cut: int) -> None:
    compressed = list(map(WAYS[way], parts))
    whole, data = b"".join(parts), b"".join(compressed)
    assert expand(f"a.{way}", data, len(whole)) == whole
    with pytest.raises(NotExpanded, match="is cut off"):
        expand(f"a.{way}", data[: -min(cut, len(compressed[-1]) - 1)])
    with pytest.raises(NotExpanded, match="is damaged, or not compressed"):
        expand(f"a.{way}", data + b"more")
    if whole:
        with pytest.raises(HoldsTooMuch):
            expand(f"a.{way}", data, len(whole) - 1)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_may_be_empty_and_padded(way: str) -> None:
    with pytest.raises(NotExpanded, match="is cut off"):
        expand(f"a.{way}", b"")
    assert expand("a.gz", gzip.compress(b"a") + b"\0" * 600 + gzip.compress(b"b") + b"\0") == b"ab"
    assert expand("a.txt", b"\x1f\x8b") == b"\x1f\x8b"


@pytest.mark.parametrize("way", WAYS)
def test_a_bomb_takes_little_memory(way: str) -> None:
    bomb = WAYS[way](bytes(200_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(HoldsTooMuch, match=r"`a\.\w+` holds more than 1,000,000 bytes"):
            expand(f"a.{way}", bomb, 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_very_many_parts_are_refused() -> None:
    with pytest.raises(NotExpanded, match="more than 100,000 compressed parts"):
        expand("a.gz", gzip.compress(b"") * 100_001)


def test_zstd_takes_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(NotInstalled) as raised:
        expand("a.zst", b"")
    assert raised.value.help == "install it: `pip install 'seedkit[zstd]'`"


@pytest.mark.parametrize("way", WAYS)
def test_commands_read_what_it_holds(corpus: Any, way: str) -> None:
    name = f"seeds/a.txt.{way}"
    other = TEXT.replace("river", "water")
    index = f"- [a]({name})\n- [b](seeds/b.txt)\n"
    root = corpus(
        {**FORMAT, name: WAYS[way](TEXT.encode()), "seeds/b.txt": TEXT, "INDEX.md": index}
    )
    assert seedkit("check", "--fix", cwd=root).code == 1
    for _ in range(2):  # the second from the cache
        ran = seedkit("check", "--format", "concise", cwd=root)
        assert "repeat/same-text" in ran.out and name in ran.out, ran
    found = seedkit("search", "lanterns rises", "--format", "json", cwd=root)
    (hit,) = json.loads(found.out)["hits"]
    assert {hit["path"], *hit["repeats"]} == {name, "seeds/b.txt"}
    (root / "seeds/b.txt").write_text(other)
    found = seedkit("search", "river", cwd=root)
    assert "lights them when the river rises" in found.out and name in found.out
    assert "same-text" not in seedkit("repeats", cwd=root).out
    assert seedkit("repeats", cwd=root).code == 1  # a near duplicate, with what differs


@pytest.mark.parametrize("way", WAYS)
def test_a_finding_has_its_place_and_no_fix(corpus: Any, way: str) -> None:
    name = f"seeds/a.txt.{way}"
    data = WAYS[way](f"{TEXT}last  ".encode())
    root = corpus({**FORMAT, name: data, "INDEX.md": f"- [a]({name})\n"})
    ran = seedkit("check", "--fix", "--unsafe-fixes", "--format", "concise", cwd=root)
    assert ran.code == 1
    assert f"{name}:2:7: error[text/missing-final-newline]" in ran.out, ran
    assert "[*]" not in ran.out and (root / name).read_bytes() == data
    assert " | last" in seedkit("check", cwd=root).out
    repo = Repo(root)
    repo.git("add", ".")
    assert f"{name}:2:7: error" in seedkit("check", "--staged", "--format", "concise", cwd=root).out


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            gzip.compress(TEXT.encode())[:-3],
            "[text/unreadable] file can't be read: `seeds/a.gz` is cut",
        ),
        (b"plain", "`seeds/a.gz` is damaged, or not compressed by gzip"),
        (zlib.compress(b"a"), "`seeds/a.gz` is damaged, or not compressed by gzip"),
        (gzip.compress(bytes(500)), "[text/too-large] file holds more than 400 bytes, at most 400"),
    ],
    ids=["cut-off", "plain", "zlib", "too-large"],
)
def test_what_can_not_be_read_is_reported(corpus: Any, data: bytes, said: str) -> None:
    schema = 'files = ["seeds/**"]\n[file]\nmax_bytes = 400\n'
    root = corpus({"schemas/x.toml": schema, "seeds/a.gz": data, "INDEX.md": "- [a](seeds/a.gz)\n"})
    for _ in range(2):
        ran = seedkit("check", "--format", "concise", cwd=root)
        assert ran.code == 1 and said in ran.out and "Traceback" not in ran.err, ran
    assert seedkit("search", "plain", cwd=root).code == 1
    assert seedkit("repeats", cwd=root).code in (0, 1)


@pytest.mark.parametrize("way", WAYS)
def test_init_and_add_look_behind_the_extension(corpus: Any, way: str) -> None:
    old = WAYS[way](b'{"id": 1, "text": "The mill."}\n{"id": 2, "text": "The ferry."}\n')
    root = corpus({"seeds/n.csv": "id,word\n1,mill\n", f"seeds/a.jsonl.{way}": old})
    assert seedkit("init", cwd=root).code == 0
    assert 'extends = "builtin:jsonl"' in (root / "schemas" / "jsonl.toml").read_text()
    new = root.parent / f"b.jsonl.{way}"
    new.write_bytes(WAYS[way](b'{"id": 3, "text": "The lamp."}\n'))
    added = seedkit("add", str(new), cwd=root)
    assert added.out == f"Added seeds/b.jsonl.{way} (jsonl)\nListed in INDEX.md\n", added
    new.write_bytes(b"{}")
    refused = seedkit("add", str(new), cwd=root)
    assert refused.code == 2
    assert "is damaged, or not compressed by" in refused.err
