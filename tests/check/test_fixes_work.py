"""A fix that is offered works: its finding goes, none comes, and a safe one changes no section."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.fix import FixedFile, apply, unified_diff
from seedkit.core.diagnostic import Applicability, Diagnostic
from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format, builtin_names
from seedkit.formats.parser import parse
from seedkit.formats.spec import FormatSpec
from support.commandline import seedkit
from support.corpora import more
from support.gitrepo import Repo

LINES = {"name": "text", "empty": "allow"}


def make(spec: dict[str, Any]) -> Analyser:
    return Analyser(Layout("test", FormatSpec.model_validate(spec)))


@cache
def builtin(name: str, newline: str, final: str) -> Analyser:
    spec = builtin_format(name, ["*"])
    file = spec.file.model_copy(
        update={"newline": newline, "final_newline": final, "normalization": "nfc"}
    )
    return Analyser(Layout(name, spec.model_copy(update={"file": file})))


def find(analyser: Analyser, text: str, path: str = "seeds/a.txt") -> list[Diagnostic]:
    return list(analyser.analyse(path, text.encode()).diagnostics)


def fixed(text: str, diagnostic: Diagnostic) -> str:
    assert diagnostic.fix is not None
    return apply(text.encode(), [diagnostic.fix.edits])[0].decode()


def slow_parsed(text: str, analyser: Analyser) -> list[tuple[object, ...]]:
    """What was parsed; CRLF and LF are alike, but not where a CR comes before."""
    document = parse(text, analyser.layout)

    def layout_newlines(value: str) -> str:
        return value.replace("\r\r\n", "\0").replace("\r\n", "\n").replace("\0", "\r\r\n")

    return [
        (record.fields, [(s.name, layout_newlines(document.value(s))) for s in record.sections])
        for record in document.records
    ]


def lone(text: str) -> int:
    """How many CR there are that are not part of CRLF."""
    return text.count("\r") - text.count("\r\n")


def new_ones(before: list[Diagnostic], after: list[Diagnostic]) -> Iterator[str]:
    """Findings that were not there: neither one with that fingerprint nor with those words."""
    had = list(before)
    for each in after:
        words = "".join(char for char in each.message if not char.isdigit() and char != ",")
        for old in had:
            if old.rule == each.rule and (
                old.fingerprint == each.fingerprint
                or words == "".join(c for c in old.message if not c.isdigit() and c != ",")
            ):
                had.remove(old)
                break
        else:
            yield f"{each.rule}: {each.message}"


def check_fixes(analyser: Analyser, text: str, path: str = "seeds/a.txt") -> None:
    found = find(analyser, text, path)
    for diagnostic in found:
        if diagnostic.fix is None:
            continue
        after = fixed(text, diagnostic)
        left = find(analyser, after, path)
        assert all(each.rule != diagnostic.rule for each in left), (text, after)
        others = [each for each in found if each is not diagnostic]
        assert list(new_ones(others, left)) == [], (text, after)
        if diagnostic.fix.applicability is Applicability.SAFE:
            assert slow_parsed(text, analyser) == slow_parsed(after, analyser), (text, after)
            assert lone(text) <= lone(after)


def safe_fixes(analyser: Analyser, text: str) -> str:
    """Apply all safe fixes together until there is none."""
    for _ in range(10):
        fixes = [
            each.fix.edits
            for each in find(analyser, text)
            if each.fix is not None and each.fix.applicability is Applicability.SAFE
        ]
        if not fixes:
            return text
        text = apply(text.encode(), fixes)[0].decode()
    raise AssertionError("fixes do not end")


NASTY = [
    "\ufeff", "\r", "\r\n", "\n", "\r\r\n", "\n\n", "\x00", " ", "\t", "  \n", "e\u0301", "\u200b",
    "\u200c", "\u2028", "\u202e", "\x85", "a", "b c", '"', '"a\nb"', ",", "日本", "-- \n", "0",
]  # fmt: skip
DELIMITERS = [
    "%\n", "% \n", "---\n", "--- \r\n", "--TEST--\n", "--FILE--\n", "--EXPECT--\r\n", "--EXPECT-- ",
    "# ", "> ", "- ", "`", ".I 1\n", ".W\n", ".w\n", "<DOC>\n", "</DOC>\n", "<DOCNO>", "</DOCNO>",
    "<TEXT>", "</TEXT>", "From a Mon Jan  1 00:00:00 2024\n", "A: ", "Q: ", "q:", "1\n",
    "00:00:01,000 --> 00:00:02,000\n", "-- a.txt --\n", "-- a.txt --  \n", "<|startoftext|>",
    "<|endoftext|>", "1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n", "# text = a \n", "k: v\n", "k:\n", "x: \n",
]  # fmt: skip
texts = st.lists(st.sampled_from(NASTY + DELIMITERS), max_size=12).map("".join)


@given(
    st.sampled_from(sorted(builtin_names())),
    st.sampled_from(["lf", "crlf", "any"]),
    st.sampled_from(["require", "forbid", "any"]),
    texts,
)
@more(8)
def test_fixes_of_built_in_formats_work(name: str, newline: str, final: str, text: str) -> None:
    analyser = builtin(name, newline, final)
    check_fixes(analyser, text)
    after = safe_fixes(analyser, text)
    assert slow_parsed(after, analyser) == slow_parsed(text, analyser)


delimiters = st.sampled_from(["%", "", "--", "a", " ", "\t", "x: ", "e\u0301", "b c"])
constraints = st.fixed_dictionaries(
    {},
    optional={
        "pattern": st.sampled_from([".*", "[^ ]*", r"(?s).*\S ", "a\n?", r"[^\r]*"]),
        "enum": st.just(["a", "a ", "b c"]),
        "max_chars": st.integers(0, 6),
        "min_chars": st.integers(0, 6),
        "empty": st.sampled_from(["allow", "forbid"]),
        "unique": st.just("file"),
        "content": st.sampled_from(["line", "fields", "yaml", "toml", "json"]),
    },
)
sections = st.one_of(
    st.lists(st.tuples(delimiters, constraints), min_size=1, max_size=3).map(
        lambda given: {
            "section": [
                {"name": f"s{n}", "delimiter": delimiter, "required": False, **rest}
                for n, (delimiter, rest) in enumerate(given)
            ]
        }
    ),
    st.tuples(st.sampled_from(["\n", "\n\n", ","]), constraints, constraints).map(
        lambda given: {
            "sections": {"delimiter": given[0]},
            "section": [{"name": "s0", **given[1]}, {"name": "s1", **given[2]}],
        }
    ),
    st.sampled_from(["\t", ",", " "]).map(
        lambda separator: {
            "section": [{"name": "r", "content": "rows", "columns": 2, "separator": separator}]
        }
    ),
)
records: st.SearchStrategy[dict[str, Any]] = st.just({}) | st.builds(
    lambda mode, delimiter, match: {
        "record": {"mode": mode, "delimiter": delimiter, "match": match}
    },
    st.sampled_from(["separator", "terminator", "start"]),
    delimiters.filter(bool) | st.just("\n\n"),
    st.sampled_from(["line", "inline"]),
)
files = st.fixed_dictionaries(
    {
        "newline": st.sampled_from(["lf", "crlf", "any"]),
        "final_newline": st.sampled_from(["require", "forbid", "any"]),
        "normalization": st.sampled_from(["nfc", "any"]),
        "max_bytes": st.sampled_from([20, 1000]),
    }
)


@given(sections, records, files, texts | st.text(alphabet="ab %-\t\r\n\"',\u0301e", max_size=12))
@more(5)
def test_fixes_of_any_format_work(
    cut: dict[str, Any], record: dict[str, Any], file: dict[str, Any], text: str
) -> None:
    try:
        analyser = make({**cut, **record, "file": file})
    except ValueError:  # a format that contradicts itself
        return
    check_fixes(analyser, text)
    after = safe_fixes(analyser, text)
    assert slow_parsed(after, analyser) == slow_parsed(text, analyser)


def offers(spec: dict[str, Any], text: str) -> list[tuple[str, str, str]]:
    """Of each finding the rule and what its fix makes of the text: `safe`, `unsafe`, or none."""
    return [
        (each.rule, str(each.fix.applicability), fixed(text, each))
        if each.fix is not None
        else (each.rule, "", "")
        for each in find(make({"section": [LINES], **spec}), text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10%\r20%\ndone\n", [("text/stray-carriage-return", "", "")]),
        ("a\r\n10%\r20%\r\n", [("text/stray-carriage-return", "", "")]),
        ("a\rb\r", []),  # lines of the first Macintosh
        ("a\rb\n", [("text/stray-carriage-return", "", "")]),
        ("a\r\r\nb\r\r\n", [("text/stray-carriage-return", "unsafe", "a\r\nb\r\n")]),
        ("a\r\r\nb\n", [("text/stray-carriage-return", "unsafe", "a\nb\n")]),
        ("a\r\r\nb\rc\n", [("text/stray-carriage-return", "", "")]),
        (
            "a\r\nb\nc\rd\r\r\ne\n",
            [
                ("text/mixed-newlines", "safe", "a\nb\nc\rd\r\r\ne\n"),
                ("text/stray-carriage-return", "", ""),
            ],
        ),
    ],
)
def test_a_carriage_return_that_may_be_content_is_never_changed_safely(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert offers({}, text) == expected


def test_stray_carriage_returns_are_named() -> None:
    def messages(text: str) -> list[str]:
        return [each.message for each in find(make({"section": [LINES]}), text)]

    assert messages("a\rb\n") == ["carriage return that no line feed follows"]
    assert messages("a\rb\n\r\r") == ["carriage return that no line feed follows, and 2 more"]
    assert messages("a\r\r\n") == ["line ends with two carriage returns and a line feed"]
    assert messages("a\r\r\r\nb\r\r\nc\n") == [
        "line ends with 3 carriage returns and a line feed, and 1 more"
    ]


def test_a_file_of_cr_only_is_converted_on_request() -> None:
    assert offers({"file": {"newline": "lf"}}, "a\rb\r") == [
        ("text/wrong-newline", "unsafe", "a\nb\n")
    ]


ROWS = {"section": [{"name": "rows", "content": "rows", "columns": 2, "separator": ","}]}


@pytest.mark.parametrize("newline", ["any", "crlf"])
def test_a_newline_in_a_quoted_cell_is_content(newline: str) -> None:
    spec = {**ROWS, "file": {"newline": newline}}
    quoted = '1,"a ""b""\nc"\r\n2,d\r\n'
    assert "newline" not in str(offers(spec, quoted))
    mixed = f"{quoted}3,e\n"
    assert ("text/mixed-newlines", "safe", f"{quoted}3,e\r\n") in offers(spec, mixed)


def test_a_quote_between_tabs_is_a_character() -> None:
    """As in CoNLL-U, where `\"` is a word of its own: every line is a row as it stands."""
    section = {"name": "rows", "content": "rows", "columns": 2}
    text = '1\t"\r\n2\ta\r\n3\t"\r\n'
    spec = {"section": [section], "file": {"newline": "lf"}}
    assert offers(spec, text) == [("text/wrong-newline", "safe", text.replace("\r", ""))]


@pytest.mark.parametrize("quoted", ['"a\r\nb".c', '"a\r\nb'])
def test_a_newline_in_a_cell_that_is_badly_quoted_may_be_content(quoted: str) -> None:
    spec = {**ROWS, "file": {"newline": "lf"}}
    found = [each for each in offers(spec, f"1,{quoted}\n2,d\n") if "newline" in each[0]]
    assert [unsafe for _, unsafe, _ in found] == ["unsafe"]


def test_what_looks_like_a_quoted_cell_is_changed_on_request() -> None:
    """No format says that these are rows."""
    assert offers({}, '1,"a\nb"\r\n2,c\r\n') == [
        ("text/mixed-newlines", "unsafe", '1,"a\r\nb"\r\n2,c\r\n')
    ]
    assert offers({}, '"Come,\nnow"\r\nshe said\r\n')[0][1] == "safe"  # prose


@pytest.mark.parametrize("number", [1, 2, 3])
def test_all_byte_order_marks_go(number: int) -> None:
    text = "\ufeff" * number + "a\n"
    assert offers({}, text) == [("text/bom", "safe", "a\n")]
    (section,) = parse(text, make({}).layout).sections()
    assert (section.start, section.end) == (number, number + 1)


def test_a_fix_that_makes_another_fault_is_not_offered() -> None:
    file = {"newline": "crlf", "max_bytes": 5}
    assert offers({"file": file}, "a\nb\nc") == [("text/wrong-newline", "", "")]
    section = {"name": "s", "pattern": r"(?s).*\S "}
    assert offers({"section": [section]}, "a ") == [("text/trailing-whitespace", "", "")]


def test_a_fix_that_makes_the_digest_in_the_name_wrong_is_not_offered() -> None:
    import hashlib

    def fixes(text: str, of: str, named: str) -> list[str]:
        digest = hashlib.sha256(named.encode()).hexdigest()
        file = {"name": "(?P<id>.*)", "hash": {"group": "id", "of": of}, "newline": "lf"}
        analyser = make({"file": file, "section": [LINES]})
        return [
            "" if each.fix is None else str(each.fix.applicability)
            for each in find(analyser, text, f"seeds/{digest}")
        ]

    assert fixes("a\r\n", "bytes", "a\r\n") == [""]
    assert fixes("a\r\n", "text", "a\n") == ["safe"]
    assert fixes("a\r\n", "bytes", "a\n") == ["safe", ""]  # it also makes the digest right
    assert fixes("a\r\n", "bytes", "x") == ["unsafe", ""]


# -- merge conflicts

CONFLICT = "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> topic\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("base", ["", "||||||| base\nold\n"])
def test_a_conflict_is_one_finding(newline: str, base: str) -> None:
    text = ("# title\n\n" + CONFLICT.replace("=======", f"{base}=======")).replace("\n", newline)
    (finding,) = find(builtin("tldr", "any", "any"), text)
    assert (finding.rule, finding.severity) == ("text/conflict-marker", "error")
    assert finding.message == "merge conflict that git left"
    places = [finding.place, *(related.place for related in finding.related)]
    whole = text.encode()
    shown = [whole[p.start.offset : p.end.offset].decode() for p in places if p.start and p.end]
    assert shown == ["<<<<<<< HEAD", "=======", ">>>>>>> topic"]
    assert finding.fix is None


def test_text_about_git_is_no_conflict() -> None:
    text = "Heading\n=======\n\n    <<<<<<< HEAD\n\n>>>>>>> a quote\n"
    assert find(builtin("plain", "any", "any"), text) == []


# -- a whole corpus

SPEC = 'extends = "builtin:{}"\nfiles = ["seeds/*.{}"]\n[file]\n{}\n'


def test_diff_shows_all_that_fix_does(corpus: Any) -> None:
    """One fix makes room for another: newlines first, then the one that lacks at the end."""
    root = corpus(
        {
            "seedkit.toml": "",
            "INDEX.md": "# Seeds\n\n- [b](seeds/b.txt)\n",
            "schemas/note.toml": SPEC.format("plain", "txt", 'newline = "lf"')
            + 'final_newline = "require"\n',
            "seeds/a.txt": "\ufeffone\r\ntwo",
            "seeds/b.txt": "three\n",
        }
    )
    shown = seedkit("check", "--diff", cwd=root)
    assert shown.err == "--fix would fix 4 findings in 2 files\n"
    assert "+one\n+two\n" in shown.out
    assert (root / "seeds/a.txt").read_bytes() == "\ufeffone\r\ntwo".encode()
    before = {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    fixing = seedkit("check", "--fix", cwd=root)
    assert fixing.err == "Fixed 4 findings in 2 files.\n"
    assert (root / "seeds/a.txt").read_bytes() == b"one\ntwo\n"
    changes = [
        FixedFile(str(path.relative_to(root)), data, path.read_bytes(), 1)
        for path, data in before.items()
        if path.read_bytes() != data
    ]
    assert shown.out == "".join(line for change in changes for line in unified_diff(change))
    assert seedkit("check", "--diff", cwd=root).err == "--fix would fix nothing\n"


def test_a_staged_conflict_is_found(corpus: Any) -> None:
    root = corpus(
        {
            "seedkit.toml": "",
            "INDEX.md": "- [a](seeds/a.txt)\n",
            "schemas/note.toml": SPEC.format("tldr", "txt", ""),
            "seeds/a.txt": CONFLICT,
        }
    )
    Repo(root).git("add", ".")
    (root / "seeds/a.txt").write_text("# a\n\n> b\n")
    found = seedkit("check", "--staged", "--format=concise", cwd=root)
    assert found.out.startswith(
        "seeds/a.txt:1:1: error[text/conflict-marker] merge conflict that git left\nFound 1 error "
    )


def test_two_fixes_that_work_apart_but_not_together(corpus: Any) -> None:
    root = corpus(
        {
            "seedkit.toml": 'select = ["text"]\n',
            "schemas/note.toml": SPEC.format("plain", "txt", "max_bytes = 11")
            + 'final_newline = "require"\n',
            "seeds/a.txt": "a\r\nb\nc\r\nd",
        }
    )
    out = seedkit("check", cwd=root).out
    assert out.endswith("Found 2 errors in 1 seed, 2 fixable with --fix.\n")
    after = seedkit("check", "--fix", "--format", "concise", "-q", cwd=root).out
    assert (root / "seeds/a.txt").read_bytes() == b"a\r\nb\r\nc\r\nd"
    assert after == (
        "seeds/a.txt:4:2: error[text/missing-final-newline] no newline at the end of the file\n"
    )


def test_a_copy_that_differs_is_reported_with_what_a_fix_does_not_change(corpus: Any) -> None:
    root = corpus(
        {
            "seedkit.toml": 'select = ["text", "section"]\n',
            "schemas/news.toml": SPEC.format("news", "txt", 'final_newline = "require"'),
            "seeds/a.txt": "body\ntitle\nbody!",
        }
    )
    out = seedkit("check", "--format", "concise", "-q", cwd=root).out
    assert "section/differs" in out and "text/missing-final-newline" in out


@given(st.text("a \n", min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_blanks_and_newlines_at_the_end_go_in_any_order(end: str, random: Any) -> None:
    text = f"a{end}"
    analyser = make({"files": ["*"], "file": {"final_newline": "forbid"}})
    while diagnostics := find(analyser, text):
        text = fixed(text, random.choice(diagnostics))
    assert text == "\n".join(line.rstrip() for line in f"a{end}".rstrip().split("\n"))


def test_a_row_is_corrected_before_it_is_sorted(corpus: Any) -> None:
    """What proves that a seed was renamed may be gone once it is fixed itself."""
    text = "one\r\ntwo\nthree\r\n"
    digest = sha256(text.encode()).hexdigest()
    rows = f"| [b](seeds/b.txt) | |\n| [gone](seeds/gone.txt) | {digest} |\n"
    root = corpus(
        {
            "seedkit.toml": 'index_order = "path"\n',
            "schemas/x.toml": 'files = ["seeds/**"]\n',
            "seeds/a.txt": text,
            "seeds/b.txt": "four\n",
            "INDEX.md": f"| seed | sha256 |\n|---|---|\n{rows}",
        }
    )
    assert seedkit("check", "--fix", cwd=root).code == 0
    fixed = (root / "seeds/a.txt").read_bytes()
    assert fixed == b"one\r\ntwo\r\nthree\r\n"
    assert (root / "INDEX.md").read_text("utf-8").split("\n")[2] == (
        f"| [a](seeds/a.txt) | {sha256(fixed).hexdigest()} |"
    )
