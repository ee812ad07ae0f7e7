"""Writes files of every built-in format, as varied as real ones, and damages them.

Made for the inference of formats: `make(kind, seed, count)` gives names and texts, `damage` spoils
one. Everything follows from the seed.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from seedkit.core.document import Kind, Piece
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_format
from seedkit.formats.parser import parse

_SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "bu",
    "da",
    "de",
    "di",
    "do",
    "du",
    "fa",
    "fe",
    "fi",
    "ga",
    "ge",
    "go",
    "ha",
    "he",
    "ho",
    "ka",
    "ke",
    "ki",
    "ko",
    "la",
    "le",
    "li",
    "lo",
    "lu",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "ni",
    "no",
    "nu",
    "pa",
    "pe",
    "pi",
    "po",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "si",
    "so",
    "su",
    "ta",
    "te",
    "ti",
    "to",
    "tu",
    "va",
    "ve",
    "wa",
    "wi",
    "ya",
    "yo",
]
_SCRIPTS = ("абвгдежзиклмнопрст", "αβγδεζηθικλμνξοπ", "ابتثجحخدرزسش", "अआइईउऊएकखगघचज")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


class Made(NamedTuple):
    """A file of some kind."""

    name: str
    text: str


class Writer:
    """Writes words, sentences and paragraphs that no two files share."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def pick(self, choices: str) -> str:
        return self.random.choice(choices.split())

    def word(self) -> str:
        return "".join(self.random.choices(_SYLLABLES, k=self.number(1, 4)))

    def foreign(self) -> str:
        letters = self.random.choice(_SCRIPTS)
        return "".join(self.random.choices(letters, k=self.number(3, 9)))

    def words(self, low: int, high: int) -> list[str]:
        return [self.word() for _ in range(self.number(low, high))]

    def title(self, low: int = 2, high: int = 8) -> str:
        return " ".join(self.words(low, high)).capitalize()

    def sentence(self) -> str:
        words = self.words(4, 18)
        if self.chance(0.05):
            words[-1] = self.foreign()
        if self.chance(0.1):
            words[0] += ":" if self.chance(0.3) else ","
        if self.chance(0.1):
            words[-1] = str(self.number(1, 2026))
        return " ".join(words).capitalize() + self.random.choice("....?!")

    def line(self, low: int = 1, high: int = 6) -> str:
        return " ".join(self.sentence() for _ in range(self.number(low, high)))

    def paragraph(self, width: int = 72) -> str:
        """Sentences in lines of at most `width` characters."""
        lines, line = [], ""
        for word in self.line(1, 5).split():
            if line and len(line) + len(word) >= width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".lstrip()
        return "\n".join([*lines, line])

    def paragraphs(self, low: int, high: int) -> str:
        return "\n\n".join(self.paragraph() for _ in range(self.number(low, high)))

    def date(self) -> str:
        return f"{self.number(1990, 2026)}-{self.number(1, 12):02}-{self.number(1, 28):02}"

    def time(self) -> str:
        return f"{self.number(0, 23):02}:{self.number(0, 59):02}:{self.number(0, 59):02}"

    def address(self) -> str:
        dots = "." if self.chance(0.4) else ""
        return f"{self.word()}{dots}{self.word()}@{self.word()}.{self.pick('example org net')}"

    def person(self) -> str:
        return f"{self.word().title()} {self.word().title()}"


def _digest(text: str, digits: int = 16) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def _conllu(w: Writer, i: int) -> Made:
    text = ""
    for s in range(w.number(1, 9)):
        words = w.words(2, 16)
        if w.chance(0.9):
            text += f"# sent_id = {w.pick('news blog')}-{i}-{s}\n# text = {' '.join(words)}\n"
        for at, word in enumerate(words, 1):
            tag = w.pick("NOUN VERB ADJ ADP DET PRON")
            feats = w.pick("_ Case=Nom Number=Sing|Person=3")
            misc = "SpaceAfter=No" if w.chance(0.1) else "_"
            head = w.number(0, len(words))
            text += f"{at}\t{word}\t{word[:4]}\t{tag}\t_\t{feats}\t{head}\tdep\t_\t{misc}\n"
        text += "\n"
    return Made(f"xx_{w.pick('train dev test')}-{i:04}.conllu", text)


def _fortune(w: Writer, i: int) -> Made:
    records = []
    for _ in range(w.number(2, 30)):
        record = (
            w.paragraphs(1, 2)
            if w.chance(0.7)
            else "\n".join(w.sentence() for _ in range(w.number(1, 6)))
        )
        if w.chance(0.4):
            record += f"\n\t\t-- {w.person()}"
        records.append(record)
    return Made(f"sayings-{i}", "\n%\n".join(records) + ("\n%\n" if w.chance(0.3) else "\n"))


