"""What counts as a repeat: the numbers that the user may set, apart from whatever needs numpy."""

from __future__ import annotations

from typing import NamedTuple


class Parameters(NamedTuple):
    """What counts as a repeat; see docs/repeats.md."""

    near_duplicate: float = 0.8
    contained: float = 0.8
    passage_tokens: int = 30
    boilerplate_seeds: int = 50
    characters: bool = False
