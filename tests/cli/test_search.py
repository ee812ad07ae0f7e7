"""`seedkit search` and `seedkit index` as they are used: what they say, and how they end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.docs.schemas import schema_text
from seedkit.search.index import verify
from seedkit.search.index.store import Generation
from seedkit.settings.engines import CHOICES, CONFIGURABLE, STORED
from support.commandline import ran, seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]

ISLAND = "The island\nNo river there, but a ferry; and a mill, long silent.\n"
FILES = {
    "seedkit.toml": "",
    "schemas/tale.toml": (
        "files = [\"seeds/tales/*\"]\n[file]\nname = '(?P<number>\\d+)-(?P<year>\\d+)\\.txt'\n"
        '[sections]\ndelimiter = "\\n"\n[[section]]\nname = "title"\nweight = 3.0\n'
        '[[section]]\nname = "body"\nrest = true\n'
    ),
    "schemas/saying.toml": 'extends = "builtin:fortune"\nfiles = ["seeds/sayings"]\n',
    "seeds/tales/2-1911.txt": (
        "The mill\nThe mill turned all night by the river.\nA lamp went out.\n"
    ),
    "seeds/tales/10-1924.txt": ISLAND,
    "seeds/tales/11-1924.txt": ISLAND,
    "seeds/sayings": "Rivers run and mills turn.\n%\nThe lamp that is not lit gives no light.\n%\n",
}


@pytest.fixture
def root(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus, searched on 60 columns without colours, by tantivy if that is there."""
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "dumb")  # no progress
    return corpus(FILES)


# -- hits


def test_in_a_pipe(root: Path) -> None:
    assert seedkit("search", "lamp", "night", cwd=root) == ran(
        "seeds/tales/2-1911.txt:2:21: The mill turned all night by the river.\n"
        "seeds/tales/2-1911.txt:3:3: A lamp went out.\n"
    )


def test_at_a_terminal(root: Path) -> None:
    assert seedkit("search", "silent mill", cwd=root, terminal=True) == ran(
        "seeds/tales/10-1924.txt  The island\n"
        "  2:36  …there, but a ferry; and a mill, long silent.\n"
        "  +1 repeat\n"
    )


def test_a_dumb_terminal_is_a_pipe(root: Path) -> None:
    at_terminal = seedkit("search", "night", cwd=root, terminal=True, kind="dumb")
    assert at_terminal == seedkit("search", "night", cwd=root)


def test_in_colour(root: Path) -> None:
    code, out, _ = seedkit("search", "night", "--color", "always", cwd=root)
    assert (code, out) == (
        0,
        "\x1b[1mseeds/tales/2-1911.txt:2:21\x1b[0m: "
        "The mill turned all \x1b[1;31mnight\x1b[0m by the river.\n",
    )


def test_several_arguments_are_one_query(root: Path) -> None:
    assert seedkit("search", "turn", "OR", "lit", "-l", cwd=root) == ran(
        "seeds/sayings\nseeds/tales/2-1911.txt\n"
    )


def test_some_of_the_hits(root: Path) -> None:
    code, out, err = seedkit("search", "river", "-n", "1", cwd=root)
    assert (code, out.count("\n")) == (0, 1)
    assert err == "seedkit search: 1 of 4 hits; -n 0 shows all\n"
    code, out, err = seedkit("search", "river", "-n", "1", cwd=root, terminal=True)
    assert (code, out.splitlines()[-1], err) == (0, "1 of 4 hits; -n 0 shows all", "")
    assert seedkit("search", "river", "-n", "1", "-q", cwd=root).err == ""
    code, out, err = seedkit("search", "river", "-n", "0", cwd=root)
    assert (out.count("\n"), err) == (3, "")


