"""Every engine answers every query as `match.py` defines it: through analysis, index and plan.

The same corpora and queries for all engines; first cases by hand, then whatever hypothesis thinks
of. A case says which seeds are found, and so tests the definition, too.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.errors import EnvironmentFault
from seedkit.formats.layout import Layout
from seedkit.formats.spec import FormatSpec
from seedkit.search import plan, query
from seedkit.search.analysis import Tokeniser
from seedkit.search.engines import load
from seedkit.search.match import Matcher
from seedkit.search.model import Engine, Reader
from seedkit.search.records import RecordMaker, RecordText, fields_of
from seedkit.settings.engines import ENGINES
from support.corpora import more

# Letters with a number and a topic in each name; notes of one section; lists of many records.
FORMATS: dict[str, dict[str, Any]] = {
    "letter": {
        "file": {"name": r"(?P<topic>\w+)-(?P<number>\d+)\.txt"},
        "section": [
            {"name": "title", "delimiter": "Title:", "required": False, "weight": 3.0},
            {"name": "body", "delimiter": "Body:", "required": False},
            {"name": "private", "delimiter": "Private:", "required": False, "search": False},
        ],
    },
    "dated": {"file": {"name": r"(?P<rate>[-.\d]+) (?P<day>[-\w]+)\.txt"}},
    "note": {"section": [{"name": "body"}]},
    "list": {
        "record": {"mode": "start", "delimiter": {"pattern": r"# (?P<id>\w+)"}},
        "section": [
            {"name": "head", "delimiter": "Head:", "required": False},
            {"name": "body", "delimiter": "Body:", "required": False},
        ],
    },
    "chat": {
        "language": "none",
        "record": {"mode": "lines"},
        "section": [
            {
                "name": "conversation",
                "content": "json",
                "field": [
                    {"name": "turns[].text", "text": True},
                    {"name": "meta.place"},
                ],
            }
        ],
    },
    "card": {
        "language": "none",
        "section": [{"name": "meta", "content": "yaml", "field": [{"name": "kind"}]}],
    },
}


LAYOUTS = {
    name: Layout(name, FormatSpec.model_validate({"files": ["**"], **spec}))
    for name, spec in FORMATS.items()
}
FIELDS = fields_of(LAYOUTS.values())
TOKENISER = Tokeniser()  # once: its caches take longest to fill

Places = set[tuple[str, int]]


class Index(NamedTuple):
    """A corpus as an engine holds it, and as the definition needs it."""

    reader: Reader
    records: list[RecordText]
    languages: set[str]


def indexed(engine: Engine, seeds: Mapping[str, str], folder: str) -> Index:
    """Index seeds, each in the format that its folder names."""
    engine.create(folder)
    writer = engine.write(folder)
    records: list[RecordText] = []
    languages = set()
    for path, text in seeds.items():
        maker = RecordMaker(LAYOUTS[path.partition("/")[0]], TOKENISER)
        records += maker.records(path, text.encode())
        found, language = maker.index_with_language(path, text.encode())
        languages.add(language)
        for record in found:
            writer.add(record)
    writer.commit()
    writer.close()
    return Index(engine.read(folder), records, languages)


def defined(node: query.Node, index: Index) -> Places:
    """Return what is found by definition."""
    matcher = Matcher(node, FIELDS, TOKENISER)
    return {(each.path, each.number) for each in index.records if matcher.matches(each)}


def answered(node: query.Node, index: Index, languages: set[str] | None = None) -> Places:
    """Return what is found through plan, engine, and, where the plan says so, verification."""
    planned = plan.plan(node, index.reader, FIELDS, TOKENISER, languages)
    found = {hit[:2] for hit in index.reader.search(planned.node, None).hits}
    return found if planned.exact else found & defined(node, index)


@pytest.fixture(params=[each.name for each in ENGINES], scope="module")
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine whose library is installed."""
    try:
        return load(request.param)
    except EnvironmentFault as fault:
        pytest.skip(fault.message)


# Cases by hand


def letter(body: str, title: str = "", private: str = "") -> str:
    parts = (("Title:", title), ("Body:", body), ("Private:", private))
    return "".join(f"{label}\n{text}\n" for label, text in parts if text)


