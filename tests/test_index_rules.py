"""INDEX.md against the seeds: what is found, in which words, and what the fixes leave behind."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.diagnostic import Applicability, Diagnostic, Severity, sort_key
from seedkit.errors import EnvironmentFault
from seedkit.fix import apply, edits_by_file
from seedkit.manifest import SeedSummary, parse_manifest
from seedkit.manifest.target import encode_target, escape_text, tidy
from seedkit.rules.index import IndexReport, check_index

Files = Mapping[str, str | bytes]


def summary(text: str | bytes, **values: Any) -> SeedSummary:
    """Return what a seed's own text says of it: `title: …` is a title, `id: …` a name group."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    said = dict(re.findall(r"^(\w+): (.*)$", data.decode("utf-8", "replace"), re.MULTILINE))
    found = SeedSummary(
        format=said.pop("format", "plain"),
        title=said.pop("title", ""),
        size=len(data),
        records=int(said.pop("records", "1")),
        sha256=hashlib.sha256(data).hexdigest(),
        groups=said,
    )
    return found._replace(**values)


def report(files: Files, *, index: str = "INDEX.md", **options: Any) -> IndexReport:
    """Check a corpus in memory: seeds are all files under seeds/ but for indexes."""
    contents = {
        path: text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
        for path, text in files.items()
    }
    name = index.rpartition("/")[2]
    seeds = {
        path: summary(data)
        for path, data in contents.items()
        if path.startswith("seeds/") and path.rpartition("/")[2] != name
    }
    folders = {path[:at] for path in contents for at, char in enumerate(path) if char == "/"}
    seeds = options.pop("seeds", seeds)
    return check_index(
        index,
        seeds,
        options.pop("folders", ["seeds"]),
        contents.get,
        lambda path: path in contents or path in folders,
        **options,
    )


def found(files: Files, **options: Any) -> list[str]:
    """Return the findings as `path:line:column-column: rule: message`."""
    return [line(diagnostic) for diagnostic in report(files, **options).diagnostics]


def line(diagnostic: Diagnostic) -> str:
    path, start, end = diagnostic.place
    where = f"{path}:{start.line}:{start.column}-{end.column}" if start and end else path
    return f"{where}: {diagnostic.rule.removeprefix('index/')}: {diagnostic.message}"


def mended(files: Files, *, unsafe: bool = False, **options: Any) -> dict[str, str | bytes]:
    """Return the corpus after one round of fixes."""
    after = dict(files)
    diagnostics = report(files, **options).diagnostics
    for path, fixes in edits_by_file(diagnostics, unsafe=unsafe).items():
        before = files.get(path, b"")
        data = before if isinstance(before, bytes) else before.encode("utf-8", "surrogateescape")
        result, count = apply(data, fixes)
        assert count == len(fixes)
        after[path] = result if isinstance(before, bytes) else result.decode()
    return after


def index_after(index: str, *seeds: str, unsafe: bool = False, **more: str) -> str:
    """Return INDEX.md after fixes: `seeds` exist, with titles as in `"a.txt: A title"`."""
    files = {"INDEX.md": dedent(index)}
    for seed in seeds:
        name, _, title = seed.partition(": ")
        files[f"seeds/{name}"] = f"title: {title}\n" if title else "text\n"
    after = mended(files, unsafe=unsafe)["INDEX.md"]
    assert isinstance(after, str)
    return after


# What is listed, and what is not.


def test_nothing_is_wrong() -> None:
    index = "# I\n\n| Seed |\n|---|\n| [a](seeds/a) |\n\n- [b](<./seeds/b>)\n"
    assert found({"INDEX.md": index, "seeds/a": "", "seeds/b": ""}) == []


def test_unlisted_seed_is_reported_at_the_seed() -> None:
    index = "[a](seeds/a)\n\n```\n- [a](seeds/a)\n```\n"
    (diagnostic,) = report({"INDEX.md": index, "seeds/a": ""}).diagnostics
    assert line(diagnostic) == "seeds/a: unlisted-seed: `seeds/a` is not listed in `INDEX.md`"
    assert diagnostic.severity is Severity.ERROR


