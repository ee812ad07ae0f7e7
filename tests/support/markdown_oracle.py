"""What other Markdown readers find in the rows of a text, to compare ours with."""

from __future__ import annotations

import re
from collections import Counter

from markdown_it import MarkdownIt
from markdown_it.token import Token

from seedkit.manifest.load import parse_manifest
from seedkit.manifest.target import decode_target

Rows = list[tuple[int, str, str]]  # the row's line, a link's path and its text

_READER = MarkdownIt("commonmark", {"maxNesting": 200}).enable("table")
setattr(_READER, "validateLink", lambda url: True)  # noqa: B010 a renderer's safety, no part of the language


def our_rows(text: str) -> Rows:
    """Return what we list."""
    manifest = parse_manifest(text)
    return sorted(
        (link.line, link.target, manifest.link_text(block, link))
        for block in manifest.blocks
        for link in block.links
        if link.target.strip()
    )


def markdown_it_rows(text: str) -> Rows:
    """Return what markdown-it-py has in list items and table cells outside of quotes."""
    tokens = _READER.parse(text)
    rows: Rows = []
    lines: list[int] = []  # of the rows that are open
    quotes = 0
    for token in tokens:
        if token.type in ("list_item_open", "tr_open"):
            assert token.map is not None
            lines.append(token.map[0])
        elif token.type in ("list_item_close", "tr_close"):
            lines.pop()
        elif token.type == "thead_open":
            quotes += 1
        elif token.type == "thead_close":
            quotes -= 1
        elif token.type in ("blockquote_open", "blockquote_close"):
            quotes += token.nesting
        elif token.type == "inline" and lines and not quotes:
            rows += [(lines[-1], path, said) for path, said in _links(token.children or [])]
    return sorted(rows)


def _links(tokens: list[Token]) -> list[tuple[str, str]]:
    """Return the paths and texts of links that may name a file."""
    found: list[tuple[str, str]] = []
    open_links: list[tuple[str, list[str]]] = []
    for token in tokens:
        if token.type == "link_open" and token.info != "auto":
            open_links.append((str(token.attrs["href"]), []))
        elif token.type == "link_close" and token.info != "auto":
            url, parts = open_links.pop()
            path = path_of(url)
            if path:
                found.append((path, " ".join("".join(parts).split())))
        elif open_links:
            open_links[-1][1].append(_said(token))
    return found


def _said(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type == "image":
        return "".join(map(_said, token.children or []))
    return "" if token.type == "html_inline" else token.content


def path_of(url: str) -> str | None:
    """Return the path of a URL as readers put it out: encoded, without escapes."""
    url = re.sub(r"[\\&]", lambda match: f"%{ord(match[0]):02X}", url)
    path = decode_target(url)
    return path if path and path.strip() else None


def missing(ours: Rows, theirs: Rows) -> tuple[Rows, Rows]:
    """Return what only we list, and what only they do."""
    mine, other = Counter(ours), Counter(theirs)
    return sorted((mine - other).elements()), sorted((other - mine).elements())
