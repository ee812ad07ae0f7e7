"""How a command takes its options: the same everywhere, with messages and help of our own."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from seedkit.cli.output import show
from seedkit.core.errors import UsageError
from seedkit.core.text import shorten

Examples = Mapping[str, str]  # the arguments of a command, and what it then does

_WIDTH = 80


class Parser(argparse.ArgumentParser):
    """Takes options anywhere and no abbreviations. Whatever is wrong is a `UsageError`."""

    def __init__(
        self, command: str, arguments: str, description: str, examples: Examples, epilog: str = ""
    ) -> None:
        width = max(len(f"{command} {example}") for example in examples) + len("seedkit ")
        shown = "".join(
            f"\n  {f'seedkit {command} {example}'.rstrip():<{width}}  {what}"
            for example, what in examples.items()
        )
        super().__init__(
            prog=f"seedkit {command}",
            usage=" ".join(filter(None, (f"seedkit {command}", arguments, "[OPTIONS]"))),
            description=f"{description}\n\nExamples:{shown}",
            epilog=epilog,
            add_help=False,
            allow_abbrev=False,
            formatter_class=partial(
                argparse.RawDescriptionHelpFormatter, width=_WIDTH, max_help_position=26
            ),
        )
        self.elsewhere: Mapping[str, str] = {}  # options of other tools, and what does that here
        self._given: Sequence[str] = ()
        self.color = False  # from Python 3.14 on, argparse would paint the help

    def parse(self, arguments: Sequence[str], *, corpus: bool = True) -> argparse.Namespace:
        """Return the options; prints the help and exits if that is asked for.

        A command that reads no corpus takes the common options too, and does nothing with them.
        """
        self._add_common(hidden=not corpus)
        given = self._given = _without_dashes(arguments)
        self._refuse_joined(given)
        args, unknown = self.parse_known_intermixed_args(self._with_negatives(given))
        if not unknown:
            return args
        first = unknown[0].partition("=")[0]
        if not first.startswith("-"):
            self.error(f"there is no place for `{shorten(first)}`")
        return self._unknown(first)

    def _unknown(self, first: str) -> argparse.Namespace:
        import difflib

        options = re.findall("--[a-z-]+", self.format_help())
        near = difflib.get_close_matches(first, options, n=1, cutoff=0.7)
        remedy = f"`{near[0]}` is similar" if near else None
        if len(first) == 3 and first[:2] in self.elsewhere:
            first = first[:2]  # two letters, which are two options elsewhere
        remedy = self.elsewhere.get(first, remedy)
        return self._fail(f"there is no option `{shorten(first)}`", remedy)

    def _refuse_joined(self, arguments: Sequence[str]) -> None:
        """Raise `UsageError` for an option and its value in one argument, as CI files have them."""
        for each in arguments:
            option, *value = each.split(maxsplit=1)[:2] if each.startswith("--") else [each]
            if value and option in self._option_string_actions:
                self._fail(
                    f"there is no option `{shorten(each)}`",
                    f"an option and its value are two arguments: `{option}` and "
                    f"`{shorten(value[0])}`",
                )

    def _with_negatives(self, arguments: Sequence[str]) -> list[str]:
        """The arguments with each number below zero joined to its option, which then refuses it."""
        given: list[str] = []
        for each in arguments:
            action = self._option_string_actions.get(given[-1]) if given else None
            if action is not None and action.nargs is None and re.match(r"-\d", each):
                given[-1] += f"={each}"
            else:
                given.append(each)
        return given

    def error(self, message: str) -> None:  # type: ignore[override]  # it does not return
        """Raise the message as a `UsageError`, in words of our own."""
        message = message.removeprefix("argument ")
        option, _, what = message.partition(": ")
        option, _, long = option.partition("/")
        if what.startswith("ignored explicit argument"):
            if long and any(each.startswith(f"{long}=") for each in self._given):
                option = long
            if option.startswith("--"):
                self._fail(f"{option} takes no value")
            rest = what.removeprefix("ignored explicit argument ").strip("'\"")
            self._unknown(f"-{rest[:1]}")
        if what == "expected one argument":
            message = f"{option} takes a value, and none is given"
        self._fail(message)

    def print_help(self, file: object = None) -> None:
        """Write the help to stdout."""
        show([self.format_help()])

    def format_help(self) -> str:
        """Return the help, which leads with examples."""
        return super().format_help().replace("usage:", "Usage:", 1)

    def _fail(self, message: str, remedy: str | None = None) -> argparse.Namespace:
        raise UsageError(message, help=remedy or f"see `{self.prog} --help`")

    def _add_common(self, *, hidden: bool) -> None:
        group = self.add_argument_group("Common options")

        def add(*names: str, help: str, **how: object) -> None:
            text = argparse.SUPPRESS if hidden else help
            group.add_argument(*names, help=text, **how)  # type: ignore[arg-type]

        add("--root", metavar="DIR", help="the corpus; default: found upwards")
        add(
            "--config", metavar="KEY=VALUE", action="append", default=[], type=_override,
            help="override a setting, in TOML: 'ignore=[\"index\"]'",
        )  # fmt: skip
        add("--cache-dir", metavar="DIR", help="where caches are kept")
        add("--isolated", action="store_true", help="ignore seedkit.toml and pyproject.toml")
        add(
            "--color", metavar="WHEN", type=one_of("auto", "always", "never"), default="auto",
            help="auto, always or never; default: auto",
        )  # fmt: skip
        add("-q", "--quiet", action="store_true", help="print findings and nothing else")
        add("-v", "--verbose", action="store_true", help="say what is done, on stderr")
        add(
            "--jobs", metavar="N", type=number("processes", 1, 256),
            help="processes; default: one a processor",
        )  # fmt: skip
        group.add_argument("-h", "--help", action="help", help="show this")


def _without_dashes(arguments: Sequence[str]) -> list[str]:
    """The arguments with those after `--`, which are files, so written that none is an option."""
    if "--" not in arguments:
        return list(arguments)
    at = arguments.index("--")
    files = (f"./{name}" if name.startswith("-") else name for name in arguments[at + 1 :])
    return [*arguments[:at], *files]


def one_of(*names: str) -> Callable[[str], str]:
    """Return the type of an option that takes one of some names."""

    def parse(text: str) -> str:
        if text not in names:
            known = ", ".join(names)
            raise argparse.ArgumentTypeError(f"`{shorten(text)}` is not one of {known}")
        return text

    return parse


def selectors(text: str) -> list[str]:
    """Return rules and families, separated by commas; for argparse."""
    from seedkit.core.rules import known_selector, no_selector

    found = [part.strip() for part in text.split(",") if part.strip()]
    for selector in found:
        if not known_selector(selector):
            raise argparse.ArgumentTypeError(no_selector(selector))
    return found


def number(what: str, low: int, high: int) -> Callable[[str], int]:
    """Return the type of an option that takes a number of something."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text[:20]) <= high):
            raise argparse.ArgumentTypeError(
                f"`{shorten(text)}` is not a number of {what}, {low} to {high:,}"
            )
        return int(text)

    return parse


def _override(text: str) -> str:
    key, equals, _ = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"`{shorten(text)}` is not KEY=VALUE")
    return text
