"""The table of rules, one record a rule. Its manual page is rules/pages/FAMILY/RULE.md.

A rule is named after the fault: "allow ‹rule›" must read well. Its constant is its name in
capitals. docs/rules.md has the rules in this order.

Selectors: names of rules or families, as options, the configuration and allowances have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from seedkit.core.diagnostic import Diagnostic, Fix, Place, Related, Severity
from seedkit.core.document import Finding, TextFix
from seedkit.core.text import shorten

# What a check is given. Those of one group have one signature, and are listed in one place.
Subject = Literal[
    "file",  # the bytes of a seed, or the reason why it can't be read
    "text",  # a parsed text: `TextCheck` in rules/text.py
    "name",  # the name of a seed: `NameCheck` in rules/name.py
    "record",  # records and the order of their sections: the parser; sections that must be equal
    "section",  # the text of one section: `SectionCheck` in rules/section.py
    "corpus",  # all seeds together, INDEX.md with the seeds
    "settings",  # configuration, formats, baseline and allowances
]


class Rule(NamedTuple):
    """A fault that seedkit finds.

    `fixable`: some findings have a fix. `superseded_by`: rules whose finding, where it overlaps one
    of this rule, is the cause, and the only one reported; a fix of it must remove both. One about
    two places is explained where both ends overlap, whichever it is at.
    """

    name: str
    looks_at: Subject
    severity: Severity = Severity.ERROR
    fixable: bool = False
    superseded_by: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """The first part of the name."""
        return self.name.partition("/")[0]

    def finding(
        self,
        message: str,
        start: int,
        end: int,
        help: str | None = None,
        fix: TextFix | None = None,
        related: tuple[tuple[int, int, str], ...] = (),
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding of this rule in a text, with the fields of `Finding`."""
        return Finding(self.name, message, start, end, help, fix, related, severity)

    def diagnostic(
        self,
        message: str,
        place: Place,
        help: str | None = None,
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
        fingerprint: str = "",
        involved: tuple[str, ...] = (),
    ) -> Diagnostic:
        """Return a diagnostic of this rule, with its severity and the fields of `Diagnostic`."""
        return Diagnostic(
            self.name, self.severity, message, place, help, related, fix, fingerprint, involved
        )


WARNING: Final = Severity.WARNING
INFO: Final = Severity.INFO

FAMILIES: Final[Mapping[str, str]] = {
    "text": "The text as a whole: encoding, newlines, characters that can't be seen.",
    "name": "File names, one by one and compared with each other.",
    "format": "Structure: is the file cut as its format in schemas/ declares?",
    "section": "What each section holds. Records with a fault of structure are passed over.",
    "index": "INDEX.md, compared with the seeds both ways.",
    "repeat": "Text that occurs more than once, within a seed or in several.",
    "config": "The configuration, the formats, and what they allow.",
}


TEXT_INVALID_UTF8 = Rule("text/invalid-utf8", "file")
TEXT_INVALID_ENCODING = Rule("text/invalid-encoding", "file")
TEXT_UNREADABLE = Rule("text/unreadable", "file")
TEXT_TOO_LARGE = Rule("text/too-large", "file")
TEXT_EMPTY = Rule("text/empty", "text")
TEXT_CONFLICT_MARKER = Rule("text/conflict-marker", "text")
TEXT_BOM = Rule("text/bom", "text", fixable=True)
TEXT_CONTROL_CHARACTER = Rule("text/control-character", "text")
TEXT_BIDI_CONTROL = Rule("text/bidi-control", "text", WARNING)
TEXT_INVISIBLE_CHARACTER = Rule("text/invisible-character", "text", WARNING)
TEXT_LINE_SEPARATOR = Rule("text/line-separator", "text", WARNING)
TEXT_REPLACEMENT_CHARACTER = Rule("text/replacement-character", "text", WARNING)
TEXT_MIXED_NEWLINES = Rule("text/mixed-newlines", "text", fixable=True)
TEXT_STRAY_CARRIAGE_RETURN = Rule("text/stray-carriage-return", "text", WARNING, fixable=True)
TEXT_WRONG_NEWLINE = Rule(
    "text/wrong-newline", "text", fixable=True, superseded_by=("text/unwanted-final-newline",)
)
TEXT_MISSING_FINAL_NEWLINE = Rule(
    "text/missing-final-newline",
    "text",
    fixable=True,
    superseded_by=("format/unterminated-record",),
)
TEXT_UNWANTED_FINAL_NEWLINE = Rule("text/unwanted-final-newline", "text", fixable=True)
TEXT_NOT_NFC = Rule("text/not-nfc", "text", fixable=True)
TEXT_TRAILING_WHITESPACE = Rule("text/trailing-whitespace", "text", WARNING, fixable=True)

