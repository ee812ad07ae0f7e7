"""`seedkit rule`: explain a rule, or list them all."""

from __future__ import annotations

from collections.abc import Sequence

from seedkit.cli.options import Parser, one_of
from seedkit.cli.output import show
from seedkit.core.errors import EXIT_CLEAN, UsageError
from seedkit.core.rules import INDEX_UNLISTED_SEED, RULES, Rule, no_selector
from seedkit.report.machine import json_text
from seedkit.rules import manual


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit rule`; return the exit code."""
    parser = Parser(
        "rule",
        "[NAME]",
        "Explain a rule; list the rules of a family, or all of them.",
        {
            INDEX_UNLISTED_SEED.name: "explain a rule",
            "index": "list the rules of a family",
            "--all": "explain every rule",
        },
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("name", metavar="NAME", nargs="?", help="a rule, or a family of rules")
    output = parser.add_argument_group("Output")
    output.add_argument("--all", action="store_true", help="explain, instead of listing")
    output.add_argument(
        "--format", metavar="NAME", type=one_of("text", "json"), default="text",
        help="text or json; default: text",
    )  # fmt: skip
    args = parser.parse(arguments, corpus=False)
    rules = _rules(args.name)
    if args.format == "json":
        show([json_text(list(map(_entry, rules)), indent=2) + "\n"], raw=True)
    elif args.all or args.name in RULES:
        show(["\n\n".join(map(_titled, rules)) + "\n"])
    else:
        width = max(len(rule.name) for rule in rules)
        show(f"{r.name:<{width}}  {r.severity:<7}  {manual.summary(r)}\n" for r in rules)
    return EXIT_CLEAN


def _rules(given: str | None) -> list[Rule]:
    found = [rule for rule in sorted(RULES.values()) if given in (None, rule.name, rule.family)]
    if not found:
        assert given is not None  # there are rules
        message, _, remedy = no_selector(given).rpartition("; ")
        raise UsageError(message, help=remedy)
    return found


def _titled(rule: Rule) -> str:
    """The manual page with a title, as Markdown."""
    fix = "sometimes fixable with `--fix`" if rule.fixable else "not fixable"
    return f"# {rule.name} ({rule.severity}, {fix})\n\n{manual.page(rule)}"


def _entry(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name,
        "family": rule.family,
        "severity": str(rule.severity),
        "fixable": rule.fixable,
        "summary": manual.summary(rule),
        "manual": manual.page(rule),
    }
