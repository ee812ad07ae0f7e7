"""How often is the language of a text told right, and how fast?

    python benchmarks/languages.py TLDR [UDHR]

TLDR holds folders of tldr pages: `pages` in English, `pages.CODE` in others. UDHR is the folder of
the declaration's translations in XML, by the codes of ISO 639-3, as `udhr_dan.xml`
(github.com/eric-muller/udhr): texts of another kind, whole and article by article. Languages that
are not known should be told to be none of those that are; how often they are not, is printed too.
The speed is that of cutting a text into chunks and telling its language, in one process.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from seedkit.core.languages import CODES, detect, language_code
from seedkit.search.words import chunks

# Of ISO 639-3 and names of orthographies, to ours.
UDHR = """
ar:arb be:bel bg:bul bn:ben ca:cat cs:ces da:dan de:deu_1901,deu_1996 el:ell_monotonic,ell_polytonic
en:eng eo:epo es:spa et:ekk,est eu:eus fa:pes_1,pes_2 fi:fin fr:fra ga:gle gu:guj he:heb hi:hin
hu:hun hy:hye id:ind is:isl it:ita ja:jpn ka:kat km:khm kn:kan ko:kor lo:lao lt:lit lv:lav,lvs
mk:mkd ml:mal mr:mar my:mya ne:nep,npi nl:nld no:nno,nob or:ory pa:pan pl:pol pt:por_BR,por_PT
ro:ron_1953,ron_1993,ron_2006 ru:rus si:sin sk:slk sl:slv
sr:bos_cyrl,bos_latn,cnr,hrv,srp_cyrl,srp_latn st:sot sv:swe sw:swh ta:tam,tam_LK te:tel th:tha,tha2
tl:fil,tgl tr:tur uk:ukr ur:urd,urd_2 uz:uzn_latn vi:vie yi:ydd zh:cmn_hans,cmn_hant
"""
LEAST = 40  # characters of an article


class Tally:
    """Counts texts by the code that is expected and the one that was told, and the time it took."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._bytes, self._seconds = 0, 0.0

    def add(self, name: str, code: str, text: str) -> None:
        """Tell the language of a text, which is expected to be `code`."""
        started = time.process_time()
        told = detect(chunks(text))
        self._seconds += time.process_time() - started
        self._bytes += len(text.encode())
        self._told[name, code][told] += 1

    def show(self, title: str) -> None:
        """Print the share that was right, and each of the names with less than 99 %."""
        texts = sum(map(Counter.total, self._told.values()))
        right = sum(told[code] for (_, code), told in self._told.items())
        speed = self._bytes / 1e6 / self._seconds
        print(f"\n{title}: {texts:,} texts, {right / texts:.4f} right, {speed:.1f} MB/s")
        for (name, code), told in sorted(self._told.items()):
            if (share := told[code] / told.total()) < 0.99:
                others = ", ".join(f"{count} {each}" for each, count in told.most_common(4))
                print(f"  {name:<16}{code:<6}{share:.3f}  {others}")


def tldr(folder: Path) -> None:
    """Print how the languages of the pages are recognised."""
    tally = Tally()
    for pages in sorted(folder.glob("pages*")):
        code = pages.name.partition(".")[2].partition("_")[0] or "en"
        try:
            code = language_code(code)
        except ValueError:
            code = "none"
        for page in sorted(path for path in pages.rglob("*") if path.is_file()):
            tally.add(pages.name, code, page.read_text("utf-8", "replace"))
    tally.show(folder.name)


def udhr(folder: Path) -> None:
    """Print how that of the declaration is, whole and by article."""
    rows = (row.split(":") for row in UDHR.split())
    codes = {name: code for code, names in rows for name in names.split(",")}
    assert CODES.issuperset(codes.values())
    whole, parts, unknown = Tally(), Tally(), Counter[bool]()
    for file in sorted(folder.rglob("udhr_*.xml")):
        name = file.stem.removeprefix("udhr_")
        articles = list(articles_of(file))
        if not articles:
            continue
        if name not in codes:
            unknown[detect(chunks("\n".join(articles))) == "none"] += 1
            continue
        whole.add(name, codes[name], "\n".join(articles))
        for article in articles:
            parts.add(name, codes[name], article)
    whole.show("UDHR, whole")
    parts.show("UDHR, by article")
    print(
        f"\nUDHR in languages that are not known: {unknown[True]} of {unknown.total()} are `none`"
    )


def articles_of(file: Path) -> Iterator[str]:
    """Yield the text of the preamble and of each article."""
    for element in ElementTree.parse(file).iter():
        if re.search(r"\}(article|preamble)$", element.tag):
            text = "\n".join(paragraphs(element.iter()))
            if len(text) >= LEAST:
                yield text


def paragraphs(elements: Iterable[ElementTree.Element]) -> Iterator[str]:
    """Yield the text of each title and paragraph."""
    for element in elements:
        if re.search(r"\}(para|title)$", element.tag):
            yield "".join(element.itertext())


if __name__ == "__main__":
    tldr(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        udhr(Path(sys.argv[2]))
