"""INDEX.md with references, with paths that are no links, with conflicts, or unreadable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.commandline import seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]

FILES: Files = {
    "seedkit.toml": 'select = ["index"]\n',
    "schemas/plain.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "seeds/a.txt": "The weir.\n",
    "seeds/a b.txt": "The mill.\n",
}


def check(root: Path, *arguments: str) -> tuple[int, str]:
    code, out, _ = seedkit("check", "--format", "concise", *arguments, cwd=root)
    return code, out


def test_references_list_seeds(corpus: Corpus) -> None:
    root = corpus(
        {**FILES, "INDEX.md": "- [a][1]\n- [b]\n\n[1]: seeds/a.txt?raw=1\n[b]: <seeds/a b.txt>\n"}
    )
    assert check(root) == (0, "Checked 2 seeds, no findings.\n")


def test_a_path_with_a_blank_is_no_link_and_becomes_one(corpus: Corpus) -> None:
    root = corpus({**FILES, "INDEX.md": "- [a](seeds/a.txt)\n- [b](seeds/a b.txt)\n"})
    code, out = check(root)
    assert code == 1
    assert "INDEX.md:2:" in out and "index/not-a-link" in out
    assert "index/unlisted-seed" not in out
    assert check(root, "--fix") == (0, "Checked 2 seeds, no findings.\n")
    assert (root / "INDEX.md").read_text() == "- [a](seeds/a.txt)\n- [b](<seeds/a b.txt>)\n"


CONFLICT = """\
- [a](seeds/a.txt)
<<<<<<< HEAD
- [b](<seeds/a b.txt>)
=======
- [c](seeds/c.txt)
>>>>>>> topic
"""


@pytest.mark.parametrize("fix", [(), ("--fix",), ("--fix", "--unsafe-fixes")])
def test_an_index_in_conflict_is_one_finding_and_is_left_alone(
    corpus: Corpus, fix: tuple[str, ...]
) -> None:
    root = corpus({**FILES, "INDEX.md": CONFLICT, "seeds/d.txt": "The lamp.\n"})
    code, out = check(root, *fix)
    assert (code, out.count("\n")) == (1, 2)
    assert out.startswith("INDEX.md:2:1: error[index/merge-conflict]")
    assert (root / "INDEX.md").read_text() == CONFLICT


@pytest.mark.parametrize("index", ["a link", "a folder", b"- \xff\n"])
def test_nothing_is_added_to_an_index_that_cannot_be_read(
    corpus: Corpus, index: str | bytes
) -> None:
    root = corpus(FILES)
    path = root / "INDEX.md"
    if isinstance(index, bytes):
        path.write_bytes(index)
    elif index == "a link":
        path.symlink_to(root / "seedkit.toml")
    else:
        path.mkdir()
    before = sorted(root.rglob("*"))
    draft = root.parent / "new.txt"
    draft.write_text("The eel.\n")
    code, out, _ = seedkit("add", str(draft), cwd=root)
    assert code == 1
    assert "error[index/unreadable-index]" in out
    assert sorted(root.rglob("*")) == before


def test_nothing_is_added_to_an_index_in_conflict(corpus: Corpus) -> None:
    root = corpus({**FILES, "INDEX.md": CONFLICT})
    draft = root.parent / "new.txt"
    draft.write_text("The eel.\n")
    code, out, err = seedkit("add", str(draft), cwd=root)
    assert (code, err) == (1, "seedkit add: nothing was added, because of 1 finding\n")
    assert out.startswith("error[index/merge-conflict]: index `INDEX.md` has a merge conflict")
    assert (root / "INDEX.md").read_text() == CONFLICT
    assert not (root / "seeds" / "new.txt").exists()


@pytest.mark.parametrize(
    ("rest", "left"),
    [("- [a][r]\n", "- [a][r]\n\n[r]: seeds/A.txt\n"), ("- [a][r]\n- [x][r]\n", None)],
)
def test_a_fix_changes_a_definition_only_if_it_serves_one_entry(
    corpus: Corpus, rest: str, left: str | None
) -> None:
    index = f"{rest}- [b](<seeds/a b.txt>)\n\n[r]: seeds/A.txt\n"
    root = corpus({**FILES, "INDEX.md": index})
    check(root, "--fix")
    now = (root / "INDEX.md").read_text()
    assert now == (index.replace("A.txt", "a.txt") if left else index)
