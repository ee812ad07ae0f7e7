"""Runs one command: every way it can end becomes a message on stderr and an exit code."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from itertools import pairwise

from seedkit.cli.output import abandon, note, note_stopped
from seedkit.core.errors import (
    EXIT_BUG,
    EXIT_CLEAN,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    FEWER,
    ConfigError,
    EnvironmentFault,
    SeedkitError,
    UsageError,
    remedy,
)
from seedkit.core.text import shorten, visible

_UNLOADED = "allow more memory (`ulimit -v`), or install seedkit again"


def run(module: str, name: str, arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    _prepare_streams()
    collecting = gc.isenabled()
    gc.disable()  # one command and out: looking for cycles would take a tenth of the time
    try:
        code = _outcome(module, name, arguments)
    finally:
        if collecting:
            gc.enable()
    return code


def run_alone(module: str, name: str, arguments: list[str]) -> int:
    """Run the command in a process that has nothing else to do; return its exit code."""
    code = run(module, name, arguments)
    # All is done: interrupted now, Python would only show where it was as it ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return code


def _outcome(module: str, name: str, arguments: list[str]) -> int:
    try:
        code: int = import_module(module).main(arguments)
    except SystemExit as end:  # argparse has printed its help
        return end.code if isinstance(end.code, int) else EXIT_ERROR
    except ConfigError as error:
        return _config_error(name, error, _color(arguments))
    except SeedkitError as error:
        return _error(name, error)
    except MemoryError:
        return _error(name, EnvironmentFault("there is not enough memory", help=FEWER))
    except KeyboardInterrupt:
        note("interrupted")
        return EXIT_INTERRUPTED
    except Exception as error:
        fault = _fault(error)
        return _bug(name, error, arguments) if fault is None else _error(name, fault)
    return code


def _fault(error: Exception) -> SeedkitError | None:
    """Return what is wrong if it is the system, or what is installed; None if it may be a bug."""
    if isinstance(error, FileNotFoundError):  # as of a relative path, whatever it is for
        from seedkit.cli.paths import working_folder

        try:
            working_folder()
        except UsageError as gone:
            return gone
    help_text = remedy(error)
    if help_text is not None:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return EnvironmentFault(reason.lower(), help=help_text)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ImportError) and cause.name and not cause.name.startswith("seedkit"):
            return EnvironmentFault(f"a library can't be loaded: {cause}", help=_UNLOADED)
        cause = cause.__cause__ or cause.__context__
    return None


def misread_names() -> int:
    """Say that Python decodes the names of files otherwise than as UTF-8."""
    _prepare_streams()
    encoding = sys.getfilesystemencoding()
    note(f"seedkit: error: Python decodes the names of files as {encoding}, not as UTF-8")
    note("  help: set PYTHONUTF8=1")
    return EXIT_ERROR


def no_command(help_text: str) -> int:
    """Say how seedkit is used."""
    _prepare_streams()
    note(help_text.rstrip("\n"))
    return EXIT_ERROR


def unknown_command(given: str, commands: Mapping[str, object]) -> int:
    """Say that there is no such command, and which are near."""
    import difflib

    _prepare_streams()
    if given.startswith("-"):
        note(f"seedkit: error: options come after the command: seedkit check {shorten(given)}")
        return EXIT_ERROR
    note(f"seedkit: error: there is no command `{shorten(given)}`")
    near = difflib.get_close_matches(given, commands, n=1)
    note(f"  help: `seedkit {near[0]}` is similar" if near else "  help: see `seedkit --help`")
    return EXIT_ERROR


def unwritable(error: Exception) -> int:
    """Say why a text could not be written to stdout, unless it is that its reader has left."""
    _prepare_streams()
    abandon(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return EXIT_CLEAN
    reason = error.strerror if isinstance(error, OSError) else "it is closed"
    note(f"seedkit: error: the output can't be written: {str(reason).lower()}")
    help_text = remedy(error)
    if help_text:
        note(f"  help: {help_text}")
    return EXIT_ERROR


def _prepare_streams() -> None:
    """Let writing not end the run, whatever the terminal can show, and even if there is none.

    Where stdout is closed, what can't be written stands for it: see `show`.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull)  # noqa: SIM115 - open as long as the process lives
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _error(name: str, error: SeedkitError) -> int:
    note(f"seedkit {name}: error: {visible(error.message)}")
    help_text = error.help or remedy(error)
    if help_text:
        note(f"  help: {visible(help_text)}")
    return EXIT_ERROR


def _config_error(name: str, error: ConfigError, color: str) -> int:
    from seedkit.cli.output import style_for
    from seedkit.report.check import CheckReport
    from seedkit.report.check.full import findings

    report = CheckReport("", error.diagnostics, 0, error.read)
    style = style_for(sys.stderr, color, error.root)
    for chunk in findings(report, style):
        note(chunk.removesuffix("\n"), color=style.color)
    note_stopped(name, error)
    return EXIT_ERROR


def _color(arguments: list[str]) -> str:
    """What --color asks for: a command whose configuration is wrong has been given it in vain."""
    given = [*arguments, "auto"]
    for option, value in pairwise(given):
        if option == "--color" or option.startswith("--color="):
            return option.partition("=")[2] or value
    return "auto"


def _bug(name: str, error: Exception, arguments: list[str]) -> int:
    detail = f"{type(error).__name__}: {shorten(str(error), 200)}"
    note(f"seedkit {name}: this is a bug in seedkit: {detail}")
    if "-v" in arguments or "--verbose" in arguments:
        import traceback

        note(traceback.format_exc().rstrip("\n"))
    else:
        note("  help: run it again with -v for the traceback, and report it, please")
    return EXIT_BUG
