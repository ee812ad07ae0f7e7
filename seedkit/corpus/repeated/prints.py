"""The fingerprints of a workspace's seeds: read from the ledger, made where they are missing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seedkit.corpus.pool import Job, Task, analyse_all
from seedkit.repeats.arrays import Flags, Hashes, Numbers
from seedkit.repeats.seedprint import Fingerprints, joined, print_texts
from seedkit.repeats.stored import Sheet, pack_sheet, unpack_sheet
from seedkit.store.file_table import BARE, Roll

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

_SHEET = 500  # seeds on a sheet that is rewritten
_SCATTERED = 64  # sheets, and one more for each hundred seeds, before that is done


class SeedPrints(NamedTuple):
    """The fingerprints of seeds, by where they stand in the roll.

    That of file i is number `slots[i]` of `prints`; the last one, which -1 means, is that of a text
    without tokens. `owners` says whose each is, -1 for one of a content that is no more. They are
    `complete` unless a seed has changed before its own was made.
    """

    prints: Fingerprints
    slots: Numbers
    owners: Numbers
    complete: bool

    def of(self, files: Numbers) -> Fingerprints:
        """Return the fingerprints of some files."""
        return self.prints.take(self.slots[files] % len(self.prints.tokens))


def contents_of(roll: Roll) -> Hashes:
    """Return the digest of each file's bytes, as four numbers."""
    return np.frombuffer(roll.digests, "<u8").astype(np.uint64, copy=False).reshape(-1, 4)


def copyable(roll: Roll) -> Flags:
    """Tell which files can be copies of another: seeds with any text."""
    kinds = np.frombuffer(roll.kinds, np.uint16)
    flags = np.frombuffer(roll.flags, np.uint8)
    found: Flags = (kinds > 0) & (flags & BARE == 0)
    return found


def seed_prints(workspace: Workspace) -> SeedPrints:
    """Return the fingerprint of every seed that has one; what is not stored is computed."""
    kinds = np.frombuffer(workspace.roll.kinds, np.uint16)
    wanted = (kinds > 0) & contents_of(workspace.roll).any(axis=1)  # seeds that could be read
    sheets = list(_unpacked(enumerate(workspace.sheets)).values())
    slots = _slots(workspace, sheets)
    if (wanted & (slots < 0)).any():
        stored = _unpacked(workspace.ledger.pieces("sheet").items())
        sheets = [*stored.values(), *sheets]
        slots = _slots(workspace, sheets)
        missing = np.flatnonzero(wanted & (slots < 0))
        if len(missing):
            made = list(_made(workspace, missing.tolist()))
            workspace.ledger.replace_pieces("sheet", (), made)
            workspace.sheets += made
            sheets += map(unpack_sheet, made)
            slots = _slots(workspace, sheets)
        elif len(stored) > _SCATTERED + len(slots) // 100 and workspace.head is not None:
            _gather(workspace, stored)
    if workspace.head is not None:
        workspace.sheets.clear()  # they are stored
    nothing = print_texts([""], workspace.repeat_parameters())
    prints = joined([*(sheet.prints for sheet in sheets), nothing])
    owners = np.full(len(prints.tokens), -1)
    held = np.flatnonzero(slots >= 0)
    owners[slots[held]] = held
    return SeedPrints(prints, slots, owners, bool((slots[wanted] >= 0).all()))


def _unpacked(pieces: Iterable[tuple[int, bytes]]) -> dict[int, Sheet]:
    sheets: dict[int, Sheet] = {}
    for number, piece in pieces:
        with contextlib.suppress(ValueError):  # its seeds are missing, then
            sheets[number] = unpack_sheet(piece)
    return sheets


def _slots(workspace: Workspace, sheets: Iterable[Sheet]) -> Numbers:
    """Which of the sheets' fingerprints is that of each file; of several the last."""
    roll, claims = workspace.roll, workspace.claims
    keys = claims.print_keys()
    numbers = {key: number for number, key in enumerate(sorted(set(keys.values())))}
    by_kind = np.array([-1, *(numbers.get(keys.get(name, ""), -1) for name in claims.names)])
    wanted = by_kind[np.frombuffer(roll.kinds, np.uint16)]
    contents = contents_of(roll)
    slots = np.full(len(wanted), -1)
    first = 0
    for sheet in sheets:
        files = np.array([roll.at.get(path, -1) for path in sheet.paths], np.int64)
        made_with = np.array([numbers.get(key, -2) for key in sheet.keys], np.int64)
        held = np.flatnonzero(files >= 0)
        files = files[held]
        holds = (contents[files] == sheet.contents[held]).all(axis=1)
        holds &= wanted[files] == made_with[held]
        slots[files[holds]] = first + held[holds]
        first += len(sheet.paths)
    return slots


def _made(workspace: Workspace, missing: list[int]) -> Iterator[bytes]:
    """Make the fingerprints of some seeds from their bytes, as these are now."""
    roll, claims = workspace.roll, workspace.claims
    names = claims.names
    jobs: list[Job] = [(roll.paths[index], names[roll.kinds[index] - 1], b"") for index in missing]
    formats = {name: workspace.settings.formats[name] for _, name, _ in jobs if name}
    task = Task(formats, workspace.repeat_parameters(), claims.print_keys())
    results = analyse_all(jobs, workspace.source, task, workspace.workers, lambda done: None)
    return (chunk.sheet for chunk in results if chunk.sheet)


def _gather(workspace: Workspace, stored: dict[int, Sheet]) -> None:
    """Store what holds of many small sheets on fewer."""
    slots = _slots(workspace, stored.values())
    paths = [path for sheet in stored.values() for path in sheet.paths]
    keys = [key for sheet in stored.values() for key in sheet.keys]
    contents = [row for sheet in stored.values() for row in sheet.contents]
    prints = joined([sheet.prints for sheet in stored.values()])
    held = slots[slots >= 0]
    sheets = []
    for at in range(0, len(held), _SHEET):
        some = held[at : at + _SHEET]
        chosen = some.tolist()
        sheets.append(
            pack_sheet(
                [paths[each] for each in chosen],
                [keys[each] for each in chosen],
                [contents[each].astype("<u8", copy=False).tobytes() for each in chosen],
                prints.take(some),
            )
        )
    workspace.ledger.replace_pieces("sheet", stored, sheets)