SEEDS = {
    # English
    "letter/tides-007.txt": letter(
        "The captain was running with the tide, and doesn't trust the well-known tables.",
        "Tide and moon",
        "secret",
    ),
    "letter/moons-12.txt": letter("The moon runs the tides of the sea; the tide is high.", "Ebb"),
    "letter/boats-1998.txt": letter("A boat that is in the harbour, with its universal engine."),
    "note/paths": "Type C:\\tools or http://example.org/a_b in the shell, and it is done.",
    # Indonesian, German, French
    "note/id": "Anak-anak itu membaca buku di rumah dan makan bersama dengan ibu yang baik.",
    "note/de": "Die Häuser und der Fluß sind nicht weit von der Straße, aber es ist schön.",
    "note/fr": "Les élèves sont dans la forêt avec une amie de l'école, et ils ont mangé.",
    # Arabic with vowel signs, Hebrew with points
    "note/ar": "هَذَا كِتَابٌ مُفِيدٌ عن التاريخ في المدرسة وهو من الكتب الجديدة",
    "note/he": "שָׁלוֹם לכולם",
    # Scripts without spaces
    "note/zh": "東京都は日本の首都です。カタカナ",
    "note/kyoto": "京都に行きました",
    "note/th": "สวัสดีครับ ยินดีที่ได้รู้จัก",
    # The same in NFC and NFD, and in other forms that NFKC folds
    "note/nfc": unicodedata.normalize("NFC", "Ångström café"),
    "note/nfd": unicodedata.normalize("NFD", "Ångström café"),
    "note/wide": "ＦＵＬＬ ｗｉｄｔｈ ﬁsh ½",
    # Hidden characters, line ends within a run, letters for apostrophes, hamza
    "note/hidden": "so\u00adft\u200b ha\u200brd 東\u200b海\u2060道 ไทย\u200bแลนด์ bom\ufeffbed",
    "note/wrapped": "時刻\n表は駅に\r\n置かれた 黒\n\n板 赤 鉛筆",
    "note/letters": "Hawaiʻi and Pʼyongan, and the ʿAbbāsids of Iraq in it",
    "note/hamza": "أحمد سؤال بئر ٱلرَّحۡمَٰنِ",
    # Words with diacritics that stemmers heed
    "note/pt": "As informações são de uma empresa que não é do país, mas é para o público.",
    "note/tr": "Iğdır ve çevresi için bu daha güzel bir yer, ama çok uzak değil.",
    # Numbers and dates
    "dated/2.5 2023-05-01.txt": "alpha",
    "dated/-3 2023.txt": "beta",
    "dated/10 2024-01-31.txt": "gamma",
    "dated/-0.25 undated.txt": "delta",
    # Several records
    "list/plants": "# rose\nHead:\nred flower\nBody:\ntall tree\n# oak\nBody:\nred tree tall\n",
    # Data with fields, declared and not; the third does not parse
    "chat/one.jsonl": (
        '{"turns": [{"text": "An auk, and caf\\u00e9"}], "meta": {"place": "Rathlin Head"}}\n'
        '{"turns": [{"text": "none"}], "note": "a guillem\\u006ft\\nfledges"}\n'
        '{"turns": [{"text": "razorbill"}, "meta": {"place": "Skomer"}\n'
    ),
    "card/one.yaml": "kind: kittiwake\nhabitat:\n  - ledge of basalt\n",
    "card/two.yaml": "kind: [fulmar\nhabitat: skerry\n",
}
ALL = sorted({(path, 0) for path in SEEDS} | {("list/plants", 1)})

TIDES, MOONS, BOATS = "letter/tides-007.txt", "letter/moons-12.txt", "letter/boats-1998.txt"
ALPHA, BETA = "dated/2.5 2023-05-01.txt", "dated/-3 2023.txt"
GAMMA, DELTA = "dated/10 2024-01-31.txt", "dated/-0.25 undated.txt"
ROSE, OAK = "list/plants", "list/plants#1"

