"""Edits rows that there are: links one to another path, or removes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from seedkit.manifest.listing import Listing
from seedkit.manifest.model import Change, IndexFile, Link, Table
from seedkit.manifest.rows import renamed_text
from seedkit.manifest.target import encode_target, relative, shown
from seedkit.manifest.values import Columns, Wrong

_AFTER_PATH = re.compile(r"\?|(?<!&)#")  # `&#` is a character reference


class RowEdits:
    """Makes edits of rows; what it finds out of a table, it keeps.

    `groups` are the names of all groups of all formats, if they are known.
    """

    def __init__(self, groups: Collection[str] | None) -> None:
        self._groups = groups
        self._columns: dict[int, Columns] = {}
        self._served: dict[str, Counter[int]] = {}

    def columns(self, listing: Listing) -> Columns | None:
        """Return the columns of a table, None for a list."""
        block = listing.block
        if not isinstance(block, Table):
            return None
        if id(block) not in self._columns:
            self._columns[id(block)] = Columns(listing.file.manifest, block, self._groups)
        return self._columns[id(block)]

    def retarget(
        self,
        listing: Listing,
        link: Link,
        path: str,
        wrong: Sequence[Wrong] = (),
        *,
        old: str | None = None,
    ) -> Change:
        """Link to another path, its query and fragment kept, and correct the cells that go with it.

        A text that was the name of the `old` file follows. Where the path is that of a reference
        definition, other links that it serves follow, too: see `is_shared`.
        """
        file = listing.file
        start, end = link.start, link.end
        if link.definition is not None:
            start, end, _ = link.definition
        raw = file.manifest.text[start:end]
        target = encode_target(relative(file.base, path)) + raw[_path_end(raw) :]
        edits = [(start, end, target)]
        edits += (each.edit for each in wrong if not is_label(each, link))
        text_is_free = all(at != link.text_start for at, _, _ in edits) and not link.is_its_label
        if old is not None and text_is_free:
            like = file.manifest.text[link.text_start : link.text_end]
            said = file.manifest.link_text(listing.block, link)
            text = renamed_text(like, said, old, path)
            edits += [(link.text_start, link.text_end, text)] if text != like else []
        return Change(f"link to {shown(path)}", file.path, tuple(sorted(edits)))

    def is_shared(self, file: IndexFile, link: Link) -> bool:
        """Tell whether the path of a link is that of a definition which serves other links, too."""
        if link.definition is None:
            return False
        if file.path not in self._served:
            links = file.manifest.links()
            self._served[file.path] = Counter(
                link.definition.start for link in links if link.definition is not None
            )
        return self._served[file.path][link.definition.start] > 1

    def removal(self, listing: Listing, link: Link) -> Change | None:
        """Remove a row; None where other items would lose theirs."""
        block = listing.block
        if not isinstance(block, Table) and link.line in block.nests:
            return None
        start, end = listing.file.manifest.row_span(block, link.line)
        return Change("remove the row", listing.file.path, ((start, end, ""),), safe=False)


def is_label(wrong: Wrong, link: Link) -> bool:
    """Tell whether to correct it would change the label of a reference, and so break the link."""
    return link.is_its_label and wrong.edit[0] == link.text_start


def _path_end(raw: str) -> int:
    """Return where the query or fragment of a target as written starts; its end if it has none."""
    found = _AFTER_PATH.search(raw)
    return found.start() if found else len(raw)
