"""Indexes that no other one includes: reported, and read where that brings no other fault."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.fix import apply
from seedkit.core.diagnostic import Diagnostic
from support.commandline import ran, seedkit
from support.corpora import Files
from support.examples import findings

Corpus = Callable[[Files], Path]
Texts = dict[str, str]

BASE: Texts = {
    "seedkit.toml": "",
    "schemas/text.toml": 'extends = "builtin:plain"\nfiles = ["*.txt"]\n',
    "INDEX.md": "# All\n\n- [mill](seeds/mill.txt)\n",
    "seeds/mill.txt": "The mill stands still.\n",
    "seeds/sea/INDEX.md": "# Sea\n\n- [tides](tides.txt)\n",
    "seeds/sea/tides.txt": "The moon pulls the sea.\n",
}
LINKED = f"{BASE['INDEX.md']}- [sea](seeds/sea/INDEX.md)\n"
SEA = "seeds/sea/INDEX.md:1:1: warning[index/unlinked-index] no index includes `seeds/sea/INDEX.md`"
TIDES = (
    "seeds/sea/tides.txt:1:1: error[index/unlisted-seed] "
    "`seeds/sea/tides.txt` is not listed in `INDEX.md` [*]"
)


def lines(root: Path, *arguments: str) -> list[str]:
    """Return the findings of a check, a line each."""
    return seedkit("check", "--format=concise", *arguments, cwd=root).out.split("\n")[:-2]


def test_it_is_reported_and_read(corpus: Corpus) -> None:
    root = corpus(BASE)
    for _ in range(2):  # the second time as it was remembered
        assert seedkit("check", cwd=root) == ran(
            "warning[index/unlinked-index]: no index includes `seeds/sea/INDEX.md`\n"
            " --> seeds/sea/INDEX.md\n"
            "  = help: link to it in a table or list of `INDEX.md`, or add it to `exclude` if it "
            "is no index of this corpus\n"
            "  = fix: link to `seeds/sea/INDEX.md` (--fix)\n\n"
            "Found 1 warning in 2 seeds, 1 fixable with --fix.\n",
            code=1,
        )
    assert lines(root, "seeds/sea") == [f"{SEA} [*]"]
    assert lines(root, "seeds/mill.txt") == []
    assert seedkit("check", "--fix", cwd=root).out == "Checked 2 seeds, no findings.\n"
    assert (root / "INDEX.md").read_text() == LINKED


def test_one_that_comes_later_is_seen(corpus: Corpus) -> None:
    """It is no seed: that it is new shows in nothing that is known of the seeds."""
    root = corpus({**BASE, "INDEX.md": LINKED})
    assert lines(root) == []
    folder = root / "seeds/sky"
    folder.mkdir()
    (folder / "INDEX.md").write_text("# Sky\n")
    assert lines(root) == [SEA.replace("sea", "sky")]
    (folder / "INDEX.md").unlink()
    assert lines(root) == []


def test_what_it_lists_counts_only_if_nothing_is_wrong_with_it(corpus: Corpus) -> None:
    sea = "seeds/sea/INDEX.md"
    for text in (
        "# Sea\n",  # it lists nothing: is it an index at all?
        "- [gone](gone.txt)\n- [tides](tides.txt)\n",
        "- [mill](../mill.txt)\n- [tides](tides.txt)\n",
        "- [tides](tides.txt)\n- [tides](tides.txt)\n",
        "- [tides](Tides.txt)\n",
        "- [tides](tides.txt)\n- [me](INDEX.md)\n",
        "- [tides](tides.txt)\n- [all](../../INDEX.md)\n",
        "| [tides](tides.txt) |\n",
        "| seed | bytes |\n|---|---|\n| [tides](tides.txt) | 1 |\n",
        "- [tides](tides.txt)\n<<<<<<< a\n=======\n>>>>>>> b\n",
        "\ufeff- [tides](tides.txt)\n",
    ):
        assert lines(corpus({**BASE, sea: text})) == [SEA, TIDES], text
    assert lines(corpus({**BASE, sea: b"- [tides](tides.txt)\xff\n"})) == [SEA, TIDES]


def test_where_the_link_goes(corpus: Corpus) -> None:
    link = "- [sea](seeds/sea/INDEX.md)\n"
    for before, after in (
        ("", link),
        ("# All", f"# All\n\n{link}"),
        ("<!-- to do\n", f"{link}<!-- to do\n"),
        ("See [the sea](seeds/sea/INDEX.md).\n", f"See [the sea](seeds/sea/INDEX.md).\n\n{link}"),
        ("1. [a](b)\n", "1. [a](b)\n2. [sea](seeds/sea/INDEX.md)\n"),
        ("- [a](b)\n\n* [c](d)\n\nText", f"- [a](b)\n\n* [c](d)\n* {link[2:]}\nText"),
        (
            "* [sky](sky/INDEX.md)\n\n- [a](b)\n",
            "* [sea](seeds/sea/INDEX.md)\n* [sky](sky/INDEX.md)\n\n- [a](b)\n",
        ),
        (
            "| Part | Title | Bytes |\n|---|---|---|\n| [The sky](sky/INDEX.md) | The sky | |\n",
            "| Part | Title | Bytes |\n|---|---|---|\n| [sea](seeds/sea/INDEX.md) |  |  |\n"
            "| [The sky](sky/INDEX.md) | The sky | |\n",
        ),
    ):
        files = {**BASE, "INDEX.md": before, "sky/INDEX.md": "# Sky\n"}
        root = corpus({path: text for path, text in files.items() if path != "seeds/mill.txt"})
        assert seedkit("check", "--fix", cwd=root).code == 0
        assert (root / "INDEX.md").read_text() == after


def test_rows_of_seeds_come_first_where_they_would_be_at_the_same_place(corpus: Corpus) -> None:
    root = corpus({**BASE, "INDEX.md": "# All\n"})
    assert lines(root)[1] == SEA
    assert seedkit("check", "--fix", cwd=root).code == 0
    assert (root / "INDEX.md").read_text() == (
        "# All\n\n| Seed |\n|---|\n| [mill.txt](seeds/mill.txt) |\n\n- [sea](seeds/sea/INDEX.md)\n"
    )


def test_the_nearest_above_links_to_it(corpus: Corpus) -> None:
    files = {
        **BASE,
        "INDEX.md": LINKED,
        "seeds/sea/deep/INDEX.md": "- [eel](eel.txt)\n- [ray](../flat/ray.txt)\n",
        "seeds/sea/deep/eel.txt": "An eel.\n",
        "seeds/sea/flat/ray.txt": "A ray.\n",
        "seeds/sky/a/INDEX.md": "- [lark](lark.txt)\n",
        "seeds/sky/a/lark.txt": "A lark.\n",
        "seeds/sky/b/INDEX.md": "- [a](../a/INDEX.md)\n- [owl](owl.txt)\n",
        "seeds/sky/b/owl.txt": "An owl.\n",
    }
    root = corpus(files)
    assert lines(root) == [
        SEA.replace("sea", "sea/deep") + " [*]",
        SEA.replace("sea", "sky/b") + " [*]",  # it includes the one in `a`
    ]
    assert seedkit("check", "--fix", cwd=root).code == 0
    assert (root / "seeds/sea/INDEX.md").read_text() == (
        "# Sea\n\n- [deep](deep/INDEX.md)\n- [tides](tides.txt)\n"
    )
    assert (root / "INDEX.md").read_text() == f"{LINKED}- [b](seeds/sky/b/INDEX.md)\n"


def test_whose_they_are_not(corpus: Corpus) -> None:
    corpora = {
        "docs/INDEX.md": "# No seeds here\n",
        "seeds/index.md": "# In lower case: a seed\n",
        "seeds/own/INDEX.md": "- [a](seeds/a.txt)\n",
        "seeds/own/part/INDEX.md": "# Of the corpus above\n",
        "seeds/own/seedkit.toml": "",
        "seeds/out/INDEX.md": "# Out\n",
    }
    toml = 'exclude = ["seeds/out", "seedkit.toml", "index.md"]\n'
    root = corpus({**BASE, **corpora, "INDEX.md": LINKED, "seedkit.toml": toml})
    assert lines(root) == []


def test_an_index_of_another_name(corpus: Corpus) -> None:
    other = {**BASE, "CONTENTS.md": BASE["INDEX.md"], "seeds/sea/CONTENTS.md": "- [t](tides.txt)\n"}
    del other["INDEX.md"]
    root = corpus({**other, "seedkit.toml": 'index = "CONTENTS.md"\nexclude = ["INDEX.md"]\n'})
    assert lines(root) == [f"{SEA} [*]".replace("INDEX", "CONTENTS")]


def test_where_the_corpus_has_no_index(corpus: Corpus) -> None:
    files = {**BASE, "seeds/sky/INDEX.md": "- [gone](gone.txt)\n"}
    del files["INDEX.md"]
    root = corpus(files)
    assert lines(root) == [
        "INDEX.md:1:1: error[index/missing-index] the corpus has no index, `INDEX.md` does not "
        "exist [*]",
        SEA.replace("sea", "sky"),
    ]
    seedkit("check", "--fix", cwd=root)
    assert (root / "INDEX.md").read_text() == (
        "# Index\n\n| Seed |\n|---|\n| [mill.txt](seeds/mill.txt) |\n\n"
        "- [sea](seeds/sea/INDEX.md)\n"
    )
    assert lines(root) == [SEA.replace("sea", "sky")]


def test_init_makes_an_index_that_includes_those_below(tmp_path: Path, cache: Path) -> None:
    sea = tmp_path / "corpus/seeds/sea"
    sea.mkdir(parents=True)
    (sea / "INDEX.md").write_text(BASE["seeds/sea/INDEX.md"])
    (sea / "tides.txt").write_text(BASE["seeds/sea/tides.txt"])
    root = tmp_path / "corpus"
    done = seedkit("init", cwd=root)
    assert "1 file is left out:\n  an index: seeds/sea/INDEX.md\n" in done.out
    assert (root / "INDEX.md").read_text() == "# Index\n\n- [sea](seeds/sea/INDEX.md)\n"
    assert lines(root) == []


# -- whatever links to whatever

SEEDS = ["seeds/a", "seeds/x/b", "seeds/x/y/c", "seeds/z/d"]
INDEXES = [
    "INDEX.md",
    "seeds/INDEX.md",
    "seeds/x/INDEX.md",
    "seeds/x/y/INDEX.md",
    "seeds/z/INDEX.md",
]
targets = st.lists(st.sampled_from([*SEEDS, *INDEXES]), max_size=3)
shapes = st.sampled_from(
    ["# I\n\n{}", "{}\n\nText.", "| S |\n|---|\n{}\n", "Text, {}\n", "```\n{}"]
)
parts = st.tuples(shapes, targets)


def written(path: str, shape: str, targets: list[str]) -> str:
    links = [f"[t]({os.path.relpath(each, os.path.dirname(path) or '.')})" for each in targets]
    if shape.startswith("Text"):
        return shape.format(", ".join(links))
    if "|" in shape:
        return shape.format("\n".join(f"| {link} |" for link in links))
    return shape.format("\n".join(f"- {link}" for link in links))


def reached(start: str, links: dict[str, list[str]]) -> set[str]:
    found, left = {start}, [start]
    while left:
        new = [each for each in links.get(left.pop(), ()) if each not in found]
        found.update(new)
        left += new
    return found


def named(diagnostics: list[Diagnostic]) -> Iterator[tuple[str, str, str]]:
    return ((each.rule, each.place.path, each.message) for each in diagnostics)


@given(st.dictionaries(st.sampled_from(INDEXES), parts, min_size=1))
def test_fixes_work_and_all_are_reported(given: dict[str, tuple[str, list[str]]]) -> None:
    files = {path: f"{path}\n".encode() for path in SEEDS}
    files |= {"seedkit.toml": b'select = ["index"]\n', "schemas/a.toml": b'files = ["seeds/**"]\n'}
    files |= {path: written(path, *part).encode() for path, part in given.items()}
    found = findings(files)
    unlinked = {each.place.path for each in found if each.rule == "index/unlinked-index"}
    links = {
        path: [each for each in part[1] if each in given]
        for path, part in given.items()
        if not part[0].startswith(("```", "Text"))
    }
    if "INDEX.md" in given:
        below = set().union(*(reached(each, links) for each in unlinked))
        assert given.keys() == reached("INDEX.md", links) | below
        assert all(each not in reached(o, links) for each in unlinked for o in unlinked - {each})
    for diagnostic in found:
        if diagnostic.rule in ("index/unlinked-index", "index/missing-index") and diagnostic.fix:
            path = diagnostic.fix.edits[0].place.path
            after, count = apply(files.get(path, b""), [diagnostic.fix.edits])
            assert count == 1
            assert set(named(findings({**files, path: after}))) < set(named(found)), after.decode()
