"""Transcripts are distinguished from lines of keys and values, and from questions and answers."""

from __future__ import annotations

import pytest

from seedkit.infer.turns import transcript_of

TALK = "Ada: Is it late?\nBo: By an hour.\nAda: Again.\nBo: Note: it rang.\nBo: So.\nAda: Well.\n"
OTHER = TALK.replace("Ada", "Dee").replace("Bo", "Eli")


def test_turns_are_a_transcript() -> None:
    choice = transcript_of([TALK, OTHER])
    assert choice is not None
    assert choice.values == {"extends": "builtin:transcript"}
    blank = transcript_of([TALK.replace("\n", "\n\n"), OTHER])
    assert blank is not None


def test_few_speakers_are_the_only_ones() -> None:
    choice = transcript_of([TALK] * 9)
    assert choice is not None
    assert choice.values["section"] == [{"name": "speaker", "enum": ["Ada", "Bo"]}]


@pytest.mark.parametrize(
    "text",
    [
        "Q: Why?\nA: So.\n" * 5,
        "name: Ada\nage: 7\nnote: x\n\nname: Bo\nage: 8\n\n" * 4,
        "Title: x\nDate: y\nBy: z\nOn: w\n",
        f"{TALK}And then they went home.\n",
        "Ada: Hm.\nBo: Oh.\n",
        "It is late.\n" * 9,
    ],
)
def test_others_are_none(text: str) -> None:
    assert transcript_of([text, text]) is None
