"""The language of `schemas/NAME.toml`. The docstrings here are docs/formats.md's reference.

Vocabulary after DFDL (initiator, terminator, separator), PHPT (required and alternative sections)
and GNU recutils (mandatory, unique, allowed).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from seedkit.core.languages import check_language
from seedkit.core.patterns import PatternError, compile_pattern
from seedkit.formats.field_spec import (
    Count,
    Delimiter,
    FieldSpec,
    Key,
    Mark,
    Model,
    Name,
    Names,
    PatternText,
    Target,
)  # fmt: skip

Encoding = Literal[
    "utf-8", "ascii", "latin-1", "cp1250", "cp1251", "cp1252", "cp1256", "iso-8859-2",
    "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-9", "iso-8859-15", "koi8-r",
    "koi8-u", "shift_jis", "euc-jp", "euc-kr", "gb18030", "big5", "tis-620",
]  # fmt: skip


class HashSpec(Model):
    """The file name carries a digest, or the beginning of one, of the file's content."""

    group: Name
    """The group of `file.name` that holds the digest, in lower-case hexadecimal."""
    algorithm: Literal["sha256", "sha1", "md5", "sha512", "blake2b"] = "sha256"
    """How the digest is computed."""
    of: Literal["bytes", "text"] = "bytes"
    """`bytes` as they are on disk, or the `text` in NFC with LF newlines."""


class FileSpec(Model):
    """The file as a whole: its name, encoding, newlines and size."""

    name: PatternText | None = None
    """RE2 pattern that must match the whole file name. Its named groups can be searched."""
    unique: Names = []
    """Groups of `name` that no two seeds of this format may share."""
    sequential: Name | None = None
    """A group of `name` that counts up by one, without gaps."""
    hash: HashSpec | None = None
    """A digest that the name carries."""
    encoding: Encoding = "utf-8"
    """How bytes become text."""
    undecodable: Literal["forbid", "allow"] = "forbid"
    """Whether there may be bytes that are no text in this encoding, as programs print them."""
    newline: Literal["lf", "crlf", "any"] = "any"
    """How lines end. Lines of one file that end differently are always a finding."""
    final_newline: Literal["require", "forbid", "any"] = "any"
    """Whether the file ends with a newline."""
    normalization: Literal["nfc", "any"] = "any"
    """Unicode normalization form that the text must be in."""
    bom: Literal["forbid", "allow"] = "forbid"
    """Whether a byte order mark may begin the file."""
    controls: PatternText | None = None
    """RE2 pattern of control characters that are text here: `'[\\x07\\x1b]'`; `'.'` for all."""
    trailing_whitespace: Literal["forbid", "allow"] = "forbid"
    """Whether lines may end with blanks, because they mean something or nobody minds."""
    max_bytes: Annotated[int, Field(ge=1, le=1_000_000_000)] = 100_000_000
    """A larger file is a finding and is not parsed."""


