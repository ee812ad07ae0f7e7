"""What the parts of a format's model share: names, counts, and patterns that compile."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from seedkit.core.patterns import Budget, PatternError


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
Mark = Annotated[str, Field(min_length=1, max_length=1000)]


class Model(BaseModel):
    """A table of a format: unknown keys are errors, values are of their types, and none changes."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )
