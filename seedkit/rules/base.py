"""What a rule is: a class whose docstring is its manual page."""

from __future__ import annotations

from typing import ClassVar

from seedkit.diagnostic import Severity


class Rule:
    """A fault that seedkit finds. Subclasses are named after it: "allow ‹rule›" must read well."""

    severity: ClassVar[Severity] = Severity.ERROR
    fixable: ClassVar[bool] = False
