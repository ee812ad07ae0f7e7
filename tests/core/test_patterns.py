"""User patterns: what RE2 lacks is explained, matching is linear, spans are code points."""

from __future__ import annotations

import pickle
import re
import warnings

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seedkit.core.patterns import (
    MAX_PATTERN,
    Pattern,
    PatternError,
    compile_pattern,
    literal_prefix,
)
from support.corpora import more


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"a(?=b)", "look-ahead and look-behind are not supported"),
        (r"a(?!b)", "look-ahead and look-behind are not supported"),
        (r"(?<=a)b", "look-ahead and look-behind are not supported"),
        (r"(?<!a)b", "look-ahead and look-behind are not supported"),
        (r"(a)\1", "backreferences are not supported"),
        (r"(?P<q>['\"]).*(?P=q)", "backreferences are not supported"),
        (r"a++", "possessive quantifiers are not supported"),
        (r"a*+b", "possessive quantifiers are not supported"),
        (r"(?>a+)b", "atomic groups are not supported"),
        (r"a\Z", r"`\Z` is not supported, write `\z`"),
        (r"a(?#note)", "comments in patterns are not supported"),
        (r"(a)?(?(1)b|c)", "conditional groups are not supported"),
        ("a" * (MAX_PATTERN + 1), "it has 10,001 characters, at most 10,000 are allowed"),
    ],
)
def test_what_is_not_supported_is_explained(pattern: str, message: str) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    assert str(caught.value) == message


@pytest.mark.parametrize("pattern", ["(", "a)", "[a", "*", r"\p{Klingon}", "a{2000}", "\\"])
def test_what_is_no_pattern_is_refused_with_a_reason(pattern: str) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    assert str(caught.value)


@given(st.text(max_size=20))
def test_any_text_compiles_or_raises_pattern_error(source: str) -> None:
    try:
        pattern = compile_pattern(source)
    except PatternError as error:
        assert str(error)
    else:
        pattern.fullmatch(source)
        list(pattern.spans(source, 0, len(source)))


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(.*a){12}$", r"(?:a?){50}b"])
def test_no_pattern_is_slow(pattern: str) -> None:
    """With a backtracking engine none of these would ever end."""
    text = "a" * 1_000_000 + "!"
    assert not compile_pattern(pattern).fullmatch(text)
    assert compile_pattern(r"(a+)+").fullmatch(text[:-1])


def test_groups() -> None:
    pattern = compile_pattern(r"(?P<number>\d{3})_(?P<id>[0-9a-f]+)(?P<rest>\..*)?")
    assert pattern.names == {"number", "id", "rest"}
    assert pattern.groups("007_abc.txt") == {"number": "007", "id": "abc", "rest": ".txt"}
    assert pattern.groups("007_abc") == {"number": "007", "id": "abc", "rest": ""}
    assert pattern.groups("x007_abc") is None
    assert compile_pattern("(?P<n>.+)").groups("é日𝒳") == {"n": "é日𝒳"}


def test_undecodable_bytes_match_nothing() -> None:
    assert not compile_pattern(".*").fullmatch("a\udcffb")
    assert not compile_pattern("[^x]*").fullmatch("\udcff")
    assert compile_pattern("b").find("é\udcffb") == (2, 3)


def test_a_pattern_survives_pickling() -> None:
    pattern = compile_pattern("a(?P<n>b)")
    assert pickle.loads(pickle.dumps(pattern)) is pattern


ATOMS = ["a", "b", "é", "日", "𝒳", ".", "[ab]", "[^a]", r"\d", "[é-日]", "\n", "-", r"\."]
patterns = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda each: f"(?:{'|'.join(each)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)
texts = st.lists(st.sampled_from([*"abé日𝒳\n1-.", "\udcff", "\udc80"]), max_size=12).map("".join)


