"""Formats inferred from texts in home-grown formats, and from texts that have none."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.infer.choose import PLAIN, best_format, evenly, sample
from seedkit.infer.cluster import Text, cover
from seedkit.infer.cost import cost_of
from seedkit.infer.draft import layout_of
from seedkit.infer.facts import content_of, copies
from seedkit.infer.plan import describe
from seedkit.infer.propose import Seed, propose
from seedkit.infer.summary import about
from support.kinds import Writer, make


def title_body(w: Writer) -> str:
    return f"{w.title()}\n\n{w.paragraphs(2, 4)}\n"


def underlined(w: Writer) -> str:
    title = w.title()
    return f"{title}\n{'=' * len(title)}\n\n{w.paragraphs(2, 4)}\n"


def one_object(w: Writer) -> str:
    more = {"note": w.word()} if w.chance(0.3) else {}
    return json.dumps({"title": w.title(), "text": w.line(), **more}) + "\n"


def object_a_line(w: Writer) -> str:
    lines = (json.dumps({"q": w.sentence(), "a": w.line()}) for _ in range(w.number(3, 9)))
    return "".join(f"{line}\n" for line in lines)


def parallel(w: Writer) -> str:
    return "".join(f"{w.sentence()} ||| {w.sentence()}\n" for _ in range(w.number(3, 9)))


def judgements(w: Writer) -> str:
    return "".join(f"{i} {w.number(1, 999)} {w.number(0, 3)}\n" for i in range(w.number(5, 20)))


def fields(w: Writer) -> str:
    return f"Name: {w.person()}\nDate: {w.date()}\nText: {w.line()}\n"


def many_fields(w: Writer) -> str:
    keys = (
        "Author Born Country Date Editor Format Genre Height Index Journal Kind Language Month "
        "Number"
    )
    return "".join(f"{key}: {w.word()}\n" for key in keys.split() if w.chance(0.9))


def prompts(w: Writer) -> str:
    given = f"### Input:\n{w.sentence()}\n\n" if w.chance(0.4) else ""
    return f"### Instruction:\n{w.sentence()}\n\n{given}### Response:\n{w.paragraph()}\n"


def dialogue(w: Writer) -> str:
    turns = (f"User: {w.sentence()}\nAssistant: {w.paragraph()}\n" for _ in range(w.number(1, 5)))
    return "".join(turns)


def chat(w: Writer) -> str:
    turns = (f"<|user|>{w.sentence()}<|bot|>{w.paragraph()}<|end|>" for _ in range(w.number(1, 5)))
    return "".join(turns) + "\n"


def roles(w: Writer) -> str:
    turns = (f"<|user|>\n{w.sentence()}\n<|bot|>\n{w.paragraph()}\n" for _ in range(w.number(1, 5)))
    return f"<|system|>\n{w.sentence()}\n" + "".join(turns)


def dashes(w: Writer) -> str:
    return "\n---\n".join(w.paragraphs(1, 3) for _ in range(w.number(2, 8))) + "\n"


def rules(w: Writer) -> str:
    parts = [w.paragraphs(1, 2) for _ in range(w.number(2, 6))]
    return "".join(f"{part}\n{'-' * w.number(10, 40)}\n" for part in parts) + w.sentence() + "\n"


def three_parts(w: Writer) -> str:
    return f"{w.title()}\n---\n{w.date()}\n---\n{w.paragraphs(1, 4)}\n"


def optional_line(w: Writer) -> str:
    last = f"\nhttps://{w.word()}.example/{w.word()}" if w.chance(0.5) else ""
    return f"{w.date()}\n{w.title()}\n{w.line()}{last}\n"


def diary(w: Writer) -> str:
    return "\n".join(f"{w.date()}\n{w.paragraphs(1, 2)}\n" for _ in range(w.number(2, 9)))


def end_of_text(w: Writer) -> str:
    return "".join(f"{w.paragraphs(1, 3)}<|endoftext|>" for _ in range(w.number(2, 9)))


def card(w: Writer) -> str:
    kind = w.pick("news sport art")
    return f"{w.number(1, 999)}\n{w.date()}\nhttps://{w.word()}.example/a\n{kind}\n{w.line()}\n"


def capitals(w: Writer) -> str:
    return f"TITLE\n{w.title()}\nABSTRACT\n{w.paragraph()}\nBODY\n{w.paragraphs(1, 3)}\n"


def tagged(w: Writer) -> str:
    return f"<title>{w.title()}</title>\n<body>\n{w.paragraphs(1, 3)}\n</body>\n"


def tagged_loosely(w: Writer) -> str:
    note = f"{w.sentence()}\n" if w.chance(0.5) else ""
    body = f"<body>{w.paragraph()}</body>"
    return f"<doc>\n<title>{w.title()}</title>\n{note}{body}\n</doc>\n" * 2


def numbered(w: Writer) -> str:
    docs = (f'<doc id="{w.number(1, 9999)}">\n{w.paragraph()}\n</doc>\n' for _ in range(4))
    return "".join(docs)


def toml_head(w: Writer) -> str:
    return f'+++\ntitle = "{w.title()}"\n+++\n\n{w.paragraphs(1, 3)}\n'


def only_head(w: Writer) -> str:
    tags = f"tags: [{w.word()}]\n" if w.chance(0.5) else ""
    return f"---\ntitle: {w.title()}\n{tags}date: {w.date()}\n---\n"


def sections(w: Writer) -> str:
    notes = f"## Notes\n\n{w.paragraphs(1, 3)}\n\n" if w.chance(0.5) else ""
    return (
        f"# {w.title()}\n\n{w.paragraphs(1, 4)}\n\n## Background\n\n{w.paragraphs(1, 4)}\n\n"
        f"{notes}## References\n\n{w.paragraphs(1, 2)}\n"
    )


def verses(w: Writer) -> str:
    kinds = ["[Verse]", "[Chorus]", *(w.pick("[Verse] [Chorus]") for _ in range(w.number(1, 4)))]
    return "\n\n".join(f"{kind}\n{w.paragraph(30)}" for kind in kinds) + "\n"


EXPECTED: dict[Callable[[Writer], str], list[str]] = {
    title_body: [
        "2 sections with an empty line between: title, body",
        "title: one line",
        "body:",
    ],
    underlined: [
        "labelled sections: title, part",
        "title: one line",
        "part: after lines like `={3,}`",
    ],
    one_object: ["JSON", "data: JSON, with title, text"],
    object_a_line: ["records with a newline between them; JSON", "data: JSON, with q, a"],
    parallel: ["rows of columns", "rows: rows of 2 columns"],
    judgements: ["rows of columns", "rows: rows of 3 columns"],
    fields: [
        "labelled sections: name, date, text",
        "name: after `Name:`, one line",
        "date: after `Date:`, one line, a date",
        "text: after `Text:`, one line",
    ],
    many_fields: ["`Key: value` lines", "headers: `Key: value` lines"],
    prompts: [
        "labelled sections: instruction, input, response",
        "instruction: after `### Instruction:`, one line",
        "input: after `### Input:`, optional, one line",
        "response: after `### Response:`",
    ],
    dialogue: [
        "labelled sections: user, assistant",
        "user: after `User:`, repeated, one line",
        "assistant: after `Assistant:`, repeated",
    ],
    chat: [
        "records between `<|user|>` and `<|end|>`; labelled sections: text, bot",
        "text: one line",
        "bot: after `<|bot|>`",
    ],
    roles: [
        "labelled sections: system, user, bot",
        "system: after `<|system|>`, one line",
        "user: after `<|user|>`, repeated, one line",
        "bot: after `<|bot|>`, repeated",
    ],
    dashes: ["records with `---` between them", "text:"],
    rules: ["records with lines like `-{3,}` between them", "text:"],
    three_parts: [
        "3 sections with `---` between: title, date, body",
        "title: one line",
        "date: one line, a date",
        "body:",
    ],
    optional_line: [
        "4 sections with a newline between: date, title, body, url",
        "date: a date",
        "title:",
        "body:",
        "url: optional, a url",
    ],
    diary: [r"records that start with lines like `(?P<date>\d{4}-\d{2}-\d{2})`", "text:"],
    end_of_text: ["records that end with `<|endoftext|>`", "text:"],
    card: [
        "5 sections with a newline between: number, date, url, kind, body",
        "number: a number",
        "date: a date",
        "url: a url",
        "kind: one of art, news, sport",
        "body:",
    ],
    capitals: [
        "labelled sections: title, abstract, body",
        "title: after `TITLE`, one line",
        "abstract: after `ABSTRACT`",
        "body: after `BODY`",
    ],
    tagged: [
        "labelled sections: title, body",
        "title: from `<title>` to `</title>`, one line",
        "body: from `<body>` to `</body>`",
    ],
    tagged_loosely: [
        "records between `<doc>` and `</doc>`; labelled sections: title, body",
        "title: from `<title>` to `</title>`, one line",
        "body: from `<body>` to `</body>`",
    ],
    numbered: [
        'records between lines like `<doc id="(?P<number>\\d+)">` and `</doc>`',
        "text:",
    ],
    toml_head: [
        "labelled sections: meta, body",
        "meta: from `+++` to `+++`, TOML, with title",
        "body:",
    ],
    only_head: ["YAML", "meta: from `---` to `---`, YAML, with title, date"],
    sections: [
        "labelled sections: title, background, notes, references",
        "title: after `#`",
        "background: after `## Background`",
        "notes: after `## Notes`, optional",
        "references: after `## References`",
    ],
    verses: [
        "records with an empty line between them; labelled sections: verse, chorus",
        "verse: after `[Verse]`, optional",
        "chorus: after `[Chorus]`, optional",
    ],
}


def texts_of(maker: Callable[[Writer], str], count: int = 40) -> list[str]:
    return [maker(Writer(f"{maker.__name__} {i}")) for i in range(count)]


def described(texts: list[str]) -> list[str]:
    seeds = [Seed(f"{i}.txt", text.encode(), text) for i, text in enumerate(texts)]
    names = [seed.path for seed in seeds]
    values = propose(best_format(texts, builtins=False), seeds, names).values
    said = [f"{s['name']}: {', '.join(about(s))}".rstrip() for s in values["section"]]
    return [describe(values), *said]


@pytest.mark.parametrize("maker", EXPECTED, ids=lambda maker: maker.__name__)
def test_home_grown_format(maker: Callable[[Writer], str]) -> None:
    assert described(texts_of(maker)) == EXPECTED[maker]


def poem(w: Writer) -> str:
    return "\n".join(" ".join(w.words(3, 6)).capitalize() for _ in range(w.number(9, 20))) + "\n"


def words(w: Writer) -> str:
    return "".join(f"{word}\n" for word in w.words(5, 60))


def prose(w: Writer) -> str:
    return "\n\n".join(w.line(3, 8) for _ in range(w.number(1, 6))) + "\n"


def noise(w: Writer) -> str:
    return "".join(chr(w.number(32, 126)) for _ in range(w.number(1, 200)))


@pytest.mark.parametrize("maker", [poem, words, prose, noise], ids=lambda maker: maker.__name__)
def test_no_structure_is_found_where_there_is_none(maker: Callable[[Writer], str]) -> None:
    assert best_format(texts_of(maker), builtins=False).values == PLAIN
    assert best_format(texts_of(maker)).values == {"extends": "builtin:plain"}


@given(st.lists(st.text(alphabet="ab %-:\n#<>|0", max_size=60), min_size=1, max_size=6))
def test_any_texts_have_a_format_that_costs_no_more_than_none(texts: list[str]) -> None:
    for builtins in (False, True):
        choice = best_format(texts, builtins=builtins)
        plain = layout_of(PLAIN)
        assert plain is not None
        assert choice.cost.bits <= cost_of(PLAIN, plain, texts).bits


def test_a_few_damaged_texts_are_exceptions() -> None:
    texts = texts_of(card)
    texts[7] = "oops\n"
    choice = best_format(texts, builtins=False)
    assert (choice.cost.explained, choice.cost.units) == (39, 40)
    assert round(choice.cost.share, 3) == 0.975
    assert describe(choice.values).startswith("5 sections with a newline between")


def test_one_text_says_little_but_a_copy_is_no_accident() -> None:
    assert best_format(["A line.\nAnother.\nA third.\n"], builtins=False).values == PLAIN
    body = "The ferry left at six with a crate of bees, and was back by noon."
    values = best_format([f"{body}\nBees cross the strait\n{body}"], builtins=False).values
    assert values["sections"] == {"delimiter": "\n"}
    assert [section.get("same_as") for section in values["section"]] == [None, None, "s0"]


def test_a_long_text_is_judged_by_its_records() -> None:
    w = Writer("long")
    text = "".join(f".I {i}\n.T\n{w.title()}\n.W\n{w.paragraphs(2, 3)}\n" for i in range(200))
    choice = best_format([text.replace(".I 20\n.T\n", ".I 20\n")], builtins=False)
    assert describe({**choice.values, "section": [{"name": "t"}, {"name": "w"}]}) == (
        r"records that start with lines like `\.I (?P<number>\d+)`; labelled sections: t, w"
    )
    assert choice.cost.explained == choice.cost.units - 1


# -- several formats in one heap


def collection(*makers: Callable[[Writer], str], count: int = 30) -> list[Text]:
    every = [texts_of(maker, count) for maker in makers]
    mixed = [text for texts in zip(*every, strict=True) for text in texts]
    return [Text(f"seeds/{i:03}.txt", text) for i, text in enumerate(mixed)]


def test_texts_of_several_formats_are_told_apart() -> None:
    texts = collection(prompts, card, prose)
    found, rest = cover(texts, builtins=False)
    said = [(describe(each.choice.values), [i % 3 for i in each.members]) for each in found]
    assert sorted(said) == [
        ("5 sections with a newline between: s0, s1, s2, s3, s4", [1] * 30),
        ("labelled sections: s0, s1, s2", [0] * 30),
    ]
    assert [i % 3 for i in rest] == [2] * 30


def test_a_format_that_fits_two_kinds_is_replaced_by_those_of_each() -> None:
    posts, mails = make("headers-body", 1, 20), make("mbox", 1, 20)
    texts = [Text(f"seeds/{i:03}", file.text) for i, file in enumerate([*posts, *mails])]
    found, rest = cover(texts)
    assert sorted((each.choice.values["extends"], each.members) for each in found) == [
        ("builtin:headers-body", list(range(20))),
        ("builtin:mbox", list(range(20, 40))),
    ]
    assert rest == []


def test_texts_without_structure_are_no_heap_of_formats() -> None:
    found, rest = cover(collection(prose, poem, words), builtins=False)
    assert (found, rest) == ([], list(range(90)))


# -- parts


def test_contents_of_sections() -> None:
    assert content_of([]) == {}
    assert content_of(["a b", "c"]) == {}
    assert content_of(["a\tb\nc\td", "e\tf"]) == {
        "content": "rows",
        "columns": 2,
        "empty_cells": "forbid",
    }
    assert content_of(["a|b|\nc|d|e", "e|f|g\n1|2|3"]) == {
        "content": "rows",
        "columns": 3,
        "separator": "|",
    }
    assert content_of(["1, 2\n3, 4"]) == {}, "two columns with a comma are prose"
    assert content_of(['{"a": 1}', "[1]"]) == {"content": "json"}
    assert content_of(["{so} it goes", "{a}"]) == {}


def test_copies_of_sections() -> None:
    record = [(0, "some text"), (1, "other"), (2, "some text")]
    assert copies([record, [(0, "b b"), (1, "c"), (2, "b b")]]) == {2: 0}
    assert copies([[(0, "a"), (1, "a")]]) == {}, "one character is no copy"
    assert copies([record, [(0, "b b"), (1, "c"), (2, "d d")]]) == {}
    assert copies([[(0, "same"), (1, "same"), (2, "same")]]) == {1: 0, 2: 0}


@given(st.integers(1, 200), st.integers(1, 50))
def test_samples_come_from_everywhere_in_order(count: int, most: int) -> None:
    chosen = evenly(range(count), most)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(count, most)
    if count >= 4 <= most:
        assert chosen[0] < count / 2 <= chosen[-1]


def test_sample_of_texts() -> None:
    assert sample([], 5, 100) == ([], False)
    assert sample(["a" * 60, "b" * 60, "c" * 30], 5, 100) == (["a" * 60, "b" * 60], False)
    assert sample(["line\n" * 50], 5, 22) == (["line\n" * 4], True)
    assert sample(["x" * 50], 5, 20) == (["x" * 20], True)
