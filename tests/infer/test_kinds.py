"""Formats inferred from files of every built-in format, with the built-in formats disabled.

`benchmarks/infer.py` prints the table of this for more files.
"""

from __future__ import annotations

import pytest

from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_names
from seedkit.infer.choose import OF_LINES, WHOLE, best_format
from seedkit.infer.draft import spec_of
from seedkit.infer.plan import describe
from seedkit.infer.propose import Proposal, Seed, propose
from support.kinds import KINDS, Made, damage, make

DESCRIBED = {
    "conllu": "records that end with an empty line; labelled sections: comments, rows",
    "fortune": "records with `%` between them",
    "front-matter": "labelled sections: meta, body",
    "headers-body": "2 sections with an empty line between: headers, body",
    "mbox": r"records that start with lines like `From \S+@\S+ [A-Z][a-z]{2} [A-Z][a-z]{2…`; "
    "2 sections with an empty line between: headers, body",
    "news": "3 sections with a newline between: body, title, body_again",
    "phpt": "labelled sections: test, credits, extensions, skipif, ini, post, file, clean, "
    "expectf, expect, expectregex",
    "plain": "plain text",
    "qa": "labelled sections: question, answer",
    "smart": r"records that start with lines like `\.I (?P<number>\d+)`; "
    "labelled sections: t, a, b, w",
    "srt": "records with an empty line between them; labelled sections: number, part",
    "startoftext": "records between `<|startoftext|>` and `<|endoftext|>`",
    "tldr": "labelled sections: title, quote, item, code",
    "trec": "records between `<DOC>` and `</DOC>`; "
    "labelled sections: docno, byline, head, date, text",
    "txtar": "labelled sections: text, part",
}


def inferred(files: list[Made]) -> Proposal:
    seeds = [Seed(f"seeds/{file.name}", file.text.encode(), file.text) for file in files]
    choice = best_format([seed.lines for seed in seeds], builtins=False)
    return propose(choice, seeds, [file.name for file in files])


def test_every_builtin_format_has_its_kind() -> None:
    assert list(KINDS) == [name for name in builtin_names() if name not in OF_LINES | WHOLE]


@pytest.mark.parametrize("kind", KINDS)
def test_inferred_format_accepts_its_kind_and_rejects_damage(kind: str) -> None:
    proposal = inferred(make(kind, 1, 30))
    assert describe(proposal.values) == DESCRIBED[kind]
    analyser = Analyser(Layout(kind, spec_of(proposal.values)))

    def sound(name: str, text: str) -> bool:
        found = analyser.analyse(f"seeds/{name}", text.encode()).diagnostics
        return all(finding.rule.startswith("repeat/") for finding in found)

    others = make(kind, 2, 8)
    assert [file.name for file in others if not sound(file.name, file.text)] == []
    spoilt = [each for file in others for each in damage(kind, file)]
    missed = [each for each in spoilt if sound(each.name, each.text)]
    assert len(missed) <= len(spoilt) // 20
    assert spoilt  # of txtar, which has no syntax errors, only names can be wrong


@pytest.mark.parametrize("kind", KINDS)
def test_builtin_format_is_recognized(kind: str) -> None:
    texts = [file.text for file in make(kind, 3, 4)]
    assert best_format(texts).values == {"extends": f"builtin:{kind}"}