FRUIT = {
    "seedkit.toml": "",
    "schemas/fruit.toml": (
        'files = ["seeds/*.csv"]\n[record]\nmode = "csv"\n'
        '[[section]]\nname = "Name"\n[[section]]\nname = "price"\ntype = "number"\n'
        '[[section]]\nname = "since"\nempty = "allow"\n'
    ),
    "schemas/letter.toml": (
        'files = ["seeds/*.md"]\n[sections]\n[[section]]\nname = "head"\n'
        'content = "yaml"\ndelimiter = "---"\nat_start = true\nclose = "---"\n'
        '[[section.field]]\nname = "rate"\ntype = "number"\n'
        '[[section.field]]\nname = "date"\n[[section.field]]\nname = "title"\ntext = true\n'
        '[[section]]\nname = "text"\nrest = true\n'
    ),
    "schemas/talk.toml": (
        'files = ["seeds/*.jsonl"]\n[record]\nmode = "lines"\n[[section]]\nname = "talk"\n'
        'content = "json"\n[[section.field]]\nname = "weight"\ntype = "integer"\n'
        '[[section.field]]\nname = "text"\ntext = true\n'
    ),
    "seeds/fruit.csv": (
        "Name,price,since\nfig one,2.5,2023-05\nfig two,-1,2023-12-01\nfig three,10,\n"
        "fig four,9.75,2022\n"
    ),
    "seeds/a.md": "---\nrate: 10\ndate: 2023-05-01\ntitle: 'The old date'\n---\n\nA date palm.\n",
    "seeds/b.md": "---\nrate: 9.5\ndate: 2023-12-24\ntitle: Palms\n---\nAnother palm.\n",
    "seeds/c.md": "---\nrate: -3\ndate: 1999-01-01\n---\n\nThe third palm\n\nIt is old.\n",
    "seeds/talks.jsonl": (
        '{"weight": 100, "text": "a plum"}\n{"weight": -20, "text": "the plum"}\n'
        '{"weight": 30, "text": "no plum"}\n'
    ),
}


def found_in_order(root: Path, *arguments: str) -> list[str]:
    done = seedkit("search", "--format", "json", *arguments, cwd=root)
    return [f"{hit['path']}:{hit['line']} {hit['title']}" for hit in json.loads(done.out)["hits"]]


@pytest.mark.parametrize("engine", CHOICES[1:])
def test_in_the_order_of_a_field(corpus: Corpus, engine: str) -> None:
    root = corpus(FRUIT)

    def lines(query: str, key: str) -> list[int]:
        found = found_in_order(root, query, "--sort", key, "--engine", engine)
        return [int(each.split()[0].rpartition(":")[2]) for each in found]

    assert lines("fig", "price") == [3, 2, 5, 4]
    assert lines("fig", "since") == [5, 2, 3, 4]  # without one at the end
    assert lines("fig", "NAME") == [5, 2, 4, 3]
    assert lines("price:2.5..9.9", "price") == [2, 5]
    assert lines("price:..-1", "price") == [3]
    assert lines("plum", "weight") == [2, 3, 1]
    assert lines("plum weight:-20..50", "weight") == [2, 3]
    palms = [f"seeds/{name}" for name in ("c.md:6 The third palm", "b.md:6 Palms")]
    palms.append("seeds/a.md:7 The old date")
    assert found_in_order(root, "palm", "--sort", "rate", "--engine", engine) == palms
    assert found_in_order(root, "palm", "--sort", "date", "--engine", engine) == [
        palms[0], *palms[:0:-1],
    ]  # fmt: skip


def test_titles_of_all_kinds(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    root = corpus({**FRUIT, "seeds/d.txt": "\n  Of pears,  and\tother fruit \nThey are ripe.\n"})
    assert found_in_order(root, "ripe") == ["seeds/d.txt:3 Of pears, and other fruit"]
    shown = seedkit("search", "ripe", cwd=root, terminal=True).out
    assert shown == "seeds/d.txt  Of pears, and other fruit\n  3:10  They are ripe.\n"
    shown = seedkit("search", "pears", cwd=root, terminal=True).out
    assert shown == "seeds/d.txt\n  2:6    Of pears,  and    other fruit\n"


def test_links_are_not_spoken_of_in_quiet(root: Path) -> None:
    (root / "seeds/link.txt").symlink_to("sayings")
    said = "seedkit search: note: skipped 1 symbolic link\n"
    assert seedkit("search", "absent", cwd=root).err.startswith(said)
    assert seedkit("search", "absent", "-q", cwd=root) == ran(code=1)


def test_paths(root: Path) -> None:
    listed = ["seeds/sayings", "seeds/tales/10-1924.txt", "seeds/tales/11-1924.txt",
              "seeds/tales/2-1911.txt"]  # fmt: skip
    for options in (["-l"], ["--format", "paths"]):
        code, out, err = seedkit("search", "river", *options, cwd=root)
        assert (code, sorted(out.splitlines()), err) == (0, listed, "")
    code, out, _ = seedkit("search", "river", "-l", "-n", "1", cwd=root)
    assert out.count("\n") == 1
    for options in (["-0"], ["-l", "-0"], ["--null"]):
        code, out, _ = seedkit("search", "river", *options, cwd=root)
        assert sorted(out.split("\0")) == ["", *listed]


def test_count(root: Path) -> None:
    assert seedkit("search", "river", "--count", cwd=root) == ran("4\n")
    assert seedkit("search", "river", "--count", "-v", cwd=root).out == "4\n"
    code, out, _ = seedkit("search", "nowhere", "--count", cwd=root)
    assert (code, out) == (1, "0\n")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("path", ["sayings", "tales/10-1924.txt", "tales/11-1924.txt", "tales/2-1911.txt"]),
        ("number", ["tales/2-1911.txt", "tales/10-1924.txt", "tales/11-1924.txt", "sayings"]),
        ("year", ["tales/2-1911.txt", "tales/10-1924.txt", "tales/11-1924.txt", "sayings"]),
        ("mtime", ["tales/11-1924.txt", "sayings", "tales/10-1924.txt", "tales/2-1911.txt"]),
        ("size", ["sayings", "tales/2-1911.txt", "tales/10-1924.txt", "tales/11-1924.txt"]),
    ],
)
def test_sort(root: Path, key: str, expected: list[str]) -> None:
    for number, name in enumerate(("2-1911", "10-1924", "11-1924")):
        os.utime(root / f"seeds/tales/{name}.txt", (number * 100, number * 100))
    os.utime(root / "seeds/sayings", (150, 150))
    code, out, _ = seedkit("search", "river", "-l", "--sort", key, cwd=root)
    assert (code, out.splitlines()) == (0, [f"seeds/{path}" for path in expected])


