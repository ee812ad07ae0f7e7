"""Findings about two seeds, as seen from the one that is new: the other is right as it is."""

from __future__ import annotations

from collections.abc import Container

from seedkit.core.diagnostic import Diagnostic, Related
from seedkit.core.text import visible


def is_about(found: Diagnostic, new: Container[str]) -> bool:
    """Tell whether a finding is about one of the new seeds.

    One at another seed is if it names the new one; else it only says where the other one stands.
    """
    named = (found.place.path, *found.about, *(related.place.path for related in found.related))
    paths = [path for path in named if path in new]
    if found.place.path in new or not found.related:
        return bool(paths)
    return any(f"`{visible(path)}`" in found.message for path in paths)


def seen_from(found: Diagnostic, new: Container[str]) -> Diagnostic:
    """Return a finding turned round so that it is at the new seed, if it is at another one."""
    here = next((each for each in found.related if each.place.path in new), None)
    if found.place.path in new or here is None:
        return found
    old, path = visible(found.place.path), visible(here.place.path)
    if " of the seed " in found.message:  # contained: this alone is not the same both ways
        message = found.message.replace("the seed", f"`{old}`").replace(f"`{path}`", "this text")
    else:
        message = found.message.replace(f"`{path}`", f"`{old}`")
    others = tuple(each for each in found.related if each is not here)
    related = (Related(found.place, "the other"), *others)
    return found._replace(message=message, place=here.place, related=related)
