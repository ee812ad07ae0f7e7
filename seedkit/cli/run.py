"""Runs one command: every way it can end becomes a message on stderr and an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from importlib import import_module

from seedkit.errors import (
    EXIT_BUG,
    EXIT_CLEAN,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    ConfigError,
    SeedkitError,
)
from seedkit.text import shorten, visible


def run(module: str, name: str, arguments: list[str]) -> int:
    """Run the command and return its exit code. Exits through argparse for bad usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # an ASCII terminal must not end the run
    gc.disable()  # one command and out: looking for cycles would take a tenth of the time
    try:
        code: int = import_module(module).main(arguments)
        sys.stdout.flush()
    except ConfigError as error:
        return _config_error(error)
    except SeedkitError as error:
        _say(f"seedkit {name}: error: {visible(error.message)}")
        if error.help:
            _say(f"  help: {visible(error.help)}")
        return EXIT_ERROR
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader left; nobody is to hear of it
        return EXIT_CLEAN
    except KeyboardInterrupt:
        _say("interrupted")
        return EXIT_INTERRUPTED
    except Exception as error:
        return _bug(name, error, arguments)
    return code


def unknown_command(given: str, commands: Mapping[str, object]) -> int:
    """Say that there is no such command, and which are near."""
    import difflib

    if given.startswith("-"):
        _say(f"seedkit: error: options come after the command: seedkit check {shorten(given)}")
        return EXIT_ERROR
    _say(f"seedkit: error: there is no command `{shorten(given)}`")
    near = difflib.get_close_matches(given, commands, n=1)
    _say(f"  help: `seedkit {near[0]}` is similar" if near else "  help: see `seedkit --help`")
    return EXIT_ERROR


def _config_error(error: ConfigError) -> int:
    from seedkit.cli.output import error_style
    from seedkit.report import CheckReport
    from seedkit.report.full import findings

    report = CheckReport("", error.diagnostics, 0, error.read)
    for chunk in findings(report, error_style()):
        sys.stderr.write(chunk)
    count = len(error.diagnostics)
    what = "an error" if count == 1 else f"{count} errors"
    _say(f"The corpus was not checked: {what} in its configuration.")
    return EXIT_ERROR


def _bug(name: str, error: Exception, arguments: list[str]) -> int:
    detail = f"{type(error).__name__}: {shorten(str(error), 200)}"
    _say(f"seedkit {name}: this is a bug in seedkit: {detail}")
    if "-v" in arguments or "--verbose" in arguments:
        import traceback

        _say(traceback.format_exc())
    else:
        _say("  help: run it again with -v for the traceback, and report it, please")
    return EXIT_BUG


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
