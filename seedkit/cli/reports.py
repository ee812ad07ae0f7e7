"""Where the reports of a run go: standard output, and files, replaced whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from seedkit.cli.output import is_terminal, note, paths_here, show, style_for
from seedkit.core.errors import EnvironmentFault, UsageError
from seedkit.core.files import mode_of_new_files, replacing
from seedkit.core.text import harmless, shorten, visible
from seedkit.report import Style
from seedkit.report.check import RENDERERS, CheckReport, load_renderer
from seedkit.sources.root import BASELINE, CONFIG_FILES, SCHEMAS, is_git_folder, repository_top
from seedkit.sources.source import escapes

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.corpus.workspace import Workspace

FORMATS: Final = tuple(name for name in RENDERERS if name != "statistics")
_FOR_PEOPLE: Final = frozenset(("full", "concise", "statistics"))
AT_A_TERMINAL: Final = 100  # findings that the full report shows by default


class Output(NamedTuple):
    """A report that goes to a file."""

    format: str
    path: str
    option: str = "--output"


def output(text: str) -> Output:
    """Return what `--output FORMAT=FILE` asks for; for argparse."""
    from argparse import ArgumentTypeError

    name, equals, path = text.partition("=")
    if not equals or not path:
        raise ArgumentTypeError(f"`{shorten(text)}` is not FORMAT=FILE")
    if name not in FORMATS:
        raise ArgumentTypeError(f"`{shorten(name)}` is not one of {', '.join(FORMATS)}")
    if path == "-":
        raise ArgumentTypeError(f"`-` is not a file; `--format {name}` writes to standard output")
    return Output(name, path)


def refuse_bad_outputs(args: Namespace) -> None:
    """Raise `UsageError` or `EnvironmentFault` for files that can't be, before a long run."""
    taken = set[str]()
    for wanted in _outputs(args, "full"):
        if not wanted.path:
            raise UsageError(f"{wanted.option}: FILE is empty")
        real = os.path.realpath(wanted.path)
        if real in taken:
            raise UsageError(f"two reports would be written to `{wanted.path}`")
        taken.add(real)
        if _is_link(wanted.path):
            raise UsageError(
                f"{wanted.option}: `{visible(wanted.path)}` is a symbolic link",
                help="name the file that it leads to",
            )
        if os.path.isdir(wanted.path):
            raise _unwritable(wanted, errno.EISDIR)
        if not os.path.exists(wanted.path) and not os.path.isdir(os.path.dirname(real)):
            raise _unwritable(wanted, errno.ENOENT)


def refuse_outputs_over(args: Namespace, workspace: Workspace) -> None:
    """Raise `UsageError` for a report that would replace what the corpus is made of, or git's."""
    root, settings = workspace.root, workspace.settings
    owned = {each.casefold() for each in (*CONFIG_FILES, BASELINE, settings.config.index)}
    for wanted in _outputs(args, "full"):
        folder, name = os.path.split(os.path.abspath(wanted.path))
        for full in {os.path.join(folder, name), os.path.join(os.path.realpath(folder), name)}:
            path = os.path.relpath(full, root).replace(os.sep, "/")
            inside = not escapes(path)
            what = None
            if is_git_folder(full):
                what = "in git's own folder"
            elif inside and path.casefold() in owned:
                what = "a file that the corpus needs"
            elif inside and path.casefold().startswith(f"{SCHEMAS}/"):
                what = "in the folder of formats"
            elif inside and workspace.is_there(path):
                what = "a seed"
            if what is not None:
                raise UsageError(
                    f"{wanted.option}: `{visible(wanted.path)}` is {what}",
                    help="name another file for the report",
                )


def write_reports(report: CheckReport, args: Namespace, command: str) -> None:
    """Write all reports that the options ask for; raises `EnvironmentFault` if one can't be.

    Standard output comes first: whatever becomes of the files, the findings have been shown.
    """
    report = report._replace(
        folder=folder_in_repository(report.root),
        say=lambda line: note(f"seedkit {command}: note: {visible(line)}"),
        quiet=args.quiet or report.stopped,
    )
    main = _main_format(args)
    outputs = _outputs(args, main)
    if report.stopped:
        outputs = [each for each in outputs if not _could_be_a_seed(each.path, report)]
    if shows(args) if report.stopped else not _to_file(args):
        default = AT_A_TERMINAL if main == "full" and is_terminal(sys.stdout) else 0
        shown = _cut(report, default if args.max_findings is None else args.max_findings, main)
        style = style_for(sys.stdout, args.color, report.root)
        chunks = load_renderer(main)(shown, style)
        show(chunks, raw=main not in _FOR_PEOPLE, color=style.color)
    if main == "github":
        _append_summary(report)
    style = Style(color=args.color == "always", paths=paths_here(report.root))
    for wanted in outputs:
        shown = _cut(report, args.max_findings or 0, wanted.format)
        chunks = load_renderer(wanted.format)(shown, style)
        if wanted.format in _FOR_PEOPLE:
            chunks = (harmless(chunk, color=style.color) for chunk in chunks)
        _save(wanted, chunks)


