"""Makes a format of labels: their order, which are required, repeated, or exclude others.

The labels are tried as a format that allows everything; what the texts then do is what the format
that is proposed says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from seedkit.core.document import Kind, Piece
from seedkit.formats.parser import parse
from seedkit.infer.draft import Values, layout_of, tolerance

_CHOOSING = 10  # records that show which sections exclude each other …
_CHOSEN = 3  # … and how many of them have one of these

Item = tuple[int | None, str]  # which section (None: text that no label claims), and its text


class RecordItems(NamedTuple):
    """One record, in which text it is, and what it holds in order."""

    text: int
    items: list[Item]


def tightened(
    record: Values | None, labels: Sequence[Values], pattern: str | None, texts: Sequence[str]
) -> list[Values]:
    """Return formats that these labels suggest, the strictest first; none if they fit nowhere."""
    labels = [dict(each) for each in labels]
    units = _units(record, labels, texts)
    if units is None:
        return []
    if any(each.get("match") == "prefix" for each in labels):
        for index in _runs(labels, units, len(texts)):
            labels[index]["match"] = "lines"
        units = _units(record, labels, texts)
        assert units is not None  # the labels are the same
    return _Tightener(record, labels, pattern, units, len(texts)).formats()


def _units(
    record: Values | None, labels: Sequence[Values], texts: Sequence[str]
) -> list[RecordItems] | None:
    """The records of the texts, cut by a format that allows everything."""
    open_end = {"required": False, "repeat": True, "empty": "allow"}
    values: Values = {
        "sections": {"order": "any", "unknown": "allow"},
        "section": [{**each, "name": f"s{i}", **open_end} for i, each in enumerate(labels)],
    }
    if record is not None:
        values["record"] = {k: v for k, v in record.items() if k not in ("trailing", "unique")}
    layout = layout_of(values)
    if layout is None:
        return None
    units: list[RecordItems] = []
    for number, text in enumerate(texts):
        document = parse(text, layout)
        strays = [
            p for p in document.pieces if p.kind is Kind.STRAY and text[p.start : p.end].strip()
        ]
        for found in document.records:
            items: list[tuple[int, int | None, str]] = [
                (s.start, s.number, text[s.start : s.end]) for s in found.sections
            ]
            first = bisect_left(strays, found.start, key=_start)
            last = bisect_left(strays, max(found.end, found.start + 1), key=_start)
            items += [(p.start, None, text[p.start : p.end]) for p in strays[first:last]]
            items.sort(key=lambda item: item[0])
            units.append(RecordItems(number, [(index, value) for _, index, value in items]))
    return units


def _start(piece: Piece) -> int:
    return piece.start


def _runs(labels: Sequence[Values], units: Sequence[RecordItems], texts: int) -> list[int]:
    """Which labels begin every line of one run of lines, in each record."""
    found: list[int] = []
    for index, label in enumerate(labels):
        if label.get("match") != "prefix":
            continue
        longest, against = 0, set[int]()
        for unit in units:
            at = [i for i, item in enumerate(unit.items) if item[0] == index]
            if not at:
                continue
            longest = max(longest, len(at))
            apart = at[-1] - at[0] + 1 != len(at)
            if apart or any("\n" in unit.items[i][1].strip("\n") for i in at[:-1]):
                against.add(unit.text)
        if longest > 1 and len(against) <= tolerance(texts):
            found.append(index)
    return found


class _Tightener:
    def __init__(
        self,
        record: Values | None,
        labels: list[Values],
        pattern: str | None,
        units: list[RecordItems],
        texts: int,
    ) -> None:
        self.record = record
        self.pattern = pattern
        self.units = units
        # A rule may have exceptions in so many texts; of few texts, in so many records.
        self.by_text = texts >= 10 or record is None
        self.allowed = tolerance(texts if self.by_text else len(units))
        self.labels = labels
        self.sections: list[Values] = []

    def formats(self) -> list[Values]:
        """The formats from the strictest to the one that allows any order."""
        if not self.units:
            return []
        self._place_texts()
        numbers = self._order()
        values = {old: new for new, old in enumerate(numbers)}
        self.labels = [self.labels[old] for old in numbers]
        self.units = [
            RecordItems(
                unit.text, [(values[i], v) for i, v in unit.items if i is not None and i in values]
            )
            for unit in self.units
        ]
        self.sections = [self._section(index) for index in range(len(self.labels))]
        base: Values = {}
        if self.record is not None:
            base["record"] = self.record
        settings: Values = {}
        if any(self._padded(value) for unit in self.units for _, value in unit.items):
            settings["trim"] = True
        if self.stray:
            settings["unknown"] = "allow"
        elif self.pattern is not None and self._closed():
            settings["label"] = self.pattern
        rules = self._choices()
        if not rules and not self._is_regular():
            return []
        if len(self.sections) == 1 and self.sections[0].get("repeat"):
            return []  # these are records
        found: list[Values] = []
        for order in ("strict", "first", "any"):
            sections = {**settings, "order": order} if order != "strict" else dict(settings)
            values_now = {**base, **({"sections": sections} if sections else {})}
            values_now["section"] = [dict(each) for each in self.sections]
            if rules:
                values_now["rule"] = rules
            found.append(values_now)
        return found

    def _is_regular(self) -> bool:
        """Tell whether records must have anything: a label, or text that comes after one."""
        required = [section for section in self.sections if section.get("required", True)]
        labelled = [section for section in required if "delimiter" in section]
        return bool(labelled or (required and not self.stray and self.sections[0] not in required))

    def _holds(self, against: Sequence[RecordItems]) -> bool:
        """Tell whether so few go against a rule that it is one with exceptions."""
        count = len({unit.text for unit in against}) if self.by_text else len(against)
        return count <= self.allowed

    def _place_texts(self) -> None:
        """Give text that no label matches a section, where it always stands at the same place."""
        self.stray = False
        places: Counter[int] = Counter()  # after which label it stands; -1: at the start
        both = 0  # records with text at the start and after the first label
        for unit in self.units:
            here = {before for before, follower in _steps(unit) if follower is None}
            places.update(here)
            both += -1 in here and len(here) > 1
        numbers: dict[int, int] = {}
        for before, count in sorted(places.items()):
            if count <= self.allowed:
                continue
            label = self.labels[before] if before >= 0 else {}
            ends = "close" in label or label.get("match") == "lines" or before < 0
            if ends and label.get("match") != "inline":
                if before >= 0 and -1 in numbers and both <= self.allowed:
                    numbers[before] = numbers[-1]  # the label before it is optional
                else:
                    numbers[before] = len(self.labels)
                    self.labels.append({})
            else:
                self.stray = True
        self.units = [_placed(unit, numbers) for unit in self.units]

    def _order(self) -> list[int]:
        """The labels that occur, by where they first stand in records on average."""
        places: dict[int, list[float]] = {}
        for unit in self.units:
            seen: dict[int, int] = {}
            for at, (index, _) in enumerate(unit.items):
                if index is not None:
                    seen.setdefault(index, at)
            ranked = sorted(seen, key=lambda index: seen[index])
            for rank, index in enumerate(ranked):
                places.setdefault(index, []).append(rank)
        return self._sorted_by_precedence(places)

    def _sorted_by_precedence(self, places: Mapping[int, list[float]]) -> list[int]:
        """A label comes before those that it mostly precedes where both are."""
        before: Counter[tuple[int, int]] = Counter()
        for unit in self.units:
            first: dict[int, int] = {}
            for at, (index, _) in enumerate(unit.items):
                if index is not None:
                    first.setdefault(index, at)
            for a, b in combinations(first, 2):
                before[a, b] += 1
        left = sorted(places, key=lambda i: (sum(places[i]) / len(places[i]), i))
        done: list[int] = []
        while left:
            best = min(
                left,
                key=lambda i: sum(before[j, i] > before[i, j] for j in left if j != i),
            )
            done.append(best)
            left.remove(best)
        return done

    def _section(self, index: int) -> Values:
        label = self.labels[index]
        section: Values = dict(label)
        counts = [sum(i == index for i, _ in unit.items) for unit in self.units]
        lacking = [u for u, count in zip(self.units, counts, strict=True) if count == 0]
        several = [u for u, count in zip(self.units, counts, strict=True) if count > 1]
        empty = [u for u in self.units if any(i == index and not v.strip() for i, v in u.items)]
        if not self._holds(lacking):
            section["required"] = False
        if not self._holds(several) and section.get("match") != "lines":
            section["repeat"] = True
        if not self._holds(empty):
            section["empty"] = "allow"
        return section

    def _padded(self, value: str) -> bool:
        return value[:1] == "\n" or value[-1:] == "\n"

    def _closed(self) -> bool:
        """Tell whether no new labels are to be expected (Good and Turing: of those seen once)."""
        seen = Counter(
            index
            for unit in self.units
            for index in {i for i, _ in unit.items}
            if index is not None
        )
        return sum(count == 1 for count in seen.values()) * 200 <= len(self.units)

    def _choices(self) -> list[Values]:
        """Optional sections of which exactly one is in every record."""
        if len(self.units) < _CHOOSING:
            return []  # that they exclude each other may be chance
        optional = [i for i, s in enumerate(self.sections) if s.get("required") is False]
        present = {
            i: {n for n, u in enumerate(self.units) if any(j == i for j, _ in u.items)}
            for i in optional
        }
        optional.sort(key=lambda i: (-len(present[i]), i))
        for first in optional:
            chosen, covered = [first], set(present[first])
            for other in optional:
                if (
                    other not in chosen
                    and len(covered & present[other]) == 0
                    and len(present[other]) >= _CHOSEN
                ):
                    chosen.append(other)
                    covered |= present[other]
            missing = [u for n, u in enumerate(self.units) if n not in covered]
            if len(chosen) > 1 and self._holds(missing):
                return [{"exactly_one_of": sorted(chosen)}]
        return []


def _steps(unit: RecordItems) -> Iterator[tuple[int, int | None]]:
    """Each section of a record with the one before, -1 at the start."""
    before = -1
    for index, _ in unit.items:
        yield before, index
        before = before if index is None else index


def _placed(unit: RecordItems, numbers: Mapping[int, int]) -> RecordItems:
    """The record with its unlabelled texts as sections, after whichever label they stand."""
    items: list[Item] = []
    for (before, index), (_, value) in zip(_steps(unit), unit.items, strict=True):
        number = numbers.get(before) if index is None else index
        if number is not None:
            items.append((number, value))
    return RecordItems(unit.text, items)
