"""INDEX.md, the manifest: reading it, comparing it with the seeds, writing rows into it.

Pure: whatever has to be read is read by a function that the caller gives. From the text up:
`target` and `inline` (links), `plain` (what a text says), `html` and `blocks` (CommonMark's block
structure), `parse` (tables and lists, as in `model`), `load` (with what is included), `listing`
(which links list what), `values`, `renames` and `compare` (against the seeds), `cells`, `rows` and
`inserts` (new content in the manner of the old), `edits` (of a row that is there).
"""

from __future__ import annotations

from seedkit.manifest.summary import SeedSummary

__all__ = ["SeedSummary"]
