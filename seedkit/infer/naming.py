"""Names for sections: from their labels, from what they hold, from where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

from seedkit.infer.draft import Values
from seedkit.infer.facts import FORMS

_MARKS: Final = {"#": "title", ">": "quote", "-": "item", "*": "item", "`": "code", "$": "command",
                 "+": "added", "@": "at", "%": "note", "---": "meta", "+++": "meta"}  # fmt: skip
_LETTERS: Final = {"q": "question", "a": "answer"}
_STOPS = frozenset(".!?")
_TITLE = 150  # characters of a line that may be a title


def named(values: Values, held: Sequence[Sequence[str]]) -> Values:
    """Return the format with names for its sections; `held` are the texts of each."""
    names = _names(values, held)
    new = dict(zip((section["name"] for section in values["section"]), names, strict=True))
    sections = []
    for section in values["section"]:
        section = {**section, "name": new[section["name"]]}
        if "same_as" in section:
            section["same_as"] = new[section["same_as"]]
        sections.append(section)
    renamed = {**values, "section": sections}
    if "rule" in values:
        renamed["rule"] = [
            {key: [new[name] for name in given] for key, given in rule.items()}
            for rule in values["rule"]
        ]
    return renamed


def _names(values: Values, held: Sequence[Sequence[str]]) -> list[str]:
    sections = values["section"]
    names: list[str] = []
    by_old: dict[str, str] = {}
    pairs = {_label(section) for section in sections} >= {"q", "a"}
    roles = _roles(values, held)
    for index, section in enumerate(sections):
        label = _label(section)
        if "same_as" in section:
            name = f"{by_old[section['same_as']]}_again"
        elif label:
            name = _LETTERS.get(label, label) if pairs else label
        else:
            name = roles[index]
        if name in names:
            name = next(f"{name}_{n}" for n in range(2, 999) if f"{name}_{n}" not in names)
        names.append(name)
        by_old[section["name"]] = name
    return names


def _label(section: Mapping[str, object]) -> str:
    """What the delimiter of a section says, as a name; empty if it says nothing."""
    delimiter = section.get("delimiter")
    if not isinstance(delimiter, str):
        return ""
    words = re.findall(r"[^\W\d_][^\W_]*", delimiter)
    if words:
        name = "_".join(words).lower()
        return name[:64] if name.isidentifier() else ""
    if section.get("match") == "lines" and delimiter.strip() == "#":
        return "comments"
    return _MARKS.get(delimiter.strip(), "")


def _roles(values: Values, held: Sequence[Sequence[str]]) -> list[str]:
    """Names for sections without a label, by what they hold.

    Of several that are told apart by place, a title is a short line, and the body is the longest.
    """
    sections = values["section"]
    sizes = [median(map(len, each)) if each else 0 for each in held]
    roles = [_role(section, len(sections)) for section in sections]
    free = [
        i for i, s in enumerate(sections) if not roles[i] and "same_as" not in s and not _label(s)
    ]
    longest = max(free, key=lambda i: sizes[i], default=-1)
    alone = len(free) == 1 and "delimiter" not in values.get("sections", {})
    heads = {"meta", "headers"}
    title = False
    for index in free:
        one_line = all("\n" not in value for value in held[index])
        short = one_line and sizes[index] <= _TITLE and sizes[index] * 2 <= max(sizes)
        if short and not title and _is_headed(held[index]):
            roles[index], title = "title", True
        elif index == longest:
            roles[index] = "text" if alone and not heads.intersection(roles) else "body"
        else:
            roles[index] = "line" if one_line else "part"
    return roles


def _role(section: Values, count: int) -> str:
    """The name of a section by its content or the form of its texts; empty if these are free."""
    content = section.get("content", "text")
    if content == "fields":
        return "headers"
    if content == "rows":
        return "rows"
    if content in ("yaml", "json", "toml"):
        return "meta" if count > 1 else "data"
    if isinstance(section.get("delimiter"), Mapping):
        return "part"
    if "enum" in section:
        return "kind"
    pattern = section.get("pattern", "")
    if form := _form_name(pattern):
        return form
    if r"\d" in pattern:  # texts that differ in their numbers
        return "time" if ":" in pattern else "id"
    return ""


def _is_headed(texts: Sequence[str]) -> bool:
    """Tell whether the texts may be headings: few of them end as sentences do."""
    return sum(text[-1:] in _STOPS for text in texts) * 4 <= len(texts)


def _form_name(pattern: str) -> str:
    """The name of what has such a pattern, empty if it is no usual form."""
    bare = pattern.removeprefix(r"\s*").removesuffix(r"\s*")
    return next((name for name, form in FORMS.items() if form == bare), "")
