"""What might be marked within lines: pairs like `<TEXT>` … `</TEXT>`, tokens like `<|user|>`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from seedkit.infer.draft import Values

_TOKEN = re.compile(
    r"<\|[\w.:-]{1,40}\|>|</?[A-Za-z][\w.:-]{0,40}>|\[/?[A-Za-z_]{1,30}\]|</?[a-z]{1,10}_\w{1,30}>"
)
_MOST = 0.95


class Tags:
    """The tokens of some texts, in order."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.found = [_TOKEN.findall(text) for text in texts]
        self.spread = Counter(token for tokens in self.found for token in set(tokens))
        self.total = Counter(token for tokens in self.found for token in tokens)

    def records(self) -> Iterator[Values]:
        """Return `[record]` tables with tokens that stand anywhere in a line."""
        count = len(self.texts)
        first = _usual((tokens[0] for tokens in self.found if tokens), count)
        last = _usual((tokens[-1] for tokens in self.found if tokens), count)
        if first and last and first != last and self._alternate(first, last):
            yield {"mode": "block", "open": first, "close": last, "match": "inline"}
        for token in (first, last):
            if token and self.total[token] > count and "/" not in token:
                ends = sum(text.rstrip().endswith(token) for text in self.texts)
                mode = "terminator" if ends >= _MOST * count else "separator"
                yield {"mode": mode, "delimiter": token, "match": "inline"}

    def _alternate(self, first: str, last: str) -> bool:
        """Tell whether the two come in turn, in nearly all texts."""
        fits = 0
        for tokens in self.found:
            both = [token for token in tokens if token in (first, last)]
            fits += both == [first, last] * (len(both) // 2) and bool(both)
        return fits >= _MOST * len(self.texts)

    def pairs(self) -> list[Values]:
        """Return sections for pairs of tokens that open and close, the outermost only."""
        pairs = {
            token: closer
            for token in self.total
            if (closer := _closer(token))
            and self.total[closer] * 20 >= self.total[token] * 19
            and self.spread[token] >= (2 if len(self.texts) > 3 else 1)
        }
        inner: Counter[str] = Counter()
        for tokens in self.found:
            stack: list[str] = []
            for token in tokens:
                if stack and token == pairs[stack[-1]]:
                    stack.pop()
                elif token in pairs:
                    inner[token] += bool(stack)
                    stack.append(token)
        return [
            {"delimiter": token, "close": closer, "match": "inline"}
            for token, closer in pairs.items()
            if inner[token] * 2 < self.total[token]
        ]

    def openers(self) -> list[Values]:
        """Return sections for tokens that only open, as in a dialogue; none if some look closed."""
        tokens = [
            token
            for token in self.total
            if token.startswith("<|") and self.spread[token] >= min(2, len(self.texts))
        ]
        return [{"delimiter": token, "match": "inline"} for token in tokens[:30]]


def _closer(token: str) -> str | None:
    if token[1:2] in ("/", "|"):
        return None
    return f"{token[0]}/{token[1:]}"


def _usual(tokens: Iterator[str], count: int) -> str | None:
    """The token that nearly all of so many texts have at some place."""
    ranked = Counter(tokens).most_common(1)
    return ranked[0][0] if ranked and ranked[0][1] >= _MOST * count else None
