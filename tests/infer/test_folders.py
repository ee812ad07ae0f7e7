"""From folders to plans: which files are seeds, which belong together, what would be written."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.patterns import Globs
from seedkit.infer.file_patterns import escape, patterns_of
from seedkit.infer.plan import InitPlan
from seedkit.infer.summary import left_out, overview, summary
from seedkit.infer.texts import find_seeds
from seedkit.infer.write import format_toml, settings_toml, toml_value
from seedkit.sources.source import MemorySource
from support.corpora import more
from support.kinds import Writer, make
from support.planning import planned


def report(plan: InitPlan) -> str:
    lines = [overview(plan)]
    for each in plan.formats:
        title, description, said = summary(each, plan.patterns[each.name])
        lines += [title, f"  {description}", *(f"  {a:<10} {b}".rstrip() for a, b in said)]
    return "\n".join([*lines, *left_out(plan)])


def cards(count: int = 20) -> dict[str, str | bytes]:
    texts: dict[str, str | bytes] = {}
    for i in range(count):
        w = Writer(f"card {i}")
        texts[f"cards/{i:03}.txt"] = f"{w.date()}\n{w.pick('art sport news')}\n{w.line()}\n"
    return texts


def notes(count: int = 20) -> dict[str, str | bytes]:
    return {f"notes/{file.name}": file.text for file in make("plain", 1, count)}


def pairs(count: int = 20) -> dict[str, str | bytes]:
    return {f"faq/{file.name}": file.text for file in make("qa", 1, count)}


# -- where the seeds are


@pytest.mark.parametrize(
    ("paths", "folders", "seeds", "project"),
    [
        (["seeds/a", "README.md", "x/b"], ["seeds"], ["seeds/a"], []),
        (["a.txt", "README.md", "INDEX.md"], ["."], ["a.txt"], ["README.md"]),
        (["a/1.txt", "b/c/2.txt", "LICENSE"], ["a", "b"], ["a/1.txt", "b/c/2.txt"], ["LICENSE"]),
        ([f"f{i}/x" for i in range(9)], ["."], [f"f{i}/x" for i in range(9)], []),
        ([".hidden/x", "schemas/y.toml", "venv/z", "a/INDEX.md"], ["."], [], []),
        (["a.txt", "schemas", "pages/x.md"], ["."], ["a.txt", "pages/x.md", "schemas"], []),
        ([], ["."], [], []),
    ],
)
def test_where_the_seeds_are(
    paths: list[str], folders: list[str], seeds: list[str], project: list[str]
) -> None:
    place = find_seeds(MemorySource(dict.fromkeys(paths, b"x")))
    assert place.folders == folders
    assert sorted(place.files) == seeds
    assert place.project == project


# -- plans


def test_plan_for_three_formats_and_what_is_no_text() -> None:
    files = {**cards(), **notes(), **pairs(), "faq/a.png": b"\x00", "faq/b.png": b"\x00"}
    plan = planned(files)
    assert (
        report(plan)
        == """\
