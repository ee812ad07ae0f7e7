"""gitignore-style patterns: git's own rules, and faults that are explained."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.patterns import Globs, PatternError, check_glob


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        # no slash: at any depth
        (["*.txt"], "a.txt", True),
        (["*.txt"], "seeds/deep/a.txt", True),
        (["*.txt"], "a.txt.bak", False),
        (["drafts"], "seeds/drafts/a.txt", True),
        (["drafts"], "seeds/drafts.txt", False),
        # a slash before the end: from the root
        (["seeds/*.txt"], "seeds/a.txt", True),
        (["seeds/*.txt"], "seeds/deep/a.txt", False),
        (["seeds/*.txt"], "more/seeds/a.txt", False),
        (["/a.txt"], "a.txt", True),
        (["/a.txt"], "seeds/a.txt", False),
        # a slash at the end: folders only
        (["drafts/"], "drafts/a.txt", True),
        (["drafts/"], "seeds/drafts/a/b.txt", True),
        (["drafts/"], "seeds/drafts", False),
        # **
        (["**/a.txt"], "a.txt", True),
        (["**/a.txt"], "x/y/a.txt", True),
        (["seeds/**"], "seeds/x/y.txt", True),
        (["seeds/**"], "seeds", False),
        (["seeds/**/a.txt"], "seeds/a.txt", True),
        (["seeds/**/a.txt"], "seeds/x/y/a.txt", True),
        (["seeds/**/a.txt"], "seeds/x/ya.txt", False),
        # characters
        (["?.txt"], "a.txt", True),
        (["?.txt"], "日.txt", True),
        (["?.txt"], "ab.txt", False),
        (["[a-c].txt"], "b.txt", True),
        (["[!a-c].txt"], "b.txt", False),
        ([r"\!a.txt"], "!a.txt", True),
        ([r"\#a.txt"], "#a.txt", True),
        (["a.txt "], "a.txt", True),
        (["A.txt"], "a.txt", False),
        (["a+(b).txt"], "a+(b).txt", True),
        # the last match decides
        (["*.txt", "!keep.txt"], "keep.txt", False),
        (["*.txt", "!keep.txt"], "lose.txt", True),
        (["!keep.txt", "*.txt"], "keep.txt", True),
        (["*.txt", "!keep.txt", "keep.txt"], "keep.txt", True),
        ([], "a.txt", False),
        # bytes that are not UTF-8 are one odd character each
        (["*.txt"], "a\udcff.txt", True),
        (["a?.txt"], "a\udcff.txt", True),
        (["a.txt"], "a\udcff.txt", False),
    ],
)
def test_match(patterns: list[str], path: str, expected: bool) -> None:
    assert Globs(patterns).match(path) is expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "it is empty or a comment"),
        ("   ", "it is empty or a comment"),
        ("# seeds", "it is empty or a comment"),
        ("/", "it matches nothing"),
    ],
)
def test_a_pattern_that_can_match_nothing_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(PatternError) as caught:
        check_glob(pattern)
    assert str(caught.value) == message


@given(st.text(alphabet="ab/*?[]!-\\. #{}()+\n^$|é", max_size=12) | st.text(max_size=12))
def test_a_pattern_that_is_accepted_matches_without_fault(pattern: str) -> None:
    try:
        check_glob(pattern)
    except PatternError as error:
        assert str(error)
        return
    globs = Globs([pattern])
    for path in ("a", "a/b.txt", "é/\udcff", pattern.strip("/ ") or "x"):
        assert globs.match(path) in (True, False)


# A part of the language whose meaning is plain: names, `*` and `**`, matched part by part.
parts = st.lists(st.sampled_from(["a", "b", "a*", "*", "**"]), min_size=2, max_size=4)
paths = st.lists(st.sampled_from(["a", "b", "ab", "c"]), min_size=1, max_size=4)


def slow_match(pattern: list[str], path: list[str]) -> bool:
    """Match an anchored pattern against a path or a folder above it, by trying everything."""
    if not pattern:
        return True  # what is left is under the folder that matched
    head, *rest = pattern
    if head == "**":
        if not rest:
            return bool(path)
        return any(slow_match(rest, path[skip:]) for skip in range(len(path)))
    if not path:
        return False
    fits = path[0].startswith(head[:-1]) if head.endswith("*") else path[0] == head
    return fits and slow_match(rest, path[1:])


@given(parts, paths)
def test_match_agrees_with_the_slow_matcher(pattern: list[str], path: list[str]) -> None:
    assert Globs(["/" + "/".join(pattern)]).match("/".join(path)) == slow_match(pattern, path)
