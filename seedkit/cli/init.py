"""`seedkit init`: from a folder of texts to a corpus, with the formats that the texts have."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from seedkit.cli.common import writing
from seedkit.cli.options import Parser
from seedkit.cli.output import Progress, note, show, style_for
from seedkit.cli.paths import no_folder, working_folder
from seedkit.core.errors import EXIT_CLEAN, UsageError
from seedkit.core.processes import cpu_count
from seedkit.core.text import plural, visible
from seedkit.corpus.workspace import Workspace
from seedkit.formats.load import builtin_names
from seedkit.infer.plan import HOOK, HOOK_TEXT, INDEX, InitPlan, make_plan
from seedkit.infer.summary import SummaryLines, ignored, left_out, overview, summary
from seedkit.report import BOLD, Style
from seedkit.settings.assignment import Assignment
from seedkit.settings.load import Settings, load_settings
from seedkit.sources.files import create_all, existing
from seedkit.sources.root import CONFIG_FILES, find_root, repository_top
from seedkit.sources.source import DiskSource, within
from seedkit.store.database import CacheDatabase

if TYPE_CHECKING:
    from argparse import Namespace

_FEW = 5  # files and folders that a message names
_LABEL = 11  # the width of labels in the report


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit init`; return the exit code."""
    args = _parser().parse(arguments)
    root = _root(args)
    given = _given(args)
    if args.pre_commit:
        _refuse_below_the_top(root)
    if _is_corpus(root, index_is_enough=args.pre_commit):
        return _write_hook(args, root)
    _refuse_within_another(args, root)
    if not args.dry_run:
        _refuse(root, [INDEX, *([HOOK] if args.pre_commit else [])])
    source = DiskSource(root)

    def open_corpus(settings: Settings) -> Workspace:
        return Workspace(source, settings, CacheDatabase(None), args.jobs or cpu_count())

    progress = _Progress(quiet=args.quiet)
    try:
        plan = make_plan(source, open_corpus, progress, hook=args.pre_commit, given=given)
    finally:
        progress.clear()
    if not plan.formats:
        if not plan.place.corpora:
            for line in left_out(plan):
                note(line)
        raise _no_text(args.dir or root, plan.place.corpora)
    if not args.dry_run:
        with writing(args, root, "init"):
            _refuse(root, plan.files)
            create_all(root, {path: text.encode() for path, text in _in_order(plan)})
    if not args.quiet:
        style = style_for(sys.stdout, args.color)
        show(_report(plan, args, style), color=style.color)
    if args.dry_run:
        show(_texts(plan))
    return EXIT_CLEAN


def _parser() -> Parser:
    parser = Parser(
        "init",
        "[DIR]",
        "Make a corpus of a folder of texts: infer the formats of its files, and write\n"
        "schemas/*.toml, INDEX.md and seedkit.toml. No file that is there is changed.",
        {
            "": "make a corpus of this folder",
            "texts": "make one of another folder",
            "--as fortune": "make one whose files all have a built-in format",
            "--dry-run": "show what would be written, and write nothing",
            "--pre-commit": "write a pre-commit hook, too; in a corpus just that",
        },
        "Exit codes: 0 done, 2 usage, or a file that is to be written exists.",
    )
    named = parser.add_argument_group("Arguments")
    named.add_argument("dir", metavar="DIR", nargs="?", help="the folder; default: this one")
    named.add_argument(
        "--as",
        dest="format",
        metavar="FORMAT",
        help="the built-in format of all files, as `fortune` (docs/formats.md); default: infer it",
    )
    output = parser.add_argument_group("Output")
    output.add_argument("--dry-run", action="store_true", help="write nothing, show everything")
    output.add_argument("--pre-commit", action="store_true", help=f"write {HOOK}, too")
    return parser


def _given(args: Namespace) -> str | None:
    """The built-in format that is named; raises `UsageError` if there is no such."""
    if args.format is None:
        return None
    name: str = args.format.removeprefix("builtin:")
    if name not in builtin_names():
        near = get_close_matches(name, builtin_names(), n=1)
        help_ = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(builtin_names())}"
        raise UsageError(f"--as: there is no built-in format `{visible(name)}`", help=help_)
    return name


def _root(args: Namespace) -> str:
    if args.dir is not None and args.root is not None:
        raise UsageError("DIR and --root can't be combined: they are the same")
    given = args.dir if args.dir is not None else args.root
    if given is None:
        return working_folder()
    if not os.path.isdir(given):
        raise UsageError(no_folder(given))
    return str(os.path.realpath(given))


def _is_corpus(root: str, *, index_is_enough: bool) -> bool:
    """Tell whether the folder is a corpus; one that has no settings only if its index is enough."""
    try:
        if not os.path.samefile(find_root(root), root):
            return False
    except UsageError:
        return False
    # With an index only, `_refuse` says that it is in the way.
    return index_is_enough or any(os.path.lexists(os.path.join(root, n)) for n in CONFIG_FILES)


def _write_hook(args: Namespace, root: str) -> int:
    """Add a hook to a corpus that there is; raises `UsageError` if that is not asked for."""
    if not args.pre_commit:
        raise UsageError(
            f"{visible(args.dir or root)} is a corpus already",
            help="check it with `seedkit check`; --pre-commit adds a hook to it",
        )
    there = any(existing(root, [HOOK]))
    if there and not args.dry_run:
        raise UsageError(
            f"{HOOK} exists, and nothing was written",
            help="add to its `repos` what `seedkit init --pre-commit --dry-run` shows",
        )
    if not args.dry_run:
        with writing(args, root, "init"):
            create_all(root, {HOOK: HOOK_TEXT.encode()})
    where = "" if args.dir is None else f" in {visible(args.dir)}"
    if args.dry_run:
        lead = f"{HOOK} exists; its `repos` would need this" if there else f"Would write {HOOK}"
        show(["" if args.quiet else f"{lead}{where}:\n\n", HOOK_TEXT])
    elif not args.quiet:
        show([f"Wrote {HOOK}{where}.\nNext: pre-commit install\n"])
    return EXIT_CLEAN


