"""Names of files that programs leave, and of texts whose names look like them."""

from __future__ import annotations

LEFTOVERS = (
    "n~", ".n.swp", ".n.txt.swo", "#n#", ".#n", "n.orig", "n.txt.rej", "._n", "~$n.txt",
    ".~lock.n.txt#", ".n.kate-swp", ".goutputstream-AB12", "n.txt___jb_tmp___", "n.un~",
    ".nfs000000000a1b2c3d0000000e", ".fuse_hidden0000000a", "Thumbs.db", "desktop.ini", ".DS_Store",
)  # fmt: skip


TEXTS = (
    "n", "~", "~.md", "..md", "n.swp", "origin.txt", "orig", "C#", "#1 of 3", "_", "._", "n.bak",
    "4913", "n~1.txt", ".orig.txt", "prej",
)  # fmt: skip
