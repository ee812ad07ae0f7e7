"""The ids that git gives to bytes."""

from __future__ import annotations

import hashlib
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from seedkit.sources.tracked import blob_ids

blocks = st.lists(st.text("a\r\n", max_size=3).map(str.encode))


@given(blocks, st.sampled_from([("sha1", 40), ("sha256", 64)]))
def test_ids_of_blobs_do_not_depend_on_the_blocks(
    parts: list[bytes], kind: tuple[str, int]
) -> None:
    algorithm, digits = kind
    whole = b"".join(parts)
    assert list(blob_ids(partial(iter, parts), digits)) == [
        hashlib.new(algorithm, b"blob %d\0" % len(data) + data).hexdigest()
        for data in (whole, whole.replace(b"\r\n", b"\n"))
    ]