def test_sort_by_score(root: Path) -> None:
    given = ("search", "river", "mill")
    assert seedkit(*given, "--sort", "score", cwd=root) == seedkit(*given, cwd=root)


def test_facets(root: Path) -> None:
    assert seedkit("search", "river", "--facets", "year", "--facets", "format", cwd=root) == ran(
        "year\n  2  1924\n  1  1911\n\nformat\n  3  tale\n  1  saying\n"
    )
    assert seedkit("search", "river", "--facets", "path", "-n", "1", cwd=root) == ran(
        "path\n  3  seeds/tales\n  and 1 more value\n"
    )
    found = json.loads(
        seedkit("search", "river", "--facets", "year", "--format", "json", cwd=root).out
    )
    assert found["facets"] == {
        "year": [{"value": "1924", "count": 2}, {"value": "1911", "count": 1}]
    }
    assert len(found["hits"]) == 3


def test_like(root: Path) -> None:
    code, out, err = seedkit("search", "-l", "--like", "seeds/tales/10-1924.txt", cwd=root)
    assert (code, out.splitlines()[0], err) == (0, "seeds/tales/11-1924.txt", "")
    assert "10-1924" not in out
    code, out, _ = seedkit(
        "search", "-l", "--like", "tales/10-1924.txt", "lamp", cwd=root / "seeds"
    )
    assert (code, sorted(out.splitlines())) == (0, ["sayings", "tales/2-1911.txt"])


def test_explain(root: Path) -> None:
    code, out, _ = seedkit("search", "LAMP", "OR", "(mills", "--explain", cwd=root)
    lines = out.splitlines()
    assert (code, lines[0]) == (0, "query: lamp OR mills")
    scores = [line for line in lines if line.startswith("score ")]
    assert scores
    for line in scores:
        _, total, _, parts = line.split(" ", 3)
        counts, whats = zip(*(part.split(" ", 1) for part in parts.split(" + ")), strict=True)
        assert sum(map(float, counts)) == pytest.approx(float(total), abs=0.003)
        assert {word for what in whats for word in what.split()} <= {
            "lamp", "mills", "as", "written", "in", "the", "title", "language=en",
        }  # fmt: skip
    assert "lamp as written" in out
    assert "mills in the title" in out


def test_json(root: Path) -> None:
    code, out, err = seedkit("search", "silent", "--format", "json", cwd=root)
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["took_ms"] >= 0
    assert found["engine"] in STORED
    (hit,) = found["hits"]
    assert hit["score"] > 0
    assert {**found, "took_ms": 0, "engine": "", "hits": [{**hit, "score": 0}]} == {
        "version": 1,
        "root": str(root),
        "query": "silent",
        "total": 2,
        "took_ms": 0,
        "engine": "",
        "fresh": True,
        "suggestion": None,
        "notes": [],
        "skipped": {},
        "hits": [
            {
                "path": "seeds/tales/10-1924.txt",
                "record": 0,
                "line": 2,
                "column": 47,
                "score": 0,
                "sections": ["body"],
                "title": "The island",
                "snippets": [
                    {
                        "section": "body",
                        "line": 2,
                        "column": 1,
                        "text": "No river there, but a ferry; and a mill, long silent.",
                        "highlights": [[46, 52]],
                    }
                ],
                "repeats": ["seeds/tales/11-1924.txt"],
            }
        ],
    }
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(found, json.loads(schema_text("search")))