class RecordSpec(Model):
    """How the file is cut into records. Without this table the file is one record."""

    mode: Literal["separator", "terminator", "start", "block", "lines", "csv"]
    """A delimiter stands between records, after each, before each, or around each; or each line is
    a record; or each row of a table, whose columns are the sections."""
    delimiter: Delimiter | None = None
    """What delimits; for `block` give `open` and `close` instead. An empty line is `""`. With
    `mode = "csv"` it stands between the cells of a row, and is `","` by default."""
    open: Delimiter | None = None
    """What opens a record, with `mode = "block"`."""
    close: Delimiter | None = None
    """What closes a record, with `mode = "block"`."""
    match: Literal["line", "inline"] = "line"
    """Whether a delimiter is a whole line or may stand anywhere."""
    trailing: Literal["allow", "require", "forbid"] = "allow"
    """Whether a separator may stand after the last record."""
    empty_lines: Literal["one", "each"] = "one"
    """With `delimiter = ""`: whether several empty lines in a row are one delimiter, or each is."""
    empty: Literal["forbid", "skip"] = "forbid"
    """Whether a separator or terminator without any text before it, not even a blank line, is a
    finding, or ends no record; with `mode = "lines"` or `"csv"`, what a blank line is."""
    quote: Annotated[str, Field(max_length=1)] = '"'
    """With `mode = "csv"`, what stands round a cell that holds a delimiter, a line end or a quote,
    which is doubled; `""` if there are no quotes."""
    header: bool = True
    """With `mode = "csv"`, whether the first row names the columns."""
    unit: Literal["seed", "record"] = "seed"
    """What is compared for repeats: whole seeds, or each record with all others, of any seed."""
    min: Count = 0
    """Fewest records a file may have."""
    max: Count | None = None
    """Most records a file may have."""
    unique: Names = []
    """Groups of the delimiter that no two records of one file may share."""
    counts: Names = []
    """Sections, or groups of delimiters, whose number is in each record of a file one more than in
    the record before."""
    ascends: Names = []
    """Sections, or groups of delimiters, that are never less than in the record before. What is
    compared are the numbers in them, one after the other, as in `00:01:02,500`; in times without
    hours these are 0."""
    first: Name | None = None
    """A section that the first record of a file must have, and no other may, as a header."""

    @model_validator(mode="after")
    def _delimiters(self) -> RecordSpec:
        if self.mode == "block":
            if self.open is None or self.close is None or self.delimiter is not None:
                raise ValueError('`mode = "block"` takes `open` and `close`, and no `delimiter`')
        elif self.mode in ("lines", "csv"):
            self._check_rows()
        elif self.delimiter is None or self.open is not None or self.close is not None:
            raise ValueError(f'`mode = "{self.mode}"` takes `delimiter`, and no `open` or `close`')
        if self.match == "inline" and "" in (self.delimiter, self.open, self.close):
            raise ValueError('an empty delimiter needs `match = "line"`')
        if self.max is not None and self.max < self.min:
            raise ValueError("`max` is less than `min`")
        if self.empty == "skip" and self.mode in ("start", "block"):
            raise ValueError(
                '`empty = "skip"` takes `mode = "separator"`, `"terminator"`, `"lines"` or `"csv"`'
            )
        if self.empty_lines == "each" and self.delimiter != "":
            raise ValueError('`empty_lines` takes `delimiter = ""`')
        if self.mode != "csv" and not {"quote", "header"}.isdisjoint(self.model_fields_set):
            raise ValueError('`quote` and `header` take `mode = "csv"`')
        return self

    def _check_rows(self) -> None:
        if self.open is not None or self.close is not None or self.match != "line":
            raise ValueError(f'`mode = "{self.mode}"` takes no `open`, `close` or `match`')
        if self.trailing != "allow":
            raise ValueError(f'`mode = "{self.mode}"` takes no `trailing`')
        if self.mode == "lines" and self.delimiter is not None:
            raise ValueError('`mode = "lines"` takes no `delimiter`: a line ends where it ends')
        if self.mode == "lines":
            return
        delimiter = "," if self.delimiter is None else self.delimiter
        if not isinstance(delimiter, str) or not delimiter or set(delimiter) & set("\r\n"):
            raise ValueError('`mode = "csv"` takes a `delimiter` that is plain text in one line')
        if self.quote and (self.quote in delimiter or self.quote in "\r\n"):
            raise ValueError("`quote` is a character that is not in `delimiter`, and no line end")


class SectionsSpec(Model):
    """How a record is cut into sections."""

    delimiter: Mark | None = None
    """One delimiter between positional sections, `"\\n"` for one a line. Without it, each section
    names its own delimiter."""
    order: Literal["strict", "first", "any"] = "strict"
    """`strict`: sections come as the format lists them; `first`: the first one comes first and the
    others in any order; `any`: in any order."""
    unknown: Literal["error", "allow"] = "error"
    """Whether text or labels that belong to no section are allowed."""
    label: PatternText | None = None
    """What a section's delimiter line looks like in general, so that an unknown one differs from
    content: `'--[A-Z_]+--'`."""
    trim: bool = False
    """Blank lines at either end of a section are layout, not text."""