NAME_PATTERN = Rule("name/pattern", "name")
NAME_WRONG_DIGEST = Rule("name/wrong-digest", "file")
NAME_UNSAFE_NAME = Rule("name/unsafe-name", "name")
NAME_NOT_A_FILE = Rule("name/not-a-file", "file", WARNING)
NAME_CASE_COLLISION = Rule("name/case-collision", "corpus")
NAME_NOT_UNIQUE = Rule("name/not-unique", "corpus")
NAME_NOT_SEQUENTIAL = Rule("name/not-sequential", "corpus")
NAME_NO_COUNTERPART = Rule("name/no-counterpart", "corpus")

FORMAT_NO_FORMAT = Rule("format/no-format", "file")
FORMAT_MISSING_SECTION = Rule("format/missing-section", "record")
FORMAT_EXTRA_SECTION = Rule("format/extra-section", "record")
FORMAT_DUPLICATE_SECTION = Rule(
    "format/duplicate-section", "record", superseded_by=("format/section-order",)
)
FORMAT_SECTION_ORDER = Rule("format/section-order", "record")
FORMAT_UNKNOWN_SECTION = Rule("format/unknown-section", "record")
FORMAT_UNCLOSED_SECTION = Rule(
    "format/unclosed-section",
    "record",
    superseded_by=("format/section-order", "format/near-delimiter"),
)
FORMAT_STRAY_TEXT = Rule("format/stray-text", "record")
FORMAT_STRAY_QUOTE = Rule("format/stray-quote", "record")
FORMAT_NEAR_DELIMITER = Rule("format/near-delimiter", "record", WARNING)
FORMAT_NO_RECORDS = Rule("format/no-records", "record")
FORMAT_EMPTY_RECORD = Rule("format/empty-record", "record")
FORMAT_UNTERMINATED_RECORD = Rule(
    "format/unterminated-record", "record", superseded_by=("format/near-delimiter",)
)
FORMAT_TRAILING_SEPARATOR = Rule(
    "format/trailing-separator", "record", superseded_by=("format/empty-record",)
)
FORMAT_TOO_FEW_RECORDS = Rule("format/too-few-records", "record")
FORMAT_TOO_MANY_RECORDS = Rule("format/too-many-records", "record")
FORMAT_NOT_PARALLEL = Rule("format/not-parallel", "corpus")
FORMAT_DUPLICATE_ID = Rule("format/duplicate-id", "record")
FORMAT_OUT_OF_ORDER = Rule("format/out-of-order", "record")
FORMAT_MISSING_ALTERNATIVE = Rule("format/missing-alternative", "record")
FORMAT_CONFLICTING_SECTIONS = Rule("format/conflicting-sections", "record")
FORMAT_MISSING_COMPANION = Rule("format/missing-companion", "record")

SECTION_EMPTY = Rule("section/empty", "section")
SECTION_TOO_SHORT = Rule("section/too-short", "section", superseded_by=("section/differs",))
SECTION_TOO_LONG = Rule("section/too-long", "section")
SECTION_PATTERN_MISMATCH = Rule(
    "section/pattern-mismatch",
    "section",
    superseded_by=("text/control-character", "section/differs", "section/too-long"),
)
SECTION_NOT_ALLOWED = Rule("section/not-allowed", "section")
SECTION_MULTILINE = Rule(
    "section/multiline", "section", superseded_by=("section/pattern-mismatch",)
)
SECTION_WRONG_SCRIPT = Rule("section/wrong-script", "section")
SECTION_MALFORMED = Rule("section/malformed", "section")
SECTION_MISSING_KEY = Rule("section/missing-key", "section")
SECTION_DUPLICATE_KEY = Rule("section/duplicate-key", "section")
SECTION_UNKNOWN_KEY = Rule("section/unknown-key", "section")
SECTION_WRONG_TYPE = Rule("section/wrong-type", "section")
SECTION_SCHEMA_MISMATCH = Rule("section/schema-mismatch", "section")
SECTION_OUT_OF_RANGE = Rule("section/out-of-range", "section")
SECTION_WRONG_COLUMNS = Rule("section/wrong-columns", "section")
SECTION_DIFFERS = Rule(
    "section/differs",
    "record",
    superseded_by=(
        "text/control-character",
        "text/bidi-control",
        "text/invisible-character",
        "text/line-separator",
        "text/replacement-character",
    ),
)
SECTION_NOT_UNIQUE = Rule("section/not-unique", "corpus")
SECTION_UNKNOWN_REFERENCE = Rule("section/unknown-reference", "corpus")

