"""Finds what is true of every text of a section: its length, its form, its few values.

What kind of content do the texts of one section have: rows, fields, JSON, YAML, lines?
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from seedkit.core.text import is_hidden, plural, shorten
from seedkit.infer.draft import Values, tolerance
from seedkit.infer.shapes import escape, template_of, template_pattern

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


FORMS: Final = {
    "number": r"\d+",
    "date": r"\d{4}-\d{2}-\d{2}",
    "time": r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?",
    "url": r"https?://\S+",
    "address": r"\S+@\S+\.\S+",
}
_ENOUGH = 10  # texts of a section before its form is no accident
_MANY = 50  # before its length is known well
_MOST_VALUES = 8
_LONGEST_VALUE = 40
_KEY = re.compile(r"^([^\s:#-][^\s:]*)[ \t]*:(?=\s|$)", re.MULTILINE)


class SectionText(NamedTuple):
    """A text that a section holds, and the number of the file it is in."""

    file: int
    value: str


class Frame(NamedTuple):
    """What is around a section: of how many files its texts are, and how these are cut."""

    files: int
    trimmed: bool  # blank lines at either end of a section are layout
    by_line: bool  # sections are lines
    alone: bool  # the section is all that a record has


class SectionFacts(NamedTuple):
    """The settings of a section that its texts bear out, and why each."""

    settings: Values
    notes: Mapping[str, str]


_NOTHING = SectionFacts({}, {})


def section_facts(held: Sequence[SectionText], section: Values, frame: Frame) -> SectionFacts:
    """Return what is true of all the texts of a section, or of all but a few of the files'."""
    spoken = [each for each in held if each.value.strip()]
    texts = _Texts(spoken, section, frame, len(held) - len(spoken))
    if not texts.held or section.get("same_as"):
        return _NOTHING
    content, form = texts.content(), texts.form()
    length = _NOTHING if form is not None and form.settled else texts.length()
    found = [content, *([form.facts] if form is not None else []), length]
    return SectionFacts(
        {key: value for each in found for key, value in each.settings.items()},
        {key: note for each in found for key, note in each.notes.items()},
    )


class _Form(NamedTuple):
    """A pattern or a list of values; `settled` if that says all there is to say of the length."""

    facts: SectionFacts
    settled: bool


