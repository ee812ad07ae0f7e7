"""Recognises transcripts: lines of a speaker and what was said, whose speakers take turns.

Lines of keys and values look the same; but keys come in the same order again and again, or once in
each block of lines, and speakers do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from seedkit.infer.choose import Choice, builtin, explains
from seedkit.infer.values import few_values

_TURNS = 4  # lines of a text that show who speaks
_NEARLY_ALL = 0.95  # share of the texts


def transcript_of(texts: Sequence[str]) -> Choice | None:
    """Return the built-in format for transcripts, with the speakers if they are few; None if the
    texts are no such."""
    choice = builtin("transcript", texts)
    explained = [text for text in texts if explains(choice.layout, text)]
    if not explained or len(explained) < _NEARLY_ALL * len(texts):
        return None
    turns = [[_speaker(line) for line in text.split("\n") if line.strip()] for text in explained]
    if any(len(each) < max(_TURNS, 2 * len(set(each))) for each in turns):
        return None
    if _is_regular(turns) or not any(map(_takes_turns, explained)):
        return None
    speakers = few_values(Counter(speaker for each in turns for speaker in each))
    if not speakers:
        return choice
    return builtin("transcript", texts, section=[{"name": "speaker", "enum": speakers}])


def _speaker(line: str) -> str:
    return line.partition(": ")[0]


def _is_regular(turns: Sequence[Sequence[str]]) -> bool:
    """Tell whether after each speaker comes always the same one, in all texts."""
    after: dict[str, set[str]] = {}
    for each in turns:
        for one, other in pairwise(each):
            after.setdefault(one, set()).add(other)
    return all(len(others) == 1 for others in after.values()) and len(after) < 3


def _takes_turns(text: str) -> bool:
    """Tell whether speakers come again within blocks of lines, or blocks are single lines."""
    blocks = [
        [_speaker(line) for line in block.split("\n") if line] for block in text.split("\n\n")
    ]
    several = [block for block in blocks if len(block) > 1]
    again = sum(len(set(block)) < len(block) for block in several)
    return again * 2 >= len(several)
