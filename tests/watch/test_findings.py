"""Which findings are new and which have gone: what is compared quickly is as if all were."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.diagnostic import Diagnostic, Place, Position, Severity, sort_key
from seedkit.watch.model import ReportedFindings, Turn

PLACES = st.builds(
    lambda path, at: Place(path, Position(at, 1, at), Position(at, 2, at + 1)),
    st.sampled_from(["INDEX.md", "seeds/a", "seeds/b", "seeds/c"]),
    st.integers(1, 3),
)
DIAGNOSTICS = st.builds(
    Diagnostic,
    st.sampled_from(["text/bom", "text/empty"]),
    st.sampled_from(Severity),
    st.sampled_from(["one", "two"]),
    PLACES,
)


def copied(each: Diagnostic) -> Diagnostic:
    """Return an equal finding that is another object, as one that was read again is."""
    return each._replace(place=each.place._replace())


@given(st.data())
def test_turns_are_those_of_all_paths(data: st.DataObject) -> None:
    findings, before = ReportedFindings(), list[Diagnostic]()
    for _ in range(3):
        kept = [each for each in before if data.draw(st.booleans())]
        kept = [copied(each) if data.draw(st.booleans()) else each for each in kept]
        now = sorted([*kept, *data.draw(st.lists(DIAGNOSTICS, max_size=3))], key=sort_key)
        assert list(findings.update(now)) == turns(before, now)
        assert findings.reported == {path: of(path, now) for path in {d.place.path for d in now}}
        assert findings.counts() == {
            f"{severity}s": sum(each.severity is severity for each in now) for severity in Severity
        }
        before = now


def turns(before: Sequence[Diagnostic], now: Sequence[Diagnostic]) -> list[Turn]:
    """Return what changed, each path by itself."""
    found = []
    for path in sorted({each.place.path for each in (*before, *now)}):
        was, here = of(path, before), of(path, now)
        if was != here:
            found.append(Turn(path, here, without(here, was), without(was, here)))
    return found


def of(path: str, diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(each for each in diagnostics if each.place.path == path)


def without(some: Sequence[Diagnostic], others: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    left = [known_by(each) for each in others]
    kept = []
    for each in some:
        if known_by(each) in left:
            left.remove(known_by(each))
        else:
            kept.append(each)
    return tuple(kept)


def known_by(each: Diagnostic) -> tuple[str, str, str]:
    return each.rule, each.message, each.fingerprint
