"""Formats and parsed texts, as tests write and read them."""

from __future__ import annotations

import re
from typing import Any

from seedkit.core.document import Document, Kind, render
from seedkit.formats.layout import Layout
from seedkit.formats.spec import FormatSpec

SHORT = {
    Kind.BOM: "B", Kind.DELIMITER: "D", Kind.SECTION: "S", Kind.SPACE: "_", Kind.STRAY: "!",
    Kind.COMMENT: "#", Kind.FINAL_NEWLINE: "N",
}  # fmt: skip


def layout(**values: Any) -> Layout:
    """Return a format, whose keys are `values`."""
    return Layout("x", FormatSpec.model_validate(values))


def shown(document: Document) -> list[str]:
    """Return the pieces as `kind:text`, sections with their name; newlines as `/`."""
    lines = []
    for piece in document.pieces:
        text = re.sub("\r\n|\r|\n", "/", document.text[piece.start : piece.end])
        name = f"({piece.name})" if piece.kind is Kind.SECTION else ""
        lines.append(f"{SHORT[piece.kind]}{name}:{text}")
    return lines


def tiles(document: Document) -> bool:
    """Tell whether the pieces cover the text without gap or overlap."""
    ends = [0, *(piece.end for piece in document.pieces)]
    starts = [*(piece.start for piece in document.pieces), len(document.text)]
    return ends == starts and render(document) == document.text
