"""Recognises the start of an HTML block, of the seven types that CommonMark has.

https://spec.commonmark.org/0.31.2/#html-blocks
"""

from __future__ import annotations

import re

_ATTRIBUTE = (
    r"(?:[ \t]++[A-Za-z_:][\w.:-]*+(?:[ \t]*+=[ \t]*+"
    r"(?:\"[^\"]*+\"|'[^']*+'|[^ \t\"'=<>`]++))?+)"
)
_NAMES = (
    "address article aside base basefont blockquote body caption center col colgroup dd details "
    "dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 "
    "head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option "
    "p param search section summary table tbody td tfoot th thead title tr track ul"
)
_START = re.compile(
    r"<(?:(?P<text>pre|script|style|textarea)(?=[ \t>]|\Z)"
    r"|(?P<comment>!--)|(?P<instruction>\?)|(?P<cdata>!\[CDATA\[)|(?P<declaration>![A-Za-z])"
    rf"|(?P<block>/?(?:{'|'.join(_NAMES.split())})(?=[ \t]|/?>|\Z)))",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"<(?:[A-Za-z][A-Za-z0-9-]*+{_ATTRIBUTE}*+[ \t]*+/?+|/[A-Za-z][A-Za-z0-9-]*+[ \t]*+)>"
    r"[ \t]*+\Z",
    re.ASCII,
)
_CLOSINGS = {
    "text": ("</pre>", "</script>", "</style>", "</textarea>"),
    "comment": ("-->",),
    "instruction": ("?>",),
    "cdata": ("]]>",),
    "declaration": (">",),
}


def html_block(text: str, at: int, end: int, *, interrupts: bool) -> tuple[str, ...] | None:
    """Return what ends the block that starts at `at`, in lower case: a line that has one of these.

    Empty if a blank line does, None if no block starts there. `interrupts`: it would interrupt a
    paragraph, which a single tag of any name does not.
    """
    start = _START.match(text, at, end)
    if start is not None:
        return _CLOSINGS.get(start.lastgroup or "", ())
    return () if not interrupts and _ALONE.match(text, at, end) else None
