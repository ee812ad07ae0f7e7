"""Parts of the documentation that are generated from the code, so that they can't be wrong."""

from seedkit.docs.configuration import configuration_reference
from seedkit.docs.formats import format_reference, format_table
from seedkit.docs.rules import rules_reference

__all__ = ["configuration_reference", "format_reference", "format_table", "rules_reference"]
