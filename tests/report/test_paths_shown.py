"""Paths in texts are relative to where the user stands; those for CI to the repository."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.report import Paths, paths_from
from support.commandline import DEMO, ran, seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]
FILES = {**DEMO, "seeds/deep/c d.txt": "A lamp in the window\n"}

_NAMES = st.sampled_from(["a", "b", "a b", "-x", "..c"])
_FOLDERS = st.lists(_NAMES, max_size=3).map("/".join)


@given(root=_FOLDERS, folder=_FOLDERS, path=st.lists(_NAMES, min_size=1, max_size=3).map("/".join))
def test_a_shown_path_leads_to_the_file(root: str, folder: str, path: str) -> None:
    above, here = f"/top/{root}".rstrip("/"), f"/top/{folder}".rstrip("/")
    shown = paths_from(above, here).of(path)
    assert os.path.normpath(os.path.join(here, shown)) == f"{above}/{path}"
    assert not shown.startswith("/") or here not in (above, "/top"), "absolute only from elsewhere"


def test_names_that_are_no_paths_of_the_corpus_stay() -> None:
    paths = Paths(inside="seeds", kept=frozenset(["../../draft.txt"]))
    assert paths.of("--config index=x") == "--config index=x"
    assert paths.of("../../draft.txt") == "../../draft.txt"
    assert paths.shown("seeds/\x1b[2J.txt") == "\\x1b[2J.txt"


@pytest.mark.parametrize("folder", ["", "seeds", "seeds/deep", "schemas", ".."])
def test_search_names_what_xargs_opens(corpus: Corpus, folder: str) -> None:
    root = corpus(FILES)
    here = (root / folder).resolve()
    for options in (["-l"], ["-0"], ["--format", "text"]):
        said = seedkit("search", "window", *options, "--root", str(root), cwd=here)
        assert said.code == 0
        names = said.out.replace("\0", "\n").splitlines()
        opened = {(here / name.partition(":")[0]).read_text().strip() for name in names}
        assert (len(names), opened) == (2, {"A lamp in the window"})


def test_every_text_is_seen_from_the_folder(corpus: Corpus) -> None:
    root = corpus(FILES)
    here = root / "seeds"

    def shown(*arguments: str) -> set[str]:
        said = seedkit(*arguments, cwd=here).out
        return set(re.findall(r"(?:\w+/)*\w[\w ]*\.txt", said.replace("  ", "\t")))

    assert shown("show-files") == {"a.txt", "b.txt", "deep/c d.txt"}
    assert shown("repeats", "--pairs") == {"b.txt", "deep/c d.txt"}
    said = seedkit("repeats", "--format=concise", "-q", cwd=here).out
    assert said == "deep/c d.txt: same-text 1.000 b.txt\n"
    assert " --> b.txt:1:21\n" in seedkit("check", cwd=here).out
    assert "--- a/b.txt\n+++ b/b.txt\n" in seedkit("check", "--diff", cwd=here).out
    (root / "seedkit.toml").write_text("index = 1\n")
    assert " --> ../seedkit.toml:1:" in seedkit("check", cwd=here).err


def test_an_index_above(corpus: Corpus) -> None:
    root = corpus({**FILES, "INDEX.md": "- [a](seeds/a.txt)\n- [x](seeds/x.txt)\n"})
    said = seedkit("check", "--format=concise", "-q", cwd=root / "seeds").out
    assert said.startswith("../INDEX.md:2:7: error[index/dangling-entry] ")


def test_adding_from_a_subfolder(corpus: Corpus) -> None:
    root = corpus({**FILES, "drafts/new.txt": "A gull on the mast"})
    into = ("--to", "../seeds")
    said = seedkit("add", "new.txt", *into, "--format=concise", cwd=root / "drafts")
    assert said.out == (
        "new.txt:1:19: error[text/missing-final-newline] no newline at the end of the file [*]\n"
    )
    said = seedkit("add", "../drafts/new.txt", *into, "--fix", cwd=root / "drafts")
    assert said == ran("Added ../seeds/new.txt (note)\nListed in ../INDEX.md\n")


def test_machines_get_the_path_in_the_repository(corpus: Corpus) -> None:
    root = corpus({f"data/{path}": text for path, text in FILES.items()})
    (root / ".git").mkdir()
    here, deep = root / "data" / "seeds", "data/seeds/deep/c d.txt"
    said = seedkit("check", "b.txt", "--format=github", "-q", cwd=here).out
    named = re.findall(r"^::error file=([^,]*),.*?::([^:]*)", said, re.M)
    assert named == [("data/seeds/b.txt", "data/seeds/b.txt")] * 2 + [(deep, deep)]
    said = seedkit("check", "b.txt", "--format=gitlab", cwd=here).out
    assert {each["location"]["path"] for each in json.loads(said)} == {
        "data/seeds/b.txt",
        deep,
    }
    assert 'classname="data/seeds/b.txt"' in seedkit("check", "--format=junit", cwd=here).out
    said = seedkit("check", "b.txt", "--format=json", cwd=here).out
    assert {each["path"] for each in json.loads(said)["diagnostics"]} == {
        "seeds/b.txt",
        "seeds/deep/c d.txt",
    }
