"""Selectors: names of rules or families, as options, the configuration and allowances have them."""

from __future__ import annotations

from seedkit.core.rules import FAMILIES, RULES
from seedkit.core.text import shorten


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
