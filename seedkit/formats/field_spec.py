"""The model of `[[section.field]]`, and what all format models share: names, counts, patterns."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from seedkit.core.patterns import Budget, PatternError
from seedkit.core.text import shorten


def _check_pattern(value: str, info: ValidationInfo) -> str:
    """Check that the pattern compiles, within the `Budget` that is the context, if one is."""
    try:
        (info.context or Budget()).check(value)
    except PatternError as error:
        raise ValueError(f"the pattern does not compile: {error}") from None
    return value


def _check_name(value: str) -> str:
    if not value.replace("-", "_").isidentifier():
        raise ValueError("a name is letters, digits, `_` and `-`, and does not start with a digit")
    return value


PatternText = Annotated[str, AfterValidator(_check_pattern)]
Name = Annotated[str, Field(max_length=64), AfterValidator(_check_name)]
Names = Annotated[list[Name], Field(max_length=256)]
Key = Annotated[str, Field(max_length=1000)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Target = Annotated[str, Field(min_length=1, max_length=400)]
Mark = Annotated[str, Field(min_length=1, max_length=1000)]


class Model(BaseModel):
    """A table of a format: unknown keys are errors, values are of their types, and none changes."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


_PATH = re.compile(r"(?:[^.\[\]]+|(?=\[))(?:\[(?:-?[0-9]{1,6})?\])*")


def _check_path(path: str) -> str:
    parts = path.split(".")
    if not all(_PATH.fullmatch(part) for part in parts) or any(p[0] == "[" for p in parts[1:]):
        raise ValueError("a path is keys with `.` between them, `[]` behind that of a list")
    return path


class PatternDelimiter(Model):
    """A delimiter written as a pattern. Named groups become fields of the record."""

    pattern: PatternText
    """RE2 syntax; must match the whole line."""
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """What such a line is, in words, for messages: ``"a line `.I NUMBER`"``."""


def _any_of(given: object) -> object:
    """Return several spellings of a delimiter as the pattern of them."""
    if not isinstance(given, list) or not given or not all(isinstance(e, str) and e for e in given):
        return given
    listed = " or ".join(f"`{each}`" for each in given)
    if len(listed) > 90:
        listed = f"`{shorten(given[0], 60)}` or {len(given) - 1} others"
    name = f"a line {listed}"
    return {"pattern": "|".join(map(re.escape, given)), "name": name}


Literally = Annotated[str, Field(max_length=1000)]
Delimiter = Annotated[
    Literally | PatternDelimiter,
    BeforeValidator(_any_of, json_schema_input_type=Literally | PatternDelimiter | list[Mark]),
]


FieldType = Literal[
    "string", "integer", "number", "boolean", "date", "datetime", "url", "list", "object"
]


class FieldSpec(Model):
    """A value in the data of a section, with `content = "json"`, `"yaml"`, `"toml"` or `"fields"`.

    What is not said of it is not asked for.
    """

    name: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check_path)]
    """Its path: `id`, `meta.date`, `messages[].role`. `tags[]` are the items of the list `tags`,
    `tags[0]` is the first of them, if there is one, and `tags[-1]` the last."""
    type: FieldType | Annotated[list[FieldType], Field(min_length=1)] | None = None
    """What it is, or a list of what it may be: `date` is written `2024-12-31`, `datetime`
    `2024-12-31T23:59`, with or without seconds and zone; a `number` is finite; 1.0 is an `integer`.
    In `fields`, where all is text, what can be read so."""
    null: bool = False
    """Whether it may be null."""
    required: bool = True
    """Whether what it is in must have it."""
    unless: Annotated[list[str], Field(max_length=256)] = Field(default_factory=list)
    """Other keys of its object: if one of them is there and not null, it may be missing or null."""
    enum: (
        Annotated[list[str | bool | int | float], Field(min_length=1, max_length=10_000)] | None
    ) = None
    """The only values allowed."""
    pattern: PatternText | None = None
    """RE2 pattern that must match the whole of a text."""
    min: int | float | None = None
    """The least number."""
    max: int | float | None = None
    """The greatest number."""
    min_chars: Count | None = None
    """Fewest characters of a text."""
    max_chars: Count | None = None
    """Most characters of a text."""
    min_items: Count | None = None
    """Fewest items of a list."""
    max_items: Count | None = None
    """Most items of a list."""
    unique: Literal["file", "corpus"] | None = None
    """No two such values of a file, or of the corpus, may be equal."""
    references: Target | None = None
    """A field or section that is `unique`: the value must be that of one of these, in the file or
    in the corpus. `FORMAT:NAME` names one of another format; `null` names none."""
    unknown: Literal["error", "allow"] | None = None
    """Whether an object, and what is in it, may have keys that no field names; by default as the
    section says."""
    text: bool = False
    """Whether it is prose: compared for repeats, and searched word by word. All else is a value."""

    @model_validator(mode="after")
    def _consistent(self) -> FieldSpec:
        for low, high in (("min", "max"), ("min_chars", "max_chars"), ("min_items", "max_items")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and most < least:
                raise ValueError(f"`{high}` is less than `{low}`")
        kinds = {self.type} if isinstance(self.type, str) else set(self.type or ())
        text = not kinds or bool(kinds & {"string", "url", "date", "datetime"})
        given = {
            key for key in ("pattern", "min_chars", "max_chars") if getattr(self, key) is not None
        }
        if (given or self.text) and not text:
            key = min(given, default="text")
            raise ValueError(f"`{key}` takes a text, and `type` is `{self.type}`")
        if (self.min_items, self.max_items) != (None, None) and kinds and "list" not in kinds:
            raise ValueError(
                f"`min_items` and `max_items` take a list, and `type` is `{self.type}`"
            )
        if (self.min, self.max) != (None, None) and kinds and not kinds & {"integer", "number"}:
            raise ValueError(f"`min` and `max` take a number, and `type` is `{self.type}`")
        return self
