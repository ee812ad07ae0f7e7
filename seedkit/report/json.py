"""`--format json`: the wire model, indented by two, one newline at the end.

Written a diagnostic at a time: a million findings need no more memory than one, and a model of all
of them would spend most of its time in the garbage collector.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel

from seedkit.report import CheckReport, Style
from seedkit.report.wire import check_head, diagnostic

# JSON escapes C0 by itself. These it may carry as they are, but a terminal would obey them.
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_TAIL = "]\n}"


def render(report: CheckReport, style: Style) -> Iterator[str]:
    """Return one JSON object. `style` makes no difference to machines."""
    head = dump(check_head(report)).removesuffix(_TAIL)
    between = "\n    "
    for found in report.diagnostics:
        # A newline is never inside a string, there it is `\n`: so this only indents.
        yield head + between + dump(diagnostic(found)).replace("\n", "\n    ")
        head, between = "", ",\n    "
    yield head + ("\n  " if report.diagnostics else "") + _TAIL + "\n"


def dump(model: BaseModel, *, exclude: set[str] | None = None, indent: int | None = 2) -> str:
    """Return the model as JSON that is safe to show on a terminal; without indent, one line."""
    # Unset is absent: a whole-file place has no `start`. What may be null is always set.
    text = model.model_dump_json(indent=indent, exclude_unset=True, exclude=exclude)
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