3 formats explain 60 files.
cards: 20 files
  3 sections with a newline between: date, kind, body
  files      cards/**
  names      (?P<number>\\d{3})\\.txt
             each its own number, numbered without a gap
  sections   date  a date
             kind  one of art, news, sport
             body
  text       UTF-8, lines end with LF, a newline at the end
qa: 20 files
  Questions and answers: lines that begin with `Q: ` and `A: `
  files      faq/**
  names      faq(?P<number>\\d+)\\.txt
             each its own number, numbered without a gap
  text       UTF-8, lines end with LF, a newline at the end
notes: 20 files
  Plain text: one section, anything goes
  files      notes/**
  names      note-(?P<number>\\d{4})\\.txt
             each its own number, numbered without a gap
  text       UTF-8, lines end with LF, a newline at the end
2 files are left out:
  no text, it has a NUL: faq/a.png, faq/b.png"""
    )
    assert (
        plan.files["seedkit.toml"]
        == """\
# Settings of seedkit: docs/configuration.md lists them all.

seeds = ["cards", "faq", "notes"]
exclude = ["*.png"]               # no texts, or none of the corpus
"""
    )
    assert (
        plan.files["schemas/cards.toml"]
        == """\
# Inferred by `seedkit init` from 20 files.

title = "3 sections with a newline between: date, kind, body"
files = ["cards/**"]

[file]
name = '(?P<number>\\d{3})\\.txt'   # all 20 names, as 010.txt
unique = ["number"]               # no two files share number
sequential = "number"             # 0 to 19 without a gap
newline = "lf"                    # in all 20 files
final_newline = "require"         # at the end of all 20 files
normalization = "nfc"             # in all 20 files

[sections]
delimiter = "\\n"                  # in all 20 files

[[section]]
name = "date"
pattern = '\\d{4}-\\d{2}-\\d{2}'     # a date: all 20

[[section]]
name = "kind"
enum = ["art", "news", "sport"]   # all 20

[[section]]
name = "body"
min_chars = 5                     # the shortest of 20 has 26
max_chars = 2000                  # the longest of 20 has 479 characters
"""
    )
    assert plan.files["schemas/qa.toml"].startswith(
        "# Questions and answers: lines that begin with `Q: ` and `A: `.\n"
        "# Inferred by `seedkit init` from 20 files.\n\n"
        'extends = "builtin:qa"\nfiles = ["faq/**"]\n'
    )
    assert plan.files["INDEX.md"].startswith("# Index\n\n| Seed | Format |\n|---|---|\n")
    assert (len(plan.others), set(plan.none)) == (0, {"faq/a.png", "faq/b.png"})


def test_formats_in_one_folder_are_told_apart_and_listed() -> None:
    mixed: dict[str, str | bytes] = {}
    texts = zip(cards(12).values(), pairs(12).values(), strict=True)
    for number, text in enumerate(text for pair in texts for text in pair):
        mixed[f"seeds/{number:03}.txt"] = text
    mixed["seeds/024.txt"] = "Q: no answer?\nB: none\n"
    plan = planned(mixed)
    (first, second) = plan.formats
    assert plan.settings[1][:2] == ("formats", ["text", "qa"])
    assert (first.name, second.name) == ("qa", "text")
    assert plan.patterns["qa"] == ["seeds/**"]
    assert plan.patterns["text"][-2:] == ["seeds/022.txt", "seeds/text/**"]
    assert list(first.exceptions) == ["seeds/024.txt"]
    said = report(plan)
    assert "files      12 listed one by one, no pattern tells them; new ones: seeds/text/**" in said
    assert "1 file: format/missing-section, as seeds/024.txt:1: section `answer` is missing" in said


def test_a_damaged_file_belongs_to_those_that_are_called_like_it() -> None:
    files = {**cards(), **notes()}
    files["cards/007.txt"] = "oops\n"
    plan = planned(files)
    assert [list(each.exceptions) for each in plan.formats] == [["cards/007.txt"], []]


def test_an_empty_file_is_an_exception_of_its_neighbours() -> None:
    plan = planned({**pairs(20), "faq/faq900.txt": ""})
    (qa,) = plan.formats
    assert [found[0].rule for found in qa.exceptions.values()] == ["text/empty"]


def test_other_encodings_are_formats_of_their_own_if_they_are_many() -> None:
    lines = ("Жители посёлка составили карту", "Мост открыли весной", "Снег сошёл", "Лодка ушла")
    files = {f"ru/{i}.txt": f"{line}\n".encode("koi8-r") for i, line in enumerate(lines)}
    plan = planned({**files, **{f"en/{i}.txt": f"Some words {i}.\n" for i in range(5)}})
    encodings = {e.name: e.proposal.values["file"].get("encoding") for e in plan.formats}
    assert encodings == {"en": None, "ru": "koi8-r"}
    assert 'encoding = "koi8-r"' in plan.files["schemas/ru.toml"]
    broken = planned({**notes(20), "notes/note-0020.txt": b"caf\xe9\n"})
    (each,) = broken.formats
    assert [found[0].rule for found in each.exceptions.values()] == ["text/invalid-utf8"]


def test_what_many_files_do_is_their_habit() -> None:
    files: dict[str, str | bytes] = {
        path: str(text).replace(".", ". ") for path, text in notes(20).items()
    }
    plan = planned(files)
    assert plan.formats[0].exceptions == {}
    assert plan.settings[1:] == [
        (
            "ignore",
            ["text/trailing-whitespace"],
            "text/trailing-whitespace is found in 19 of 20 files",
        )
    ]


def test_facts_are_corrected_by_files_that_were_not_looked_at() -> None:
    files: dict[str, str | bytes] = {
        f"cards/{i:03}.txt": f"{i:03}\nA line\n{i * 7919} words and {i} more\n" for i in range(400)
    }
    assert len(planned(files, builtins=False).formats[0].group.seeds) == 300
    looked_at = {s.path for s in planned(files, builtins=False).formats[0].group.seeds}
    long = next(path for path in files if path not in looked_at)
    files[long] = f"{long[6:9]}\nA line\n{'word ' * 500}end\n"
    (each,) = planned(files, builtins=False).formats
    assert each.exceptions == {}
    assert each.proposal.values["section"][2]["max_chars"] == 10_000


def test_builtin_format_is_loosened_where_the_files_are_otherwise() -> None:
    files = {f"seeds/{file.name}": file.text for file in make("tldr", 1, 20)}
    crlf = {path: text.replace("\n", "\r\n") for path, text in files.items()}
    mixed = dict([*list(files.items())[:10], *list(crlf.items())[10:]])
    for texts, newline in ((files, None), (crlf, "crlf"), (mixed, "any")):
        (each,) = planned(dict(texts)).formats
        assert each.proposal.values["extends"] == "builtin:tldr"
        assert each.proposal.values.get("file", {}).get("newline") == newline
        assert each.exceptions == {}


def test_project_files_are_excluded_if_a_pattern_claims_them() -> None:
    files = {f"{i}.md": f"Words {i}.\n" for i in range(3)} | {"README.md": "x", "LICENSE": "y"}
    plan = planned(dict(files))
    assert plan.patterns == {"plain": ["/*.md"]}
    assert plan.settings == [
        ("seeds", ["."], "the files lie next to this one"),
        ("exclude", ["/README.md"], "no texts, or none of the corpus"),
    ]


def test_formats_have_names_of_their_own() -> None:
    def names(files: dict[str, str | bytes]) -> list[str]:
        return [each.name for each in planned(files).formats]

    card = list(cards(12).values())
    assert names({f"seeds/{i}.dat": text for i, text in enumerate(card)}) == ["dat"]
    assert names({f"seeds/card_{i}.txt": text for i, text in enumerate(card)}) == ["card"]
    assert names({f"seeds/{i}.txt": text for i, text in enumerate(card)}) == ["text"]
    words = {f"seeds/{i}.{kind}": f"word {i}\n" for i in range(4) for kind in ("txt", "9")}
    assert names(dict(words)) == ["plain"]
    two = {**cards(12), **{f"x/cards/{i}.md": "word " * i + "x\n" for i in range(5)}}
    assert names(dict(two)) == ["cards", "plain"]


def test_there_is_nothing_to_plan() -> None:
    plan = planned({"a.png": b"\x00"})
    assert (plan.formats, plan.files) == ([], {})


def test_an_index_that_is_there_stays() -> None:
    plan = planned({"seeds/a.txt": "word\n", "INDEX.md": "# Mine\n"})
    assert "INDEX.md" not in plan.files


NAMES = st.text("ab.é[*!# \\\u202e\n", min_size=1, max_size=6).filter(
    lambda name: name not in (".", "..") and "/" not in name
)
LINES = NAMES.filter(lambda name: "\n" not in name)
TEXTS = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([b"Q: a\nA: b\n", b"%\n", b"a\n%\nb\n", b"---\nx: y\n---\nz\n", b"{}\n"]),
)


@given(
    st.dictionaries(
        st.one_of(NAMES, st.tuples(st.sampled_from("xy"), NAMES).map("/".join)),
        TEXTS,
        max_size=8,
    )
)
def test_any_folder_has_a_plan(files: dict[str, bytes]) -> None:
    plan = planned(dict(files))
    for path, text in plan.files.items():
        if path.endswith(".toml"):
            tomllib.loads(text)
    seeds = [path for each in plan.formats for path in each.group.paths]
    assert sorted(seeds) == sorted(set(plan.place.files) - set(plan.none))
    report(plan)


# -- patterns


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["s", "s/a", "s/b c"]), LINES).map("/".join),
        st.sampled_from("pqr"),
        min_size=1,
    )
)
@more(2)
def test_every_file_is_claimed_by_its_format(owners: dict[str, str]) -> None:
    formats: dict[str, list[str]] = {}
    folders = {path.rpartition("/")[0] for path in owners}
    owners = {path: name for path, name in owners.items() if path not in folders}
    for path, name in owners.items():
        formats.setdefault(name, []).append(path)
    claims = patterns_of(formats)
    globs = [(name, Globs(patterns)) for name, patterns in claims.patterns.items()]
    assert claims.ordered or list(claims.patterns) == sorted(claims.patterns)
    for path, name in owners.items():
        assert next(of for of, each in globs if each.match(path)) == name


@pytest.mark.parametrize(
    ("formats", "patterns"),
    [
        ({"p": ["s/a/1", "s/a/2"], "q": ["s/b/1"]}, {"p": ["s/a/**"], "q": ["s/b/**"]}),
        ({"p": ["s/1.srt"], "q": ["s/1.txt"]}, {"p": ["s/**/*.srt"], "q": ["s/**/*.txt"]}),
        ({"p": ["a_1.x", "a_2.x"], "q": ["b_1.x", "b_2.x"]}, {"p": ["/a_*.x"], "q": ["/b_*.x"]}),
        ({"p": ["1.txt", "a/2.txt"]}, {"p": ["/*.txt", "a/**"]}),
        ({"p": ["one", "two"]}, {"p": ["/one", "/two"]}),
        ({"p": [str(i) for i in range(9)]}, {"p": ["/*"]}),
        ({"p": [f"d{i}/x.md" for i in range(9)]}, {"p": ["*/**/*.md"]}),
        ({"p": [f"d{i}/x" for i in range(9)]}, {"p": ["*/**"]}),
        (
            {"p": ["s/a/x/1", "s/b/y/1"], "q": ["s/c/1"]},
            {"p": ["s/a/**", "s/b/**"], "q": ["s/c/**"]},
        ),
        (
            {"p": ["s/a/1", "s/b/1"], "q": ["s/c/1", "s/c/a/1"]},
            {"p": ["s/a/**", "s/b/**"], "q": ["s/c/**"]},
        ),
        ({"p": ["s/[a]*.x", "s/[a]*.y"]}, {"p": ["s/**"]}),
    ],
)  # fmt: skip
def test_patterns_are_simple(formats: dict[str, list[str]], patterns: dict[str, list[str]]) -> None:
    assert patterns_of(formats) == (patterns, False)