CASES: dict[str, list[str]] = {
    # words, in any form
    "tide": [TIDES, MOONS],
    "tides running": [TIDES, MOONS],
    "TIDE Moon": [TIDES, MOONS],
    "run harbour": [],
    "secret": [],
    "engines": [BOATS],
    "rumah": ["note/id"],
    "bacaan": ["note/id"],
    "haus": ["note/de"],
    "strasse": ["note/de"],
    "FLUSS": ["note/de"],
    "schon": ["note/de"],
    "eleve foret": ["note/fr"],
    "كتاب": ["note/ar"],
    "מִשָּׁלוֹם OR שלום": ["note/he"],
    # operators
    "boat OR rumah": [BOATS, "note/id"],
    "tide NOT ebb": [TIDES],
    "tide -ebb": [TIDES],
    "tide AND (captain OR sea) -ebb": [TIDES],
    "boat OR captain moon": [BOATS, TIDES],
    "(boat OR captain) moon": [TIDES],
    "NOT (tide OR NOT (red OR boat))": [BOATS, ROSE, OAK],
    "tide -(high OR captain)": [],
    "red -red": [],
    # phrases, which are as written, within a section
    '"the tide"': [TIDES, MOONS],
    '"the tides"': [MOONS],
    '"tide and moon"': [TIDES],
    '"moon the captain"': [],
    '"tide moon" OR "moon tide"': [],
    '"the tide" -"the tides"': [TIDES],
    "well-known": [TIDES],
    "doesn't": [TIDES],
    "C:\\tools": ["note/paths"],
    "http://example.org": ["note/paths"],
    "a_b": ["note/paths"],
    # near
    '"moon tide"~0': [],
    '"moon tide"~1': [TIDES],
    '"captain tide"~3': [],
    '"captain tide"~4': [TIDES],
    '"tide captain"~4': [TIDES],
    'tide -"moon tide"~1': [MOONS],
    # prefixes and fuzzy words, which are of words as written
    "tid*": [TIDES, MOONS],
    "runn*": [TIDES],
    "tabl* OR harb*": [TIDES, BOATS],
    "moon~1": [TIDES, MOONS],
    "mooon~1": [TIDES, MOONS],
    "mono~1": [TIDES, MOONS],
    "captn~1": [],
    "captn~2": [TIDES],
    "ångs*": ["note/nfc", "note/nfd"],
    # fields
    "title:tide": [TIDES],
    "title:moons": [TIDES],
    "body:moon": [MOONS],
    'title:"tide and"': [TIDES],
    'body:"tide and"': [TIDES],
    'body:"tide and moon"': [],
    "title:(tide OR ebb)": [TIDES, MOONS],
    "title:ti*": [TIDES],
    "title:ebbe~1": [MOONS],
    "body:run -title:ebb": [TIDES],
    "head:red": [ROSE],
    "body:red": [OAK],
    "-head:red red": [OAK],
    "format:list": [ROSE, OAK],
    "path:notes OR path:harbour": [],
    "language:en moon": [TIDES, MOONS],
    "language:english -tide": ["note/paths", "note/letters", BOATS],
    "language:indonesian OR language:DE": ["note/id", "note/de"],
    "language:fr*": ["note/fr"],
    "language:xx": [],
    "language:ja": ["note/kyoto", "note/wrapped", "note/zh"],
    "language:japanese -path:zh": ["note/kyoto", "note/wrapped"],
    "language:nb": [],
    "language:thai OR language:he": ["note/he", "note/hidden", "note/th"],
    "path:kyoto": ["note/kyoto"],
    "topic:moons": [MOONS],
    "id:oak": [OAK],
    "private:secret": [],
    # ranges
    "number:7": [TIDES],
    "number:007": [TIDES],
    "number:7..12": [TIDES, MOONS],
    "number:8..": [MOONS, BOATS],
    "number:..12": [TIDES, MOONS],
    "number:13..1997": [],
    "topic:a..c": [BOATS],
    "number:..1000 -topic:moons": [TIDES],
    "rate:2..10": [ALPHA, GAMMA],
    "rate:-5..5": [ALPHA, BETA, DELTA],
    "rate:-3": [BETA],
    "-rate:-3 rate:..0": [DELTA],
    "rate:(..-1 OR 10..)": [BETA, GAMMA],
    "day:2023..": [ALPHA, BETA, GAMMA],
    "day:..2023": [ALPHA, BETA],
    "day:2023-05..2024-01": [ALPHA, GAMMA],
    "day:2023-05-02..": [GAMMA],
    "day:a..": [DELTA],
    "rate:a..": [],
    # scripts without spaces: any stretch of characters
    "東京": ["note/zh"],
    "京都": ["note/zh", "note/kyoto"],
    "京": ["note/zh", "note/kyoto"],
    "都": ["note/zh", "note/kyoto"],
    "日本の首都": ["note/zh"],
    "首都東京": [],
    "カタ": ["note/zh"],
    "ｶﾀｶﾅ": ["note/zh"],
    "東京 行": [],
    "行*": ["note/kyoto"],
    "ครับ": ["note/th"],
    "สวัสดี": ["note/th"],
    # forms of characters
    "ångström": ["note/nfc", "note/nfd"],
    unicodedata.normalize("NFD", "ångström"): ["note/nfc", "note/nfd"],
    "angstrom cafe": ["note/nfc", "note/nfd"],
    '"ÅNGSTRÖM CAFÉ"': ["note/nfc", "note/nfd"],
    "full width fish": ["note/wide"],
    # hidden characters decide nothing, nor does a line end within a run
    "soft hard": ["note/hidden"],
    "ha\u00adrd": ["note/hidden"],
    "東海道": ["note/hidden"],
    "東\u200b海": ["note/hidden"],
    "ไทยแลนด์": ["note/hidden"],
    "bombed": ["note/hidden"],
    "\ufeffsoft \u200bAND\u200b hard": ["note/hidden"],
    "時刻表": ["note/wrapped"],
    "駅に置かれた": ["note/wrapped"],
    "時刻\n表": ["note/wrapped"],
    "黒板": [],
    "赤鉛筆": [],
    # apostrophes that are letters, hamza
    "hawai'i": ["note/letters"],
    "hawaiʼi": ["note/letters"],
    "abbasids": ["note/letters"],
    '"p yongan"': ["note/letters"],
    "احمد": ["note/hamza"],
    "أحمد سوال": ["note/hamza"],
    "بير": ["note/hamza"],
    "الرحمن": [],  # a letter that is no sign of recitation
    # a word finds itself, whatever its case and accents
    "informações": ["note/pt"],
    "informaçoes": ["note/pt"],
    "INFORMACOES": ["note/pt"],
    "informacões": ["note/pt"],
    "ığdır": ["note/tr"],
    "IĞDIR": ["note/tr"],
    "iğdir": ["note/tr"],
    "çévresi": ["note/tr"],
    # every word of data is found: prose, values, keys, what no field names, what does not parse
    "auk cafe": ["chat/one.jsonl"],
    "turns_text:auk": ["chat/one.jsonl"],
    '"an auk"': ["chat/one.jsonl"],
    '"text an"': [],
    "rathlin": ["chat/one.jsonl"],
    "meta_place:rathlin": ["chat/one.jsonl"],
    'meta_place:"rathlin head"': ["chat/one.jsonl"],
    "place auk": ["chat/one.jsonl"],
    "guillemot fledges": ["chat/one.jsonl#1"],
    "note": ["chat/one.jsonl#1"],
    "turns_text:guillemot": [],
    "razorbill skomer": ["chat/one.jsonl#2"],
    "kittiwake": ["card/one.yaml"],
    "kind:kittiwake": ["card/one.yaml"],
    "basalt ledge": ["card/one.yaml"],
    "habitat -fulmar": ["card/one.yaml"],
    "fulmar skerry": ["card/two.yaml"],
    # weights and repetitions change no answer
    "tide^3 moon^0.5": [TIDES, MOONS],
    "tide tide tide": [TIDES, MOONS],
}


