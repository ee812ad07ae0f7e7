"""What the stages of finding repeats are written in, against slow oracles."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seedkit.repeats.arrays import crowded, mix

hashes = st.integers(0, (1 << 64) - 1) | st.sampled_from([0, 1, 1 << 40, 1 << 63, (1 << 64) - 1])


@given(st.lists(hashes, max_size=60), st.data())
def test_what_occurs_twice_is_crowded(values: list[int], data: st.DataObject) -> None:
    values += data.draw(st.lists(st.sampled_from(values), max_size=20)) if values else []
    found = crowded(np.array(values, np.uint64))
    twice = {value for value, count in Counter(values).items() if count > 1}
    assert len(found) == len(values)
    assert twice <= {value for value, flag in zip(values, found.tolist(), strict=True) if flag}


def test_most_that_occurs_once_is_not() -> None:
    for count in (1, 1000, 100_000):
        found = crowded(mix(np.arange(count, dtype=np.uint64)))
        assert np.count_nonzero(found) < 0.4 * count
