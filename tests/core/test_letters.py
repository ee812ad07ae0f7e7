"""Letters: what is compared of words before the words are."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.letters import LETTERS, fold, word_spans

FORMS: list[Callable[[str], str]] = [
    str.casefold,
    str.upper,
    fold,
    *(lambda text, form=form: unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKD")),
    lambda text: " ".join(_words(text)),
    lambda text: "—".join(text),
]
CHARACTERS = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.characters(categories=["Mn", "Mc", "Cf", "Lm", "No"]),
    st.sampled_from("aeiſßİıﬀǰΐΰᾳςΣ\u0301\u0345\u0307'ʼ-_½⑴ｶﾞ\u1100\u1161각ำ"),
)


def _words(text: str) -> list[str]:
    return [fold(text[start:end]) for start, end in word_spans(text)]


@pytest.mark.parametrize("form", FORMS)
@given(text=st.text(CHARACTERS, max_size=20))
def test_texts_of_the_same_words_have_the_same_letters(
    form: Callable[[str], str], text: str
) -> None:
    """Otherwise a repeat would not be found."""
    other = form(text)
    if _words(text) == _words(other):
        assert text.translate(LETTERS) == other.translate(LETTERS)


def test_letters_have_no_case_marks_or_separators() -> None:
    assert "Straße – ÉTÉ, «İ» ½".translate(LETTERS) == "strasseetei12"
