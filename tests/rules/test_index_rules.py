"""INDEX.md against the seeds: what is found, in which words, and what the fixes leave behind."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.fix import apply, edits_by_file
from seedkit.core.diagnostic import Diagnostic, Severity, sort_key
from seedkit.core.errors import EnvironmentFault
from seedkit.manifest import SeedSummary
from seedkit.manifest.load import parse_manifest
from seedkit.rules.index import IndexReport, check_index
from support.corpora import more
from support.markdown_texts import random_text

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


def fixed(files: Files, *, unsafe: bool = False, **options: Any) -> dict[str, str | bytes]:
    """Return the corpus after one round of fixes."""
    after = dict(files)
    diagnostics = report(files, **options).diagnostics
    for path, fixes in edits_by_file(diagnostics, unsafe=unsafe).items():
        before = files.get(path, "")
        data = before if isinstance(before, bytes) else before.encode("utf-8", "surrogateescape")
        result, count = apply(data, fixes)
        assert count == len(fixes) or unsafe
        after[path] = result if isinstance(before, bytes) else result.decode()
    return after


# What is listed, and what is not.


def test_nothing_is_wrong() -> None:
    index = "# I\n\n| Seed |\n|---|\n| [a](seeds/a) |\n\n- [b](<./seeds/b>)\n"
    assert found({"INDEX.md": index, "seeds/a": "", "seeds/b": ""}) == []


def test_a_comparison_can_be_ended_at_each_table_and_changes_no_answer() -> None:
    """A watch ends it where a question waits, though no row is to be written."""
    tables = "".join(
        f"## {name}\n\n| Seed |\n|---|\n| [{name}](seeds/{name}) |\n\n" for name in "abc"
    )
    files = {"INDEX.md": tables, **{f"seeds/{name}": name for name in "abc"}}
    calls: list[int] = []
    assert found(files, pulse=lambda: calls.append(0)) == []
    assert len(calls) > 6  # each of three tables, twice
    for last in range(len(calls)):
        left = iter(range(last))
        with pytest.raises(StopIteration):
            found(files, pulse=lambda: next(left))  # noqa: B023
    assert found(files) == []


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
    assert fixed(files)["INDEX.md"] == f"- [a]({seed})\n"


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
        ("seeds\\a", "`seeds\\a` has backslashes instead of `/`"),
    ],
)
@pytest.mark.parametrize("row", ["- [a](%s)\n", "|x|\n|-|\n|[a](%s)|\n"])
def test_path_that_leaves_the_root(row: str, target: str, message: str) -> None:
    files = {"INDEX.md": row % target, "seeds/a": ""}
    (finding,) = found(files)
    assert finding.endswith(f": path-escapes: {message}")
    assert fixed(files)["INDEX.md"] == row % "seeds/a"


def test_path_that_leaves_the_root_is_not_guessed_at() -> None:
    def exists(path: str) -> bool:
        raise AssertionError(path)

    def read(path: str) -> bytes | None:
        assert path == "INDEX.md" or exists(path)
        return index

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
        ("seeds/a\\b", "./seeds/a\\b"),
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
    assert fixed(files) == files
    assert fixed(files, unsafe=True)["INDEX.md"] == "- [a](seeds/a)\r\n"


def test_all_byte_order_marks_are_one_finding_and_one_fix() -> None:
    files = {"INDEX.md": "\ufeff\ufeff- [a](seeds/a)\n", "seeds/a": ""}
    assert found(files) == [
        "INDEX.md:1:1-3: index-bom: index `INDEX.md` starts with 2 byte order marks"
    ]
    assert fixed(files, unsafe=True)["INDEX.md"] == "- [a](seeds/a)\n"


def test_no_message_shows_what_can_not_be_seen() -> None:
    files = {
        "INDEX.md": "- [a](seeds/a\u202eb)\n- [c](</seeds/\u2066x>)\n- [d](seeds/\u200bA)\n",
        "seeds/\x1b[2J\n": "",
        "seeds/\udcff": "",
        "seeds/\u200ba": "",
    }
    for finding in found(files):
        assert re.search("[\x00-\x1f\u200b\u202e\u2066\udcff]", finding.partition(": ")[2]) is None


# Values in columns.

SEED = "title: A | [b] \\ c\nid: f00d\nNumber: 007\n"  # 40 bytes
DIGEST = hashlib.sha256(SEED.encode()).hexdigest()


def test_right_values() -> None:
    index = f"""\
        | Seed | TITLE | Format | bytes | Records | sha256 | `ID` | **number** | note |
        |:--|---|---|--:|---|---|---|---|---|
        | [a](seeds/a) | A \\| [b] \\\\ c | plain | 40 | 1 | {DIGEST} | f00d | 007 | any |
        | [b](seeds/b) | A  \\| \\[b] \\ c| `plain` | 40 | 1 | `{DIGEST[:8]}` | `f00d` | 007 |
        """
    files = {"INDEX.md": dedent(index), "seeds/a": SEED, "seeds/b": SEED}
    assert found(files) == []
    assert found(files, groups=["id", "Number"]) == []


@pytest.mark.parametrize(
    "said", ["12345678", "12,345,678", "12 345 678", "12.345.678", "`12_345_678`"]
)
def test_numbers_may_have_separators(said: str) -> None:
    seeds = {"seeds/a": summary("", size=12345678)}
    index = f"| seed | bytes |\n|---|--:|\n| [a](seeds/a) | {said} |\n"
    assert found({"INDEX.md": index}, seeds=seeds) == []
    assert len(found({"INDEX.md": index}, seeds={"seeds/a": summary("", size=12345679)})) == 1


@pytest.mark.parametrize(
    ("column", "said", "message", "after"),
    [
        ("title", "B", "`title` of `seeds/a` is `A | [b] \\ c`, not `B`", "A \\| \\[b\\] \\\\ c"),
        ("title", "", "`title` of `seeds/a` is `A | [b] \\ c`, the cell is empty", None),
        ("Format", "news", "`Format` of `seeds/a` is `plain`, not `news`", "plain"),
        ("bytes", "37", "`bytes` of `seeds/a` is `40`, not `37`", "40"),
        ("bytes", "1,234", "`bytes` of `seeds/a` is `40`, not `1,234`", "40"),
        ("bytes", "3,8", "`bytes` of `seeds/a` is `40`, not `3,8`", "40"),
        ("records", "`2`", "`records` of `seeds/a` is `1`, not `2`", "`1`"),
        ("sha256", DIGEST[:7], None, DIGEST),
        ("sha256", f"{DIGEST[:8]}x", None, DIGEST),
        ("sha256", "0123456789abcdef…", None, f"{DIGEST[:16]}…"),
        ("sha256", "`0123456789`", None, f"`{DIGEST[:10]}`"),
        ("id", "f00", "`id` of `seeds/a` is `f00d`, not `f00`", "f00d"),
        ("number", "7", "`number` of `seeds/a` is `007`, not `7`", "007"),
    ],
)
def test_wrong_value(column: str, said: str, message: str | None, after: str | None) -> None:
    head = f"| seed | {column} | x |\n|---|---|---|\n| [a](seeds/a) | "
    files = {"INDEX.md": f"{head}{said} | y |\n", "seeds/a": SEED}
    (diagnostic,) = report(files).diagnostics
    if message is not None:
        assert diagnostic.message == message
    assert diagnostic.place.start is not None
    assert diagnostic.place.end is not None
    at, to = diagnostic.place.start.column - 1, diagnostic.place.end.column - 1
    assert f"| [a](seeds/a) | {said} | y |"[at:to] == said
    if after is not None:
        assert fixed(files)["INDEX.md"] == f"{head}{after} | y |\n"


def test_each_wrong_cell_is_a_finding() -> None:
    index = "|seed|title|bytes|\n|-|-|-|\n|[a](seeds/a)|B|1|\n"
    assert found({"INDEX.md": index, "seeds/a": "title: A"}) == [
        "INDEX.md:3:15-16: wrong-value: `title` of `seeds/a` is `A`, not `B`",
        "INDEX.md:3:17-18: wrong-value: `bytes` of `seeds/a` is `8`, not `1`",
    ]


def test_missing_cells_are_one_finding() -> None:
    index = "| seed | x | title | bytes |\n|-|-|-|-|\n| [a](seeds/a) |\n"
    files = {"INDEX.md": index, "seeds/a": "title: A"}
    assert found(files) == [
        "INDEX.md:3:17-17: wrong-value: the row of `seeds/a` has no cell for `title`, `bytes`"
    ]
    after = "| seed | x | title | bytes |\n|-|-|-|-|\n| [a](seeds/a) |  | A | 8 |\n"
    assert fixed(files)["INDEX.md"] == after


def test_wrong_and_missing_cells_of_an_open_row_are_fixed_together() -> None:
    index = "seed | title | bytes\n-|-|-\n[a](seeds/a) | B"
    files = {"INDEX.md": index, "seeds/a": "title: A", "seeds/b": "title: B"}
    assert fixed(files)["INDEX.md"] == (
        "seed | title | bytes\n-|-|-\n[a](seeds/a) | A | 8\n[b](seeds/b) | B | 8"
    )


def test_text_of_the_link_is_the_value_of_its_column() -> None:
    index = "| Title |\n|---|\n| [A](seeds/a) |\n| [B](seeds/b) (new) |\n"
    files = {"INDEX.md": index, "seeds/a": "title: A", "seeds/b": "title: b|"}
    assert found(files) == [
        "INDEX.md:4:4-5: wrong-value: `Title` of `seeds/b` is `b|`, not `B`",
    ]
    assert fixed(files)["INDEX.md"] == index.replace("[B]", "[b\\|]")


def test_what_a_seed_does_not_have_is_not_compared() -> None:
    index = (
        "| seed | title | id | bytes | format |\n|-|-|-|-|-|\n| [a](seeds/a) | x | y | z | w |\n"
    )
    seeds = {"seeds/a": SeedSummary("", "", -1, -1, "", {})}
    assert found({"INDEX.md": index}, seeds=seeds) == []


def test_only_given_groups_are_compared() -> None:
    index = "| seed | id |\n|-|-|\n| [a](seeds/a) | x |\n"
    assert found({"INDEX.md": index, "seeds/a": "id: y"}, groups=["number"]) == []
    assert len(found({"INDEX.md": index, "seeds/a": "id: y"}, groups=["ID"])) == 1


def test_lists_have_no_columns() -> None:
    assert found({"INDEX.md": "- [b](seeds/a)\n", "seeds/a": "title: A"}) == []


def test_padding_is_kept_where_it_fits() -> None:
    index = """\
        | Seed         | Title  |  bytes |
        |--------------|--------|-------:|
        | [a](seeds/a) | x      |      1 |
        | [b](seeds/b) | xxxxxx |        |
        | [c](seeds/c) |        |      9 |
        """
    after = """\
        | Seed         | Title  |  bytes |
        |--------------|--------|-------:|
        | [a](seeds/a) | Alpha  |     12 |
        | [b](seeds/b) | Be     |      9 |
        | [c](seeds/c) | A long one |     17 |
        """
    files = {"seeds/a": "title: Alpha", "seeds/b": "title: Be", "seeds/c": "title: A long one"}
    assert fixed({"INDEX.md": dedent(index), **files})["INDEX.md"] == dedent(after)


def test_value_that_ends_in_a_backslash_leaves_the_pipe_alone() -> None:
    index = "|seed|title|\n|-|-|\n|[a](seeds/a)|x|\n"
    files = {"INDEX.md": index, "seeds/a": "title: a\\"}
    assert fixed(files)["INDEX.md"] == index.replace("|x|", "|a\\\\ |")
    assert found(fixed(files)) == []


def test_title_can_not_start_another_block() -> None:
    index = "title | seed\n-|-\nx | [a](seeds/a)\ny | [b](seeds/b)\n"
    files = {"INDEX.md": index, "seeds/a": "title: # A", "seeds/b": "title: 1. B"}
    assert fixed(files)["INDEX.md"] == (
        "title | seed\n-|-\n\\# A | [a](seeds/a)\n1\\. B | [b](seeds/b)\n"
    )


# Renamed seeds.


@pytest.mark.parametrize(
    ("rows", "seeds", "hints"),
    [
        (["[x](seeds/x/old)"], {"seeds/y/new": "title: x"}, ["seeds/y/new"]),
        (["[x](seeds/x/old)"], {"seeds/y/new": "title: y"}, [None]),
        (["[x](seeds/x/old)"], {"seeds/y/n": "title: x", "seeds/z/n": "title: x"}, [None]),
        (["[x](seeds/x/o)", "[x](seeds/x/p)"], {"seeds/y/new": "title: x"}, [None, None]),
        (["[x](seeds/x/a)"], {"seeds/y/a": ""}, ["seeds/y/a"]),
        (
            ["[x](seeds/x/s/a)", "[x](seeds/x/t/a)"],
            {"seeds/y/s/a": "", "seeds/y/t/a": ""},
            ["seeds/y/s/a", "seeds/y/t/a"],
        ),
        (
            ["[x](seeds/tide)", "[x](seeds/moon)"],
            {"seeds/tides": "", "seeds/moom": "", "seeds/other": ""},
            ["seeds/tides", "seeds/moom"],
        ),
        (["[x](seeds/tide)"], {"seeds/itde": "", "seeds/c1": ""}, ["seeds/itde"]),
        (["[x](seeds/tide)"], {"seeds/tidea": "", "seeds/tideb": ""}, [None]),
        (["[x](seeds/one)"], {"seeds/quite-another": ""}, [None]),
    ],
)
def test_likely_name_is_a_hint_and_no_evidence(
    rows: list[str], seeds: dict[str, str], hints: list[str | None]
) -> None:
    """What it says of a seed is never given to another one because of a name."""
    files = {"INDEX.md": "".join(f"- {row}\n" for row in rows), **seeds}
    diagnostics = report(files).diagnostics
    dangling = [each for each in diagnostics if each.rule == "index/dangling-entry"]
    unlisted = [each for each in diagnostics if each.rule == "index/unlisted-seed"]
    assert (len(dangling), len(unlisted)) == (len(rows), len(seeds))
    assert len(diagnostics) == len(rows) + len(seeds)
    remedy = "remove the row, or restore the file"
    assert [each.help for each in dangling] == [
        remedy
        if hint is None
        else f"{remedy}; if the seed is now `{hint}`, `seedkit mv` records that"
        for hint in hints
    ]
    after = fixed(files)["INDEX.md"]
    assert isinstance(after, str)
    assert [each for each in after.splitlines() if each[2:] in rows] == [f"- {r}" for r in rows]


def renamed(columns: str, said: str, files: dict[str, str], **options: Any) -> list[str]:
    """Return what `seeds/old.txt` is now, by a row that says something in some columns."""
    head = f"| seed | {columns} | source |"
    index = f"{head}\n{re.sub('[^|]+', '-', head)}\n| [x](seeds/old.txt) | {said} | Reuters |\n"
    found = report({"INDEX.md": index, **files}, **options).diagnostics
    return [each.message.split("now ")[1] for each in found if each.rule == "index/renamed-seed"]


def test_row_knows_its_seed_by_what_only_that_seed_says() -> None:
    texts = {"seeds/n": "id: 7\ntitle: A\n", "seeds/m": "id: 8\ntitle: A\n"}
    seeds = {path: summary(text, unique=("id",)) for path, text in texts.items()}
    digest = seeds["seeds/n"].sha256
    assert renamed("sha256", digest, texts) == ["`seeds/n`"]
    assert renamed("SHA256", f"`{digest[:8].upper()}…`", texts) == ["`seeds/n`"]
    assert renamed("sha256", digest[:7], texts) == []
    assert renamed("sha256", digest, {**texts, "seeds/copy": texts["seeds/n"]}) == []
    assert renamed("id", "7", texts, seeds=seeds) == ["`seeds/n`"]
    assert renamed("id", "7", texts) == []  # others might have it too
    assert renamed("id", "9", texts, seeds=seeds) == []
    size = seeds["seeds/n"].size
    assert renamed("title | bytes", f"A | {size}", {"seeds/n": texts["seeds/n"]}) == ["`seeds/n`"]
    assert renamed("title | bytes", f"A | {size}", texts) == []
    assert renamed("title | bytes", f"B | {size}", {"seeds/n": texts["seeds/n"]}) == []
    assert renamed("title | bytes", f"A | {size + 1}", {"seeds/n": texts["seeds/n"]}) == []


def test_empty_seeds_are_not_known_by_their_digest() -> None:
    assert renamed("sha256", hashlib.sha256().hexdigest(), {"seeds/n": ""}) == []


def test_later_evidence_chooses_between_candidates_but_makes_no_others() -> None:
    texts = dict.fromkeys(("seeds/n", "seeds/m"), "id: 7\n")
    seeds = {path: summary(text, unique=("id",)) for path, text in texts.items()}
    seeds["seeds/m"] = seeds["seeds/m"]._replace(groups={"id": "8"})
    digest = seeds["seeds/n"].sha256[:9]
    assert renamed("sha256 | id", f"{digest} | 7", texts, seeds=seeds) == ["`seeds/n`"]
    seeds["seeds/other"] = summary("id: 9\n", unique=("id",))
    assert renamed("sha256 | id", f"{digest} | 9", texts, seeds=seeds) == []


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("old.txt", "new_1.txt"),
        ("old", "new_1"),
        ("seeds/old.txt", "seeds/new_1.txt"),
        ("`old.txt`", "`new_1.txt`"),
        ("An old story", "An old story"),
    ],
)
def test_text_of_a_link_follows_if_it_was_the_name_of_the_file(text: str, after: str) -> None:
    digest = summary("New").sha256
    index = "| seed | sha256 |\n|-|-|\n| [%s](seeds/%s.txt) | %s |\n"
    files = {"INDEX.md": index % (text, "old", digest), "seeds/new_1.txt": "New"}
    assert fixed(files)["INDEX.md"] == index % (after, "new_1", digest)


def test_text_that_is_the_label_of_a_reference_stays() -> None:
    digest = summary("New").sha256
    index = "| seed | sha256 |\n|-|-|\n| [old.txt] | %s |\n\n[old.txt]: seeds/%s\n"
    files = {"INDEX.md": index % (digest, "old.txt"), "seeds/new.txt": "New"}
    assert fixed(files)["INDEX.md"] == index % (digest, "new.txt")


def test_fix_of_a_renamed_seed_corrects_its_row() -> None:
    digest = summary("title: New").sha256[:8]
    index = f"| seed | title | bytes | sha256 |\n|-|-|-|-|\n| [x](%s#top) | %s | {digest} |\n"
    files = {"INDEX.md": index % ("seeds/old", "Old | 1"), "seeds/new (1)": "title: New"}
    (diagnostic,) = report(files).diagnostics
    assert diagnostic.rule == "index/renamed-seed"
    assert fixed(files)["INDEX.md"] == index % ("seeds/new%20%281%29", "New | 10")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seeds/A&#46;txt", "seeds/a.txt"),
        ("seeds/A&#46;txt#x&#33;", "seeds/a.txt#x&#33;"),
        ("<seeds/A.txt#x y>", "<seeds/a.txt#x y>"),
    ],
)
def test_fragments_are_kept(old: str, new: str) -> None:
    files = {"INDEX.md": f"- [a]({old} 'title')\n", "seeds/a.txt": ""}
    assert fixed(files)["INDEX.md"] == f"- [a]({new} 'title')\n"


def test_many_names_that_differ_by_one_character_are_no_evidence() -> None:
    rows = "".join(f"- [x](seeds/a{n:05d})\n" for n in range(0, 400, 2))
    seeds = {f"seeds/a{n:05d}": "" for n in range(1, 400, 2)}
    diagnostics = report({"INDEX.md": rows, **seeds}).diagnostics
    assert {each.rule for each in diagnostics} == {"index/dangling-entry", "index/unlisted-seed"}


# A missing index, one that can't be read, several.


def test_missing_index_is_one_finding() -> None:
    files = {
        "seeds/b (1).txt": "title: The | b",
        "seeds/a/x.txt": "",
        "seeds/\udcff": "format: news",
    }
    assert found(files) == [
        "INDEX.md: missing-index: the corpus has no index, `INDEX.md` does not exist"
    ]
    after = fixed(files)
    assert after["INDEX.md"] == dedent("""\
        # Index

        | Seed | Title | Format |
        |---|---|---|
        | [x.txt](seeds/a/x.txt) |  | plain |
        | [b (1).txt](seeds/b%20%281%29.txt) | The \\| b | plain |
        | [\ufffd](seeds/%FF) |  | news |
        """)
    assert found(after) == []


def test_new_index_has_only_the_columns_it_needs() -> None:
    assert fixed({"seeds/a.txt": ""})["INDEX.md"] == (
        "# Index\n\n| Seed |\n|---|\n| [a.txt](seeds/a.txt) |\n"
    )
    assert fixed({"seeds/a": "title: A"}, index="docs/ALL.md")["docs/ALL.md"] == (
        "# Index\n\n| Seed | Title |\n|---|---|\n| [a](../seeds/a) | A |\n"
    )
    assert fixed({})["INDEX.md"] == "# Index\n\n| Seed |\n|---|\n"


def test_index_that_is_not_utf8() -> None:
    files: Files = {
        "INDEX.md": b"- [a](seeds/a)\n- [caf\xe9](seeds/b)\n",
        "seeds/a": "",
        "seeds/c": "",
    }
    assert found(files) == [
        "INDEX.md:2:7-8: unreadable-index: index `INDEX.md` is not UTF-8, it has the byte 0xe9"
    ]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            EnvironmentFault("`INDEX.md` is a symbolic link", help="replace it"),
            "INDEX.md: unreadable-index: index can't be read: `INDEX.md` is a symbolic link",
        ),
        (
            PermissionError(13, "Permission denied"),
            "INDEX.md: unreadable-index: index `INDEX.md` can't be read: permission denied",
        ),
    ],
)
def test_index_that_can_not_be_read(error: Exception, message: str) -> None:
    def read(path: str) -> bytes | None:
        raise error

    diagnostics, _ = check_index("INDEX.md", {"seeds/a": summary("")}, ["seeds"], read, bool)
    assert [line(each) for each in diagnostics] == [message]


def test_included_indexes_list_relative_to_their_folder() -> None:
    files = {
        "INDEX.md": "- [a](seeds/a)\n- [x](seeds/x/INDEX.md)\n- [y](./docs/INDEX.md)\n",
        "seeds/x/INDEX.md": "| s |\n|-|\n| [b](b) |\n| [c](../x/c) |\n| [n](n/INDEX.md) |\n",
        "seeds/x/n/INDEX.md": "- [d](d)\n- [e](../e)\n",
        "docs/INDEX.md": "- [f](../seeds/f)\n- [b](../seeds/x/b)\n- [n](../seeds/x/n/INDEX.md)\n",
        **dict.fromkeys(("seeds/a", "seeds/x/b", "seeds/x/c", "seeds/x/n/d", "seeds/f"), ""),
    }
    assert found(files) == [
        "docs/INDEX.md:2:7-19: listed-twice: `seeds/x/b` is listed twice",
        "seeds/x/n/INDEX.md:2:7-11: dangling-entry: `seeds/x/e` does not exist",
    ]
    first = report(files).diagnostics[0].related[0].place
    assert first.path == "seeds/x/INDEX.md"


def test_include_that_does_not_exist() -> None:
    files = {"INDEX.md": "- [x](seeds/x/INDEX.md)\n- [y](y/INDEX.md)\n- [z](z/README.md)\n"}
    assert found(files) == [
        "INDEX.md:1:7-23: dangling-entry: `seeds/x/INDEX.md` does not exist",
        "INDEX.md:2:7-17: dangling-entry: `y/INDEX.md` does not exist",
        "INDEX.md:3:7-18: dangling-entry: `z/README.md` does not exist",
    ]


def test_links_in_paragraphs_include_nothing() -> None:
    files = {
        "INDEX.md": "See [x](x/INDEX.md).\n",
        "x/INDEX.md": "- [a](../seeds/a)\n",
        "seeds/a": "",
    }
    assert [each.partition(":")[0] for each in found(files)] == ["seeds/a"]


def test_seeds_may_be_listed_in_an_included_index_that_can_not_be_read() -> None:
    files: Files = {
        "INDEX.md": "- [x](x/INDEX.md)\n- [b](seeds/b)\n",
        "x/INDEX.md": b"- [a](../seeds/a)\n\xff",
        "seeds/a": "",
    }
    assert found(files) == [
        "INDEX.md:2:7-14: dangling-entry: `seeds/b` does not exist",
        "x/INDEX.md:2:1-2: unreadable-index: index `x/INDEX.md` is not UTF-8, it has the byte 0xff",
    ]


def test_include_cycles() -> None:
    files = {
        "INDEX.md": "- [self](INDEX.md)\n- [x](x/INDEX.md)\n- [y](y/INDEX.md)\n",
        "x/INDEX.md": "- [up](../INDEX.md)\n- [y](../y/INDEX.md)\n",
        "y/INDEX.md": "- [x](../x/INDEX.md#top)\n",
    }
    diagnostics = report(files).diagnostics
    assert [line(each) for each in diagnostics] == [
        "INDEX.md:1:10-18: include-cycle: `INDEX.md` includes itself",
        "x/INDEX.md:1:8-19: include-cycle: `x/INDEX.md` includes `INDEX.md`, which includes it",
        "y/INDEX.md:1:7-24: include-cycle: `y/INDEX.md` includes `x/INDEX.md`, which includes it",
    ]
    assert {each.severity for each in diagnostics} == {Severity.WARNING}


def test_long_chain_of_includes() -> None:
    files = {"INDEX.md": "- [n](n/INDEX.md)\n", "seeds/a": ""}
    for depth in range(1, 2000):
        files["n/" * depth + "INDEX.md"] = "- [n](n/INDEX.md)\n"
    files["n/" * 2000 + "INDEX.md"] = f"- [a]({'../' * 2000}seeds/a)\n"
    assert found(files) == []


# Order.


def test_order() -> None:
    index = (
        "- [b](seeds/b)\n- [a](seeds/a)\n- [d](seeds/d)\n- [c](seeds/c)\n\n1. [a/b](seeds/a/b)\n"
    )
    files = {"INDEX.md": index, **dict.fromkeys((f"seeds/{x}" for x in "abcd"), "")}
    files["seeds/a/b"] = files.pop("seeds/a")
    files["seeds/a"] = ""
    assert found(files) == []
    diagnostics = report(files, order="path").diagnostics
    assert [line(each) for each in diagnostics] == [
        "INDEX.md:2:7-14: out-of-order: `seeds/a` stands after `seeds/b`, which sorts after it"
    ]
    assert diagnostics[0].severity is Severity.WARNING


def test_what_leaves_the_root_has_no_place_in_the_order() -> None:
    files = {
        "INDEX.md": "- [b](seeds/b)\n- [x](../a)\n- [c](seeds/c)\n",
        "seeds/b": "",
        "seeds/c": "",
    }
    assert found(files, order="path") == ["INDEX.md:2:7-11: path-escapes: `../a` leaves the corpus"]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (
            "- [c](seeds/c c)\n- [b](seeds/b)\n",
            ["1: not-a-link", "2: out-of-order"],
        ),
        (
            "- [c](/x/seeds/c%20c)\n- [b](seeds/b)\n",
            ["1: path-escapes", "2: out-of-order"],
        ),
        (
            "| s | sha256 |\n|---|---|\n| [b](seeds/b) | |\n| [a](seeds/a) | 56f76b05 |\n",
            ["4: renamed-seed"],
        ),
    ],
)
def test_the_order_is_that_of_the_seeds_which_rows_mean(index: str, expected: list[str]) -> None:
    """So what a fix of a link leaves is not out of order, and what was is sorted after it."""
    files: Files = {"INDEX.md": index, "seeds/b": "b", "seeds/c c": "The tide.\n"}

    def rules(files: Files) -> list[str]:
        lines = [each.split(":") for each in found(files, order="path")]
        return [f"{line}:{rule}" for _, line, _, rule, *_ in lines if rule != " wrong-value"]

    assert rules(files) == expected
    once = fixed(files, order="path", unsafe=True)
    assert set(rules(once)) <= set(expected[1:])
    assert rules(fixed(once, order="path")) == []


def test_a_row_that_lists_a_seed_lists_no_other() -> None:
    files = {
        "INDEX.md": "- [a](seeds/a) and [b](seeds/b b)\n- [c](seeds/c c) or [d](seeds/d d)\n",
        **dict.fromkeys(("seeds/a", "seeds/b b", "seeds/c c", "seeds/d d"), "x"),
    }
    messages = [each.partition(": ")[2].split(" ") for each in found(files)]
    assert [" ".join(words[:3]) for words in messages] == [
        "not-a-link: `(seeds/c c)`",
        "unlisted-seed: `seeds/b b`",
        "unlisted-seed: `seeds/d d`",
    ]
    assert found(fixed(files)) == []


# Rows that list nothing.

FOUR: Files = {f"seeds/{name}": name for name in "abcd"}
HEAD, DASHES = "| Seed | Title |\n", "|---|---|\n"
AB = "| [a](seeds/a) | A |\n| [b](seeds/b) | B |\n"
CD = "| [c](seeds/c) | C |\n| [d](seeds/d) | D |\n"
DEAD = "not-a-row: the rows of `seeds/%s` and %d more are outside of a table:"


@pytest.mark.parametrize(
    ("index", "expected", "after"),
    [
        (
            f"{HEAD}{DASHES}{AB}\n{CD}",
            [f"INDEX.md:6:1-21: {DEAD % ('c', 1)} a blank line stands between"],
            f"{HEAD}{DASHES}{AB}{CD}",
        ),
        (
            f"{HEAD}{DASHES}{AB}\n\n{CD}| more | |\n",  # not certain: a row of no seed
            [f"INDEX.md:7:1-21: {DEAD % ('c', 1)} a blank line stands between"],
            None,
        ),
        (
            f"{HEAD}{DASHES}{AB}\n| [c](seeds/c) |\n- [d](seeds/d)\n",  # another number of cells
            [
                "INDEX.md:6:1-17: not-a-row: the row of `seeds/c` is outside of a table: "
                "a blank line stands between"
            ],
            None,
        ),
        (
            HEAD + AB + CD,
            [
                f"INDEX.md:2:1-21: {DEAD % ('a', 3)} no line of dashes is between the header "
                "and the row"
            ],
            None,
        ),
        (
            DASHES + AB + CD,
            [f"INDEX.md:2:1-21: {DEAD % ('a', 3)} no header is above the line of dashes"],
            None,
        ),
        (
            f"{HEAD}|---|\n{AB}{CD}",
            [f"INDEX.md:3:1-21: {DEAD % ('a', 3)} the header has 2 cells, the line of dashes 1"],
            None,
        ),
        (
            "Seeds:\n-[a](seeds/a)\n-[b](seeds/b)\n\n" + HEAD + DASHES + CD,
            [
                "INDEX.md:2:1-14: not-a-row: the rows of `seeds/a` and 1 more are no item of a "
                "list: no blank follows its mark"
            ],
            "Seeds:\n- [a](seeds/a)\n- [b](seeds/b)\n\n" + HEAD + DASHES + CD,
        ),
        (
            HEAD + DASHES + AB + "| [c] (c) | C |\n| [d]() | D |\n",
            [
                "INDEX.md:5:8-9: not-a-link: `(c)` does not make a link to `seeds/c`, "
                "a blank is before it",
                "INDEX.md:6:7-7: not-a-link: `()` does not make a link to `seeds/d`, it is empty",
            ],
            HEAD + DASHES + AB + CD,
        ),
        (
            HEAD + DASHES + AB + "| c | C |\n| `seeds/d` | D |\n",
            [
                "INDEX.md:5:3-4: not-a-link: `c` is no link to `seeds/c`",
                "INDEX.md:6:3-12: not-a-link: `seeds/d` is no link to `seeds/d`",
            ],
            HEAD + DASHES + AB + "| [c](seeds/c) | C |\n| [`seeds/d`](seeds/d) | D |\n",
        ),
        (
            "- [a](seeds/a)\n- [b] (seeds/b)\n- c\n- [d]()\n",
            [
                "INDEX.md:2:8-15: not-a-link: `(seeds/b)` does not make a link to `seeds/b`, "
                "a blank is before it",
                "INDEX.md:3:3-4: not-a-link: `c` is no link to `seeds/c`",
                "INDEX.md:4:7-7: not-a-link: `()` does not make a link to `seeds/d`, it is empty",
            ],
            "- [a](seeds/a)\n- [b](seeds/b)\n- [c](seeds/c)\n- [d](seeds/d)\n",
        ),
    ],
)
def test_rows_that_list_nothing(index: str, expected: list[str], after: str | None) -> None:
    """One cause, one finding: the seeds that they name are not unlisted, and get no other row."""
    files = {**FOUR, "INDEX.md": index}
    assert found(files) == expected
    assert fixed(files) == {**files, "INDEX.md": index if after is None else after}
    if after is not None:
        assert found(fixed(files)) == []


@pytest.mark.parametrize(
    "text",
    [
        "See [c](seeds/c) or [d](seeds/d).\n",
        f"```\n{CD}```\n",
        f"> {HEAD}> {CD}",
        "| Colour | Shade |\n|---|---|\n| c | d |\n",
        "- [ ] (seeds/c)\n- [x] (seeds/d)\n",
    ],
)
def test_what_does_not_look_like_a_row_of_seeds_is_none(text: str) -> None:
    rules = [each.split(": ")[1] for each in found({**FOUR, "INDEX.md": f"{text}\n{AB}"})]
    assert rules == ["not-a-row", "unlisted-seed", "unlisted-seed"]


def test_rows_of_seeds_that_are_listed_elsewhere_are_no_fault() -> None:
    files = {**FOUR, "INDEX.md": f"{HEAD}{DASHES}{AB}{CD}\n{CD}\n| c | d |\n"}
    assert found(files) == []


def test_a_text_that_is_the_name_of_another_seed() -> None:
    files = {**FOUR, "INDEX.md": "- [b](seeds/a)\n- [B](seeds/b)\n- [e](seeds/c)\n- [x](seeds/d)\n"}
    assert found(files) == [
        "INDEX.md:1:7-14: wrong-label: the link to `seeds/a` has the text `b`, another seed's name"
    ]


# Where new rows go, and what they look like.


@pytest.mark.parametrize(
    ("index", "after"),
    [
        # In order where there is one, else at the end.
        (
            "- [a](seeds/a)\n- [m](seeds/m)\n- [x](seeds/x)\n",
            "- [a](seeds/a)\n- [k](seeds/k)\n- [l](seeds/l)\n- [m](seeds/m)\n- [x](seeds/x)\n"
            "- [z](seeds/z)\n",
        ),
        (
            "- [x](seeds/x)\n- [a](seeds/a)\n- [m](seeds/m)\nend\n",
            "- [x](seeds/x)\n- [a](seeds/a)\n- [m](seeds/m)\nend\n- [k](seeds/k)\n- [l](seeds/l)\n"
            "- [z](seeds/z)\n",
        ),
        (
            "- [m](seeds/m)\n- [x](seeds/x)\n",
            "- [a](seeds/a)\n- [k](seeds/k)\n- [l](seeds/l)\n- [m](seeds/m)\n- [x](seeds/x)\n"
            "- [z](seeds/z)\n",
        ),
        # Without a final newline.
        ("* [a](seeds/a)\n* [x](seeds/x)", "* [a](seeds/a)\n* [k](seeds/k)\n* [l](seeds/l)\n"
         "* [m](seeds/m)\n* [x](seeds/x)\n* [z](seeds/z)"),
        # Loose lists stay loose, and items keep what belongs to them.
        (
            "+   [a](seeds/a)\n\n    About it.\n\n+   [x](seeds/x)\n\ntext\n",
            "+   [a](seeds/a)\n\n    About it.\n\n+   [k](seeds/k)\n\n+   [l](seeds/l)\n"
            "\n+   [m](seeds/m)\n\n+   [x](seeds/x)\n\n+   [z](seeds/z)\n\ntext\n",
        ),
        # Text after a list does not become a part of it.
        (
            "- [x](seeds/x)\n- [a](seeds/a)\n  ```\n  ```\n[k](seeds/k)\n",
            "- [x](seeds/x)\n- [a](seeds/a)\n  ```\n  ```\n- [k](seeds/k)\n\n- [l](seeds/l)\n\n"
            "- [m](seeds/m)\n\n- [z](seeds/z)\n\n[k](seeds/k)\n",
        ),
        # Numbers go on.
        (
            "8. [a](seeds/a)\n9. [x](seeds/x)\n",
            "8. [a](seeds/a)\n9. [k](seeds/k)\n10. [l](seeds/l)\n11. [m](seeds/m)\n"
            "9. [x](seeds/x)\n10. [z](seeds/z)\n",
        ),
        (
            "1) [x](seeds/x)\n1) [a](seeds/a)\n",
            "1) [x](seeds/x)\n1) [a](seeds/a)\n1) [k](seeds/k)\n1) [l](seeds/l)\n1) [m](seeds/m)\n"
            "1) [z](seeds/z)\n",
        ),
        (
            "text\n1. [m](seeds/m)\n2. [z](seeds/z)\n",  # no other number may follow a paragraph
            "text\n1. [a](seeds/a)\n1. [k](seeds/k)\n1. [l](seeds/l)\n1. [m](seeds/m)\n"
            "2. [x](seeds/x)\n2. [z](seeds/z)\n",
        ),
        # Nested lists.
        (
            "- all\n\t- [a](seeds/a)\n\t  - x\n\t- [x](seeds/x)\n- end\n",
            "- all\n\t- [a](seeds/a)\n\t  - x\n\t- [k](seeds/k)\n\t- [l](seeds/l)\n"
            "\t- [m](seeds/m)\n\t- [x](seeds/x)\n\t- [z](seeds/z)\n- end\n",
        ),
        (
            "- - [m](seeds/m)\n  - [x](seeds/x)\n",
            "- - [m](seeds/m)\n  - [a](seeds/a)\n  - [k](seeds/k)\n  - [l](seeds/l)\n"
            "  - [x](seeds/x)\n  - [z](seeds/z)\n",
        ),
        # Tables, with and without pipes around, padded and not, indented.
        (
            "|f|\n|-|\n|[x](seeds/x)|\n|[a](seeds/a)|\n\ntext\n",
            "|f|\n|-|\n|[x](seeds/x)|\n|[a](seeds/a)|\n|[k](seeds/k)|\n|[l](seeds/l)|\n|[m](seeds/m)|\n"
            "|[z](seeds/z)|\n\ntext\n",
        ),
        (
            "x | f | y\n-|-|-\n1 | [m](seeds/m) | 2\n9 | [z](seeds/z) |",
            "x | f | y\n-|-|-\n| | [a](seeds/a) |\n| | [k](seeds/k) |\n| | [l](seeds/l) |\n"
            "1 | [m](seeds/m) | 2\n| | [x](seeds/x) |\n9 | [z](seeds/z) |",
        ),
        (
            "x | f\n-|-\n1 | [m](seeds/m)\n2 | [x](seeds/x)\n",
            "x | f\n-|-\n| | [a](seeds/a)\n| | [k](seeds/k)\n| | [l](seeds/l)\n1 | [m](seeds/m)\n"
            "2 | [x](seeds/x)\n| | [z](seeds/z)\n",
        ),
        (
            "- x\n\n  | f            |  n |\n  |--------------|---:|\n  | [x](seeds/x) |  1 |\n"
            "  | [a](<seeds/a>)\n- y\n",
            "- x\n\n  | f            |  n |\n  |--------------|---:|\n  | [x](seeds/x) |  1 |\n"
            "  | [a](<seeds/a>)\n  | [k](seeds/k) |    |\n  | [l](seeds/l) |    |\n"
            "  | [m](seeds/m) |    |\n  | [z](seeds/z) |    |\n- y\n",
        ),
    ],
)  # fmt: skip
def test_rows_of_unlisted_seeds(index: str, after: str) -> None:
    files = {"INDEX.md": index, **dict.fromkeys((f"seeds/{x}" for x in "aklmxz"), "")}
    result = fixed(files)["INDEX.md"]
    assert result == after
    crlf = {**files, "INDEX.md": index.replace("\n", "\r\n")}
    assert fixed(crlf)["INDEX.md"] == after.replace("\n", "\r\n")


def test_rows_have_known_columns_in_the_style_of_the_table() -> None:
    index = """\
        | id | x | bytes | Seed | sha256 | title |
        |---|---|--:|---|---|---|
        | 1 | y | 1,234 | [b.txt](seeds/b.txt) | `01234567` | B |
        """
    files = {
        "INDEX.md": dedent(index),
        "seeds/a.txt": "id: 7\ntitle: A\\n",
        "seeds/b.txt": "x" * 1234,
    }
    digests = [summary(files[path]).sha256[:8] for path in ("seeds/a.txt", "seeds/b.txt")]
    assert fixed(files)["INDEX.md"] == dedent(f"""\
        | id | x | bytes | Seed | sha256 | title |
        |---|---|--:|---|---|---|
        | 7 |   | 16 | [a.txt](seeds/a.txt) | `{digests[0]}` | A\\\\n |
        | 1 | y | 1,234 | [b.txt](seeds/b.txt) | `{digests[1]}` | B |
        """)


@pytest.mark.parametrize(
    ("index", "row"),
    [
        ("- [B](seeds/b.txt)\n", "- [A \\] 1](seeds/a.txt)\n"),
        ("- [b.txt](seeds/b.txt)\n", "- [a.txt](seeds/a.txt)\n"),
        ("- [b](seeds/b.txt)\n", "- [a](seeds/a.txt)\n"),
        ("- [seeds/b.txt](seeds/b.txt)\n", "- [seeds/a.txt](seeds/a.txt)\n"),
        ("- [other](seeds/b.txt)\n", "- [A \\] 1](seeds/a.txt)\n"),
        ("|s|\n|-|\n|[x](seeds/b.txt)|\n", "|[A \\] 1](seeds/a.txt)|\n"),
        ("|s|title|\n|-|-|\n|[x](seeds/b.txt)|B|\n", "|[a.txt](seeds/a.txt)|A \\] 1|\n"),
        ("|title|\n|-|\n|[B](seeds/b.txt)|\n", "|[A \\] 1](seeds/a.txt)|\n"),
    ],
)
def test_text_of_new_links_is_what_that_of_most_is(index: str, row: str) -> None:
    files = {"INDEX.md": index, "seeds/a.txt": "title: A ] 1", "seeds/b.txt": "title: B"}
    after = fixed(files)["INDEX.md"]
    assert isinstance(after, str)
    assert row in after
    assert after.replace(row, "") == index


@pytest.mark.parametrize(
    ("index", "before", "after"),
    [
        ("", "", ""),
        ("\ufeff", "\ufeff", ""),
        ("# I", "# I\n\n", ""),
        ("# I\n", "# I\n\n", ""),
        ("# I\n\n", "# I\n\n", ""),
        ("# I\n \n", "# I\n \n", ""),
        ("- [x](README.md)\n", "- [x](README.md)\n\n", ""),
        ("a\n```\nb\n", "a\n\n", "```\nb\n"),
        ("a\n\n<!-- b", "a\n\n", "<!-- b"),
        ("- a\n  ```\n  b", "- a\n  ```\n  b\n\n", ""),
    ],
)
def test_new_table_where_nothing_is_listed(index: str, before: str, after: str) -> None:
    files = {"INDEX.md": index, "README.md": "", "seeds/a": "title: A", "seeds/b": ""}
    table = "| Seed | Title |\n|---|---|\n| [a](seeds/a) | A |\n| [b](seeds/b) |  |\n"
    result = fixed(files)
    assert result["INDEX.md"] == before + table + after
    assert [each for each in found(result) if "index-bom" not in each] == []


def test_new_table_has_the_newlines_of_the_file() -> None:
    files = {"INDEX.md": "# I\r\n", "seeds/a": ""}
    assert fixed(files)["INDEX.md"] == "# I\r\n\r\n| Seed |\r\n|---|\r\n| [a](seeds/a) |\r\n"


def test_table_without_rows_is_filled() -> None:
    index = "| Title | Seed | Bytes |\n|---|---|---|\n\ntext\n"
    files = {"INDEX.md": index, "seeds/a": "title: A"}
    assert fixed(files)["INDEX.md"] == (
        "| Title | Seed | Bytes |\n|---|---|---|\n| A | [a](seeds/a) | 8 |\n\ntext\n"
    )


def test_rows_go_where_most_seeds_of_their_folder_are() -> None:
    index = """\
        - [a](seeds/x/a)
        - [b](seeds/x/b)
        - [c](seeds/y/c)

        text

        - [d](seeds/y/d)
        - [e](seeds/y/e)
        """
    files = dict.fromkeys((f"seeds/{x}" for x in ("x/a", "x/b", "y/c", "y/d", "y/e")), "")
    new = dict.fromkeys(("seeds/x/n", "seeds/y/n", "seeds/z/n"), "")
    assert fixed({"INDEX.md": dedent(index), **files, **new})["INDEX.md"] == dedent("""\
        - [a](seeds/x/a)
        - [b](seeds/x/b)
        - [n](seeds/x/n)
        - [c](seeds/y/c)
        - [n](seeds/z/n)

        text

        - [d](seeds/y/d)
        - [e](seeds/y/e)
        - [n](seeds/y/n)
        """)


def test_rows_after_a_table_and_before_a_list_do_not_mix() -> None:
    index = "|s|\n|-|\n|[a](seeds/x/a)|\n- [b](seeds/b)"
    seeds = dict.fromkeys(("seeds/a", "seeds/b", "seeds/x/a", "seeds/x/b"), "")
    assert fixed({"INDEX.md": index, **seeds})["INDEX.md"] == (
        "|s|\n|-|\n|[a](seeds/x/a)|\n|[b](seeds/x/b)|\n- [a](seeds/a)\n- [b](seeds/b)"
    )


def test_rows_go_to_the_index_that_is_at_home_there() -> None:
    files = {
        "INDEX.md": "- [a](seeds/a)\n- [x](seeds/x/INDEX.md)\n- [o](other/INDEX.md)\n",
        "seeds/x/INDEX.md": "- [b](b)\n",
        "other/INDEX.md": "- [c](../seeds/y/c)\n",
        **dict.fromkeys(("seeds/a", "seeds/x/b", "seeds/y/c"), ""),
        **dict.fromkeys(("seeds/n", "seeds/x/n", "seeds/x/z/n", "seeds/y/n", "seeds/z/n"), ""),
    }
    after = fixed(files)
    assert after["INDEX.md"] == (
        "- [a](seeds/a)\n- [n](seeds/n)\n- [n](seeds/z/n)\n- [x](seeds/x/INDEX.md)\n"
        "- [o](other/INDEX.md)\n"
    )
    assert after["seeds/x/INDEX.md"] == "- [b](b)\n- [n](n)\n- [n](z/n)\n"
    assert after["other/INDEX.md"] == "- [c](../seeds/y/c)\n- [n](../seeds/y/n)\n"
    assert found(after) == []


# Unsafe fixes remove rows.


@pytest.mark.parametrize(
    ("index", "after"),
    [
        ("- [a](seeds/a)\n- [b](seeds/b)\n- [c](seeds/c)\n", "- [a](seeds/a)\n"),
        ("- [a](seeds/a)\n- [b](seeds/b)", "- [a](seeds/a)"),
        ("- [b](seeds/b)\n\n  more\n- [a](seeds/a)\n", "- [a](seeds/a)\n"),
        ("- [b](seeds/b)\n  - [a](seeds/a)\n", None),
        ("- - [b](seeds/b)\n- [a](seeds/a)\n", None),
        ("|s|\n|-|\n|[b](seeds/b)|\n|[a](seeds/a)|\n", "|s|\n|-|\n|[a](seeds/a)|\n"),
        ("- [a](seeds/a)\n- [a](seeds/a)\n", "- [a](seeds/a)\n"),
    ],
)
def test_unsafe_fixes(index: str, after: str | None) -> None:
    files = {"INDEX.md": index, "seeds/a": ""}
    assert fixed(files) == files
    assert fixed(files, unsafe=True)["INDEX.md"] == (index if after is None else after)


# What holds of every index.

_TITLES = st.sampled_from(
    ["", "A", "A b", "x|y", "[z] `q` <w> \\\\ \\", "# no", "1. one", "日本 語", "a\u202eb"]
)
_FORMATS = st.sampled_from(["plain", "plain", "news"])
_SEEDS = st.lists(
    st.sampled_from(
        [
            *(
                "a.txt",
                "b.txt",
                "B.TXT",
                "ab.txt",
                "abc.txt",
                "x/a.txt",
                "x/c (1).txt",
                "x/y/d.txt",
            ),
            *(
                "é.txt",
                "e\u0301.txt",
                "日.txt",
                "a|b[c].txt",
                "100%#?.txt",
                "\udcff.txt",
                "x/INDEX",
            ),
        ]
    ).map("seeds/{}".format),
    unique=True,
    max_size=8,
)
_PARTS = st.sampled_from(
    [
        *("# Index", "", "", "text", "```", "~~~", "<!--", "-->", "<!-- x -->", "> quote", "---"),
        *(
            "| Seed | Title |\n|---|---|",
            "Seed | x | Bytes\n--|:-:|--:",
            "|Id|Seed|sha256|\n|-|-|-|",
        ),
        *(
            "| Seed         | Format |\n|--------------|--------|",
            "- item",
            "  - nested",
            "    code",
        ),
        *(
            "1. one",
            "2. two",
            "| x |",
            "x | y",
            "  |Seed|\n  |-|",
            "* * *",
            "-",
            "\t- tab",
            "&amp;",
        ),
    ]
)
_ROWS = st.tuples(
    st.sampled_from(
        [
            *(
                "- %s",
                "* %s",
                "  - %s",
                "- - %s",
                "1. %s",
                "2) %s",
                "-   %s more",
                "- x\n  %s",
                "\t- %s",
            ),
            *(
                "| %s | A |",
                "| %s |",
                "%s | A | 1",
                "|1|%s|01234567|",
                "| %s | news   |",
                "|A|%s",
                "%s",
            ),
            *("  |%s|", "| %s |   |   |", "- %s\n\n  and more", "- %s\n\n"),
        ]
    ),
    st.sampled_from(
        ["[A](%s)", "[a.txt](%s)", "[x|y](%s 't')", "[x](%s#top)", "![i](%s)", "`[c](%s)`"]
    ),
    st.sampled_from(
        [
            *(
                "seeds/a.txt",
                "./seeds/a.txt",
                "seeds/b.txt",
                "seeds/B.txt",
                "SEEDS/ab.txt",
                "seeds/abd.txt",
            ),
            *(
                "seeds/x/a.txt",
                "seeds/x/c%20%281%29.txt",
                "seeds/y/d.txt",
                "seeds/é.txt",
                "seeds/gone.txt",
            ),
            *(
                "/seeds/a.txt",
                "seeds\\abc.txt",
                "../seeds/x/y/d.txt",
                "README.md",
                "INDEX.md",
                "c:/x.txt",
            ),
            *("http://x/a.txt", "seeds/%FF.txt", "other/gone.txt"),
        ]
    ),
).map(lambda row: row[0] % (row[1] % row[2]))
_INDEXES = st.tuples(
    st.lists(st.one_of(_PARTS, _ROWS, _ROWS), max_size=14),
    st.sampled_from(["\n", "\n", "\r\n", "\r"]),
    st.sampled_from(["", "", "\ufeff"]),
    st.booleans(),
)


@st.composite
def corpora(draw: st.DrawFn) -> dict[str, str | bytes]:
    parts, newline, bom, final = draw(_INDEXES)
    text = "\n".join(parts) + ("\n" if final and parts else "")
    files: dict[str, str | bytes] = {
        "INDEX.md": (bom + text).replace("\n", newline),
        "README.md": "",
    }
    for number, path in enumerate(draw(_SEEDS)):
        title, kind = draw(_TITLES), draw(_FORMATS)
        files[path] = f"title: {title}\nid: {number:08x}\nformat: {kind}\n{'x' * number}"
    return files


@given(corpora())
def test_fixes_converge_at_once_and_touch_only_rows(files: dict[str, str | bytes]) -> None:
    before = report(files).diagnostics
    after = fixed(files)
    left = report(after).diagnostics
    assert [line(each) for each in left if each.fix and each.fix.applicability == "safe"] == []
    # What could not be fixed is still reported, in the same words.
    unfixable = {
        each.message for each in before if not each.fix or each.fix.applicability != "safe"
    }
    assert {each.message for each in left} == unfixable
    # Each line of the index is there still, in order, but for those with an edit in them.
    old, new = files["INDEX.md"], after["INDEX.md"]
    assert isinstance(old, str)
    assert isinstance(new, str)
    edited = {
        edit.place.start.line
        for each in before
        if each.fix and each.fix.applicability == "safe"
        for edit in each.fix.edits
        if edit.place.start and edit.place.end and edit.place.start != edit.place.end
    }
    assert new.startswith("\ufeff") == old.startswith("\ufeff")
    lines = iter(re.split(r"\r\n|\n|\r", new.removeprefix("\ufeff")))
    for number, text in enumerate(re.split(r"\r\n|\n|\r", old.removeprefix("\ufeff")), 1):
        assert number in edited or text in lines


@given(corpora())
def test_unsafe_fixes_end(files: dict[str, str | bytes]) -> None:
    for _ in range(4):
        files = fixed(files, unsafe=True)
    assert [line(each) for each in report(files).diagnostics if each.fix] == []


@given(corpora())
def test_every_seed_has_its_say_once(files: dict[str, str | bytes]) -> None:
    """No seed is both unlisted and meant by an entry; diagnostics are sorted and safe to print."""
    diagnostics = report(files).diagnostics
    assert diagnostics == sorted(diagnostics, key=sort_key)
    unlisted = [each.place.path for each in diagnostics if each.rule == "index/unlisted-seed"]
    assert len(unlisted) == len(set(unlisted))
    for each in diagnostics:
        assert each.message.isprintable()
        assert not each.message.endswith(".")
        if each.rule in ("index/renamed-seed", "index/wrong-spelling"):
            assert not any(each.message.endswith(f"`{path}`") for path in unlisted)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["A", "B"]), max_size=6),
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["A", "B", ""])), max_size=8),
    st.booleans(),
)
def test_simple_tables_are_compared_as_an_oracle_does(
    seeds: dict[str, str], rows: list[tuple[str, str]], pipes: bool
) -> None:
    edge = "| " if pipes else ""
    index = f"{edge}Seed | Title |\n---|---|\n"
    expected: set[tuple[str, str | int]] = {("unlisted-seed", name) for name in seeds}
    met = set[str]()
    for number, (name, title) in enumerate(rows, 3):
        # What does not exist is given no likeness to what does: that would be a seed renamed.
        index += f"{edge}[x](seeds/{name}) | {title} |\n" if name in seeds else ""
        index += f"{edge}[x](seeds/no/{number}) | |\n" if name not in seeds else ""
        if name not in seeds:
            expected.add(("dangling-entry", number))
        elif name in met:
            expected.add(("listed-twice", number))
        if title != seeds.get(name, title):
            expected.add(("wrong-value", number))
        expected.discard(("unlisted-seed", name))
        met.add(name)
    files = {f"seeds/{name}": f"title: {title}" for name, title in seeds.items()}
    got = {
        (rule.removeprefix("index/"), place.start.line if place.start else place.path[-1])
        for rule, place in (
            (each.rule, each.place) for each in report({"INDEX.md": index, **files})[0]
        )
    }
    assert got == expected


_NAMES = (
    st.one_of(
        st.text(st.characters(codec="utf-8"), min_size=1),
        st.binary(min_size=1).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
        st.text("ab ()<>[]|\\%#?&;:'\"\u202e\u3000日אé\udce9", min_size=1),
    )
    .map(lambda name: f"seeds/{name.replace('/', '-')}")
    .filter(lambda path: path.rpartition("/")[2] not in (".", "..", "INDEX.md"))
)


@given(
    st.dictionaries(_NAMES, st.text(max_size=12), min_size=1, max_size=5),
    st.sampled_from(
        [
            None,
            "",
            "- [x](seeds/x/x)\n",
            "| s | bytes | title |\n|---|---|---|\n| [x](seeds/x/x) | 7 | A |\n",
            "|title|s|\r\n|-|-|\r\n|A|[x](seeds/x/x)",
            "title|s\n-|-\nA|[x](seeds/x/x)\n",
        ]
    ),
)
def test_every_seed_can_be_listed(titles: dict[str, str], index: str | None) -> None:
    """Whatever a path and a title hold, the row that a fix writes for them is found right."""
    seeds = {path: summary("", title=title) for path, title in titles.items()}
    seeds["seeds/x/x"] = summary("", title="A", size=7)
    files = {} if index is None else {"INDEX.md": index}
    after = fixed(files, seeds=seeds)
    assert found(after, seeds=seeds) == []
    text = after["INDEX.md"]
    assert isinstance(text, str)
    links = [link.target for link in parse_manifest(text).links()]
    assert sorted(links) == sorted(seeds)


@given(st.text() | st.binary())
def test_every_index_is_checked(index: str | bytes) -> None:
    data = index if isinstance(index, bytes) else index.encode("utf-8", "surrogatepass")
    found({"INDEX.md": data, "seeds/a": ""})


# Each fix stands alone.

SEEDS = {"s/a": "a", "s/x y": "b", "s/c": "c", "s/new": "d", "s/sub/n": "e"}


@more(4)
@given(
    st.one_of(
        st.randoms(use_true_random=False).map(random_text),
        st.sampled_from(["", "Prose", "# Seeds\n", "| Seed |\n|---|", "<!-- open\n", "```\n"]),
    ),
    st.sets(st.sampled_from(sorted(SEEDS)), min_size=1),
)
def test_the_row_of_one_seed_needs_no_other_row(text: str, wanted: set[str]) -> None:
    """Whichever seeds are given a row: they are listed, and the others are as they were."""

    def unlisted(index: bytes) -> dict[str, Diagnostic]:
        seeds = {path: summary(content) for path, content in SEEDS.items()}
        found = report({"INDEX.md": index}, seeds=seeds, folders=["s"]).diagnostics
        return {d.place.path: d for d in found if d.rule == "index/unlisted-seed"}

    before = unlisted(text.encode())
    fixes = {path: before[path].fix for path in sorted(before.keys() & wanted)}
    made = {path: fix.edits for path, fix in fixes.items() if fix is not None}
    after, _ = apply(text.encode(), list(made.values()))
    assert unlisted(after).keys() == before.keys() - made.keys()


def test_where_a_row_would_be_none_no_fix_is_offered() -> None:
    index = "- - \n- - \n- - - * \n\n\n  [i](s/i)\n"
    found = report({"INDEX.md": index}, seeds={"s/a": summary("a")}, folders=["s"]).diagnostics
    assert [d.fix for d in found if d.rule == "index/unlisted-seed"] == [None]


@pytest.mark.parametrize(
    ("index", "after"),
    [
        (f"{HEAD}{DASHES}{AB}\n{CD}", f"{HEAD}{DASHES}{AB}{CD}"),
        (f"{HEAD}{DASHES}{CD}\n \n{AB}\nEnd", f"{HEAD}{DASHES}{AB}{CD}\nEnd"),
        (
            f"{HEAD}{DASHES}{CD}\n{AB}".replace("\n", "\r\n").rstrip(),
            f"{HEAD}{DASHES}{AB}{CD}".replace("\n", "\r\n").rstrip(),
        ),
        (
            "-[b](seeds/b)\n-[a](seeds/a)\n\n- [d](seeds/d)\n- [c](seeds/c)",
            "- [a](seeds/a)\n- [b](seeds/b)\n\n- [c](seeds/c)\n- [d](seeds/d)",
        ),
        (
            "- [d](seeds/d)\n\n-[a](seeds/a)\n\n* [c](seeds/c)\n* [b](seeds/b)\n",
            "- [a](seeds/a)\n\n- [d](seeds/d)\n\n* [b](seeds/b)\n* [c](seeds/c)\n",
        ),
        (f"{HEAD}{DASHES}\n{AB}", f"{HEAD}{DASHES}{AB}"),
        (f"{HEAD}{DASHES}\n{CD}{AB}\n", f"{HEAD}{DASHES}{AB}{CD}\n"),
        (  # what includes an index stays where it is
            "- [b](seeds/b)\n- [x](x/INDEX.md)\n- [a](seeds/a)\n",
            "- [a](seeds/a)\n- [x](x/INDEX.md)\n- [b](seeds/b)\n",
        ),
        ("2. [b](seeds/b)\n2. [a](seeds/a)\n", "2. [a](seeds/a)\n2. [b](seeds/b)\n"),
        # rows that belong to what is above them can't be told from others
        (f"{HEAD}{DASHES}| More | |\n{CD}{AB}", None),
        (f"{HEAD}{DASHES}| More | |\n{CD}\n{AB}", None),
        ("- [b](seeds/b)\n  and more\n- [a](seeds/a)\n", None),
        ("- [b](seeds/b)\n  - [c](seeds/c)\n- [a](seeds/a)\n", None),
        ("1. [b](seeds/b)\n2. [a](seeds/a)\n", None),
        ("  - [b](seeds/b)\n- [a](seeds/a)\n", None),
        ("Seeds:\n-[b](seeds/b)\n-[a](seeds/a)\nand more\n", None),
        ("- [b](seeds/b)\n  and more\n\n-[a](seeds/a)\n", None),
    ],
)
def test_rows_are_sorted(index: str, after: str | None) -> None:
    """Where entries are to be sorted, those that list nothing go to their places, too."""
    files = {path: text for path, text in FOUR.items() if f"({path})" in index}
    files |= {"INDEX.md": index, "x/INDEX.md": "Nothing yet.\n"}
    for _ in range(3):  # what overlaps waits
        files = fixed(files, order="path", unsafe=True)
    assert files["INDEX.md"] == (index if after is None else after)
    assert (found(files, order="path") == []) == (after is not None)


@given(st.data())
def test_whatever_rows_there_are_all_fixes_end_in_order(data: st.DataObject) -> None:
    """Rows of a table and below it, a seed without one, a row of none: in any order."""
    names = "abcdefgh"
    files: Files = {f"seeds/{name}": name for name in names}
    listed = data.draw(st.permutations(names).map(lambda all: all[: data.draw(st.integers(2, 8))]))
    rows = [f"| [{name}](seeds/{name}) | |\n" for name in listed]
    for gap in sorted(data.draw(st.sets(st.integers(1, len(rows)), max_size=2)), reverse=True):
        rows.insert(gap, "\n")
    gone = data.draw(st.booleans())
    rows += ["| [e](seeds/ee) | |\n"] if gone and rows[-1] != "\n" else []
    files = {**files, "INDEX.md": HEAD + DASHES + "".join(rows)}
    for _ in range(8):
        files = fixed(files, order="path", unsafe=True)
    assert found(files, order="path") == []
    assert files["INDEX.md"].splitlines()[2:10] == [
        row for row in sorted(str(files["INDEX.md"]).splitlines()) if "seeds" in row
    ]
