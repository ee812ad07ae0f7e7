"""Manual pages of rules: Markdown files in pages/, read when one is shown."""

from __future__ import annotations

from importlib import resources

from seedkit.core.rules import Rule


def page(rule: Rule) -> str:
    """Return the manual page: a line that says what the fault is, then its sections."""
    path = resources.files("seedkit.rules") / "pages" / f"{rule.name}.md"
    return path.read_text("utf-8").removesuffix("\n")


def summary(rule: Rule) -> str:
    """Return the first line of the manual page, without the full stop."""
    return page(rule).partition("\n")[0].rstrip(".")