def _front_matter(w: Writer, i: int) -> Made:
    date = w.date()
    meta = [f"title: {w.title()}", f"date: {date}", f"layout: {w.pick('post page essay')}"]
    if w.chance(0.7):
        meta.append(f"tags: [{', '.join(w.words(1, 4))}]")
    if w.chance(0.3):
        meta += ["authors:", *(f"  - {w.person()}" for _ in range(w.number(1, 3)))]
    if w.chance(0.2):
        meta.append("draft: true")
    body = w.paragraphs(1, 9)
    if w.chance(0.15):
        body += f"\n\n---\n\n{w.paragraph()}"
    if w.chance(0.4):
        body = f"## {w.title()}\n\n{body}"
    slug = "-".join(w.words(2, 5))
    return Made(f"{date}-{slug}.md", "---\n" + "\n".join(meta) + f"\n---\n\n{body}\n")


def _headers(w: Writer, *, mail: bool) -> str:
    day = f"{w.number(1, 28)} {w.pick(' '.join(_MONTHS))} {w.number(1993, 2026)}"
    lines = [f"From: {w.address()} ({w.person()})", f"Subject: {w.title(1, 7)}"]
    if w.chance(0.2):
        lines[1] += f"\n\t{w.title()}"
    lines.append(f"Date: {w.pick(' '.join(_DAYS))}, {day} {w.time()} +0{w.number(0, 9)}00")
    if w.chance(0.6):
        lines.append(f"Organization: {w.title(2, 4)}")
    if mail or w.chance(0.3):
        lines.append(f"Message-ID: <{w.number(1, 10**9)}.{w.word()}@{w.word()}.example>")
    if w.chance(0.3):
        lines.append(f"Reply-To: {w.address()}")
    if not mail:
        lines.append(f"Lines: {w.number(3, 90)}")
        if w.chance(0.2):
            w.random.shuffle(lines)
    return "\n".join(lines)


def _post(w: Writer) -> str:
    parts = [w.paragraph() for _ in range(w.number(1, 6))]
    if w.chance(0.4):
        quoted = "\n".join(f"> {line}" for line in w.paragraph().split("\n"))
        parts.insert(0, f"{w.person()} writes:\n{quoted}")
    if w.chance(0.3):
        parts.append(f"-- \n{w.person()}".replace("-- \n", "--\n"))
    return "\n\n".join(parts)


def _headers_body(w: Writer, i: int) -> Made:
    return Made(str(38000 + i * 3), f"{_headers(w, mail=False)}\n\n{_post(w)}\n")


def _mbox(w: Writer, i: int) -> Made:
    text = ""
    for _ in range(w.number(1, 6)):
        day = f"{w.pick(' '.join(_DAYS))} {w.pick(' '.join(_MONTHS))} {w.number(1, 28):2}"
        text += f"From {w.address()} {day} {w.time()} {w.number(1995, 2026)}\n"
        body = _post(w)
        if w.chance(0.1):
            body += f"\n\n>From {w.sentence()}"
        text += f"{_headers(w, mail=True)}\n\n{body}\n\n"
    return Made(f"{w.number(1995, 2026)}-{w.number(1, 12):02}-{i:03}.mbox", text)


def _news(w: Writer, i: int) -> Made:
    body = w.line(3, 14)
    text = f"{body}\n{w.title(3, 10)}\n{body}"
    return Made(f"{i:03}_{_digest(text)}.txt", text)


def _phpt(w: Writer, i: int) -> Made:
    def code() -> str:
        return "\n".join(f"${w.word()} = {w.word()}({w.number(0, 99)});" for _ in range(4))

    parts = [("TEST", f"{w.title()} (bug #{w.number(10000, 80000)})")]
    if w.chance(0.1):
        parts.append(("CREDITS", w.person()))
    if w.chance(0.25):
        parts.append(("EXTENSIONS", w.word()))
    if w.chance(0.3):
        parts.append(("SKIPIF", f"<?php if (!{w.word()}()) die('skip'); ?>"))
    if w.chance(0.3):
        parts.append(("INI", f"{w.word()}.{w.word()}={w.number(0, 9)}"))
    if w.chance(0.08):
        parts.append(("POST", f"{w.word()}={w.word()}"))
    parts.append(("FILE", f"<?php\n{code()}\n?>"))
    if w.chance(0.25):
        parts.append(("CLEAN", f"<?php\n@unlink('{w.word()}');\n?>"))
    output = "\n".join(w.word() for _ in range(w.number(1, 9)))
    kind = "EXPECT" if w.chance(0.6) else "EXPECTF" if w.chance(0.85) else "EXPECTREGEX"
    parts.append((kind, output if kind == "EXPECT" else f"{output}\n%d"))
    if w.chance(0.1):
        head, *rest = parts
        w.random.shuffle(rest)
        parts = [head, *rest]
    text = "".join(f"--{name}--\n{content}\n" for name, content in parts)
    return Made(f"bug{20000 + i * 7}.phpt", text)