def shows(args: Namespace) -> bool:
    """Tell whether standard output has what keeps a run from checking, as no text for people."""
    return _main_format(args) not in ("full", "statistics") and not _to_file(args)


def folder_in_repository(root: str) -> str:
    """Return the path of the corpus in the repository around it, "" for the whole of it.

    Platforms name files from the top of the repository. Where it is checked out without git, the
    platform says where; else the corpus is the top.
    """
    top = repository_top(root)
    return _folder_in_job(root) if top is None else _relative(root, top)


def _folder_in_job(root: str) -> str:
    for variable in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        given = os.environ.get(variable)
        if given:
            inside = _relative(root, os.path.realpath(given))
            if not escapes(inside):
                return inside
    return ""


def _relative(root: str, folder: str) -> str:
    inside = os.path.relpath(root, folder)
    return "" if inside == "." else inside.replace(os.sep, "/")


def _main_format(args: Namespace) -> str:
    return "statistics" if args.statistics else args.format or "full"


def _to_file(args: Namespace) -> bool:
    return args.output_file not in (None, "-")


def _could_be_a_seed(path: str, report: CheckReport) -> bool:
    """Tell whether a report would replace what could be a seed: the configuration can't say."""
    folder = os.path.realpath(os.path.dirname(path))
    inside = os.path.relpath(os.path.join(folder, os.path.basename(path)), report.root)
    if escapes(inside.replace(os.sep, "/")) or not os.path.isfile(path):
        return False
    report.say(f"{visible(path)} was left as it is: nobody knows whether it is a seed")
    return True


def _outputs(args: Namespace, main: str) -> list[Output]:
    outputs: list[Output] = list(args.output or ())
    if _to_file(args):
        outputs.insert(0, Output(main, args.output_file, "--output-file"))
    return outputs


def _append_summary(report: CheckReport) -> None:
    """Append to the summary of the job, where GitHub Actions asks for it."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from seedkit.report.check.github import render_summary as render

    text = "".join(render(report)).encode("utf-8", "backslashreplace")
    try:  # the runner has made the file; nothing else is written to
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        handle = _open_at_once(path, flags)
        with os.fdopen(handle, "ab") as file:
            file.write(text)
    except OSError as error:
        report.say(f"no summary of the job: {os.strerror(error.errno or errno.EIO).lower()}")


def _is_link(path: str) -> bool:
    """Tell whether a file is a symbolic link; those that the system makes of its streams aside."""
    full = os.path.abspath(path)
    stream = full in ("/dev/stdout", "/dev/stderr") or full.startswith(("/dev/fd/", "/proc/"))
    return os.path.islink(path) and not stream


def _cut(report: CheckReport, limit: int, name: str) -> CheckReport:
    found = report.diagnostics
    if not limit or name == "statistics" or len(found) <= limit:
        return report
    return report._replace(diagnostics=found[:limit], hidden=len(found) - limit)


def _save(wanted: Output, chunks: Iterable[str]) -> None:
    try:
        with _opened(wanted.path) as file:
            for chunk in chunks:
                file.write(chunk.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise _unwritable(wanted, error.errno) from None


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """The file, to be written; what was there stays until all of it is. A pipe is just a pipe.

    Raises `OSError`, with `ENXIO` for a pipe that nobody reads.
    """
    mode = _mode(path)
    if not stat.S_ISREG(mode):
        with open(path, "wb", opener=_open_at_once) as file:
            yield file
        return
    if _is_link(path):  # since it was looked at; the link is replaced, not followed
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    else:
        path = os.path.realpath(path)
    with replacing(path, mode=stat.S_IMODE(mode)) as file:
        yield file


def _open_at_once(path: str, flags: int) -> int:
    """Open what may be a pipe, without waiting for somebody to read it."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    os.set_blocking(handle, True)
    return handle


def _mode(path: str) -> int:
    """The type and permissions of the file, or of a new one."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return stat.S_IFREG | mode_of_new_files()


def _unwritable(wanted: Output, reason: int | None) -> EnvironmentFault:
    unread = "nobody reads this pipe"
    why = unread if reason == errno.ENXIO else os.strerror(reason or errno.EIO).lower()
    return EnvironmentFault(f"{wanted.option} `{wanted.path}` can't be written: {why}")