# -- no hits


def test_no_hits(root: Path) -> None:
    assert seedkit("search", "lamp", "ferry", cwd=root) == ran(
        "", "seedkit search: no hits\n", code=1
    )
    assert seedkit("search", "lamp", "ferry", "-q", cwd=root) == ran(code=1)


def test_a_word_that_is_nowhere(root: Path) -> None:
    assert seedkit("search", "xylophone", "OR", "title:xy*", cwd=root) == ran(
        "", "seedkit search: no seed has `xylophone` or `title:xy*`\n", code=1
    )


def test_did_you_mean(root: Path) -> None:
    said = "seedkit search: no seed has `rivr`; did you mean `river mill` (4 hits)?\n"
    assert seedkit("search", "rivr", "mill", cwd=root) == ran("", said, code=1)
    said = 'seedkit search: no seed has `"lng silent"`; did you mean `"long silent"` (2 hits)?\n'
    assert seedkit("search", '"lng silent"', cwd=root) == ran("", said, code=1)
    code, out, _ = seedkit("search", "rivr", "mill", "--format", "json", cwd=root)
    assert (code, json.loads(out)["suggestion"]) == (1, "river mill")


def test_no_seeds(corpus: Corpus) -> None:
    root = corpus({"seedkit.toml": "", "seeds/.keep": ""})
    assert seedkit("search", "mill", cwd=root).code == 1


# -- queries


def test_notes_on_how_it_was_understood(root: Path) -> None:
    code, out, err = seedkit("search", '"silent', "-l", cwd=root)
    assert (code, out.count("\n")) == (0, 2)
    assert err.startswith("seedkit search: note: ")
    assert seedkit("search", '"silent', "-l", "-q", cwd=root).err == ""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--", "mill", "-river", "-night"], []),
        (["--", "-mill"], ["seeds/sayings"]),
        (["-l", "--", "river", "-turn"], ["10-1924", "11-1924"]),
        (["--", "--", "lit"], ["seeds/sayings"]),
        (["river -turn", "-l"], ["10-1924", "11-1924"]),
        (["NOT", "turn", "river", "-l"], ["10-1924", "11-1924"]),
    ],
)
def test_a_query_behind_dashes(root: Path, arguments: list[str], expected: list[str]) -> None:
    code, out, _ = seedkit("search", *arguments, cwd=root)
    assert code == (0 if expected else 1)
    assert all(name in out for name in expected)


@pytest.mark.parametrize(
    "query",
    ["NOT OR foo", "a AND NOT b", '"unclosed', "http://x", "C:\\x", "s*", "*", "-", "(" * 3000,
     "word " * 10_000, "\x00\x1b[2J\u202e", "a\udcffb", "title:", "year:..", "^2", "~", "x^y~"],
)  # fmt: skip
def test_any_text_is_a_query(root: Path, query: str) -> None:
    code, out, err = seedkit("search", "-l", "--", query, cwd=root)
    assert code in (0, 1, 2)
    assert "bug" not in err
    assert "\x1b" not in out + err
    assert (code == 2) == ("error: there is no" in err)


# -- usage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there is no QUERY"),
        ([" "], "there is no QUERY"),
        (["mill", "-n", "x"], "-n: `x` is not a number of hits, 0 to 1,000,000"),
        (["mill", "--format", "xml"], "--format: `xml` is not one of text, json, paths"),
        (["mill", "--count", "-l"], "--count can't be combined with -l"),
        (["mill", "-l", "--format", "json"], "-l can't be combined with --format"),
        (["mill", "-0", "--explain"], "-0 can't be combined with --explain"),
        (["mill", "--no-refresh", "--sort", "path"], "--no-refresh can't be combined with --sort"),
        (["mill", "--engine", "lucene"],
         f"--engine: `lucene` is not one of {', '.join(CHOICES)}"),
        (["--like", "seeds/none.txt"], "--like: `seeds/none.txt` is no seed of this corpus"),
        (["--like", "INDEX.md"], "--like: `INDEX.md` is no seed of this corpus"),
    ],
)  # fmt: skip
def test_what_makes_no_sense(root: Path, arguments: list[str], message: str) -> None:
    code, out, err = seedkit("search", *arguments, cwd=root)
    assert (code, out, err.splitlines()[0]) == (2, "", f"seedkit search: error: {message}")