def _plain(w: Writer, i: int) -> Made:
    return Made(f"note-{i:04}.txt", w.paragraphs(1, 12) + "\n")


def _qa(w: Writer, i: int) -> Made:
    gap = w.random.choice(("\n\n", "\n\n", "\n"))
    pairs = []
    for _ in range(w.number(1, 8)):
        question = w.sentence()
        answer = w.paragraph() if w.chance(0.7) else w.paragraphs(2, 3)
        pairs.append(f"Q: {question}\nA: {answer}")
    return Made(f"faq{i:03}.txt", gap.join(pairs) + "\n")


def _smart(w: Writer, i: int) -> Made:
    text = ""
    for number in range(w.number(1, 12)):
        text += f".I {i * 20 + number + 1}\n.T\n{w.paragraph(60)}\n.A\n"
        if w.chance(0.9):
            text += ",".join(w.words(1, 3)) + ".\n"
        text += ".B\n"
        if w.chance(0.95):
            text += (
                f"{w.pick('j. proc. rep.')} {w.word()} {w.number(1, 90)}, {w.number(1940, 1970)}.\n"
            )
        text += f".W\n{w.paragraph()}\n"
    return Made(f"cran.{i:03}", text)


def _srt(w: Writer, i: int) -> Made:
    records, at = [], 0
    for number in range(1, w.number(5, 40)):
        at += w.number(200, 4000)
        start, end = at, at + w.number(800, 5000)
        at = end
        signatures = [
            f"{t // 3600000:02}:{t // 60000 % 60:02}:{t // 1000 % 60:02},{t % 1000:03}"
            for t in (start, end)
        ]
        lines = [" ".join(w.words(1, 7)).capitalize() + "." for _ in range(w.number(1, 2))]
        if w.chance(0.1):
            lines[0] = f"<i>{lines[0]}</i>"
        records.append(f"{number}\n{signatures[0]} --> {signatures[1]}\n" + "\n".join(lines))
    return Made(f"S{i // 24 + 1:02}E{i % 24 + 1:02}.srt", "\n\n".join(records) + "\n")


def _startoftext(w: Writer, i: int) -> Made:
    samples = [f"<|startoftext|>{w.paragraphs(1, 3)}<|endoftext|>" for _ in range(w.number(1, 9))]
    return Made(f"sample_{i:05}.txt", "\n".join(samples) + "\n")


def _tldr(w: Writer, i: int) -> Made:
    name = "-".join(w.words(1, 2))
    text = f"# {name.replace('-', ' ') if w.chance(0.2) else name}\n\n> {w.sentence()}\n"
    if w.chance(0.3):
        text += f"> See also: `{w.word()}`.\n"
    if w.chance(0.9):
        text += f"> More information: <https://{w.word()}.example/{w.word()}>.\n"
    for _ in range(w.number(1, 8)):
        option = f" --{w.word()}" if w.chance(0.6) else ""
        text += f"\n- {w.title(3, 9)}:\n\n`{name}{option} {{{{path/to/{w.word()}}}}}`\n"
    return Made(f"{name}.{i}.md" if w.chance(0.02) else f"{name}.md", text)


def _trec(w: Writer, i: int) -> Made:
    text = ""
    for number in range(w.number(1, 7)):
        text += f"<DOC>\n<DOCNO> AP{880000 + i}-{number:04} </DOCNO>\n"
        if w.chance(0.5):
            text += f"<BYLINE>By {w.person()}</BYLINE>\n"
        for _ in range(w.number(0, 2)):
            text += f"<HEAD>{w.title()}</HEAD>\n"
        if w.chance(0.6):
            text += f"<DATE>{w.date()}</DATE>\n"
        text += f"<TEXT>\n{w.paragraphs(1, 4)}\n</TEXT>\n</DOC>\n"
    return Made(f"ap{880000 + i}", text)


def _txtar(w: Writer, i: int) -> Made:
    text = "".join(f"{line}\n" for line in w.paragraph().split("\n")) if w.chance(0.9) else ""
    for _ in range(w.number(1, 5)):
        path = "/".join(w.words(1, 3)) + w.pick(".go .txt .md")
        text += f"-- {path} --\n"
        if w.chance(0.9):
            text += "\n".join(w.sentence() for _ in range(w.number(1, 12))) + "\n"
    return Made(f"{'_'.join(w.words(2, 3))}.txtar", text)