def decodable(text: str) -> bool:
    """Tell whether decoding bytes can have given the text: no escapes that are UTF-8 together."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") == text


@given(patterns, texts, st.data())
@more(5)
def test_spans_are_those_of_python(source: str, text: str, data: st.DataObject) -> None:
    assume(decodable(text))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    ours = list(compile_pattern(source).spans(text, start, end))
    # Undecodable bytes match nothing: for Python, cut the text where they are.
    expected: list[tuple[int, int]] = []
    at = start
    for part in re.split("([\udc80-\udcff])", text[start:end]):
        if not (len(part) == 1 and "\udc80" <= part <= "\udcff"):
            found = (match.span() for match in re.finditer(source, part))
            expected += [(at + a, at + b) for a, b in found if a < b]
        at += len(part)
    assert ours == expected


def test_empty_matches_are_left_out() -> None:
    text = "é𝒳xéx"
    assert list(compile_pattern("x*").spans(text, 0, len(text))) == [(2, 3), (4, 5)]
    assert compile_pattern("x*").find("é") is None


@given(patterns, texts)
@more(5)
def test_fullmatch_is_that_of_python(source: str, text: str) -> None:
    assume(not re.search("[\udc80-\udcff]", text))
    assert compile_pattern(source).fullmatch(text) == bool(re.fullmatch(source, text))


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        (r"--FILE--", "--FILE--"),
        (r"^\.I (?P<id>\d+)$", ".I "),
        (r"\*\*\* .*", "*** "),
        (r"ab?c", "a"),
        (r"ab*c", "a"),
        (r"ab{0}c", "a"),
        (r"ab+c", "ab"),
        (r"a|b", ""),
        (r"a\|b", "a|b"),
        (r"a (?:b|c)", "a "),
        (r"a (?:b)|c", ""),
        (r"a[)]b|c", ""),
        (r"(?i)abc", ""),
        (r"a(?i)bc", "a"),
        (r"(?:a)b", ""),
        (r"^^a", ""),
        (r"\Qa.b\E", ""),
        (r"\n", ""),
        (r"\da", ""),
        (r".", ""),
        ("日本.", "日本"),
        ("", ""),
    ],
)
def test_literal_prefix(pattern: str, prefix: str) -> None:
    assert literal_prefix(pattern) == prefix


LITERALS = ["a", "B", "é", "日", r"\.", r"\[", r"\*", "-", " ", "#"]
with_prefix = st.tuples(
    st.sampled_from(["", "^", "(?i)", "(?:", "a|"]),
    st.lists(st.sampled_from([*LITERALS, *ATOMS]), max_size=4).map("".join),
    st.sampled_from(["", "*", "+", "?", "{0,2}", "{0}", "??", "|x", "(?i)", "$"]),
    patterns,
).map("".join)


@given(with_prefix, st.data())
@more(2)
def test_literal_prefix_is_sound(source: str, data: st.DataObject) -> None:
    try:
        pattern = compile_pattern(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            python = re.compile(source)
    except (PatternError, re.error):
        assume(False)
        return
    text = data.draw(st.from_regex(python, fullmatch=True) | texts)
    if pattern.fullmatch(text):
        assert text.startswith(literal_prefix(source))


_ATOMS = st.sampled_from(
    ["a", "b", ".", r"\w", "[^a]", r"\n", "(?i:A)", "(?P<x>a)", "^", "$", r"\b", r"\z", "é", r"\C"]
)
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("(?:{0[0]}|{0[1]})".format),
        inner.map("(?:{})*".format),
        inner.map("(?:{}){{2,3}}?".format),
    ),
    max_leaves=6,
)


@given(_PATTERNS, st.lists(st.text("abé\nA _\udc80", max_size=5), max_size=6))
def test_fullmatch_is_a_match_with_groups(source: str, texts: list[str]) -> None:
    try:
        pattern = Pattern(source)
    except PatternError:
        return
    for text in texts:
        assert pattern.fullmatch(text) == (pattern.groups(text) is not None)
