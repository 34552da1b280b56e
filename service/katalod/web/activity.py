"""The changes as ActivityStreams 2.0, in the way of the Entity Metadata Management API: the latest first."""

from collections.abc import Sequence
from typing import Any

from katalod.changes import Entry
from katalod.rdf import work_iri
from katalod.settings import Settings
from katalod.web.slices import SIZE, Slice, version

MEDIA = ("application/activity+json", "application/ld+json", "application/json")

_CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://emm-spec.org/1.0/context.json"]
_KINDS = {"created": "Create", "updated": "Update", "deleted": "Delete"}
_SAID = {"created": "New: {}", "updated": "Changed: {}", "deleted": "Deleted: {}"}

Node = dict[str, Any]


def collection(settings: Settings, found: Sequence[Slice]) -> Node:
    """Give the entry point: from the latest page to the oldest."""
    base = settings.base
    counts = [one.count() for one in found]
    node: Node = {
        "@context": _CONTEXT,
        "id": f"{base}activity",
        "type": "OrderedCollection",
        "summary": f"{settings.dataset_title_en}: changes, the latest first",
        "url": [f"{base}dumps/latest.nq.gz", f"{base}ldes"],
        "totalItems": sum(counts),
    }
    if found:
        node["first"] = _page(page_id(base, found[-1], 0))
        node["last"] = _page(page_id(base, found[0], (counts[0] - 1) // SIZE))
    return node


def page_id(base: str, found: Slice, number: int) -> str:
    """Name a page of a slice."""
    return f"{base}activity/{found.name}/{number}"


def page(settings: Settings, found: Slice, number: int, entries: Sequence[Entry]) -> Node:
    """Give one page; it leads to older ones only, so that it never changes."""
    base = settings.base
    node: Node = {
        "@context": _CONTEXT,
        "id": page_id(base, found, number),
        "type": "OrderedCollectionPage",
        "partOf": {"id": f"{base}activity", "type": "OrderedCollection"},
        "totalItems": len(entries),
    }
    if len(entries) == SIZE and found.page(number + 1, backwards=True):
        node["next"] = _page(page_id(base, found, number + 1))
    elif not found.oldest:
        node["next"] = _page(f"{base}activity/before/{found.edition.release.id}")
    return node | {"orderedItems": [_activity(settings, entry) for entry in entries]}


def _activity(settings: Settings, entry: Entry) -> Node:
    thing: Node = {"id": work_iri(settings.base, entry.path).value, "type": "Document", "updated": entry.changed}
    if entry.deleted:
        thing |= {"type": "Tombstone", "formerType": "Document", "deleted": entry.changed}
    if entry.title:
        thing["name"] = entry.title
    return {
        "id": version(settings.base, entry),
        "type": _KINDS[entry.kind],
        "summary": _SAID[entry.kind].format(entry.title or entry.path),
        "published": entry.changed,
        "actor": settings.dataset_publisher_iri or f"{settings.base}#publisher",
        "object": thing,
    }


def _page(address: str) -> Node:
    return {"id": address, "type": "OrderedCollectionPage"}
