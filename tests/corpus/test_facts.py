"""Facts survive packing: what comes back from the cache database is what analysis said."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.diagnostic import (
    Applicability,
    Diagnostic,
    Edit,
    Fix,
    Place,
    Position,
    Related,
    Severity,
)
from seedkit.core.rules import TEXT_BOM, TEXT_EMPTY, Rule
from seedkit.core.skipped import SKIPPED_SEEDS
from seedkit.corpus.analyse import Facts
from seedkit.corpus.facts import (
    Allowance,
    KeyPlace,
    has_finding,
    pack,
    pack_findings,
    skipped_of,
    unpack_findings,
    unpack_groups,
    unpack_seed_findings,
)

PATH = "seeds/caf\udcff.txt"
texts = st.text(st.characters(exclude_categories=[]), max_size=8)
numbers = st.integers(0, 2**62)
positions = st.builds(Position, numbers, numbers, numbers)
places = st.just(Place(PATH)) | st.builds(Place, st.just(PATH), positions, positions)
fixes = st.builds(
    Fix,
    texts,
    st.lists(st.builds(Edit, places, texts), min_size=1, max_size=3).map(tuple),
    st.sampled_from(Applicability),
)
diagnostics = st.builds(
    Diagnostic,
    texts,
    st.sampled_from(Severity),
    texts,
    places,
    help=st.none() | texts,
    related=st.lists(st.builds(Related, places, texts), max_size=2).map(tuple),
    fix=st.none() | fixes,
    fingerprint=texts,
    involved=st.just(()),  # which findings in one seed have not
)
allowances = st.builds(Allowance, texts, places) | st.builds(
    Allowance, texts, places, numbers, numbers
)
facts_of = st.builds(
    Facts,
    size=numbers,
    digest=st.binary(max_size=32),
    format=texts,
    title=texts,
    records=numbers,
    sections=numbers,
    groups=st.dictionaries(texts, texts, max_size=3),
    keys=st.lists(st.builds(KeyPlace, texts, texts, places), max_size=2).map(tuple),
    allowances=st.lists(allowances, max_size=2).map(tuple),
    diagnostics=st.lists(diagnostics, max_size=3).map(tuple),
    compared=st.none(),  # a text for the fingerprint; it is not kept
    skipped=st.none() | st.sampled_from(SKIPPED_SEEDS),
)


@given(facts_of)
def test_what_is_packed_comes_back(facts: Facts) -> None:
    size, digest, format_name, title, records, sections, groups, findings = pack(facts)
    diagnostics, keys, allowances = unpack_seed_findings(PATH, findings)
    back = Facts(
        size,
        digest,
        format_name,
        title,
        records,
        sections,
        unpack_groups(groups),
        tuple(keys),
        tuple(allowances),
        tuple(diagnostics),
        skipped=skipped_of(findings),
    )
    assert back == facts


@given(facts_of, st.sampled_from([TEXT_EMPTY, TEXT_BOM]))
def test_a_finding_of_a_rule_is_known_by_its_rule_alone(facts: Facts, rule: Rule) -> None:
    allows = (*facts.allowances, Allowance(rule.name, Place(PATH)))
    words = tuple(each._replace(message=f'["{rule.name}",') for each in facts.diagnostics)
    others = facts._replace(diagnostics=words, allowances=allows)
    assert not has_finding(pack(others)[-1], rule)
    found = rule.diagnostic("x", Place(PATH))
    assert has_finding(pack(others._replace(diagnostics=(*words, found)))[-1], rule)


def at(path: str, place: Place) -> Place:
    return place._replace(path=path)


@given(st.lists(st.tuples(diagnostics, texts, texts, texts), max_size=4))
def test_findings_about_any_files_come_back(given: list[tuple[Diagnostic, str, str, str]]) -> None:
    found = []
    for each, own, other, fixed in given:
        fix = each.fix and each.fix._replace(
            edits=tuple(e._replace(place=at(fixed, e.place)) for e in each.fix.edits)
        )
        related = tuple(r._replace(place=at(other, r.place)) for r in each.related)
        found.append(each._replace(place=at(own, each.place), related=related, fix=fix))
    assert unpack_findings(pack_findings(found)) == found


@given(facts_of)
def test_packed_facts_are_ascii_and_name_no_path(facts: Facts) -> None:
    *_, groups, findings = pack(facts)
    assert groups.isascii()
    assert findings.isascii()
    assert json.dumps(PATH) not in findings


def test_a_clean_seed_packs_to_nothing() -> None:
    facts = Facts(3, b"d", "plain", "", 1, 1, {}, (), (), ())
    assert pack(facts) == (3, b"d", "plain", "", 1, 1, "", "")
    assert unpack_groups("") == {}
    assert unpack_seed_findings(PATH, "") == ([], [], [])
