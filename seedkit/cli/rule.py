"""`seedkit rule`: explain a rule, or list them all."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from seedkit.cli.options import Parser, one_of
from seedkit.cli.output import show
from seedkit.errors import EXIT_CLEAN, UsageError
from seedkit.report.machine import json_text
from seedkit.rules import RULES, no_selector, rule


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit rule`; return the exit code."""
    parser = Parser(
        "rule",
        "[NAME]",
        "Explain a rule; list the rules of a family, or all of them.",
        {
            "index/unlisted-seed": "explain a rule",
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
    names = _names(args.name)
    if args.format == "json":
        show([json_text([_entry(name) for name in names], indent=2) + "\n"], raw=True)
    elif args.all or args.name in RULES:
        show(["\n\n".join(map(manual, names)) + "\n"])
    else:
        width = max(map(len, names))
        show(f"{name:<{width}}  {rule(name).severity:<7}  {_summary(name)}\n" for name in names)
    return EXIT_CLEAN


def _names(given: str | None) -> list[str]:
    if given is None:
        return sorted(RULES)
    found = [name for name in sorted(RULES) if given in (name, name.partition("/")[0])]
    if not found:
        message, _, remedy = no_selector(given).rpartition("; ")
        raise UsageError(message, help=remedy)
    return found


def manual(name: str) -> str:
    """Return the manual page of a rule, as Markdown."""
    found = rule(name)
    text = inspect.getdoc(found) or ""
    fix = "sometimes fixable with `--fix`" if found.fixable else "not fixable"
    return f"# {name} ({found.severity}, {fix})\n\n{text}"


def _summary(name: str) -> str:
    return (inspect.getdoc(rule(name)) or "").partition("\n")[0].rstrip(".")


def _entry(name: str) -> dict[str, object]:
    found = rule(name)
    return {
        "name": name,
        "family": RULES[name][0],
        "severity": str(found.severity),
        "fixable": found.fixable,
        "summary": _summary(name),
        "manual": inspect.getdoc(found) or "",
    }
