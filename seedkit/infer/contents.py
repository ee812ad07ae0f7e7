"""What kind of content do the texts of one section have: rows, fields, JSON, YAML, lines?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from seedkit.infer.draft import Values, tolerance

_SEPARATORS = ("\t", " ||| ", "|", ";", ",", " ")
_SAMPLE = 200  # texts that are looked at
_SHORTEST_COPY = 2  # characters; shorter texts are equal by chance


def content_of(values: Sequence[str]) -> Values:
    """Return the settings that say what the texts are, none for free text."""
    values = [value for value in values[:_SAMPLE] if value.strip()]
    if not values:
        return {}
    return _rows(values) or _json(values)


def _rows(values: Sequence[str]) -> Values:
    for separator in _SEPARATORS:
        counts = Counter[int]()
        fits = 0
        for value in values:
            found = {line.count(separator) + 1 for line in value.split("\n") if line}
            if len(found) == 1:
                counts.update(found)
        if not counts:
            continue
        columns, fits = counts.most_common(1)[0]
        several = sum(value.count("\n") > 0 for value in values)
        enough = several * 2 > len(values) or separator == "\t"
        least = 2 if separator in ("\t", " ||| ") else 3
        if columns >= least and enough and len(values) - fits <= tolerance(len(values)):
            cells = [
                cell
                for value in values
                for line in value.split("\n")
                if line
                for cell in line.split(separator)
            ]
            rows: Values = {"content": "rows", "columns": columns}
            numbers = sum(cell.lstrip("-").replace(".", "").isdigit() for cell in cells)
            if separator == " " and numbers * 2 < len(cells):
                continue  # prose
            if separator != "\t":
                rows["separator"] = separator
            if "" not in cells:
                rows["empty_cells"] = "forbid"
            return rows
    return {}


def _json(values: Sequence[str]) -> Values:
    if not all(value.lstrip()[:1] in ("{", "[") for value in values):
        return {}
    fits = 0
    for value in values:
        try:
            json.loads(value)
            fits += 1
        except (ValueError, RecursionError):
            continue
    return {"content": "json"} if len(values) - fits <= tolerance(len(values)) else {}


def copies(records: Sequence[Sequence[tuple[int, str]]]) -> dict[int, int]:
    """Return which sections equal an earlier one in all records, but for a few."""
    against = Counter[tuple[int, int]]()
    together = Counter[tuple[int, int]]()
    for record in records:
        first: dict[int, str] = {}
        for number, value in record:
            first.setdefault(number, value)
        for copy, value in first.items():
            for original, other in first.items():
                if original < copy:
                    together[original, copy] += 1
                    against[original, copy] += value != other or len(value) < _SHORTEST_COPY
    found: dict[int, int] = {}
    for original, copy in sorted(together):
        count = together[original, copy]
        if against[original, copy] <= tolerance(count) and original not in found:
            found.setdefault(copy, original)
    return found