class SectionSpec(Model):
    """One section: how it is found, and what it must be."""

    name: Name
    """The name, a search field."""
    column: Annotated[str, Field(max_length=1000)] | None = None
    """With `mode = "csv"`, what the header calls it: `"Source URL"`. Without it, the same."""
    delimiter: Delimiter | None = None
    """What the section starts with. Without one it is the text that no other section claims. A list
    is of spellings: the first, and its `aliases`."""
    aliases: Annotated[list[Mark], Field(max_length=16)] = []
    """Other spellings of a `delimiter` that is plain text."""
    match: Literal["line", "line-start", "prefix", "lines", "brackets", "inline"] = "line"
    """The delimiter is a whole line; or begins one, whose rest means nothing; or begins the
    section's first line; or begins each of its lines; or is a bracket that begins a line, up to the
    `close` that balances it, both part of the text, as JSON's braces are (those in `"` are not
    counted); or may stand anywhere."""
    close: Delimiter | None = None
    """What ends the section; without it, the next delimiter does. A list is of spellings."""
    at_start: bool = False
    """Whether no text may stand before the section in its record, as before front matter."""
    blank_before: Literal["forbid", "warn", "allow"] = "forbid"
    """Whether blank lines may, with `at_start = true`."""
    required: bool = True
    """Whether a record must have it."""
    repeat: bool = False
    """Whether it may occur more than once. Neighbouring repeated sections repeat as a group."""
    rest: bool = False
    """Takes all that is left of the record, delimiters included."""
    empty: Literal["forbid", "allow"] = "forbid"
    """Whether it may have no text."""
    content: Literal["text", "line", "fields", "rows", "yaml", "toml", "json"] = "text"
    """What it holds: free text; a single line; `Key: value` lines; rows of columns; or data."""
    field: Annotated[list[FieldSpec], Field(max_length=256)] = []
    """What is said of the values in `fields`, `yaml`, `toml` or `json`."""
    unknown: Literal["error", "allow"] = "error"
    """Whether there may be keys that no `[[section.field]]` names, if there are any of these."""
    schema_: Annotated[str, Field(min_length=1, max_length=1_000_000)] | None = Field(
        default=None, alias="schema"
    )
    """A JSON Schema for `yaml`, `toml` or `json`: a file in `schemas/`, as `chat.schema.json`."""
    type: Literal["integer", "number", "boolean", "date", "datetime", "url"] | None = None
    """What its text is to be read as, mostly that of a column: see `[[section.field]]`."""
    min: int | float | None = None
    """The least number it may be."""
    max: int | float | None = None
    """The greatest number it may be."""
    required_keys: Annotated[list[Key], Field(max_length=256)] = []
    """Keys that `fields`, `yaml`, `toml` or `json` must have."""
    mapping: bool = False
    """Whether `yaml` or `json` must be a mapping of keys to values, no list and no single value."""
    columns: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Columns of each row, with `content = "rows"`."""
    separator: Mark = "\t"
    """What stands between columns."""
    empty_cells: Literal["forbid", "allow"] = "allow"
    """Whether a column of a row may have no text."""
    min_chars: Count | None = None
    """Fewest characters."""
    max_chars: Count | None = None
    """Most characters."""
    min_words: Count | None = None
    """Fewest words, as white space parts them."""
    max_words: Count | None = None
    """Most words, as white space parts them."""
    min_lines: Count | None = None
    """Fewest lines."""
    max_lines: Count | None = None
    """Most lines."""
    pattern: PatternText | None = None
    """RE2 pattern that must match the whole section."""
    enum: Annotated[list[str], Field(min_length=1, max_length=10_000)] | None = None
    """The only texts allowed."""
    script: Name | None = None
    """Unicode script that its letters must be in, as `Latin` or `Devanagari`."""
    same_as: Name | None = None
    """The section it must equal. It is no repeat, and is not indexed again."""
    unique: Literal["file", "corpus"] | None = None
    """No two such sections of a file, or of the corpus, may be equal."""
    references: Target | None = None
    """A section or field that is `unique`: its text must be that of one of these, in the file or in
    the corpus. `FORMAT:NAME` names one of another format. No text names none."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Weight of a match in search."""
    search: bool = True
    """Whether it is indexed."""
    repeats: bool = True
    """Whether it is compared for repeats."""

    @model_validator(mode="before")
    @classmethod
    def _first_of_several(cls, values: Any) -> Any:
        match values:
            case {"delimiter": [first, *others]} if all(
                isinstance(each, str) and each for each in (first, *others)
            ):
                more = values.get("aliases", [])
                aliases = [*others, *more] if isinstance(more, list) else more
                return {**values, "delimiter": first, "aliases": aliases}
        return values

    @model_validator(mode="after")
    def _consistent(self) -> SectionSpec:
        for what in ("chars", "words", "lines"):
            low, high = getattr(self, f"min_{what}"), getattr(self, f"max_{what}")
            if low is not None and high is not None and high < low:
                raise ValueError(f"`max_{what}` is less than `min_{what}`")
        if self.content == "rows" and self.columns is None:
            raise ValueError('`content = "rows"` takes `columns`')
        if self.type is not None and self.content not in ("text", "line"):
            raise ValueError("`type` takes content `text` or `line`")
        if (self.min, self.max) != (None, None) and self.type not in ("integer", "number"):
            raise ValueError('`min` and `max` take `type = "integer"` or `"number"`')
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ValueError("`max` is less than `min`")
        if self.columns is not None and self.content != "rows":
            raise ValueError('`columns` takes `content = "rows"`')
        if self.required_keys and self.content not in ("fields", "yaml", "toml", "json"):
            raise ValueError("`required_keys` takes content `fields`, `yaml`, `toml` or `json`")
        if self.field and self.content not in ("fields", "yaml", "toml", "json"):
            raise ValueError("`field` takes content `fields`, `yaml`, `toml` or `json`")
        if self.schema_ is not None and self.content not in ("yaml", "toml", "json"):
            raise ValueError("`schema` takes content `yaml`, `toml` or `json`")
        if self.mapping and self.content not in ("yaml", "toml", "json"):
            raise ValueError("`mapping` takes content `yaml`, `toml` or `json`")
        if self.delimiter is None and self.close is not None:
            raise ValueError("`close` takes a `delimiter` to open with")
        if self.match != "line" and (not isinstance(self.delimiter, str) or not self.delimiter):
            raise ValueError(f'`match = "{self.match}"` takes a `delimiter` that is plain text')
        if self.aliases and not (isinstance(self.delimiter, str) and self.delimiter):
            raise ValueError("`aliases` takes a `delimiter` that is plain text")
        if self.aliases and self.match not in ("line", "line-start", "prefix"):
            raise ValueError('`aliases` takes `match = "line"`, `"line-start"` or `"prefix"`')
        if self.match in ("prefix", "lines") and self.close is not None:
            raise ValueError(f'`match = "{self.match}"` takes no `close`')
        if self.match == "inline" and not isinstance(self.close, str | None):
            raise ValueError('`match = "inline"` takes a `close` that is plain text')
        if self.match == "brackets" and not _are_brackets(self.delimiter, self.close):
            raise ValueError(
                '`match = "brackets"` takes a `delimiter` and a `close` of one character each, not '
                "the same one"
            )
        if self.blank_before != "forbid" and not self.at_start:
            raise ValueError("`blank_before` takes `at_start = true`")
        if self.script is not None:
            _check_script(self.script)
        return self