def test_files_that_no_pattern_tells_apart_are_listed() -> None:
    formats = {
        "p": [f"s/{i}.txt" for i in range(0, 30, 3)],
        "q": [f"s/{i}.txt" for i in range(30) if i % 3],
    }
    claims = patterns_of(formats, "s/")
    assert claims.ordered
    assert claims.patterns["p"][-2:] == ["s/9.txt", "s/p/**"]
    assert claims.patterns["q"] == ["s/**"]


@given(st.text("ab*?[]!#\\ é\udc80\n\t", min_size=1).filter(lambda name: name.strip()))
def test_escaped_path_matches_itself(name: str) -> None:
    assert Globs([escape(f"x/{name}")]).match(f"x/{name}")
    assert not Globs([escape(f"x/{name}")]).match(f"x/{name}a")


# -- TOML


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(0, 10**9), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_toml_says_the_same(value: Any) -> None:
    assert tomllib.loads(f"x = {toml_value(value)}")["x"] == value


def test_toml_of_a_format() -> None:
    values = {
        "title": "A format",
        "files": [f"seeds/{i:03}/a-rather-long-name.txt" for i in range(3)],
        "file": {"name": r"\d+"},
        "section": [{"name": "a", "max_chars": 20_000}, {"min_chars": 5, "name": "b"}],
    }
    notes = {("file", "name"): "all of them", ("section", 1, "min_chars"): "why " * 24 + "not"}
    text = format_toml(values, notes, "Head.\nMore.")
    assert (
        text
        == """\
# Head.
# More.

title = "A format"
files = [
  "seeds/000/a-rather-long-name.txt",
  "seeds/001/a-rather-long-name.txt",
  "seeds/002/a-rather-long-name.txt",
]

[file]
name = '\\d+'                      # all of them

[[section]]
name = "a"
max_chars = 20_000

[[section]]
name = "b"
# why why why why why why why why why why why why why why why why why why why why why why why why
# not
min_chars = 5
"""
    )
    assert tomllib.loads(text) == values
    assert settings_toml([], "Head.") == "# Head.\n"
    assert toml_value("a\udc80") == '"a\\uFFFD"', "TOML has no way to write a byte"


