"""Languages that search can stem: their names, and which of them a text is in.

A text's language is told by its function words, the short words that no text of some length does
without (Grefenstette, "Comparing two language identification schemes", 1995), and, where only one
of the languages is written in a script, by its letters.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from seedkit.core.text import shorten

AUTO = "auto"
NONE = "none"

# What Snowball has a stemmer for, by ISO 639-1 code.
LANGUAGES: Mapping[str, str] = {
    "arabic": "ar", "armenian": "hy", "basque": "eu", "catalan": "ca", "czech": "cs",
    "danish": "da", "dutch": "nl", "english": "en", "esperanto": "eo", "estonian": "et",
    "finnish": "fi", "french": "fr", "german": "de", "greek": "el", "hindi": "hi",
    "hungarian": "hu", "indonesian": "id", "irish": "ga", "italian": "it", "lithuanian": "lt",
    "nepali": "ne", "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "serbian": "sr", "sesotho": "st", "spanish": "es",
    "swedish": "sv", "tamil": "ta", "turkish": "tr", "yiddish": "yi",
}  # fmt: skip

# The most frequent function words of each language. Those of languages that can't be stemmed, with
# a code that begins with `-`, keep their texts from being taken for a neighbour's. Croatian and
# Bosnian are stemmed as Serbian, in either script.
_FUNCTION_WORDS = {
    "ar": "في من على إلى أن هذا هذه التي الذي عن مع لا ما هو هي كان أو إذا كل بعد قد لم ثم بين "
    "غير ذلك",
    "hy": "և է են որ եմ մի այն այս համար հետ ու եւ կամ չի իր նրա մեջ որպես",
    "eu": "eta da du ez bat ere izan dira zuen baina dute egin hau bere edo dago zen ziren honek",
    "ca": "el la els les de del i en un una que per amb és dels al no més com si aquest aquesta o "
    "són",
    "cs": "a se v na je že o s z do i to k ve pro za by ale si po tento toto jako jsou nebo které "
    "který není jeho",
    "da": "og i at det er en et til på de den som med for af der ikke har var jeg eller kan fra "
    "om ved denne dette vis hvad efter blev",
    "nl": "de het een en van in is dat dit deze op te voor met zijn niet aan er ook als maar bij "
    "of naar wordt worden uit",
    "en": "the of and to in a is that for it as was with be by on not this are or from into at an "
    "you your have has which can will more when all",
    "eo": "la de kaj en estas al ne por kiel ĝi li mi ke kun sed ŝi ili oni tiu kiu",
    "et": "ja on ei see et kui oma ta ning ka mis oli või aga siis nad kes välja selle",
    "fi": "ja on ei että se tämä tämän hän oli joka mutta ovat kun niin myös tai jos sen ole olla "
    "kuin voi",
    "fr": "le la les l de des du et en un une que qui dans pour est pas au aux sur par avec ce "
    "cette il elle ne se ou plus sont",
    "de": "der die das und in den von zu mit ist sich des auf für nicht ein eine einen dem im als "
    "auch es an werden aus oder wird sind bei dieser diese",
    "el": "και το του της η να τα με για από που ο οι την είναι σε τον των στο στη δεν θα ένα μια "
    "ή αυτή αυτό",
    "hi": "के का की है में से को और हैं ने पर यह एक भी नहीं था कि हो करने लिए तो या इस",
    "hu": "a az és hogy nem is egy ez meg csak volt van de ha mint már vagy azt kell be el lehet "
    "még",
    "id": "yang dan di dari untuk dengan ini itu pada dalam tidak akan adalah oleh ke sebagai "
    "atau dapat juga telah karena ada bisa sebuah menjadi suatu lebih",
    "ga": "agus an na ar is i le go a tá sé ní bhí do mar ach sin ag ó chun nach",
    "it": "il lo la gli le i l di e che è in un uno una per non del della dei delle con si da "
    "sono questo questa come al alla dal ha più nel o anche su",
    "lt": "ir kad yra su į iš tai bet kaip jis buvo ne nuo per jo arba taip ar po apie prie ši šis",
    "ne": "र छ को मा पनि हो यो छन् गर्न भने थियो लागि गरेको एक भएको तर हरू हुन्छ गर्नुहोस्",
    "no": "og i det er en et til på den som for med av at ikke de har var fra eller kan jeg men "
    "om ved denne dette vis hva etter ble",
    "fa": "و در به از که این را با است برای آن یک می تا بر هم نیز کرد خود ها بود شود یا اگر",
    "pl": "w i na z się do nie że jest to ten ta te o a po jak za od dla przez tym jako lub są "
    "ale może czy więcej",
    "pt": "de a o que e do da em um uma para não com os no na se por mais as dos das como ao à é "
    "foi são ou este esta pelo",
    "ro": "de și în a la cu pe care nu un o din se este că pentru mai sau ca fi sunt prin dacă "
    "cel acest",
    "ru": "и в не на что с по как это эта этот из к а он для от у но или его все же при то если "
    "бы о более больше",
    "sr": "и у је да се на за од са су као који не а то или о би што ова ово овај i u je da se na "
    "za od sa su kao koji ne a to ili o bi iz što samo ova ovo ovaj",
    "st": "le ho ka ke ba ha ea hore o ya e tse oa tsa di ne eo kapa hae",
    "es": "de la que el en y a los las un una se del por con para no su al es lo como más o pero "
    "sus si este esta está son",
    "sv": "och i att det som en ett på är av för med till den har inte de detta denna om var från "
    "eller kan så vi men",
    "ta": "ஒரு மற்றும் இந்த என்று என அல்லது இது அந்த உள்ள கொண்டு மேலும் இல்லை ஆகும் அது பின்னர் இருந்து போன்ற",
    "tr": "ve bir bu da de için ile olarak çok daha gibi ne o olan var ama değil veya her kadar "
    "sonra en ya ise",
    "yi": "און די דער איז אין פון צו מיט דאָס ניט האָט אויף איך ער זיי וואָס אויך נאָר",
    "-be": "і не на што ў з як для да гэта па ці яго было",
    "-bg": "и на в да се за от е с не по че като са този това тази ще или със след към",
    "-he": "של את על לא הוא עם זה כי גם או היא אני אם",
    "-is": "og að er í á sem til við en um af það ekki var hann eða",
    "-lv": "un ir ar no par ka uz kas bet vai arī tika tas nav",
    "-mk": "и на во да се за од е со не што го ги кој како или",
    "-mr": "आहे आणि या ते हे नाही मध्ये आहेत करण्यासाठी किंवा एक",
    "-sk": "a je sa na v že s z do o to ako pre ale po sú si za by alebo aj pri nie",
    "-sl": "in je na se v za da so ki z s pa ne kot po iz tudi ali če bo",
    "-sw": "na ya wa kwa ni katika la za kama hii",
    "-tl": "ang ng sa na mga ay at para ito",
    "-uk": "і та в що не на у до як для з це ця цей за від його або є при по бути чи між",
    "-ur": "کے کی میں ہے اور کا سے کو پر نے ہیں یہ ایک کہ بھی نہیں",
    "-uz": "va bilan uchun bu bir yoki ham emas uning yangi barcha",
    "-vi": "và của là có không được cho các một trong với này những người để đã",
}

# What a function word tells: more if few languages have it, little if it is a single ASCII letter,
# which may be an option or a variable. Less than two words, one of them shared, decide nothing.
_WEIGHTS = (4, 3, 3, 2)
_LEAST = 5

_CODES = (*_FUNCTION_WORDS,)
_LANE = 16  # bits for the sum of a language's weights
_SCORES = struct.Struct(f"<{len(_CODES)}H")

# Scripts that one language of the above is written in.
_SCRIPTS = (("el", "\u0370", "\u03ff"), ("hy", "\u0530", "\u058f"), ("ta", "\u0b80", "\u0bff"))
_LAST_LETTER = re.compile("[" + "".join(f"{a}-{b}" for _, a, b in _SCRIPTS) + "](?![^ ])")


def language_code(name: str) -> str:
    """Return the code of a language that is given by name or code; `auto` and `none` stay.

    Raises `ValueError`, with a name that is similar, for any other.
    """
    folded = name.casefold()
    if folded in (AUTO, NONE) or folded in LANGUAGES.values():
        return folded
    if folded in LANGUAGES:
        return LANGUAGES[folded]
    import difflib

    near = difflib.get_close_matches(folded, [*LANGUAGES, AUTO, NONE], n=1)
    hint = f"`{near[0]}` is similar" if near else "write it in English, as `french`, or `none`"
    raise ValueError(f"there is no stemmer for `{shorten(name)}`; {hint}")


def check_language(value: str) -> str:
    """Return the setting as it is; raises `ValueError` as `language_code` does."""
    language_code(value)
    return value


@cache
def _table() -> dict[str, int]:
    """For each function word, as it may stand in a text, its weight in each language that has it.

    The languages' weights stand side by side in one number, that they may be added up at once.
    """
    import unicodedata

    languages: dict[str, list[str]] = {}
    for code, words in _FUNCTION_WORDS.items():
        for word in dict.fromkeys(words.split()):
            languages.setdefault(word, []).append(code)
    table: dict[str, int] = {}
    lanes = {code: 1 << _LANE * number for number, code in enumerate(_CODES)}
    for word, codes in languages.items():
        lone = len(word) == 1 and word.isascii()
        weight = 1 if lone else _WEIGHTS[min(len(codes), len(_WEIGHTS)) - 1]
        for form in (word, word.capitalize(), unicodedata.normalize("NFD", word)):
            table[form] = weight * sum(lanes[code] for code in codes)
    return table


@cache
def _known() -> frozenset[str]:
    return frozenset(_table())


def detect(tokens: Sequence[str]) -> str:
    """Return the code of the language that a text's words are in; `none` if that is not plain.

    Each function word counts once, however often it stands there. ASCII letters are expected in
    lower case, others as they stand. Of languages that tie, the first in the table is taken: that
    of a neighbour finds more than none at all.
    """
    total = sum(map(_table().__getitem__, _known().intersection(tokens)))
    return _best(total) or _by_script(tokens)


@lru_cache(4096)  # short texts, of which there may be a million, have few function words
def _best(total: int) -> str | None:
    """The code of the language with the greatest weight, if that is enough."""
    scores = _SCORES.unpack(total.to_bytes(_SCORES.size, "little"))
    best = max(scores)
    if best < _LEAST:
        return None
    found = _CODES[scores.index(best)]
    return NONE if found.startswith("-") else found


def _by_script(tokens: Sequence[str]) -> str:
    """The language of the first word that is in a script which only one language is written in."""
    text = " ".join(tokens)
    found = None if text.isascii() else _LAST_LETTER.search(text)
    if found is None:
        return NONE
    return next(code for code, first, last in _SCRIPTS if first <= found[0] <= last)