def _refuse_within_another(args: Namespace, root: str) -> None:
    """Raise `UsageError` if the folder has seeds of a corpus around it; note one that has none."""
    try:
        outer = find_root(os.path.dirname(root))
    except UsageError:
        return
    if outer == root:
        return  # it is the top of the file system
    source = DiskSource(outer)
    settings = load_settings(source, isolated=args.isolated)
    is_seed = Assignment(settings).is_seed
    inside = os.path.relpath(root, outer).replace(os.sep, "/")
    files = source.scan(settings.config.seeds).files
    count = sum(within(path, inside) and is_seed(path) for path in files)
    shown = visible(args.dir or root)
    if count:
        raise UsageError(
            f"{shown} holds {plural(count, 'seed')} of the corpus around it, {visible(outer)}",
            help="check them with `seedkit check`; for a corpus of its own, first add "
            f"`{visible(inside)}/` to `exclude` in the settings of the other",
        )
    note(f"seedkit init: note: {shown} is in the corpus {visible(outer)}, but holds no seed of it")


def _corpora(count: int) -> str:
    return "1 corpus" if count == 1 else f"{count:,} corpora"


def _no_text(folder: str, corpora: Sequence[str]) -> UsageError:
    if not corpora:
        return UsageError(
            f"there is no text in {visible(folder)}",
            help="name the folder that holds the texts, or the one around it",
        )
    few = ", ".join(map(visible, corpora[:_FEW])) + (", …" if len(corpora) > _FEW else "")
    return UsageError(
        f"there is no text in {visible(folder)} but for {_corpora(len(corpora))}: {few}",
        help="each is checked on its own, with `seedkit check --root DIR`",
    )


def _refuse(root: str, paths: Sequence[str] | dict[str, str]) -> None:
    """Raise `UsageError` if any of the files is there."""
    found = sorted(existing(root, paths))
    if not found:
        return
    listed = ", ".join(map(visible, found[:5])) + (", …" if len(found) > 5 else "")
    verb = "exists" if len(found) == 1 else "exist"
    raise UsageError(
        f"{listed} {verb}, and nothing was written",
        help="`seedkit init --dry-run` shows what it would be; move the old one away, or write "
        "seedkit.toml by hand",
    )


def _refuse_below_the_top(root: str) -> None:
    """Raise `UsageError` if a hook's configuration would not be at the top of the repository."""
    top = repository_top(root)
    if top is not None and top != root:
        raise UsageError(
            f"--pre-commit: {visible(root)} is not the top of its repository, {visible(top)}",
            help="leave it out, and write the hook there: docs/pre-commit.md says how",
        )


class _Progress:
    """A line on stderr for whichever step is under way."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.what = ""
        self.line = Progress(quiet=True)

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self.what:
            self.line.clear()
            self.what, self.line = what, Progress(quiet=self.quiet, what=what)
        self.line(done, total)

    def clear(self) -> None:
        """Remove the line."""
        self.line.clear()


def _in_order(plan: InitPlan) -> list[tuple[str, str]]:
    """The files as they are written: what makes the folder a corpus comes last."""
    return sorted(plan.files.items(), key=lambda item: (item[0] == CONFIG_FILES[0], item[0]))


def _report(plan: InitPlan, args: Namespace, style: Style) -> Iterator[str]:
    yield f"{overview(plan)}\n"
    for planned in plan.formats:
        yield "\n"
        yield from _format(summary(planned, plan.patterns[planned.name]), style)
    for number, line in enumerate(ignored(plan)):
        yield f"{line}\n" if number else f"\n{line}\n"
    for number, line in enumerate(left_out(plan)):
        yield f"{line}\n" if number else f"\n{line}\n"
    for number, finding in enumerate(plan.others[:5]):
        text = visible(f"{finding.place.path}: {finding.message}")
        yield f"{text}\n" if number else f"\n{text}\n"
    paths = [path for path, _ in _in_order(plan)]
    where = "" if args.dir is None else f" in {visible(args.dir)}"
    if args.dry_run:
        yield f"\nWould write {_listed(paths)}{where}:\n"
        return
    yield f"\nWrote {_listed(paths)}{where}.\n"
    at = "" if args.dir is None else f" --root {visible(args.dir)}"
    yield f"Next: seedkit check{at}\n"
    if args.pre_commit:
        yield "      pre-commit install\n"


def _listed(paths: Sequence[str]) -> str:
    if len(paths) > 8:
        rest = [path for path in paths if "/" not in path]
        paths = [f"{plural(len(paths) - len(rest), 'format')} in schemas/", *rest]
    return ", ".join(map(visible, paths))


def _format(lines: SummaryLines, style: Style) -> Iterator[str]:
    yield f"{style.paint(BOLD, visible(lines.title))}\n  {visible(lines.description)}\n"
    for label, text in lines.facts:
        yield f"  {label:<{_LABEL}} {visible(text)}\n"


def _texts(plan: InitPlan) -> Iterator[str]:
    for path, text in _in_order(plan):
        yield f"\n-- {visible(path)} --\n{text}"
