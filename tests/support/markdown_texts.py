"""Random Markdown that is dense in what readers disagree about."""

from __future__ import annotations

from random import Random

_MARKS = ("- ", "* ", "+ ", "1. ", "2) ", "10. ", "-\t", "-", "> ", ">", "- [ ] ", "-   ", "-     ")
_INDENTS = ("", "", "", "", " ", "  ", "  ", "   ", "    ", "\t", " \t", "      ")
_LINES = (
    *("", "", "", "```", "~~~ x", "```` `", "---", "***", "- - -", "===", "# ", "## a #", "#a"),
    *("<pre>", "</pre>", "<!-- x", "-->", "<!-- x -->", "<div>", "</div>", "<b>", "<b x='1'>"),
    *("<?x", "?>", "<!X", "<![CDATA[", "]]>", "<script>", "</style> x", "<details>", "<a href>"),
    *("| a | b |", "|---|---|", "a | b", ":-|-:", "| - |", "|-", "| a |", "--", "a|", "-|-"),
    *("[r]: s/r", "[r]:", "[r]: <s/r r> 't'", "[R  r]: /x 'a", "b'", "[x]: s/x", "[x]: s/y bad"),
    *("[a]: s/a\n'title'", "[q]: <>", "[]: s/e", "[\\]]: s/]", "[*e*]: s/e"),
)
_INLINE = (
    *(
        "a",
        "a",
        "b c",
        " ",
        " ",
        "é",
        "\\",
        "`",
        "``",
        "`x`",
        "*",
        "**",
        "_",
        "__",
        "!",
        "|",
        "\\|",
    ),
    *("[", "]", "(", ")", "[]", "()", "](", "][", "![", "<", ">", "&amp;", "&#33;", "&copy", ":"),
    *("[a](s/a)", "[a](s/b 't')", "[a](<s/a b>)", "[a](s/a b)", "[b](s/b?q#f)", "[b](#f)", "[c]()"),
    *("[r]", "[r][]", "[t][r]", "[t][ R\tr ]", "![i][r]", "[x]", "[a]", "[*e*]", "[q]", "[\\]]"),
    *("![i](s/i)", "[![i](s/i)](s/o)", "[`c`](s/c)", "[*e*](s/e)", "[_u_ v](s/u)", "[**a*](s/m)"),
    *(
        "[a\\]b](s/x)",
        "[a](s/x\\)y)",
        "[a](s/(x))",
        "[a](s/((x)",
        "[a](s/%41%zz)",
        "[&lt;](s/&lt;)",
    ),
    *(
        "<b>",
        "</b>",
        "<b c=']'>",
        "<http://x/]>",
        "<a@b.c>",
        "<!-- ] -->",
        "<?]?>",
        "<!A ]>",
        '"',
        "'",
    ),
    *(
        "[a](/r)",
        "[a](x:y)",
        "[a](//h/x)",
        "[a][b](s/z)",
        "[a [b](s/i) c](s/o)",
        "\\[a](s/a)",
        "~~",
    ),
)


def random_text(random: Random) -> str:
    """Return a text of a few lines, some of which go on in the containers of those before."""
    lines: list[str] = []
    prefix = ""
    for _ in range(random.randint(1, 9)):
        choice = random.random()
        if choice < 0.3:
            prefix = ""
        elif choice < 0.6:
            prefix = "".join(" " * len(part) if part != ">" else ">" for part in _parts(prefix))
        marks = "".join(
            random.choice(_INDENTS) * (random.random() < 0.3) + random.choice(_MARKS)
            for _ in range(random.choice((0, 0, 0, 1, 1, 1, 2, 3)))
        )
        start = random.choice(_INDENTS) if random.random() < 0.3 else ""
        lines.append(f"{start}{prefix}{marks}{_content(random)}")
        prefix += marks
    return "\n".join(lines) + "\n"


def _parts(prefix: str) -> list[str]:
    return [char if char in ">\t" else " " for char in prefix]


def _content(random: Random) -> str:
    if random.random() < 0.35:
        return random.choice(_LINES)
    return "".join(random.choice(_INLINE) for _ in range(random.randint(1, 5)))
