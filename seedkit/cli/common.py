"""What commands share: common options, opening the workspace, the paths a user names."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from seedkit.cache import cache_folder
from seedkit.cli.output import Progress
from seedkit.errors import ConfigError, EnvironmentFault, SeedkitError, UsageError
from seedkit.ledger import Ledger
from seedkit.root import find_root
from seedkit.settings import Settings, load_settings
from seedkit.snapshot import recall, remember, settings_key
from seedkit.source import DiskSource, OverlaySource, Source
from seedkit.text import shorten
from seedkit.workspace import Workspace, cpu_count


class Parser(argparse.ArgumentParser):
    """A parser whose errors look like ours, and which takes no abbreviations."""

    def __init__(self, command: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=f"seedkit {command}",
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        common = self.add_argument_group("common options")
        common.add_argument("--root", metavar="DIR", help="the corpus; default: found upwards")
        common.add_argument(
            "--config", metavar="KEY=VALUE", action="append", default=[], help="override a setting"
        )
        common.add_argument("--cache-dir", metavar="DIR", help="where caches are kept")
        common.add_argument("--isolated", action="store_true", help="ignore configuration files")
        common.add_argument(
            "--color", choices=("auto", "always", "never"), default="auto", help="default: auto"
        )
        common.add_argument(
            "-q", "--quiet", action="store_true", help="print findings and nothing else"
        )
        common.add_argument(
            "-v", "--verbose", action="store_true", help="say what is done, on stderr"
        )
        common.add_argument(
            "--jobs", type=_jobs, metavar="N", help="processes; default: one a processor"
        )

    def error(self, message: str) -> None:  # type: ignore[override]  # it does not return
        """End with our form of message and exit code 2."""
        sys.stderr.write(f"{self.prog}: error: {message}\n  help: see `{self.prog} --help`\n")
        sys.exit(2)


def _jobs(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(
            f"`{shorten(text)}` is not a number of processes, 1 to 256"
        )
    return int(text)


def corpus_source(args: argparse.Namespace) -> DiskSource:
    """Return the corpus that the options name, or the one around the working directory."""
    if args.root is not None and not os.path.isdir(args.root):
        raise UsageError(f"--root: there is no folder {args.root}")
    return DiskSource(args.root if args.root is not None else find_root(os.getcwd()))


def load(args: argparse.Namespace, disk: DiskSource) -> Settings:
    """Return the settings of the corpus; raises `ConfigError`, able to show the lines at fault."""

    def read(path: str) -> str | None:
        try:
            return disk.read(path).decode("utf-8", "surrogateescape")
        except (OSError, SeedkitError):
            return None

    try:
        return load_settings(disk, isolated=args.isolated, overrides=tuple(args.config))
    except ConfigError as error:
        error.read = read
        raise


def open_workspace(
    args: argparse.Namespace, disk: DiskSource, overlay: dict[str, bytes] | None = None
) -> Workspace:
    """Return the refreshed workspace of the corpus; `overlay` holds files that are in memory.

    Raises `ConfigError`, `UsageError` or `EnvironmentFault`.
    """
    source: Source = OverlaySource(disk, overlay) if overlay else disk
    folder = _cache(args, disk.root)
    settings = _settings(args, disk, folder)
    ledger = Ledger(None if folder is None else str(folder / "ledger.sqlite"))
    workspace = Workspace(source, settings, ledger, args.jobs or cpu_count())
    progress = Progress(quiet=args.quiet)
    try:
        changes = workspace.refresh(progress)
    finally:
        progress.clear()
        ledger.close()
    if args.verbose:
        sys.stderr.write(
            f"seedkit: {disk.root}: {workspace.seed_count:,} seeds, {len(changes.changed):,} "
            f"changed, {len(changes.removed):,} removed; cache: {folder or 'none'}\n"
        )
    return workspace


def _settings(args: argparse.Namespace, disk: DiskSource, folder: Path | None) -> Settings:
    """The settings, as remembered if nothing they come from has changed."""
    if folder is None:
        return load(args, disk)
    key = settings_key(disk, args.isolated, tuple(args.config))
    remembered = recall(folder, key) if key else None
    if remembered is not None and all(map(disk.exists, remembered.config.seeds)):
        return remembered
    settings = load(args, disk)
    if key:
        remember(folder, key, settings)
    return settings


def _cache(args: argparse.Namespace, root: str) -> Path | None:
    """The cache folder; without a usable default one, none: a check needs no cache."""
    try:
        return cache_folder(root, args.cache_dir)
    except EnvironmentFault as fault:
        if args.cache_dir is not None or "made" not in fault.message:
            raise
        sys.stderr.write(f"seedkit: note: no cache: {fault.message}\n")
        return None


def named_paths(paths: Sequence[str], root: str) -> list[str]:
    """Return the paths a user named, relative to the root; raises `UsageError` for one outside."""
    relative: list[str] = []
    for path in paths:
        folder, name = os.path.split(os.path.abspath(path))
        full = os.path.join(os.path.realpath(folder), name) if name else folder
        inside = os.path.relpath(full, root)
        if inside == ".." or inside.startswith(".." + os.sep):
            raise UsageError(f"{path} lies outside the corpus {root}")
        relative.append(inside.replace(os.sep, "/"))
    return relative
