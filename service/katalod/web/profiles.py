"""Content negotiation by profile: the same work in our own profile, in plain Dublin Core, or in schema.org.

A client names a profile by its token in `?_profile=`, or by its IRI there or in `Accept-Profile`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import Any

from flask import Response, abort, request
from pyoxigraph import Literal, NamedNode, Quad
from werkzeug.datastructures import Headers

from katalod.formats import FORMATS
from katalod.web import answers
from katalod.web.signposting import PROFILE

SCHEMA = "https://schema.org/"

_WISH = re.compile(r"<([^<>\s]{1,500})>(?:\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?))?")
_IRIS = ("sameAs", "license", "url")


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile: the token and the IRI by which it is asked for, and its name."""

    token: str
    iri: str
    label: str


OURS = Profile("katalod", PROFILE, "katalod: Dublin Core, BIBO, KIM")
PLAIN = Profile("dc", "http://purl.org/dc/elements/1.1/", "Dublin Core, 15 elements")
WEB = Profile("schema", SCHEMA, "schema.org")
PROFILES = (OURS, PLAIN, WEB)


def chosen(address: str, header: bool) -> Profile:
    """Say which profile the client wants: ours where it does not say; aborts where there is none such.

    What the address says goes before the header. An unknown one is 400 in the address and 406 in the header.
    """
    if wish := request.args.get("_profile"):
        if wish == "alt":
            abort(_listed(address, HTTPStatus.OK))
        found = [one for one in PROFILES if wish in (one.token, one.iri)]
        return found[0] if found else abort(_listed(address, HTTPStatus.BAD_REQUEST))
    wishes = _WISH.findall(request.headers.get("Accept-Profile", "")[:4096]) if header else []
    if not wishes:
        return OURS
    ranked = sorted(wishes, key=lambda one: -float(one[1] or 1))
    for iri, quality in ranked:
        for one in PROFILES:
            if one.iri == iri and float(quality or 1) > 0:
                return one
    return abort(_listed(address, HTTPStatus.NOT_ACCEPTABLE))


def links(address: str, now: Profile) -> list[str]:
    """Write the other profiles of an address for its Link header, and name this one."""
    others = [
        f'<{address}?_profile={one.token}>; rel="alternate"; type="{FORMATS[0].media}"; profile="{one.iri}"'
        for one in PROFILES
        if one is not now
    ]
    return [*others, *([f'<{now.iri}>; rel="profile"'] if now is not OURS else [])]


def _listed(address: str, status: HTTPStatus) -> Response:
    """Answer with the list of profiles."""
    lines = [f"{one.token}\t{one.iri}\t{one.label}\t{address}?_profile={one.token}" for one in PROFILES]
    headers = Headers({"Vary": "Accept, Accept-Language, Accept-Profile", "Cache-Control": answers.SHORT})
    for one in PROFILES:
        headers.add("Link", f'<{address}?_profile={one.token}>; rel="alternate"; profile="{one.iri}"')
    return Response("\n".join(lines) + "\n", status, headers, content_type="text/plain; charset=utf-8")


def schema_quads(node: dict[str, Any], topic: str) -> Iterator[Quad]:
    """Say in triples what a node of schema.org says; things without an IRI get one below the topic's."""
    numbers = count(1)

    def told(node: dict[str, Any], subject: NamedNode) -> Iterator[Quad]:
        for name, value in node.items():
            for one in value if isinstance(value, list) else [value]:
                if name == "@type":
                    yield Quad(subject, NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), _term(one))
                elif name.startswith("@"):
                    continue
                elif isinstance(one, dict):
                    inner = NamedNode(one.get("@id") or f"{topic}#schema-{next(numbers)}")
                    yield Quad(subject, _term(name), inner)
                    yield from told(one, inner)
                else:
                    yield Quad(subject, _term(name), NamedNode(one) if name in _IRIS else Literal(str(one)))

    yield from told(node, NamedNode(topic))


def _term(name: str) -> NamedNode:
    return NamedNode(SCHEMA + name)