class ChoiceSpec(Model):
    """A rule across sections; give exactly one of its keys, with section names."""

    exactly_one_of: Names | None = None
    """One of them, and no other, must be there."""
    at_least_one_of: Names | None = None
    """One or more of them must be there."""
    requires: Names | None = None
    """If the first is there, so must all others be."""
    forbids: Names | None = None
    """If the first is there, none of the others may be."""
    ascends: Names | None = None
    """Within a record, none of these sections, or groups of delimiters, is less than the one before
    it in this list: `["start", "end"]`. Numbers are compared as by `record.ascends`."""

    @model_validator(mode="after")
    def _one(self) -> ChoiceSpec:
        given = [names for _, names in self if names is not None]
        if len(given) != 1 or len(given[0]) < 2:
            raise ValueError("a rule has one key, with two section names or more")
        return self


class EscapeSpec(Model):
    """How a content line that looks like a delimiter is written."""

    style: Literal["none", "prefix", "suffix", "longest"] = "none"
    """`prefix`: such a line gets `prefix` in front. `suffix`: every delimiter of a file carries the
    same extra characters. `longest`: the longest run of the delimiter's character delimits."""
    prefix: Mark = ">"
    """What `style = "prefix"` puts in front."""


class CommentsSpec(Model):
    """Lines that are no content. Only with comments can a seed carry an allowance."""

    prefix: Mark
    """What a comment line starts with."""


class FormatSpec(Model):
    """A format file. It is data, never code."""

    seedkit: Literal[1] = 1
    """Version of this language."""
    title: Annotated[str, Field(max_length=1000)] = ""
    """What the format is, for people."""
    extends: Annotated[str, Field(max_length=100)] | None = None
    """A built-in format to start from: `"builtin:fortune"`. Other keys override its keys."""
    files: Annotated[list[str], Field(max_length=1000)] = []
    """Which files have this format: gitignore-style patterns, relative to the root.
    Where `seeds` is `["."]`, those that name nothing, as `**`, leave out files at the top."""
    language: Annotated[str, Field(max_length=64), AfterValidator(check_language)] | None = None
    """Language for stemming in search: `indonesian`, `english`, …; `none`; default by seed."""
    file: FileSpec = FileSpec()
    """The file as a whole."""
    record: RecordSpec | None = None
    """How the file is cut into records; without it, the file is one."""
    sections: SectionsSpec = SectionsSpec()
    """How a record is cut into sections."""
    section: Annotated[list[SectionSpec], Field(max_length=256)] = []
    """The sections, in order. With none, a record is one section named `text`."""
    rule: Annotated[list[ChoiceSpec], Field(max_length=256)] = []
    """Rules across sections."""
    escape: EscapeSpec = EscapeSpec()
    """How content that looks like a delimiter is written."""
    comments: CommentsSpec | None = None
    """Lines that are no content; without it, there are none."""

    @model_validator(mode="after")
    def _whole(self) -> FormatSpec:
        from seedkit.formats.consistency import check_format

        check_format(self)
        return self


def _are_brackets(opening: object, close: object) -> bool:
    two = (opening, close)
    return opening != close and all(isinstance(one, str) and len(one) == 1 for one in two)


def _check_script(name: str) -> None:
    try:
        compile_pattern(rf"\p{{{name}}}")
    except PatternError:
        raise ValueError(f"`{name}` is not the name of a Unicode script, as `Latin` is") from None
