"""Characters that are not seen: which they are, and how findings name them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from seedkit.document import Finding
from seedkit.text import BIDI_CONTROLS

# C0 and C1 controls but for tab, LF and CR; noncharacters of the BMP.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
BIDI = re.compile(f"[{''.join(sorted(BIDI_CONTROLS))}]")
# Default-ignorable code points that no orthography needs, and the two joiners.
# A virama (vowel killer) before a joiner at the end of a word asks for its visible form.
_VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2"
INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0001]|(?<![^\x00-\x7f])[\u200c\u200d]"
    f"|(?<![{_VIRAMAS}])[\u200c\u200d](?![^\x00-\x7f])"
)
# Invisible characters that `str.isprintable` takes for letters and marks.
PASSING = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]")


def first_of(rule: str, pattern: re.Pattern[str], text: str, what: str) -> Iterator[Finding]:
    """Report the first match in the text, and how many more there are."""
    match = pattern.search(text)
    if match is None:
        return
    count = 1 + sum(1 for _ in pattern.finditer(text, match.end()))
    message = f"{what} {points(match[0])}{times(count)}"
    yield Finding(rule, message, match.start(), match.end())


def points(text: str) -> str:
    """Return the names of the first few characters: `U+200B (ZERO WIDTH SPACE)`."""
    shown = text[:3]
    names = []
    for char in shown:
        name = _CONTROL_NAMES.get(ord(char)) or unicodedata.name(char, "")
        names.append(f"U+{ord(char):04X}" + (f" ({name})" if name and len(text) == 1 else ""))
    return " ".join(names) + (" …" if len(text) > 3 else "")


_CONTROL_NAMES = {0x00: "NUL", 0x07: "BEL", 0x08: "BACKSPACE", 0x0B: "VERTICAL TAB",
                  0x0C: "FORM FEED", 0x1B: "ESCAPE", 0x7F: "DELETE", 0x85: "NEXT LINE"}  # fmt: skip


def times(count: int) -> str:
    """Return the end of a message about the first of so many places."""
    return "" if count == 1 else f", and {count - 1:,} more"
