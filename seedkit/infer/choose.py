"""Chooses the format that explains some texts best, by bits; samples the texts to look at.

A sample is evenly chosen, and no larger than can be looked at in time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Final, NamedTuple, TypeVar

from seedkit.core.document import Kind
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_names
from seedkit.formats.parser import parse
from seedkit.infer.cost import Cost, cost_of, judge
from seedkit.infer.draft import Values, layout_of, tolerance
from seedkit.infer.facts import content_of, copies
from seedkit.infer.labels import Tags, label_sets, labels_of
from seedkit.infer.lines import RecurringLines
from seedkit.infer.records import (
    delimiters_between,
    fixed,
    front_matter,
    headers_body,
    record_candidates,
    titled,
)
from seedkit.infer.tighten import tightened

# Built-in formats that any text has, or any lines: found by the extension, or by more than this.
OF_LINES = frozenset(
    ("chat-jsonl", "csv", "instruction-jsonl", "jsonl", "markdown", "prompts", "sharegpt",
     "transcript", "tsv", "yaml")
)  # fmt: skip
# Those that are taken where nearly all texts have them, and are not looked for otherwise.
WHOLE = frozenset(("chatml", "po", "webvtt"))
_WEAK = ("headers-body", "plain", "txtar")  # that a text may have by chance

T = TypeVar("T")
_GOLDEN = (5**0.5 - 1) / 2  # multiples of it spread over the unit interval as evenly as can be


class Sample(NamedTuple):
    """Some texts; of a single long one only the beginning, then the last record is cut short."""

    texts: list[str]
    cut: bool = False


def evenly(things: Sequence[T], most: int) -> list[T]:
    """Return at most so many of the things, in their order, from all parts of it.

    They follow no rhythm: of things that alternate, some of each kind are chosen.
    """
    if len(things) <= most:
        return list(things)
    chosen = set[int]()
    step = 0
    while len(chosen) < most:
        chosen.add(int(step * _GOLDEN % 1 * len(things)))
        step += 1
    return [things[index] for index in sorted(chosen)]


def sample(texts: Sequence[str], most: int, room: int) -> Sample:
    """Return at most so many texts of together not many more than `room` characters."""
    chosen: list[str] = []
    left = room
    for text in evenly(texts, most):
        if len(text) <= left or (chosen and left > 0 and len(text) <= room):
            chosen.append(text)
            left -= len(text)
    if chosen or not texts:
        return Sample(chosen)
    shortest = min(evenly(texts, most), key=len)
    end = shortest.rfind("\n", 0, room) + 1
    return Sample([shortest[: end or room]], cut=True)


_RECORDS = 8  # ways to cut records that are looked into
_TRIED_ON = (16, 40_000)  # texts and characters that every format is tried on
_JUDGED_ON = (200, 300_000)  # and that the best of them are then judged by
_BEST_OF_EACH = 2  # formats of each way to cut records that get there …
_HOPEFUL = 0.4  # … if they save so much of what the best saves
_NEARLY_ALL = 0.95  # share of the texts with which a built-in format is theirs
_DAMAGED = 0.05  # share of the records of a long file that may have findings
_MANY_RECORDS = 20
_TELLING = ("rows", "fields", "json", "yaml", "toml")  # contents that are no accident
_KEPT = 0.9  # share of what the best format saves that is enough for a built-in one
_LOST = 0.01  # share of the texts that it may explain less
_LONG = 1.001  # how much better sections must be than records where they may be these
_MARGIN = 16  # bits that a format must save: less may be chance

PLAIN: Values = {"section": [{"name": "s0"}]}


class Choice(NamedTuple):
    """A format, compiled, with what it costs."""

    values: Values
    layout: Layout
    cost: Cost


class CutTexts:
    """Some texts cut into records, or left whole, and what was noticed about those."""

    def __init__(self, record: Values | None, sample: Sample) -> None:
        self.record = record
        self.texts = sample.texts
        self.tail = ""  # the last record, if it was cut short: it is not judged
        if sample.cut and record is not None:
            whole = _whole_records(sample.texts[-1], record)
            self.tail = sample.texts[-1][len(whole) :]
            self.texts = [*sample.texts[:-1], whole]

    def scaled(self, bits: float) -> float:
        """Return what all of the texts take, if those without the tail take so many bits."""
        if not self.tail:
            return bits
        whole, tail = (_choice(PLAIN, texts).cost.bits for texts in (self.texts, [self.tail]))
        return bits * (whole + tail) / whole

    @cached_property
    def bodies(self) -> Sequence[str]:
        """The texts of the records, newlines at their ends aside."""
        if self.record is None:
            return self.texts
        layout = layout_of({"record": self.record, "section": [{"name": "s0", "empty": "allow"}]})
        if layout is None:  # such as an opening line that the closing one overlaps
            return []
        found = []
        for text in self.texts:
            document = parse(text, layout)
            found += [document.value(section).strip("\n") for section in document.sections()]
        return [body for body in found if body]

    @cached_property
    def lines(self) -> RecurringLines:
        """The lines of the records."""
        return RecurringLines(self.bodies)

    @cached_property
    def tags(self) -> Tags:
        """The tags in the records."""
        return Tags(self.bodies)


def _whole_records(text: str, record: Values) -> str:
    """The text without its last record, which was cut short."""
    layout = layout_of({"record": record, "section": [{"name": "s0", "empty": "allow"}]})
    if layout is None:
        return text
    pieces = parse(text, layout).pieces
    ends = [p for p in pieces if p.kind is Kind.DELIMITER]
    if not ends:
        return text
    after = record["mode"] in ("terminator", "block")
    return text[: ends[-1].end if after else ends[-1].start]


def _whole(cut: CutTexts, detail: object) -> list[Values]:
    return [{"section": [{}]}]


def _by_place(
    find: Callable[[RecurringLines], list[Values]], cut: CutTexts, detail: object
) -> list[Values]:
    return find(cut.lines)


def _fixed(cut: CutTexts, detail: Any) -> list[Values]:
    return fixed(cut.lines, detail)


def _labelled(cut: CutTexts, detail: Any) -> list[Values]:
    labels, pattern = labels_of(cut.lines, detail)
    if not labels or _is_label(cut.record, labels):
        return []
    return tightened(cut.record, labels, pattern, cut.texts)


def _is_label(record: Values | None, labels: Sequence[Values]) -> bool:
    """Tell whether what separates records is written as the labels are, and so is one of them."""
    separator = (record or {}).get("delimiter")
    if record is None or record["mode"] == "start" or not isinstance(separator, str):
        return False
    written = re.sub("[A-Za-z]+", "a", separator)
    others = {re.sub("[A-Za-z]+", "a", str(label["delimiter"])) for label in labels}
    return "a" in written and written in others


def _tagged(cut: CutTexts, detail: Any) -> list[Values]:
    labels = cut.tags.pairs() if detail == "pairs" else cut.tags.openers()
    return tightened(cut.record, labels, None, cut.texts) if labels else []


def _once(cut: CutTexts) -> list[object]:
    return [None]


class Way(NamedTuple):
    """A way to cut a record into sections: its variants, and the formats of each.

    The formats of a variant go from the strictest to the loosest.
    """

    variants: Callable[[CutTexts], Sequence[object]]
    formats: Callable[[CutTexts, Any], list[Values]]


WAYS: Final[Mapping[str, Way]] = {
    "whole": Way(_once, _whole),
    "fixed": Way(lambda cut: delimiters_between(cut.lines), _fixed),
    "front matter": Way(_once, partial(_by_place, front_matter)),
    "headers": Way(_once, partial(_by_place, headers_body)),
    "titled": Way(_once, partial(_by_place, titled)),
    "labels": Way(lambda cut: label_sets(cut.lines), _labelled),
    "tags": Way(lambda cut: ["pairs", "openers"], _tagged),
}


class Recipe(NamedTuple):
    """How to make a format for some texts: the records, the way and its variant."""

    record: Values | None
    way: str
    variant: object


def plain(texts: Sequence[str], *, builtins: bool = True) -> Choice:
    """Return the format of any text, with what the texts cost with it."""
    return _choice(_builtin("plain") if builtins else PLAIN, sample(texts, *_JUDGED_ON).texts)


def builtin(name: str, texts: Sequence[str], **changes: Any) -> Choice:
    """Return a built-in format, changed or not, with what the texts cost with it."""
    return _choice({**_builtin(name), **changes}, sample(texts, *_JUDGED_ON).texts)


def is_plain(choice: Choice) -> bool:
    """Tell whether the format is that of any text: nothing was found."""
    return choice.values in (PLAIN, _builtin("plain"))


def best_format(texts: Sequence[str], *, builtins: bool = True) -> Choice:
    """Return the format with which the texts take the fewest bits. Lines end with LF."""
    return ranked(texts, builtins=builtins)[0]


def ranked(texts: Sequence[str], *, builtins: bool = True) -> list[Choice]:
    """Return the formats that explain the texts best, the best first. There is always one."""
    few, many = sample(texts, *_TRIED_ON), sample(texts, *_JUDGED_ON)
    default = plain(texts, builtins=builtins)
    enough = default.cost.bits - _MARGIN
    made = (_made(recipe, CutTexts(recipe.record, many)) for recipe in _finalists(few, many))
    found = [choice for choice in made if choice is not None and choice.cost.bits < enough]
    found.sort(key=lambda choice: _rank(choice, many))
    if builtins:
        whole = _whole_builtin(few, many)
        if whole is not None and whole.cost.bits < enough:
            return [whole, *found, default]
        names = (name for name in builtin_names() if name not in OF_LINES | WHOLE)
        fit = sorted((_choice(_builtin(name), few.texts).cost.bits, name) for name in names)
        known = [_choice(_builtin(name), many.texts) for _, name in fit[:3]]
        best = found[0].cost if found else default.cost
        saved = default.cost.bits - best.bits
        least = min(enough, default.cost.bits - _KEPT * saved)
        good = [c for c in known if c.cost.bits < least and c.cost.share >= best.share - _LOST]
        good = [choice for choice in good if _delimits(choice.layout, many.texts)]
        found = [*sorted(good, key=lambda choice: choice.cost.bits), *found]
    return [*found, default]


def _whole_builtin(few: Sample, many: Sample) -> Choice | None:
    """The built-in format that nearly all texts have without a finding: what else recurs in them,
    as headings do and keys, is no format."""
    found = []
    for name in builtin_names():
        if name in OF_LINES or name in _WEAK:
            continue
        layout = layout_of(_builtin(name))
        assert layout is not None  # built-in formats are sound
        if not many.cut and all(_share(layout, s.texts) >= _NEARLY_ALL for s in (few, many)):
            found.append(_choice(_builtin(name), many.texts))
    return min(found, key=lambda choice: choice.cost.bits, default=None)


def _share(layout: Layout, texts: Sequence[str]) -> float:
    return sum(explains(layout, text) for text in texts) / max(1, len(texts))


def explains(layout: Layout, text: str) -> bool:
    """Tell whether a text plainly has the format: it has no findings, something is delimited.

    A long text may have a few records with findings.
    """
    judged = judge(text, layout)
    records = judged.document.records
    if not judged.findings:
        return any(piece.kind is Kind.DELIMITER for piece in judged.document.pieces) or any(
            section.content in _TELLING for section in layout.sections
        )
    return len(records) >= _MANY_RECORDS and len(judged.findings) <= _DAMAGED * len(records)


def _rank(choice: Choice, sample: Sample) -> float:
    """The bits; but sections in any order, or in a text that was cut short, may be of records."""
    order = choice.layout.spec.sections.order
    doubtful = "record" not in choice.values and (sample.cut or order != "strict")
    return choice.cost.bits * (_LONG if doubtful else 1)


def _delimits(layout: Layout, texts: Sequence[str]) -> bool:
    """Tell whether half of the texts have a delimiter: headers alone, say, make no message."""
    documents = [parse(text, layout) for text in texts]
    having = sum(any(p.kind is Kind.DELIMITER for p in each.pieces) for each in documents)
    return having * 2 >= len(texts)


def _builtin(name: str) -> Values:
    return {"extends": f"builtin:{name}"}


def _finalists(few: Sample, many: Sample) -> list[Recipe]:
    """The best recipes for each way to cut records, judged by a few texts."""
    without = _choice(PLAIN, few.texts).cost
    ratio = sum(map(len, many.texts)) / max(1, sum(map(len, few.texts)))
    finalists: list[tuple[float, Recipe]] = []
    found: list[Values | None] = [None]
    found += [
        *record_candidates(many.texts, RecurringLines(many.texts)),
        *Tags(many.texts).records(),
    ]
    for record in found[: _RECORDS + 1]:
        cut = CutTexts(record, few)
        if not cut.bodies or (record is not None and len(cut.bodies) < 2):
            continue
        tried: list[tuple[float, Recipe]] = []
        for name, way in WAYS.items():
            for variant in way.variants(cut):
                recipe = Recipe(record, name, variant)
                choice = _made(recipe, cut)
                if choice is not None:
                    tried.append((_saving(without, choice.cost, ratio), recipe))
        tried.sort(key=lambda each: -each[0])
        finalists += tried[:_BEST_OF_EACH]
    best = max((saved for saved, _ in finalists), default=0.0)
    finalists.sort(key=lambda each: -each[0])
    return [recipe for saved, recipe in finalists if saved >= min(_HOPEFUL * best, best)]


def _saving(without: Cost, cost: Cost, ratio: float) -> float:
    """What a format would save on so many times the texts; it is stated only once."""
    data = (without.bits - without.stated) - (cost.bits - cost.stated)
    return data * ratio - (cost.stated - without.stated)


def _made(recipe: Recipe, cut: CutTexts) -> Choice | None:
    """The strictest format of a recipe that explains as much as the others do."""
    if not cut.bodies:
        return None
    best: Choice | None = None
    for values in WAYS[recipe.way].formats(cut, recipe.variant):
        whole = {**values} if recipe.record is None else {"record": recipe.record, **values}
        choice = _with_contents(whole, cut.texts)
        if choice is None:
            continue
        choice = choice._replace(cost=choice.cost._replace(bits=cut.scaled(choice.cost.bits)))
        if best is None or choice.cost.explained > best.cost.explained + tolerance(best.cost.units):
            best = choice
        if best.cost.explained == best.cost.units:
            break
    return best


def _choice(values: Values, texts: Sequence[str]) -> Choice:
    layout = layout_of(values)
    assert layout is not None  # built-in formats are sound
    return Choice(values, layout, cost_of(values, layout, texts))


def _with_contents(values: Values, texts: Sequence[str]) -> Choice | None:
    """The format with what its sections hold, as far as it is plain to see."""
    values = _named(values)
    layout = layout_of(values)
    if layout is None:
        return None
    records = [
        [(section.number, document.value(section)) for section in record.sections]
        for text in texts
        for document in [parse(text, layout)]
        for record in document.records
        if not record.broken
    ]
    sections = []
    for number, section in enumerate(values["section"]):
        held = [value for record in records for index, value in record if index == number]
        sections.append({**content_of(held), **section})
    for copy, original in copies(records).items():
        sections[copy]["same_as"] = sections[original]["name"]
    values = {**values, "section": sections}
    layout = layout_of(values)
    return None if layout is None else Choice(values, layout, cost_of(values, layout, texts))


def _named(values: Values) -> Values:
    """The format with names for its sections, for now."""
    named = {**values, "section": [{**s, "name": f"s{i}"} for i, s in enumerate(values["section"])]}
    if "rule" in values:
        named["rule"] = [
            {key: [f"s{i}" for i in given] for key, given in rule.items()}
            for rule in values["rule"]
        ]
    return named
