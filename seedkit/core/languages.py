"""Languages that search can tell apart: their names, and which of them a text is in.

A text's language shows in its function words, the short words that no text of some length does
without (Grefenstette, "Comparing two language identification schemes", 1995), and, where only one
of the languages is written in a script, by its letters.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

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
# What is recognised, but can't be stemmed.
UNSTEMMED: Mapping[str, str] = {
    "belarusian": "be", "bengali": "bn", "bulgarian": "bg", "burmese": "my", "chinese": "zh",
    "georgian": "ka", "gujarati": "gu", "hebrew": "he", "icelandic": "is", "japanese": "ja",
    "kannada": "kn", "khmer": "km", "korean": "ko", "lao": "lo", "latvian": "lv",
    "macedonian": "mk", "malayalam": "ml", "marathi": "mr", "odia": "or", "punjabi": "pa",
    "sinhala": "si", "slovak": "sk", "slovenian": "sl", "swahili": "sw", "tagalog": "tl",
    "telugu": "te", "thai": "th", "ukrainian": "uk", "urdu": "ur", "uzbek": "uz",
    "vietnamese": "vi",
}  # fmt: skip
# Other names and codes of these, and of languages that are taken for one of them.
_ALIASES: Mapping[str, str] = {
    "bokmal": "no", "nb": "no", "nn": "no", "nynorsk": "no",
    "bosnian": "sr", "bs": "sr", "croatian": "sr", "hr": "sr",
    "fil": "tl", "filipino": "tl",
}  # fmt: skip
STEMMED = frozenset(LANGUAGES.values())
CODES = STEMMED.union(UNSTEMMED.values())
_BY_NAME: Mapping[str, str] = {**LANGUAGES, **UNSTEMMED, **_ALIASES}

# What a function word tells: more if few languages have it, little if it is a single ASCII letter,
# which may be an option or a variable. Less than two words, one of them shared, decide nothing; of
# long texts more is asked, for any language has words that are spelt like others' function words.
_WEIGHTS = (4, 3, 3, 2)
_LEAST, _LEAST_OF_LONG = 5, 20
_LONG = 40  # words, for each that is asked for
_SHORT = 150  # words of a text that may well have no function word

_LANE = 16  # bits for the sum of a language's weights

# Letters of Latin, and of other scripts: a text with a tenth of these or more is not in a language
# that is written in Latin letters.
_LATIN = re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]+")
_OTHER = re.compile(
    "[\u0370-\u1dff\u1f00-\u1fff\u2c00-\u2dff\u3005-\u3007\u3031-\ua71f\ua800-\uab2f\uab70-\ufaff"
    "\ufb07-\ufdff\ufe70-\ufefc\uff66-\uffdc\U00010000-\U0001d3ff\U0001e000-\U0001efff"
    "\U00020000-\U0003ffff]+"
)
_FOREIGN = 10  # of so many letters, one
_SAMPLE = 1000  # letters of other scripts that are looked at, of a whole text
# Bytes of UTF-8: all but those that letters of other scripts begin with, from U+0340 on without
# U+2000 to U+2FFF; and all but ASCII letters.
_NOT_LEADING = bytes(range(0xCD)) + b"\xe2"
_NO_LETTERS = bytes(byte for byte in range(256) if byte >= 0x80 or not chr(byte).isalpha())


class _Scripts(dict[str, str]):
    """From letters to the languages that alone are written in their scripts; nothing for others."""

    def __init__(self, letters: Mapping[str, str]) -> None:
        self._patterns = [(code, re.compile(f"[{spans}]")) for code, spans in letters.items()]

    def __missing__(self, char: str) -> str:
        found = (code for code, pattern in self._patterns if pattern.match(char))
        self[char] = code = next(found, "")
        return code


class _Tables(NamedTuple):
    """What tells languages apart, from languages.toml.

    `weights` has for each function word, as it may stand in a text, its weight in each language
    that has it. These stand side by side in one number, that they may be added up at once.
    `elsewhere` masks those of languages that are never written in Latin letters, and `other` are
    the codes of all that need not be. `scripts` has the language of each letter whose script no
    other one is written in. `alphabets` are those letters that are in some alphabets only, all of
    which `special` matches.
    """

    codes: tuple[str, ...]
    weights: dict[str, int]
    words: frozenset[str]
    scores: struct.Struct
    elsewhere: int
    other: frozenset[str]
    spellings: tuple[dict[str, str], ...]
    scripts: _Scripts
    alphabets: dict[str, str]
    special: re.Pattern[str]


def language_code(name: str) -> str:
    """Return the code of a language that is given by name or code; `auto` and `none` stay.

    Raises `ValueError`, with a name that is similar, for any other.
    """
    folded = name.casefold()
    if folded in (AUTO, NONE) or folded in CODES:
        return folded
    if folded in _BY_NAME:
        return _BY_NAME[folded]
    import difflib

    near = difflib.get_close_matches(folded, [*_BY_NAME, AUTO, NONE], n=1)
    hint = f"`{near[0]}` is similar" if near else "write it in English, as `french`, or `none`"
    raise ValueError(f"`{shorten(name)}` is no language that is known; {hint}")


@cache
def language_names(code: str) -> tuple[str, ...]:
    """Return the names of a language, and other codes that it has; none for `none`."""
    return tuple(name for name, each in _BY_NAME.items() if each == code)


def is_language(folded: str) -> bool:
    """Tell whether casefolded text is the name or a code of a language that is known, or `none`."""
    return folded in CODES or folded in _BY_NAME or folded == NONE


def spoken_language(environment: Mapping[str, str]) -> str:
    """Return the code of the language of a locale, as the environment has it; else nothing."""
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    code = re.split("[_.@]", next(filter(None, names), ""))[0]
    code = _ALIASES.get(code, code)
    return code if code in CODES else ""


def check_language(value: str) -> str:
    """Return the setting as it is; raises `ValueError` as `language_code` does."""
    language_code(value)
    return value


@cache
def _tables() -> _Tables:
    import tomllib
    import unicodedata

    # Not by `importlib.resources`: a search would import a dozen modules for this one file.
    read = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    function_words: dict[str, str] = read["function_words"]
    languages: dict[str, list[str]] = {}
    for code, words in function_words.items():
        for word in dict.fromkeys(words.split()):
            languages.setdefault(word, []).append(code)
    weights: dict[str, int] = {}
    lanes = {code: _LANE * number for number, code in enumerate(function_words)}
    for word, codes in languages.items():
        lone = len(word) == 1 and word.isascii()
        weight = 1 if lone else _WEIGHTS[min(len(codes), len(_WEIGHTS)) - 1]
        total = sum(weight << lanes[code] for code in codes)
        weights[word] = weights[word.capitalize()] = total
        weights[unicodedata.normalize("NFD", word)] = total
    other, both = (frozenset(read["scripts"][each].split()) for each in ("other", "both"))
    return _Tables(
        tuple(function_words),
        weights,
        frozenset(weights),
        struct.Struct(f"<{len(function_words)}H"),
        sum(((1 << _LANE) - 1) << lanes[code] for code in other),
        other | both,
        tuple(read["spellings"]),
        _Scripts(read["letters"]),
        read["alphabets"],
        re.compile(f"[{''.join(read['alphabets'].values())}]"),
    )


def detect(tokens: Sequence[str]) -> str:
    """Return the code of the language that a text's words are in; `none` if that is not plain.

    Each function word counts once, however often it stands there. ASCII letters are expected in
    lower case, others as they stand. Of languages that tie, the first in the table is taken: that
    of a neighbour finds more than none at all.
    """
    tables = _tables()
    total = sum(map(tables.weights.__getitem__, tables.words.intersection(tokens)))
    least = min(max(_LEAST, len(tokens) // _LONG), _LEAST_OF_LONG)
    found = _best(total, least)
    if (found is None or found not in tables.other) and (letters := _foreign_letters(tokens)):
        found = _best(total & tables.elsewhere, least)
        found = _by_script(letters) if found is None else found
        return _by_alphabet(tokens, other=True) if found == NONE else found
    if found is None:
        found = _by_alphabet(tokens, other=False)
    for spellings in tables.spellings:
        if found in spellings:
            return _by_spelling(found, spellings, tokens)
    return found


@lru_cache(4096)  # short texts, of which there may be a million, have few function words
def _best(total: int, least: int) -> str | None:
    """The code of the language with the greatest weight, if that is enough."""
    tables = _tables()
    scores = tables.scores.unpack(total.to_bytes(tables.scores.size, "little"))
    best = max(scores)
    return None if best < least else tables.codes[scores.index(best)]


def _foreign_letters(tokens: Sequence[str]) -> str:
    """The letters of other scripts, if they are one in ten of all letters or more; else none."""
    text = "".join(tokens)  # no space is a letter
    if text.isascii():
        return ""
    data = text.encode("utf-8", "replace")
    most = len(data.translate(None, _NOT_LEADING))
    if most * (_FOREIGN - 1) < len(data.translate(None, _NO_LETTERS)):  # far quicker than to see
        return ""
    letters = "".join(_OTHER.findall(text))
    own = sum(map(len, _LATIN.findall(text)))
    return letters if len(letters) * (_FOREIGN - 1) >= own else ""


def _by_spelling(code: str, spellings: Mapping[str, str], tokens: Sequence[str]) -> str:
    """The one of some languages that more words of the text are spelt in; `code` if that ties."""
    words = frozenset(tokens)
    counts = {}
    for each, listed in spellings.items():
        own = listed.split()
        endings = tuple(ending[1:] for ending in own if ending.startswith("-"))
        counts[each] = len(words.intersection(own)) + sum(word.endswith(endings) for word in words)
    return max(counts, key=lambda each: (counts[each], each == code))


def _by_script(letters: str) -> str:
    """The language whose letters most of these are; `none` if most are no one's.

    Han characters are Japanese where a tenth of them or more are kana, Korean with as much Hangul.
    """
    scripts = _tables().scripts
    counts: Counter[str] = Counter()
    for letter, count in Counter(letters[:: len(letters) // _SAMPLE + 1]).items():
        counts[scripts[letter]] += count
    for code in ("ja", "ko"):
        if counts["zh"] and counts[code] * _FOREIGN >= counts[code] + counts["zh"]:
            counts[code] += counts.pop("zh")
    return max(counts, key=counts.__getitem__, default="") or NONE


def _by_alphabet(tokens: Sequence[str], *, other: bool) -> str:
    """The one language whose alphabet has most of the special letters, and lacks fewest.

    Of those in Latin letters, or the `other` ones. There must be two more letters that it has than
    that it lacks, and the text must be short.
    """
    if len(tokens) > _SHORT:
        return NONE
    tables = _tables()
    counts = Counter(tables.special.findall(" ".join(tokens).lower()))
    if not counts:
        return NONE
    total = counts.total()
    scores = {
        code: 2 * sum(counts[letter] for letter in letters) - total
        for code, letters in tables.alphabets.items()
        if (code in tables.other) >= other
    }
    best = max(scores, key=scores.__getitem__)
    alone = list(scores.values()).count(scores[best]) == 1
    return best if scores[best] > 1 and (alone or other) else NONE