def test_entry_without_file() -> None:
    index = "- [a](seeds/a)\n- [b](seeds/b#x)\n- [c](sedes/c)\n"
    assert found({"INDEX.md": index, "seeds/a": ""}) == [
        "INDEX.md:2:7-16: dangling-entry: `seeds/b` does not exist",
        "INDEX.md:3:7-14: dangling-entry: `sedes/c` does not exist",
    ]


@pytest.mark.parametrize(
    "row",
    [
        "[r](README.md)",
        "[d](docs/missing.md)",  # dead, but no seed's name, and not among seeds
        "[s](seeds)",
        "[s](seeds/)",
        "[s](seeds/sub/)",
        "[x](seeds/excluded)",
        "[u](../README.md)",
        "[u](http://example.com/seeds/b)",
        "![i](seeds/b.png)",
    ],
)
def test_other_links_list_nothing(row: str) -> None:
    files = {
        "INDEX.md": f"- {row}\n\n| x |\n|---|\n| [a](seeds/sub/a) |\n",
        "README.md": "",
        "seeds/sub/a": "",
        "seeds/excluded": "",
    }
    assert found(files, seeds={"seeds/sub/a": summary("")}) == []


def test_first_link_that_names_a_seed_counts() -> None:
    index = "- see [r](README.md) for [a](seeds/a) and [b](seeds/b)\n"
    files = {"INDEX.md": index, "README.md": "", "seeds/a": "", "seeds/b": ""}
    assert found(files) == ["seeds/b: unlisted-seed: `seeds/b` is not listed in `INDEX.md`"]


def test_listed_twice() -> None:
    index = "- [a](seeds/a)\n- [A](./seeds/a)\n- [A](seeds/%61)\n"
    first, second = report({"INDEX.md": index, "seeds/a": ""}).diagnostics
    assert line(first) == "INDEX.md:2:7-16: listed-twice: `seeds/a` is listed twice"
    assert line(second) == "INDEX.md:3:7-16: listed-twice: `seeds/a` is listed twice"
    ((place, message),) = second.related
    assert place.start is not None
    assert (place.path, place.start, message) == ("INDEX.md", (1, 7, 6), "first listed here")


@pytest.mark.parametrize(
    ("target", "seed", "message"),
    [
        (
            "seeds/A.TXT",
            "seeds/a.txt",
            "`seeds/A.TXT` is spelled in another case than the seed `seeds/a.txt`",
        ),
        (
            "Seeds/a.txt",
            "seeds/a.txt",
            "`Seeds/a.txt` is spelled in another case than the seed `seeds/a.txt`",
        ),
        (
            "seeds/caf\u00e9",
            "seeds/cafe\u0301",
            "`seeds/caf\u00e9` is spelled in another Unicode normalization form than the seed "
            "`seeds/cafe\u0301`",
        ),
        (
            "seeds/cafe\u0301",
            "seeds/caf\u00e9",
            "`seeds/cafe\u0301` is spelled in another Unicode normalization form than the seed "
            "`seeds/caf\u00e9`",
        ),
        (
            "seeds/CAFE\u0301",
            "seeds/caf\u00e9",
            "`seeds/CAFE\u0301` is spelled in another case than the seed `seeds/caf\u00e9`",
        ),
    ],
)
def test_wrong_spelling_is_one_finding(target: str, seed: str, message: str) -> None:
    files = {"INDEX.md": f"- [a]({target})\n", seed: ""}
    assert found(files) == [f"INDEX.md:1:7-{7 + len(target)}: wrong-spelling: {message}"]
    assert mended(files)["INDEX.md"] == f"- [a]({seed})\n"


def test_wrong_spelling_of_a_seed_that_is_listed_is_a_second_entry() -> None:
    files = {"INDEX.md": "- [a](seeds/A)\n- [a](seeds/a)\n", "seeds/a": ""}
    assert found(files) == [
        "INDEX.md:1:7-14: listed-twice: `seeds/a` is listed twice, here as `seeds/A`"
    ]


