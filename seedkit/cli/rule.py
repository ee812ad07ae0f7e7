"""`seedkit rule`: explain a rule, or list them all."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence

from seedkit.cli.common import Parser
from seedkit.cli.output import write
from seedkit.errors import EXIT_CLEAN, UsageError
from seedkit.rules import RULES, rule
from seedkit.text import shorten


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit rule`; return the exit code."""
    parser = Parser("rule", "Explain a rule, or list them all.")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a rule, or a family of rules")
    parser.add_argument("--all", action="store_true", help="explain every rule")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    args = parser.parse_args(arguments)
    names = _names(args.name)
    if args.format == "json":
        write(json.dumps([_entry(name) for name in names], indent=2) + "\n", raw=True)
    elif args.all or (args.name in RULES):
        write("\n\n".join(manual(name) for name in names) + "\n")
    else:
        width = max(map(len, names))
        for name in names:
            write(f"{name:<{width}}  {rule(name).severity:<7}  {_summary(name)}\n")
    return EXIT_CLEAN


def _names(given: str | None) -> list[str]:
    if given is None:
        return sorted(RULES)
    found = [name for name in sorted(RULES) if name == given or name.startswith(f"{given}/")]
    if not found:
        import difflib

        near = difflib.get_close_matches(
            given, [*RULES, *(n.partition("/")[2] for n in RULES)], n=1
        )
        remedy = f"`{near[0]}` is similar" if near else "`seedkit rule` lists them"
        raise UsageError(f"there is no rule or family `{shorten(given)}`", help=remedy)
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
