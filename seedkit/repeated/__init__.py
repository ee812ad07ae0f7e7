"""The repeats of a workspace: stored fingerprints in, findings out.

`prints` has the fingerprints of all seeds, `texts` reads seeds again that repeat something,
`findings` puts into words what `seedkit.repeats` finds, and `update` brings what is stored up to
date.
"""

from seedkit.repeated.findings import CorpusRepeats, percent
from seedkit.repeated.update import find, repeat_findings, seed_groups

__all__ = ["CorpusRepeats", "find", "percent", "repeat_findings", "seed_groups"]