def test_fields_that_there_are_none_of(root: Path) -> None:
    assert seedkit("search", "mill", "--facets", "title", cwd=root) == ran(
        "",
        "seedkit search: error: --facets: there is no field `title` to count by\n"
        "  help: there are `format`, `language`, `number`, `path`, `year`\n",
        code=2,
    )
    assert seedkit("search", "mill", "--sort", "date", cwd=root) == ran(
        "",
        "seedkit search: error: --sort: `date` is neither an order nor a field\n"
        "  help: there are score, path, size, mtime, body, format, language, number, text, title, "
        "year\n",
        code=2,
    )


@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        ("-i", "case never counts"),
        ("-w", "words are whole; `mil*` finds what begins so"),
        ("-c", "`--count` prints the number of hits"),
        ("--files", "`seedkit show-files` lists the seeds"),
        ("-F", 'words are searched for, no patterns: `mil*`, `ferri~1`, `"by the mill"`'),
    ],
)
def test_options_of_grep(root: Path, option: str, remedy: str) -> None:
    assert seedkit("search", option, "mill", cwd=root) == ran(
        err=f"seedkit search: error: there is no option `{option}`\n  help: {remedy}\n", code=2
    )


def test_a_word_to_leave_out_looks_like_an_option(root: Path) -> None:
    code, out, err = seedkit("search", "mill", "-river", cwd=root)
    assert (code, out) == (2, "")
    assert err.endswith(
        "  help: a query with `-river` in it goes behind `--`: seedkit search -- …\n"
    )


def test_help(root: Path) -> None:
    code, out, _ = seedkit("search", "--help", cwd=root)
    assert code == 0
    assert out.startswith("Usage: seedkit search QUERY … [OPTIONS]\n")
    assert max(map(len, out.splitlines())) <= 80
    assert max(map(len, seedkit("index", "--help", cwd=root).out.splitlines())) <= 80


def test_the_index_as_it_is(root: Path) -> None:
    assert seedkit("search", "mill", "--no-refresh", cwd=root) == ran(
        "",
        "seedkit search: error: there is no search index to answer from\n"
        "  help: search without --no-refresh, or make one with `seedkit index`\n",
        code=2,
    )
    seedkit("index", cwd=root)
    (root / "seeds/new").write_text("xylophone\n", encoding="utf-8")
    assert seedkit("search", "xylophone", "--no-refresh", cwd=root).code == 1
    assert seedkit("search", "lit", "--no-refresh", cwd=root).out == (
        "seeds/sayings:3:22: The lamp that is not lit gives no light.\n"
    )
    code, out, _ = seedkit("search", "lit", "--no-refresh", "--format", "json", cwd=root)
    assert (code, json.loads(out)["fresh"]) == (0, False)
    assert seedkit("search", "xylophone", "-l", cwd=root).out == "seeds/new\n"


def test_an_engine_by_name(root: Path) -> None:
    found = seedkit("search", "silent", "--engine", "scan", cwd=root)
    assert found == seedkit("search", "silent", "--engine", "whoosh", cwd=root)
    assert found.out.startswith("seeds/tales/10-1924.txt:2:47: ")
    assert json.loads(
        seedkit("search", "lit", "--engine", "scan", "--format", "json", cwd=root).out
    )["engine"] == "scan"  # fmt: skip


# -- index


def test_index(root: Path) -> None:
    code, out, err = seedkit("index", cwd=root)
    assert (code, err) == (0, "")
    assert out.startswith("Indexed 4 seeds in ")
    assert seedkit("index", cwd=root) == ran("Up to date, 4 seeds.\n")
    (root / "seeds/sayings").write_text("New.\n%\n", encoding="utf-8")
    (root / "seeds/tales/10-1924.txt").unlink()
    assert seedkit("index", cwd=root).out.startswith("Indexed 1 seed, removed 1 seed in ")
    (root / "seeds/tales/11-1924.txt").unlink()
    assert seedkit("index", cwd=root).out.startswith("Removed 1 seed in ")
    assert seedkit("index", "--rebuild", cwd=root).out.startswith("Indexed 2 seeds in ")
    assert seedkit("index", "-q", cwd=root) == ran()