class _Texts:
    """The texts of one section that are not blank."""

    def __init__(
        self, held: Sequence[SectionText], section: Values, frame: Frame, blank: int
    ) -> None:
        self.held = held
        self.values = [each.value for each in held]
        self.section = section
        self.frame = frame
        self.blank = blank

    def _all_but_few(self, fits: Callable[[str], object]) -> bool:
        """Tell whether a rule holds in nearly all files (of few files: for nearly all texts)."""
        against = [each for each in self.held if not fits(each.value)]
        if self.frame.files >= _ENOUGH:
            return len({each.file for each in against}) <= tolerance(self.frame.files)
        return len(against) <= tolerance(len(self.held))

    def _of(self, count: int) -> str:
        """How many of the texts, in words."""
        total = len(self.held)
        if total == 1:
            return "the one seen"
        which = f"all {total:,}" if count == total else f"{count:,} of {total:,}"
        return f"{which} that are not empty" if self.blank else which

    def _fitting(self, fits: Callable[[str], object]) -> str:
        """How many of the texts a rule holds for, in words."""
        return self._of(sum(map(bool, map(fits, self.values))))

    # -- what they hold

    def content(self) -> SectionFacts:
        """Return the keys that all have, or that all are one line."""
        content = self.section.get("content", "text")
        if content in _KEYS and len(self.held) > 1:
            return self._common_keys(_KEYS[content])
        one_line = content == "text" and not self.frame.by_line and len(self.held) >= _ENOUGH
        if one_line and self._all_but_few(_is_one_line):
            note = f"{self._fitting(_is_one_line)} are one line"
            return SectionFacts({"content": "line"}, {"content": note})
        return _NOTHING

    def _common_keys(self, keys_of: Callable[[str], Iterable[str]]) -> SectionFacts:
        found = [list(dict.fromkeys(keys_of(value))) for value in self.values]
        spread = Counter(key for keys in found for key in keys)
        allowed = tolerance(len(found))
        common = [key for key in spread if len(found) - spread[key] <= allowed]
        if not common:
            return _NOTHING
        having = sum(set(common) <= set(keys) for keys in found)
        note = f"in {self._of(having)}"
        return SectionFacts({"required_keys": common}, {"required_keys": note})

    # -- what they look like

    def form(self) -> _Form | None:
        """Return the values or the pattern that all have, if there is more to it than text."""
        if self.section.get("content", "text") not in ("text", "line"):
            return None
        few = self._few_values()
        if few:
            note = self._fitting(set(few).__contains__)
            return _Form(SectionFacts({"enum": few}, {"enum": note}), True)
        for name, form in FORMS.items():
            fits = re.compile(rf"\s*{form}\s*", re.ASCII).fullmatch
            if self._all_but_few(fits):
                space = any(value != value.strip() for value in self.values)
                pattern = rf"\s*{form}\s*" if space else form
                return _Form(_pattern(pattern, f"a {name}: {self._fitting(fits)}"), True)
        if len(self.held) < _ENOUGH:
            return None
        return self._template() or self._ends()

    def _few_values(self) -> list[str]:
        """The values that all the texts are, but for a few; none if there are many."""
        counts = Counter(self.values)
        least = max(3, len(self.held) // 100)
        usual = {value for value, count in counts.items() if count >= least}
        if not 0 < len(usual) <= _MOST_VALUES or not self._all_but_few(usual.__contains__):
            return []
        if any(len(value) > _LONGEST_VALUE or not value.isprintable() for value in usual):
            return []
        return sorted(usual)

    def _template(self) -> _Form | None:
        """Texts that differ in their numbers only."""
        if any("\n" in value or len(value) > _LONGEST_VALUE for value in self.values):
            return None
        template, _ = Counter(map(template_of, self.values)).most_common(1)[0]
        if template is None or not self._all_but_few(lambda value: template_of(value) == template):
            return None
        fitting = [value for value in self.values if template_of(value) == template]
        pattern = re.sub(r"\(\?P<\w+>(.*?)\)", r"\1", template_pattern(template, fitting))
        note = f"{self._of(len(fitting))}, as `{shorten(fitting[0])}`"
        return _Form(_pattern(pattern, note), True)

    def _ends(self) -> _Form | None:
        """How texts begin and end: with white space never, with the same mark always."""
        bare = [value.strip() for value in self.values]
        first = _same_mark([text[0] for text in bare])
        last = _same_mark([text[-1] for text in bare])
        if self.section.get("match") == "lines":
            first = ""  # the label of each line, which is part of the text
        several = any("\n" in text for text in bare)
        if not self._all_but_few(lambda value: value == value.strip()):
            return None
        if not (first or last or (several and not self.frame.trimmed)):
            return None
        lines = "(?s)" if several else ""
        start, end = escape(first) or r"\S", escape(last) or r"\S"
        pattern = f"{lines}{start}.*{end}" if first or last else rf"{lines}\S(?:.*\S)?"
        said = [f"begin with `{first}`" if first else "", f"end with `{last}`" if last else ""]
        what = " and ".join(filter(None, said)) or "neither begin nor end with white space"
        note = f"{self._fitting(lambda value: value == value.strip())} {what}"
        return _Form(_pattern(pattern, note), False)

    # -- how long they are

    def length(self) -> SectionFacts:
        """Return bounds for the number of characters, with slack: the wider the fewer texts."""
        if len(self.held) == 1 and self.frame.alone:
            return _NOTHING
        lengths = [len(value) for value in self.values]
        slack = 2 if len(self.held) >= _MANY else 4 if len(self.held) >= _ENOUGH else 10
        low, high = min(lengths), max(lengths)
        settings: Values = {}
        notes = {}
        if low // slack >= 2:
            settings["min_chars"] = _round(low // slack, up=False)
            notes["min_chars"] = f"the shortest of {len(self.held):,} has {low:,}"
        settings["max_chars"] = _round(high * slack, up=True)
        longest = f"the longest of {len(self.held):,}" if len(self.held) > 1 else self._of(1)
        notes["max_chars"] = f"{longest} has {plural(high, 'character')}"
        return SectionFacts(settings, notes)


def _is_one_line(value: str) -> bool:
    return "\n" not in value


def _pattern(pattern: str, note: str) -> SectionFacts:
    return SectionFacts({"pattern": pattern}, {"pattern": note})


def _json_keys(value: str) -> Iterable[str]:
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return ()
    return data if isinstance(data, Mapping) else ()


_KEYS: Final[Mapping[str, Callable[[str], Iterable[str]]]] = {
    "fields": _KEY.findall,
    "yaml": _KEY.findall,
    "json": _json_keys,
}


def _same_mark(characters: Sequence[str]) -> str:
    """The mark that all of the characters are, none if it is a letter or ends sentences."""
    mark = characters[0]
    if mark.isalnum() or mark in ".!?\"'" or is_hidden(mark):
        return ""
    return "" if any(each != mark for each in characters) else mark


def _round(number: int, *, up: bool) -> int:
    """The number as 1, 2 or 5 and zeros: nobody takes such a bound for more than it is."""
    scale: int = 10 ** (len(str(number)) - 1)
    steps = [step * scale for step in (1, 2, 5, 10)]
    if up:
        return next(step for step in steps if step >= number)
    return max(step for step in steps if step <= number)
