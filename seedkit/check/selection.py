"""Which findings count: selected rules, ignores by path, allowances in seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from seedkit.core.diagnostic import Diagnostic
from seedkit.core.patterns import Globs
from seedkit.core.rules import (
    CONFIG_NO_SEEDS,
    CONFIG_UNUSED_ALLOWANCE,
    RULES,
    known_selector,
    selects,
)
from seedkit.core.text import shorten

if TYPE_CHECKING:
    from seedkit.corpus.facts import Allowance

# Counts whatever other rules are selected, and for every path: nothing was checked.
NO_SEEDS: Final = CONFIG_NO_SEEDS.name


@dataclass(slots=True)
class Selection:
    """What the user wants to hear of."""

    select: Sequence[str]
    ignore: Sequence[str]
    per_file: Sequence[tuple[Globs, Sequence[str]]] = ()
    _wanted: dict[str, bool] = field(default_factory=dict)

    def wants(self, rule: str) -> bool:
        """Tell whether the rule is selected. A rule named beats a family named."""
        wanted = self._wanted.get(rule)
        if wanted is None:
            wanted = self._decide(rule)
            self._wanted[rule] = wanted
        return wanted

    def checks(self, rule: str) -> bool:
        """Tell whether an allowance of the rule can be judged: it is checked, or is no rule."""
        return rule not in RULES or self.wants(rule)

    def is_empty(self) -> bool:
        """Tell whether no rule is left that could find anything in a seed."""
        return not any(self.wants(rule) for rule in RULES if rule != NO_SEEDS)

    def wants_anything_in(self, path: str) -> bool:
        """Tell whether any rule is selected for a file."""
        return any(self.wants_in(path, rule) for rule in RULES if rule != NO_SEEDS)

    def _decide(self, rule: str) -> bool:
        if rule in self.ignore:
            return False
        if rule in self.select or rule == NO_SEEDS:
            return True
        if any(selects(selector, rule) for selector in self.ignore):
            return False
        return any(selects(selector, rule) for selector in self.select)

    def kept(self, diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
        """Return the findings whose rules are selected for their files."""
        if self.per_file:
            return [each for each in diagnostics if self.keeps(each)]
        wanted = frozenset(filter(self.wants, {each.rule for each in diagnostics}))
        return [each for each in diagnostics if each.rule in wanted]

    def keeps(self, diagnostic: Diagnostic) -> bool:
        """Tell whether the finding's rule is selected for its file."""
        return self.wants_in(diagnostic.place.path, diagnostic.rule)

    def wants_in(self, path: str, rule: str) -> bool:
        """Tell whether the rule is selected for a file."""
        return self.wants(rule) and not any(
            globs.match(path)
            for globs, selectors in self.per_file
            if any(selects(selector, rule) for selector in selectors)
        )


def apply_allowances(
    diagnostics: Iterable[Diagnostic], allowances: Mapping[str, Sequence[Allowance]]
) -> list[Diagnostic]:
    """Drop findings that a comment in the seed allows; report allowances that allow nothing."""
    used: set[Allowance] = set()
    kept: list[Diagnostic] = []
    for diagnostic in diagnostics:
        allowed = [
            allowance
            for allowance in allowances.get(diagnostic.place.path, ())
            if _allows(allowance, diagnostic)
        ]
        used.update(allowed)
        if not allowed:
            kept.append(diagnostic)
    for path_allowances in allowances.values():
        kept += [_unused(each) for each in path_allowances if each not in used]
    return kept


def _allows(allowance: Allowance, diagnostic: Diagnostic) -> bool:
    if not selects(allowance.rule, diagnostic.rule):
        return False
    if allowance.start is None or allowance.end is None or diagnostic.place.start is None:
        return True
    return allowance.start <= diagnostic.place.start.offset <= allowance.end


@cache
def _known(rule: str) -> bool:
    return known_selector(rule)


def _unused(allowance: Allowance) -> Diagnostic:
    if _known(allowance.rule):
        message = f"allowance of `{allowance.rule}` allows nothing"
    else:
        message = f"allowance of `{shorten(allowance.rule)}`, which is no rule"
    return CONFIG_UNUSED_ALLOWANCE.diagnostic(message, allowance.comment, "remove it")