@pytest.fixture(scope="module")
def by_hand(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The seeds above."""
    index = indexed(engine, SEEDS, str(tmp_path_factory.mktemp("index")))
    yield index
    index.reader.close()


@pytest.mark.parametrize("text", CASES)
def test_a_query_finds(text: str, by_hand: Index) -> None:
    node = query.parse(text, FIELDS).node
    assert node is not None
    expected = sorted(CASES[text])
    assert named(defined(node, by_hand)) == expected
    assert named(answered(node, by_hand)) == expected
    assert named(answered(node, by_hand, by_hand.languages)) == expected


def named(places: Places) -> list[str]:
    return sorted(f"{path}#{number}" if number else path for path, number in places)


# Whatever hypothesis thinks of

NFD = unicodedata.normalize("NFD", "café")
LANGUAGES = {
    "en": "the is and of run running runs tide tides well-known doesn't a_b trust 12 007 red",
    "id": "yang dan di dengan itu membaca bacaan makan makanan dimakan rumah rumahnya anak-anak",
    "de": "der und nicht ist häuser Haus straße STRASSE schön schon Läufer laufen",
    "fr": f"les dans une est avec l'eau café {NFD} élèves élève cafés",
    "ar": "في من هذا كتاب كِتَاب والكتاب الكتب مدرسة المدرسة",
    "cjk": "東京都 京都 東 日本の首都 カタカナ ｶﾀ 京 한국어 中a文",
    "thai": "สวัสดี ครับ สวัสดีครับ ที่ได้ ได้",
    "odd": "½ ﬁsh ＦＵＬＬ Å a\u0301\u0302 ﷺ e\u200de \u00adx İ ß",
}
VOCABULARY = sorted({word for words in LANGUAGES.values() for word in words.split()})
SEPARATORS = (" ", " ", " ", " ", ", ", ". ", "-", "\n", "'", "_", "")


def made_up(number: int) -> dict[str, str]:
    """Return a corpus of words that come again and again, most seeds in one language."""
    rng = random.Random(number)

    def text() -> str:
        words = rng.choice((VOCABULARY, *(words.split() for words in LANGUAGES.values())))
        at, size = rng.randrange(len(words)), rng.choice((0, 1, 4, 8, 16))
        drawn = words[at : at + size] if rng.random() < 0.5 else rng.choices(words, k=size)
        return "".join(word + rng.choice(SEPARATORS) for word in drawn)

    def some(chance: float) -> str:
        return text() if rng.random() < chance else ""

    seeds = {}
    for name in ("tides-007", "tides-12", "moons-7", "Häuser-1998", "réd-100"):
        seeds[f"letter/{name}.txt"] = letter(text(), some(0.8), some(0.3))
    for name in ("running", "a b", "tide/é"):
        seeds[f"note/{name}"] = text()
    seeds["letter/stray"] = text()
    for name in ("one", "two"):
        seeds[f"list/{name}"] = some(0.3) + "".join(
            f"# {each}\nHead:\n{some(0.7)}\nBody:\n{text()}\n"
            for each in rng.sample(("rose", "oak", "Käfer", "12"), 3)
        )
    return seeds


WORD = st.sampled_from(VOCABULARY)
SIDE_BY_SIDE = st.sampled_from(
    [
        " ".join(words[at : at + size])
        for words in map(str.split, LANGUAGES.values())
        for size in (2, 3)
        for at in range(len(words) - size + 1)
    ]
)
FIELD = st.sampled_from(("title", "body", "head", "private", "number", "topic", "id", "path", "no"))
DIGITS = st.sampled_from(("", "7", "007", "12", "100", "1998", "a", "tides"))
LEAF = st.one_of(
    WORD,
    WORD,
    st.builds(lambda word, size: f"{word[:size]}*", WORD, st.integers(1, 4)),
    st.builds(
        lambda word, at, by: f"{word[:at]}{word[at + 1 :]}~{by}", WORD, *[st.integers(1, 3)] * 2
    ),
    st.lists(WORD, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    SIDE_BY_SIDE.map(lambda words: f'"{words}"'),
    st.builds(lambda words, by: f'"{words}"~{by}', SIDE_BY_SIDE, st.integers(0, 2)),
    st.builds(lambda a, b, by: f'"{a} {b}"~{by}', WORD, WORD, st.integers(0, 3)),
    st.builds(lambda low, high: f"number:{low}..{high}", DIGITS, DIGITS),
    st.builds(lambda low, high: f"topic:{low}..{high}", DIGITS, DIGITS),
    st.sampled_from(
        ("format:letter", "format:list", "number:7", "id:oak", "path:a", "topic:häuser")
    ),
)
SCOPED = st.one_of(LEAF, LEAF, st.builds(lambda name, leaf: f"{name}:{leaf}", FIELD, LEAF))


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda a, b: f"{a} {b}", inner, inner),
        st.builds(lambda a, b: f"{a} OR {b}", inner, inner),
        st.builds(lambda a, b: f"{a} AND NOT {b}", inner, inner),
        inner.map(lambda a: f"-{a}"),
        inner.map(lambda a: f"NOT ({a})"),
        st.builds(lambda a, name: f"{name}:({a})", inner, FIELD),
        inner.map(lambda a: f"({a})^2"),
    )


OPERATORS = ('"', "(", ")", "-", "~", "^", ":", "*", "AND", "OR", "NOT", "..", '"a', "~9", "a:")
QUERY = st.one_of(
    st.recursive(SCOPED, combined, max_leaves=5),
    st.lists(st.one_of(WORD, st.sampled_from(OPERATORS))).map(" ".join),
)


CORPORA = range(8)


@pytest.fixture(scope="module")
def indexes(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Index]:
    """Return a function that indexes a made-up corpus."""
    return cache(
        lambda number: indexed(engine, made_up(number), str(tmp_path_factory.mktemp("index")))
    )


@pytest.mark.parametrize("number", CORPORA)
@more(2)
@given(text=QUERY)
def test_engines_answer_as_defined(indexes: Callable[[int], Index], number: int, text: str) -> None:
    index = indexes(number)
    node = query.parse(text, FIELDS).node
    if node is not None:
        expected = named(defined(node, index))
        assert named(answered(node, index)) == expected
        assert named(answered(node, index, index.languages)) == expected