def test_names_that_differ_in_case_only_are_two_seeds() -> None:
    files = {"INDEX.md": "- [a](seeds/a)\n- [a](seeds/A)\n", "seeds/a": "", "seeds/A": ""}
    assert found(files) == []


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/seeds/a", "`/seeds/a` is an absolute path"),
        ("/home/x/seeds/a", "`/home/x/seeds/a` is an absolute path"),
        ("C:/seeds/a", "`C:/seeds/a` is an absolute path"),
        ("C:seeds\\a", "`C:seeds\\a` is an absolute path"),
        ("../seeds/a", "`../seeds/a` leaves the corpus"),
        ("seeds/../../seeds/a", "`seeds/../../seeds/a` leaves the corpus"),
        ("seeds/%2e%2e/../seeds/a", "`seeds/../../seeds/a` leaves the corpus"),
        ("seeds\\a", "`seeds\\a` parts folders with backslashes"),
    ],
)
@pytest.mark.parametrize("row", ["- [a](%s)\n", "|x|\n|-|\n|[a](%s)|\n"])
def test_path_that_leaves_the_root(row: str, target: str, message: str) -> None:
    files = {"INDEX.md": row % target, "seeds/a": ""}
    (finding,) = found(files)
    assert finding.endswith(f": path-escapes: {message}")
    assert mended(files)["INDEX.md"] == row % "seeds/a"


def test_path_that_leaves_the_root_is_not_guessed_at() -> None:
    def exists(path: str) -> bool:
        raise AssertionError(path)

    def read(path: str) -> bytes | None:
        return index if path == "INDEX.md" else exists(path) or None

    index = b"|x|\n|-|\n|[a](../../etc/passwd)|\n|[b](/etc/passwd)|\n|[c](../INDEX.md)|\n"
    diagnostics, _ = check_index("INDEX.md", {}, ["seeds"], read, exists)
    assert [line(each) for each in diagnostics] == [
        "INDEX.md:3:6-22: path-escapes: `../../etc/passwd` leaves the corpus",
        "INDEX.md:4:6-17: path-escapes: `/etc/passwd` is an absolute path",
        "INDEX.md:5:6-17: path-escapes: `../INDEX.md` leaves the corpus",
    ]
    assert all(each.fix is None for each in diagnostics)


def test_escaping_path_and_a_seed_that_is_listed_already() -> None:
    index = "- [a](seeds/a)\n- [a](/seeds/a)\n"
    assert found({"INDEX.md": index, "seeds/a": ""}) == [
        "INDEX.md:2:7-15: path-escapes: `/seeds/a` is an absolute path"
    ]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("seeds/a\\b", "seeds/a\\b"),
        ("seeds/a b", "<seeds/a b>"),
        ("seeds/a%20b", "seeds/a%2520b"),
        ("seeds/a#b", "seeds/a%23b"),
        ("seeds/\udcff", "seeds/%FF"),
        ("seeds/日本", "seeds/日本"),
    ],
)
def test_odd_names_are_no_fault(path: str, target: str) -> None:
    assert found({"INDEX.md": f"- [x]({target})\n", path: ""}) == []


def test_bom() -> None:
    files = {"INDEX.md": "\ufeff- [a](seeds/a)\r\n", "seeds/a": ""}
    (diagnostic,) = report(files).diagnostics
    assert line(diagnostic) == (
        "INDEX.md:1:1-2: index-bom: index `INDEX.md` starts with a byte order mark"
    )
    assert diagnostic.severity is Severity.WARNING
    assert mended(files) == files
    assert mended(files, unsafe=True)["INDEX.md"] == "- [a](seeds/a)\r\n"


def test_no_message_shows_what_can_not_be_seen() -> None:
    files = {
        "INDEX.md": "- [a](seeds/a\u202eb)\n- [c](</seeds/\u2066x>)\n- [d](seeds/\u200bA)\n",
        "seeds/\x1b[2J\n": "",
        "seeds/\udcff": "",
        "seeds/\u200ba": "",
    }
    for finding in found(files):
        assert re.search("[\x00-\x1f\u200b\u202e\u2066\udcff]", finding.partition(": ")[2]) is None
