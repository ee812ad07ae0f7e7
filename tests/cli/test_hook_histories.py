"""What hooks find in random histories is what `check` finds in clean checkouts, and nothing else.

`corpus` finds all that a clean checkout of what is committed or pushed has. `changes` finds of that
what concerns the files that are changed, and, where settings are or branches meet, what is new.
`--since HEAD` finds what is new.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.corpora import more
from support.gitrepo import ALONE
from support.histories import Op, edits, events, ops, told
from support.hook_scenes import Place, Scene, agree, happened


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


places = st.builds(
    Place,
    folder=st.sampled_from(["", "", "a corpus/"]),
    sparse=st.sampled_from([None, None, "", "seeds/", "seeds/d/"]),
    unstaged=st.lists(edits, max_size=3),
    aside=st.booleans(),
    partial=st.booleans(),
    split=st.booleans(),
)


# A rename that INDEX.md does not have yet is known in the branch that it comes from, too.
RENAMED_THERE = (
    ("branch", 0, 0), ("rename", 65, 19), ("commit", 0, 0), ("switch", 0, 0), ("merge", 1, 0),
)  # fmt: skip


@more(0.5)
@given(ops, events, places)
@example([*RENAMED_THERE], ("commit", 1, 0, 0), Place())
def test_hooks_find_what_a_clean_checkout_has(
    tmp_path: Path, cache: Path, ops: list[Op], event: tuple[str, int, int, int], place: Place
) -> None:
    play(Path(tempfile.mkdtemp(dir=tmp_path)), ops, event, place)


def play(folder: Path, ops: Sequence[Op], event: tuple[str, int, int, int], place: Place) -> None:
    """Let a history happen, and then an event."""
    scene = Scene(folder, told(ops), place)
    about = happened(scene, event)
    agree(scene, about, partial(scene.run, about))