def test_status(root: Path) -> None:
    def status() -> dict[str, str]:
        code, out, err = seedkit("index", "--status", cwd=root)
        assert (code, err) == (0, "")
        return dict(line.split(maxsplit=1) for line in out.splitlines())

    before = status()
    assert before["state"] == "none yet"
    assert before.keys() == {"engine", "version", "folder", "state"}
    seedkit("index", cwd=root)
    found = status()
    assert (found["seeds"], found["records"], found["state"]) == ("4", "5", "up to date")
    assert found["languages"] == "en"
    assert Path(found["folder"]).is_dir()
    assert " bytes, " in found["size"]
    (root / "seeds/tales/10-1924.txt").unlink()
    assert status()["state"] == "behind: 1 seed removed"
    (root / "seeds/sayings").write_text("New.\n%\n", encoding="utf-8")
    assert status()["state"] == "behind: 1 seed changed, 1 removed"
    assert seedkit("index", "--status", "--config", "language=none", cwd=root).out.endswith(
        "none yet\n"
    )


def test_status_after_the_cache_was_lost(root: Path, cache: Path) -> None:
    seedkit("index", cwd=root)
    for file in cache.rglob("cache.sqlite*"):
        file.unlink()
    assert seedkit("index", "--status", cwd=root).out.endswith("to be rebuilt\n")


def test_verify(root: Path) -> None:
    assert seedkit("index", "--verify", cwd=root) == ran(
        "The index is equal to the seeds: 5 records compared.\n"
    )
    assert seedkit("index", "--verify", "-q", cwd=root) == ran()


def test_verify_finds_what_differs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [f"`{n}` in `stems` is not found in the records that it stands in" for n in range(20)]
    monkeypatch.setattr(verify, "differences", lambda *given: told[:12])
    code, out, err = seedkit("index", "--verify", cwd=root)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        *(f"seedkit index: {line}" for line in told[:10]),
        "seedkit index: and more",
        "  help: rebuild it with `seedkit index --rebuild`",
    ]
    monkeypatch.setattr(Generation, "damaged", lambda self, thorough=False: ["x"] * thorough)
    code, out, err = seedkit("index", "--verify", cwd=root)
    assert (code, out, err.splitlines()[0]) == (
        1, "", "seedkit index: file x is not as it was written"
    )  # fmt: skip


def test_index_usage(root: Path, tmp_path: Path) -> None:
    assert seedkit("index", "--verify", "--rebuild", cwd=root).err.splitlines()[0] == (
        "seedkit index: error: --verify can't be combined with --rebuild"
    )
    assert seedkit("index", "--engine", "scan", cwd=root).err.splitlines()[0] == (
        f"seedkit index: error: --engine: `scan` is not one of {', '.join(CONFIGURABLE)}"
    )


def test_no_index_can_be_kept(root: Path, cache: Path) -> None:
    seedkit("check", cwd=root)
    (folder,) = cache.iterdir()
    (folder / "search").touch()
    assert seedkit("index", cwd=root) == ran(
        "",
        "seedkit index: error: the search index can't be kept: file exists\n"
        "  help: choose another folder with --cache-dir\n",
        code=2,
    )
    code, out, err = seedkit("search", "lit", "-l", cwd=root)
    assert (code, out) == (0, "seeds/sayings\n")
    assert err == (
        "seedkit search: note: the search index can't be kept: file exists; "
        "reading all seeds instead\n"
    )


def test_a_word_is_named_as_it_was_typed_and_a_field_name_stays(root: Path) -> None:
    _, _, err = seedkit("search", "LAMQ", cwd=root)
    assert "no seed has `LAMQ`; did you mean `lamp`" in err
    _, _, err = seedkit("search", "lamq:mills", cwd=root)
    assert "did you mean" not in err


def test_hits_of_foreign_forms_only_come_with_a_suggestion(corpus: Corpus) -> None:
    root = corpus({
        "seedkit.toml": "",
        "schemas/note.toml": 'files = ["seeds/**"]\n',
        "seeds/1": "To install it, you have to run the program on the computer that is with you.\n",
        "seeds/2": "This is a manual of the program, and of all that it can do for you.\n",
        "seeds/3": "Om det installerades eller inte vet jag inte, men det är något för dig.\n",
    })  # fmt: skip
    code, out, err = seedkit("search", "-l", "installerad", cwd=root)
    assert (code, out) == (0, "seeds/3\n")
    assert "no seed has `installerad` as it is written; did you mean `installerades`" in err
