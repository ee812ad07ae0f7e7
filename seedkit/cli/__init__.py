"""The command line: finds the command, and turns what goes wrong into a message and an exit code.

Nothing is imported before the command is known: `--version` and a hook with nothing to do must be
as quick as Python itself.
"""

from __future__ import annotations

import os
import sys
from typing import Final

from seedkit.version import __version__

# Command: its module and what `seedkit --help` says of it.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "init": ("seedkit.cli.init", "make a corpus of a folder of texts, infer their formats"),
    "add": ("seedkit.cli.add", "bring a text into the corpus, checked and listed"),
    "mv": ("seedkit.cli.mv", "move a seed, its row and its baseline entries"),
    "rm": ("seedkit.cli.rm", "remove seeds, their rows and their baseline entries"),
    "check": ("seedkit.cli.check", "check seeds against their formats and INDEX.md"),
    "repeats": ("seedkit.cli.repeats", "show which seeds and passages repeat each other"),
    "overlap": ("seedkit.cli.overlap", "show how much of some texts occurs in others"),
    "search": ("seedkit.cli.search", "find seeds by the words in them, the best first"),
    "index": ("seedkit.cli.index", "bring the search index up to date, look at it, prove it"),
    "watch": ("seedkit.cli.watch", "report problems as files are saved, keep the index current"),
    "stats": ("seedkit.cli.stats", "count seeds, bytes, records and sections by format"),
    "rule": ("seedkit.cli.rule", "explain a rule, or list them all"),
    "schema": ("seedkit.cli.schema", "print a JSON Schema or a built-in format"),
    "show-files": ("seedkit.cli.show_files", "list the seeds and their formats"),
    "show-settings": ("seedkit.cli.show_settings", "print the settings in force"),
}


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return the exit code: 0, 1, 2, 3 or 130."""
    arguments = sys.argv[1:] if argv is None else argv
    # numpy's library would start a thread for each core, 40 MB of address space each, for what
    # nothing here computes; where it can't start one, it interrupts the process (SIGINT).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        return _dispatch(arguments, alone=argv is None)
    except KeyboardInterrupt:  # before the command began
        sys.stderr.write("interrupted\n")
        return 130


def _dispatch(arguments: list[str], *, alone: bool) -> int:
    first, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if first in ("--version", "-V"):
        return _print(f"seedkit {__version__}\n")
    if first in ("--help", "-h", "help"):
        if not rest:
            return _print(_help())
        first, rest = rest[0], ["--help"]
    from seedkit.cli.run import misread_names, no_command, run, run_alone, unknown_command

    if sys.getfilesystemencoding() != "utf-8":
        if alone:
            _restart_in_utf8_mode()
        return misread_names()
    if not arguments:
        return no_command(_help())
    if first not in COMMANDS:
        return unknown_command(first, COMMANDS)
    return (run_alone if alone else run)(COMMANDS[first][0], first, rest)


def _restart_in_utf8_mode() -> None:
    """Replace this process by one that decodes names of files as UTF-8; return if that can't be.

    Elsewhere `é.txt` in INDEX.md would be another name than `é.txt` on the disk. How names are
    decoded is settled as Python starts, by the locale. What is printed stays in the encoding of
    the locale, which the terminal expects.
    """
    if os.name == "nt" or sys.flags.utf8_mode or not sys.executable:
        return
    stream = sys.stdout or sys.stderr
    environment = dict(os.environ)
    if stream is not None:
        environment.setdefault("PYTHONIOENCODING", stream.encoding)
    command = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    try:
        os.execve(sys.executable, command, environment)
    except OSError:  # too long with the option, or Python was replaced meanwhile
        return


def _print(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, AttributeError) as error:  # a full disk, a reader that left, no stdout at all
        from seedkit.cli.run import unwritable

        return unwritable(error)
    return 0


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = "".join(f"  {name:<{width}}  {text}\n" for name, (_, text) in COMMANDS.items())
    return f"""seedkit keeps a corpus of text files honest and findable.

Usage: seedkit COMMAND [OPTIONS]

Examples:
  seedkit init                       make a corpus of a folder of texts
  seedkit check                      check the whole corpus
  seedkit check seeds/a.txt          report only what concerns one seed
  seedkit check --fix                apply safe fixes, in INDEX.md above all
  seedkit search mill river          find the seeds with both words
  seedkit rule index/unlisted-seed   explain a rule

Commands:
{lines}
  seedkit COMMAND --help             explain a command and its options
  seedkit --version                  print the version

Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 a bug in seedkit,
130 interrupted
"""
