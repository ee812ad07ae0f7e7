"""What commands say of a corpus without any seed: whatever they found, it means nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedkit.cli.output import note
from seedkit.core.errors import EXIT_CLEAN, EXIT_FINDINGS, EnvironmentFault
from seedkit.core.text import visible

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace


def why_no_seeds(workspace: Workspace) -> tuple[str, str | None]:
    """Return what to say of a corpus that has no seeds, and the remedy."""
    from seedkit.check.findings import no_seeds

    finding = no_seeds(workspace)
    assert finding is not None  # asked only of a corpus without seeds
    return finding.message, finding.help


def refuse_no_seeds(workspace: Workspace) -> None:
    """Raise `EnvironmentFault` if no file of the corpus is a seed."""
    if not workspace.seed_count:
        message, remedy = why_no_seeds(workspace)
        raise EnvironmentFault(message, help=remedy)


def note_no_seeds(workspace: Workspace, command: str) -> int:
    """Say that no file of the corpus is a seed, if so; return the exit code for what was shown."""
    if workspace.seed_count:
        return EXIT_CLEAN
    message, remedy = why_no_seeds(workspace)
    note(f"seedkit {command}: error: {visible(message)}")
    note(f"  help: {visible(remedy or '')}")
    return EXIT_FINDINGS
