"""`seedkit index`: update, inspect, verify or rebuild the search index."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from seedkit.cli.common import note_no_seeds, refuse_no_seeds
from seedkit.cli.opening import corpus_source, open_source
from seedkit.cli.options import Parser, one_of
from seedkit.cli.output import Progress, note, show
from seedkit.cli.paths import skipped_in
from seedkit.core.errors import EXIT_CLEAN, EXIT_FINDINGS, EnvironmentFault, UsageError
from seedkit.core.skipped import describe
from seedkit.core.text import capitalized, plural, visible
from seedkit.corpus.workspace import Workspace
from seedkit.search.index.store import Generation
from seedkit.search.index.update import NotKept, Opened, SearchIndex
from seedkit.search.session import Session
from seedkit.settings.engines import CONFIGURABLE
from seedkit.store.location import cache_folder

_SHOWN = 10  # differences


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit index`; return the exit code."""
    args = _parser().parse(arguments)
    chosen = [name for name in ("status", "verify", "rebuild") if getattr(args, name)]
    if len(chosen) > 1:
        raise UsageError(f"--{chosen[0]} can't be combined with --{chosen[1]}")
    disk = corpus_source(args)
    folder = cache_folder(disk.root, args.cache_dir)
    workspace = open_source(args, disk, folder)
    progress = Progress(quiet=args.quiet, what="Verifying" if args.verify else "Indexing")
    session = Session(workspace, folder, args.engine or workspace.config.engine, progress)
    try:
        index = session.index()
        if args.status:
            show(_status(workspace, index))
            return note_no_seeds(workspace, "index")
        if args.verify:
            refuse_no_seeds(workspace)
            return _verify(session, index, progress, quiet=args.quiet)
        started = time.perf_counter()
        opened = index.open(rebuild=args.rebuild)
        opened.reader.close()
    except NotKept as reason:
        raise EnvironmentFault(str(reason), help=reason.help) from None
    finally:
        progress.clear()
        workspace.close()
    if not args.quiet:
        show([f"{_done(workspace, opened, time.perf_counter() - started)}\n", *_skipped(workspace)])
    return note_no_seeds(workspace, "index")


def _parser() -> Parser:
    parser = Parser(
        "index",
        "",
        "Bring the search index up to date. Every search does so by itself; this says\n"
        "what was done, or looks closer.",
        {
            "": "index what has changed",
            "--status": "say what it holds, and if it is up to date",
            "--verify": "compare it with the seeds, token by token",
            "--rebuild": "rebuild the index from scratch",
        },
        "Exit codes: 0 done, 1 it differs (--verify), 2 usage or configuration.",
    )
    what = parser.add_argument_group("What to do")
    what.add_argument("--status", action="store_true", help="change nothing, say how it is")
    what.add_argument("--verify", action="store_true", help="prove that it is equal to the seeds")
    what.add_argument("--rebuild", action="store_true", help="rebuild the index from scratch")
    what.add_argument(
        "--engine", metavar="NAME", type=one_of(*CONFIGURABLE),
        help=f"{', '.join(CONFIGURABLE[:-1])} or {CONFIGURABLE[-1]}; default: as configured",
    )  # fmt: skip
    return parser


def _done(workspace: Workspace, opened: Opened, seconds: float) -> str:
    """What was done to the index."""
    if not (opened.rebuilt or opened.changed or opened.removed):
        return f"Up to date, {plural(_searched(workspace), 'seed')}."
    what = f"Indexed {plural(opened.changed, 'seed')}" if opened.changed else ""
    if opened.removed:
        removed = plural(opened.removed, "seed")
        what = f"{what}, removed {removed}" if what else f"Removed {removed}"
    return f"{what} in {seconds:.1f} s."


def _searched(workspace: Workspace) -> int:
    """How many seeds can be found by a search."""
    return workspace.seed_count - len(workspace.skipped_seeds())


def _skipped(workspace: Workspace) -> list[str]:
    """A line on what is not in the index, if there is anything."""
    skipped = skipped_in(workspace)
    return [f"{capitalized(describe(skipped))}.\n"] if skipped else []


def _status(workspace: Workspace, index: SearchIndex) -> Iterator[str]:
    """What the index holds, a line each."""
    generation = index.current()
    lines = {
        "engine": index.engine.name,
        "version": index.version,
        "folder": str(index.store.folder),
    }
    if generation is not None and generation.meta is not None:
        size = generation.size()
        text = sum(row.signature.size for row in workspace.rows.values())
        share = f", {size / text:.2f} of the text" if text else ""
        lines |= {
            "folder": str(generation.folder),
            "seeds": f"{generation.meta.seeds:,}",
            "records": f"{generation.meta.records:,}",
            "size": f"{size:,} bytes{share}",
            "languages": ", ".join(sorted(generation.languages)) or "none",
        }
    lines["state"] = _state(index, generation)
    skipped = skipped_in(workspace)
    if skipped:
        lines["skipped"] = describe(skipped).removeprefix("skipped ")
    width = max(map(len, lines))
    for name, value in lines.items():
        yield f"{name:<{width}}  {visible(value)}\n"


def _state(index: SearchIndex, generation: Generation | None) -> str:
    """How far the index is from the seeds."""
    if generation is None:
        return "none yet"
    changes = index.behind(generation)
    if changes is None:
        return "to be rebuilt"
    if not (changes.changed or changes.removed):
        return "up to date"
    changed, removed = len(changes.changed), len(changes.removed)
    parts = [f"{plural(changed, 'seed')} changed"] if changed else []
    if removed:
        parts.append(f"{removed:,} removed" if changed else f"{plural(removed, 'seed')} removed")
    return f"behind: {', '.join(parts)}"


def _verify(session: Session, index: SearchIndex, progress: Progress, *, quiet: bool) -> int:
    """Compare the index, once it is up to date, with all seeds; return the exit code."""
    from seedkit.search.index.verify import differences

    reader, generation, *_ = index.open()
    try:
        records, _ = session.records()
        count = len(records)

        def verifying(done: int, total: int) -> None:
            progress(done * count // total, count)

        found = [
            f"file {name} is not as it was written" for name in generation.damaged(thorough=True)
        ]
        if not found:
            found += islice(differences(reader, records, verifying), _SHOWN + 1)
    finally:
        reader.close()
        progress.clear()
    for difference in found[:_SHOWN]:
        note(f"seedkit index: {visible(difference)}")
    if len(found) > _SHOWN:
        note("seedkit index: and more")
    if found:
        note("  help: rebuild it with `seedkit index --rebuild`")
        return EXIT_FINDINGS
    if not quiet:
        equal = f"The index is equal to the seeds: {plural(count, 'record')} compared.\n"
        show([equal, *_skipped(session.workspace)])
    return EXIT_CLEAN