def test_utf8_with_a_few_other_bytes_is_utf8() -> None:
    said = "Who painted the river number {}? Eugène did.\nAnatole François, from Perú.\n"
    files: dict[str, str | bytes] = {
        f"p/{i}.txt": said.format(i).encode() + b"The \x93east\x94 of it\x92s number.\n"
        for i in range(3)
    }
    plan = planned(files)
    (each,) = plan.formats
    assert "encoding" not in each.proposal.values.get("file", {})
    assert {f.rule for found in each.exceptions.values() for f in found} == {"text/invalid-utf8"}
    assert len(each.exceptions) == 3


def test_an_encoding_decodes_all_but_a_few() -> None:
    """Of 40 files, 20 tell the encoding; if it then fails on others, it is not the one."""
    files: dict[str, str | bytes] = {
        f"p/{i:02}.txt": f"Le café de l'été {i}\n".encode("cp1252") + b"\x81\n" * (i % 3 == 1)
        for i in range(40)
    }
    (each,) = planned(files).formats
    assert each.proposal.values["file"]["encoding"] != "cp1252"
    rules = {f.rule for found in each.exceptions.values() for f in found}
    assert "text/invalid-encoding" not in rules


def _subtitles(number: int, *, backwards: bool) -> str:
    """Cues; one that begins before the one before it is not what SubRip players read."""
    w = Writer(f"film {number}")
    starts = [3 * i + (w.number(0, 2)) for i in range(1, 9)]
    if backwards:
        starts[4], starts[2] = starts[2], starts[4]
    cues = [
        f"{i}\n00:00:{s:02},000 --> 00:00:{s + 1:02},500\n{w.line()}\n"
        for i, s in enumerate(starts, 1)
    ]
    return "\n".join(cues)


