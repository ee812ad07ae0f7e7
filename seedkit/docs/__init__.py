"""Parts of the documentation that are generated from the code, so that they can't be wrong."""

from seedkit.docs.reference import (
    configuration_reference,
    format_reference,
    format_table,
    rules_reference,
)

__all__ = ["configuration_reference", "format_reference", "format_table", "rules_reference"]