INDEX_MISSING_INDEX = Rule("index/missing-index", "corpus", fixable=True)
INDEX_UNREADABLE_INDEX = Rule("index/unreadable-index", "corpus")
INDEX_MERGE_CONFLICT = Rule("index/merge-conflict", "corpus")
INDEX_INDEX_BOM = Rule("index/index-bom", "corpus", WARNING, fixable=True)
INDEX_INCLUDE_CYCLE = Rule("index/include-cycle", "corpus", WARNING)
INDEX_UNLINKED_INDEX = Rule("index/unlinked-index", "corpus", WARNING, fixable=True)
INDEX_UNLISTED_SEED = Rule("index/unlisted-seed", "corpus", fixable=True)
INDEX_NOT_A_LINK = Rule("index/not-a-link", "corpus", fixable=True)
INDEX_NOT_A_ROW = Rule("index/not-a-row", "corpus", fixable=True)
INDEX_DANGLING_ENTRY = Rule("index/dangling-entry", "corpus", fixable=True)
INDEX_NOT_CHECKED_OUT = Rule("index/not-checked-out", "corpus", INFO)
INDEX_RENAMED_SEED = Rule("index/renamed-seed", "corpus", fixable=True)
INDEX_LISTED_TWICE = Rule("index/listed-twice", "corpus", fixable=True)
INDEX_WRONG_SPELLING = Rule("index/wrong-spelling", "corpus", fixable=True)
INDEX_WRONG_LABEL = Rule("index/wrong-label", "corpus", WARNING)
INDEX_WRONG_VALUE = Rule("index/wrong-value", "corpus", fixable=True)
INDEX_PATH_ESCAPES = Rule("index/path-escapes", "corpus", fixable=True)
INDEX_OUT_OF_ORDER = Rule("index/out-of-order", "corpus", WARNING, fixable=True)

REPEAT_DUPLICATE_SEED = Rule("repeat/duplicate-seed", "corpus", superseded_by=("repeat/leak",))
REPEAT_SAME_TEXT = Rule("repeat/same-text", "corpus", superseded_by=("repeat/leak",))
REPEAT_NEAR_DUPLICATE = Rule(
    "repeat/near-duplicate", "corpus", WARNING, superseded_by=("repeat/leak",)
)
REPEAT_CONTAINED_SEED = Rule(
    "repeat/contained-seed", "corpus", WARNING, superseded_by=("repeat/leak",)
)
REPEAT_REPEATED_PASSAGE = Rule(
    "repeat/repeated-passage", "corpus", WARNING, superseded_by=("repeat/leak",)
)
REPEAT_REPEATED_SECTION = Rule("repeat/repeated-section", "record")
REPEAT_BOILERPLATE = Rule("repeat/boilerplate", "corpus", INFO)
REPEAT_LEAK = Rule("repeat/leak", "corpus")

CONFIG_INVALID_TOML = Rule("config/invalid-toml", "settings")
CONFIG_UNREADABLE_FILE = Rule("config/unreadable-file", "settings")
CONFIG_UNKNOWN_KEY = Rule("config/unknown-key", "settings")
CONFIG_INVALID_VALUE = Rule("config/invalid-value", "settings")
CONFIG_BAD_PATTERN = Rule("config/bad-pattern", "settings")
CONFIG_INCONSISTENT_FORMAT = Rule("config/inconsistent-format", "settings")
CONFIG_UNKNOWN_FORMAT = Rule("config/unknown-format", "settings")
CONFIG_UNKNOWN_RULE = Rule("config/unknown-rule", "settings")
CONFIG_MISSING_FOLDER = Rule("config/missing-folder", "settings")
CONFIG_NO_SEEDS = Rule("config/no-seeds", "settings")
CONFIG_NO_FORMATS = Rule("config/no-formats", "settings", WARNING)
CONFIG_UNUSED_FORMAT = Rule("config/unused-format", "settings", WARNING)
CONFIG_UNUSED_SPLIT = Rule("config/unused-split", "settings", WARNING)
CONFIG_UNUSED_ALLOWANCE = Rule("config/unused-allowance", "settings", WARNING)
CONFIG_STALE_BASELINE = Rule("config/stale-baseline", "settings", WARNING)

# Every record above, by its name.
RULES: Final[Mapping[str, Rule]] = {
    each.name: each for each in tuple(globals().values()) if isinstance(each, Rule)
}


def known_selector(selector: str) -> bool:
    """Tell whether the text names a rule or a family."""
    return selector in RULES or selector in FAMILIES


def _similar(given: str) -> str | None:
    """What may have been meant: `bom` and `text/bomb` are both near to `text/bom`."""
    import difflib

    names = {name.partition("/")[2]: name for name in RULES}
    names |= {name: name for name in (*RULES, *FAMILIES)}
    near = difflib.get_close_matches(given, names, n=1)
    return names[near[0]] if near else None


def no_selector(given: str) -> str:
    """Return what to say of a text that names neither a rule nor a family."""
    similar = _similar(given)
    hint = f"`{similar}` is similar" if similar else "`seedkit rule` lists them"
    return f"there is no rule or family `{shorten(given)}`; {hint}"


def selects(selector: str, name: str) -> bool:
    """Tell whether a selector, a rule or a family, covers the rule `name`."""
    return selector == name or name.startswith(f"{selector}/")