def test_files_are_what_their_extension_says_with_exceptions() -> None:
    files: dict[str, str | bytes] = {
        f"films/{i:02}.srt": _subtitles(i, backwards=i in (3, 8)) for i in range(13)
    }
    plan = planned(files)
    (each,) = plan.formats
    assert each.proposal.values["extends"] == "builtin:srt"
    assert sorted(each.exceptions) == ["films/03.srt", "films/08.srt"]


@pytest.mark.parametrize(
    ("kind", "extension"),
    [("conllu", "conllu"), ("phpt", "phpt"), ("mbox", "mbox"), ("headers-body", "eml"),
     ("txtar", "txtar"), ("trec", "trec")],
)  # fmt: skip
def test_extensions_of_built_in_formats(kind: str, extension: str) -> None:
    files: dict[str, str | bytes] = {
        f"x/{i}.{extension}": file.text for i, file in enumerate(make(kind, 3, 9))
    }
    files[f"x/9.{extension}"] = "Nothing of the kind.\n\nNor here.\n"
    (each,) = planned(files).formats
    assert each.proposal.values["extends"] == f"builtin:{kind}"
    odd = [] if kind == "txtar" else [f"x/9.{extension}"]  # any text is a comment of txtar
    assert list(each.exceptions) == odd


def test_an_extension_alone_makes_no_format() -> None:
    files: dict[str, str | bytes] = {f"x/{f.name}.srt": f.text for f in make("qa", 1, 12)}
    (each,) = planned(files).formats
    assert each.proposal.values["extends"] == "builtin:qa"


def test_headers_alone_are_no_messages() -> None:
    files: dict[str, str | bytes] = {
        f"x/{i}.txt": f"Name: {Writer(str(i)).person()}\nText: {Writer(str(i)).line()}\n"
        for i in range(12)
    }
    (each,) = planned(files).formats
    assert "extends" not in each.proposal.values


# -- what files are called


def values_of(name: str, text: str) -> dict[str, Any]:
    (each,) = planned({name: text}).formats
    return each.group.choice.values


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"a": 1}\n{"a": 2}\n{"a": NaN}\n'),
        ("a.jsonl", '{"a": 1}\n{"a": 2,\n{"a": 3\n'),
        ("a.csv", "id,text\n1,a\n2,b,c\n"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nHi\n\n2\n00:00:03,000 -> 00:00:04,000\nYou\n"),
    ],
)
def test_damage_makes_no_other_format_of_a_file_called_so(name: str, text: str) -> None:
    """What is wrong with it is what the check is there to report."""
    assert values_of(name, text) == {"extends": f"builtin:{name.removeprefix('a.')}"}


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("id,text\n1,a;b\n", None),
        ("id\n1\n", None),
        ("id;text\n1;a, b\n", ";"),
        ("id\ttext\n1\ta, b\n", "\t"),
        ("id|text|note, in full\n1|a|b\n", "|"),
    ],
)
def test_the_header_tells_what_stands_between_cells(text: str, delimiter: str | None) -> None:
    record = {} if delimiter is None else {"record": {"delimiter": delimiter}}
    assert values_of("a.csv", text) == {"extends": "builtin:csv", **record}
