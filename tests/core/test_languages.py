"""Languages: their names, and telling which one a text is in."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.languages import LANGUAGES, check_language, detect, language_code
from seedkit.search.analysis import stemmer
from seedkit.search.words import chunks

TABLES = tomllib.loads((resources.files("seedkit.core") / "languages.toml").read_text("utf-8"))
_FUNCTION_WORDS: dict[str, str] = TABLES["function_words"]
OTHER = f"{TABLES['scripts']['other']} {TABLES['scripts']['both']}".split()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ar", "في الصباح ذهب الصياد إلى البحر الذي كان هادئا"),
        ("ca", "El mar puja i baixa dos cops al dia per la força de la lluna"),
        ("cs", "Moře stoupá a klesá, protože se Měsíc točí kolem Země, a není to jinak"),
        ("da", "Havet stiger to gange om dagen, og jeg ved ikke hvad der er sket med vandet"),
        ("de", "Das Meer steigt und fällt zweimal am Tag, weil der Mond das Wasser anzieht"),
        ("el", "Η θάλασσα ανεβαίνει και κατεβαίνει δύο φορές την ημέρα"),
        ("en", "Show the version of a file and list all the changes from it"),
        ("en", "tar: extract an archive to a folder with `-C`"),
        ("es", "El mar sube y baja dos veces al día por la fuerza de la luna"),
        ("et", "Meri tõuseb ja langeb kaks korda päevas, kui kuu seda ei hoia"),
        ("fa", "آب دریا دو بار در روز بالا می آید و این را ماه به وجود آورده است"),
        ("fi", "Meri nousee ja laskee, kun kuu on lähellä, mutta se ei ole aina niin"),
        ("fr", "La mer monte et descend deux fois par jour sous la force de la lune"),
        ("ga", "Tá an fharraige ag éirí agus ag titim faoi dhó sa lá"),
        ("hi", "समुद्र का पानी दिन में दो बार बढ़ता है और यह चाँद के कारण है"),
        ("hu", "A tenger naponta kétszer emelkedik, és ez a Hold miatt van, nem másért"),
        ("hy", "Ծովը օրական երկու անգամ բարձրանում է"),
        ("id", "Air laut naik dua kali sehari karena gaya tarik bulan dan matahari"),
        ("it", "Il mare sale e scende due volte al giorno per la forza della luna"),
        ("lt", "Jūra pakyla ir nusileidžia du kartus per dieną, kad ir kaip būtų"),
        ("nl", "De zee stijgt en daalt twee keer per dag door het water dat de maan trekt"),
        ("no", "Havet stiger to ganger om dagen, og jeg vet ikke hva som skjer av det"),
        ("pl", "Morze podnosi się i opada dwa razy na dobę, ale nie jest to dziwne"),
        ("pt", "O mar sobe e desce duas vezes por dia e isso não é por acaso"),
        ("ro", "Marea se ridică și coboară de două ori pe zi, pentru că este luna"),
        ("ru", "Море поднимается и опускается два раза в день, и это не случайно"),
        ("sr", "Море се диже и спушта два пута на дан, што није чудно, али је лепо"),
        ("sr", "More se diže i spušta dva puta na dan, što nije čudno, ali je lepo"),
        ("sv", "Havet stiger två gånger om dagen och det är för att månen drar i det"),
        ("ta", "கடல் ஒரு நாளில் இரண்டு முறை உயரும்"),
        ("tr", "Deniz günde iki kez yükselir ve bu ay ile güneş için çok doğal bir olay"),
        # Neighbours by their spelling.
        ("da", "Vis information om en fil, og brug af den efter installationen"),
        ("no", "Vis informasjon om en fil, og bruk av den etter installasjonen"),
        # A tenth of the letters in another script, and a little less.
        ("none", "아카이브를 추출: tar --extract the file to a folder in 디렉터리, as is"),
        ("none", "列出 all the files of a folder 及其 in it for you, 不含隐藏文件, as is"),
        ("ru", "Море и не на что: the file and all of it to a folder, this is for you"),
        ("en", "The wave has the length λ and the speed ν, of which this is the ratio"),
        # Languages that can't be stemmed, though neighbours can; what is no text.
        ("none", "Море піднімається та опускається двічі на день, і це не дивно"),
        ("none", "Морето се покачва и спада два пъти на ден, като това е от луната"),
        ("none", "More stúpa a klesá dva razy za deň, ale nie je to pre vietor, ako sa vraví"),
        ("none", "Biển dâng lên và hạ xuống hai lần một ngày, không có gì lạ"),
        ("none", "潮は一日に二回満ちる"),
        ("none", "x = a + i; ls -l -a -i"),
        ("none", "0001 0002 sha256"),
        ("none", ""),
    ],
)
def test_detect(code: str, text: str) -> None:
    assert detect(chunks(text)) == code


@given(st.lists(st.text()))
def test_any_words_have_a_language_or_none(words: list[str]) -> None:
    assert detect(words) in {*LANGUAGES.values(), "none"}


def weights(word: str) -> dict[str, int]:
    """What a word tells for each language that has it."""
    codes = [code for code, words in _FUNCTION_WORDS.items() if word in words.split()]
    lone = len(word) == 1 and word.isascii()
    return dict.fromkeys(codes, 1 if lone else (4, 3, 3, 2)[min(len(codes), 4) - 1])


@given(st.sets(st.sampled_from(" ".join(_FUNCTION_WORDS.values()).split())))
def test_the_language_with_the_highest_sum_is_found(words: set[str]) -> None:
    sums = sum(map(Counter, map(weights, words)), Counter())
    if any(sums[code] for code in OTHER) or {"da", "no"} & {*sums}:
        return  # then scripts or spellings decide
    best = max(sums.values(), default=0)
    expected = next((code for code in _FUNCTION_WORDS if sums[code] == best >= 5), None)
    if expected is not None:
        found = detect([*words, *words])
        assert found == ("none" if expected.startswith("-") else expected)


def test_names_and_codes() -> None:
    assert language_code("Indonesian") == language_code("id") == "id"
    assert (language_code("auto"), language_code("none")) == ("auto", "none")
    assert check_language("Indonesian") == "Indonesian"
    assert all(stemmer(code)("a") for code in LANGUAGES.values())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("englsh", "there is no stemmer for `englsh`; `english` is similar"),
        ("", "there is no stemmer for ``; write it in English, as `french`, or `none`"),
        ("\x1b[0m", r"there is no stemmer for `\x1b[0m`; write it in English, as `french`, or"),
    ],
)
def test_what_is_no_language(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        check_language(name)
