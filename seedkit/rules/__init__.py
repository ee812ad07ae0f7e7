"""The table of rules: every rule's name, and the class that is its manual.

Names are listed here as text so that whoever needs only a name or a family imports no rule.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from seedkit.text import shorten

if TYPE_CHECKING:
    from seedkit.rules.base import Rule

_FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "text": (
        "InvalidUtf8", "InvalidEncoding", "Unreadable", "TooLarge", "Empty", "ConflictMarker",
        "Bom", "ControlCharacter", "BidiControl", "InvisibleCharacter", "LineSeparator",
        "ReplacementCharacter",
        "MixedNewlines", "StrayCarriageReturn", "WrongNewline", "MissingFinalNewline",
        "UnwantedFinalNewline", "NotNfc", "TrailingWhitespace",
    ),
    "name": (
        "Pattern", "WrongDigest", "UnsafeName", "NotAFile", "CaseCollision", "NotUnique",
        "NotSequential",
    ),
    "format": (
        "NoFormat", "MissingSection", "ExtraSection", "DuplicateSection", "SectionOrder",
        "UnknownSection", "UnclosedSection", "StrayText", "NearDelimiter", "NoRecords",
        "EmptyRecord", "UnterminatedRecord", "TrailingSeparator", "TooFewRecords",
        "TooManyRecords", "DuplicateId", "OutOfOrder", "MissingAlternative", "ConflictingSections",
        "MissingCompanion",
    ),
    "section": (
        "Empty", "TooShort", "TooLong", "PatternMismatch", "NotAllowed", "Multiline",
        "WrongScript", "Malformed", "MissingKey", "DuplicateKey", "WrongColumns", "Differs",
        "NotUnique",
    ),
    "index": (
        "MissingIndex", "UnreadableIndex", "MergeConflict", "IndexBom", "IncludeCycle",
        "UnlinkedIndex", "UnlistedSeed", "NotALink", "NotARow", "DanglingEntry",
        "NotCheckedOut", "RenamedSeed", "ListedTwice", "WrongSpelling", "WrongLabel", "WrongValue",
        "PathEscapes", "OutOfOrder",
    ),
    "repeat": (
        "DuplicateSeed", "SameText", "NearDuplicate", "ContainedSeed", "RepeatedPassage",
        "RepeatedSection", "Boilerplate",
    ),
    "config": (
        "InvalidToml", "UnreadableFile", "UnknownKey", "InvalidValue", "BadPattern",
        "InconsistentFormat", "UnknownFormat", "UnknownRule", "MissingFolder", "NoSeeds",
        "NoFormats", "UnusedFormat", "UnusedAllowance", "StaleBaseline",
    ),
}  # fmt: skip


def _kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


RULES: Final[dict[str, tuple[str, str]]] = {
    f"{family}/{_kebab(name)}": (family, name)
    for family, names in _FAMILIES.items()
    for name in names
}
FAMILIES: Final = tuple(_FAMILIES)


@cache
def rule(name: str) -> type[Rule]:
    """Return the class of a rule; raises `KeyError` for a name that is none."""
    family, class_name = RULES[name]
    found: type[Rule] = getattr(import_module(f"seedkit.rules.{family}"), class_name)
    return found


def known_selector(selector: str) -> bool:
    """Tell whether the text names a rule or a family."""
    return selector in RULES or selector in FAMILIES


def similar_selector(given: str) -> str | None:
    """Return what may have been meant: `bom` and `text/bomb` are both near to `text/bom`."""
    import difflib

    names = {name.partition("/")[2]: name for name in RULES}
    names |= {name: name for name in (*RULES, *FAMILIES)}
    near = difflib.get_close_matches(given, names, n=1)
    return names[near[0]] if near else None


def no_selector(given: str) -> str:
    """Return what to say of a text that names neither a rule nor a family."""
    similar = similar_selector(given)
    hint = f"`{similar}` is similar" if similar else "`seedkit rule` lists them"
    return f"there is no rule or family `{shorten(given)}`; {hint}"


def selects(selector: str, name: str) -> bool:
    """Tell whether a selector, a rule or a family, covers the rule `name`."""
    return selector == name or name.startswith(f"{selector}/")
