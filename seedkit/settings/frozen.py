"""A validated model as plain attributes: what it says, without the library that checked it.

Loading pydantic takes longer than checking a corpus in which nothing has changed, so settings that
have been validated once are kept as JSON, and come back as these.
"""

from __future__ import annotations

from typing import Any


class Plain:
    """A tree of attributes. It is read where a model of `config` or `formats.spec` is expected."""

    def __init__(self, values: dict[str, Any]) -> None:
        """Take the values of a dumped model; tables become trees themselves."""
        for name, value in values.items():
            setattr(self, name, _plain(value) if name not in _TABLES_OF_VALUES else value)

    def model_copy(self, *, update: dict[str, Any]) -> Plain:
        """Return a copy with some attributes replaced, as a model does."""
        copy = Plain({})
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(update)
        return copy


_TABLES_OF_VALUES = frozenset(("per_file_ignores",))  # their keys are the user's, not attributes


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return Plain(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