KINDS: dict[str, Callable[[Writer, int], Made]] = {
    "conllu": _conllu, "fortune": _fortune, "front-matter": _front_matter,
    "headers-body": _headers_body, "mbox": _mbox, "news": _news, "phpt": _phpt, "plain": _plain,
    "qa": _qa, "smart": _smart, "srt": _srt, "startoftext": _startoftext, "tldr": _tldr,
    "trec": _trec, "txtar": _txtar,
}  # fmt: skip


def make(kind: str, seed: int, count: int) -> list[Made]:
    """Return so many files of the kind, with names of their own."""
    made: dict[str, Made] = {}
    number = 0
    while len(made) < count:
        file = KINDS[kind](Writer(f"{kind} {seed} {number}"), number + seed * 1000 % 800)
        made.setdefault(file.name, file)
        number += 1
    return list(made.values())


# -- damage


class Damaged(NamedTuple):
    """A file that was spoilt, and how."""

    how: str
    name: str
    text: str


def damage(kind: str, file: Made, seed: int = 0) -> Iterator[Damaged]:
    """Spoil the file in each way that leaves no sound file of the kind.

    The built-in format is the judge of the text, and for names the kind's own way of naming.
    """
    rng = random.Random(f"{kind} {file.name} {seed}")
    layout = Layout(kind, builtin_format(kind, ["*"]))
    for how, text in _spoilt(file.text, layout, rng):
        if text != file.text and not _sound(text, layout):
            yield Damaged(how, file.name, text)
    yield Damaged("name", _misnamed(file.name, rng), file.text)


def _sound(text: str, layout: Layout) -> bool:
    from seedkit.corpus.analyse import Analyser

    return not Analyser(layout).analyse("x", text.encode()).diagnostics


def _misnamed(name: str, rng: random.Random) -> str:
    ways = [f"{name}.bak", f"{name}~", f"Copy of {name}", f"_{name}", name.replace(".", " (1).", 1)]
    ways += [name[1:].upper() + "!", "x" + name.replace("0", "O") + " "]
    return rng.choice([way for way in ways if way != name])


def _spoilt(text: str, layout: Layout, rng: random.Random) -> Iterator[tuple[str, str]]:
    pieces = parse(text, layout).pieces
    delimiters = [p for p in pieces if p.kind is Kind.DELIMITER]
    sections = [p for p in pieces if p.kind is Kind.SECTION and text[p.start : p.end].strip()]
    if delimiters:
        it = rng.choice(delimiters)
        yield "removed", text[: it.start] + text[it.end :]
        it = rng.choice(delimiters)
        yield "doubled", text[: it.end] + text[it.start : it.end] + text[it.end :]
        yield "moved", _moved(text, rng.choice(delimiters), rng)
    if sections:
        it = rng.choice(sections)
        yield "emptied", text[: it.start] + text[it.end :]
    pair = _neighbours(pieces, rng)
    if pair is not None:
        (a, b), (c, d) = pair
        yield "swapped", text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def _moved(text: str, it: Piece, rng: random.Random) -> str:
    """The text with a delimiter at another place, at the start of a line if it was there."""
    delimiter = text[it.start : it.end]
    rest = text[: it.start] + text[it.end :]
    places = [i + 1 for i, char in enumerate(rest) if char == "\n"]
    if not delimiter.endswith("\n") or not places or delimiter.strip() == "":
        places = [i for i, char in enumerate(rest) if char == " "]
    near = sorted(places, key=lambda place: abs(place - it.start))[:6]
    near = [place for place in near if place != it.start]
    if not near:
        return text
    at = rng.choice(near)
    return rest[:at] + delimiter + rest[at:]


def _neighbours(
    pieces: Sequence[Piece], rng: random.Random
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The spans of two neighbouring sections of different names, with their own delimiters."""
    units: list[tuple[str, int, int]] = []
    opened: Piece | None = None
    for piece in pieces:
        if piece.kind is Kind.DELIMITER and piece.name not in ("record", "sections"):
            if (
                units
                and units[-1][0] == piece.name
                and opened is None
                and units[-1][2] == piece.start
            ):
                units[-1] = (piece.name, units[-1][1], piece.end)  # what closes it
            else:
                opened = piece
        elif piece.kind is Kind.SECTION:
            start = opened.start if opened and opened.name == piece.name else piece.start
            units.append((piece.name, start, piece.end))
            opened = None
        elif piece.kind is Kind.DELIMITER:
            units.append(("", piece.start, piece.start))
    pairs = [
        ((a, b), (c, d))
        for step in (1, 2)  # next to each other, or with a delimiter that joins them between
        for (one, a, b), (other, c, d) in zip(units, units[step:], strict=False)
        if one and other and one != other
    ]
    return rng.choice(pairs) if pairs else None
