"""`--format json`: the wire model, indented by two, one newline at the end.

Written a diagnostic at a time: a million findings need no more memory than one, and a model of all
of them would spend most of its time in the garbage collector.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from seedkit.report import CheckReport, Style
from seedkit.report.check.wire import check_head, diagnostic
from seedkit.report.machine import safe_json

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
    return safe_json(model.model_dump_json(indent=indent, exclude_unset=True, exclude=exclude))
