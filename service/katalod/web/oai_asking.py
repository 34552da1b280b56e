"""What an OAI-PMH request asks, held to the protocol (OAI-PMH 2.0, 2.5 to 4.6): a fault is the protocol's own error."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from katalod.changes import Entry, Span
from katalod.web.exchange import SCHEMAS

ARGUMENTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset()),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"})),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"})),
}
"""The arguments of each verb: those it needs, and those it may have."""
RESUMABLE = ("ListSets", "ListIdentifiers", "ListRecords")
TOKEN = "resumptionToken"  # noqa: S105 - the name of an argument

_NAME = r"[A-Za-z0-9\-_.!~*'()]+"
SET = re.compile(f"{_NAME}(?::{_NAME})*")
_SYNTAX = {
    "identifier": re.compile(r"(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+"),  # RFC 3986
    "metadataPrefix": re.compile(_NAME),
    "set": SET,
}
_TIMES = {10: "%Y-%m-%d", 20: "%Y-%m-%dT%H:%M:%SZ"}


class ProtocolError(Exception):
    """An error of the protocol: one of its codes, and what was wrong."""

    def __init__(self, code: str, message: str) -> None:
        """Name the code."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that is asked for, and how far it was given: independent of any release and of this process."""

    verb: str
    prefix: str
    span: Span
    after: tuple[str, str] = ("", "")  # time and path of the last one given
    given: int = 0
    total: int = 0  # how long the list was when it was begun

    def token(self, last: Entry, given: int, total: int) -> str:
        """Write where the list goes on; letters that need no escaping, for clients that forget it."""
        fields = [self.verb, self.prefix, self.span.since, self.span.until, self.span.set, last.changed, last.path]
        text = json.dumps([*fields, self.given + given, total], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(arguments: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    """Read the arguments of a request; raises ProtocolError for what the protocol does not know."""
    given = dict(arguments)
    verbs = given.get("verb", [])
    if len(verbs) != 1 or verbs[0] not in ARGUMENTS:
        raise ProtocolError("badVerb", f"the request needs one verb, of {', '.join(ARGUMENTS)}")
    verb = verbs[0]
    needed, possible = ARGUMENTS[verb]
    names = given.keys() - {"verb"}
    if repeated := sorted(name for name in names if len(given[name]) != 1):
        raise ProtocolError("badArgument", f"given more than once: {', '.join(repeated)[:200]}")
    if TOKEN in names and verb in RESUMABLE:
        if len(names) > 1:
            raise ProtocolError("badArgument", f"{TOKEN} stands alone, without further arguments")
    elif unknown := sorted(names - needed - possible):
        raise ProtocolError("badArgument", f"{verb} does not take {', '.join(unknown)[:200]}")
    elif missing := sorted(needed - names):
        raise ProtocolError("badArgument", f"{verb} needs {', '.join(missing)}")
    if illegal := sorted(name for name in names & _SYNTAX.keys() if not _SYNTAX[name].fullmatch(given[name][0])):
        raise ProtocolError("badArgument", f"{', '.join(illegal)}: signs that may not stand there, or nothing")
    return {name: values[0] for name, values in given.items()}


def schema_of(prefix: str) -> str:
    """Give a metadata prefix back; raises ProtocolError where it is not one of ours."""
    if prefix not in SCHEMAS:
        raise ProtocolError("cannotDisseminateFormat", f"there is {', '.join(SCHEMAS)}; not {prefix[:100]}")
    return prefix


def listing(asked: Mapping[str, str]) -> Listing:
    """Say which list is asked for, or asked on for; raises ProtocolError where it makes no sense."""
    if TOKEN in asked:
        return _resumed(asked["verb"], asked[TOKEN])
    since, until = asked.get("from", ""), asked.get("until", "")
    for name, text in (("from", since), ("until", until)):
        if text and not _is_time(text):
            raise ProtocolError("badArgument", f"{name} is no UTC time as YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
    if since and until and len(since) != len(until):
        raise ProtocolError("badArgument", "from and until have different granularity")
    if len(until) == len("YYYY-MM-DD"):
        until += "T23:59:59Z"
    if since and until and since > until:
        raise ProtocolError("badArgument", "from is later than until")
    return Listing(asked["verb"], schema_of(asked["metadataPrefix"]), Span(since, until, asked.get("set", "")))


def _resumed(verb: str, token: str) -> Listing:
    fault = ProtocolError("badResumptionToken", "this token was not given out here; begin the list anew")
    if verb == "ListSets":
        raise fault
    try:
        fields = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        json.dumps(fields, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, binascii.Error, RecursionError) as error:
        raise fault from error
    if not isinstance(fields, list) or [type(field) for field in fields] != [str] * 7 + [int] * 2:
        raise fault
    kind, prefix, since, until, name, changed, path, given, total = fields
    times = all(_is_time(text) for text in (changed, since, until) if text)
    if kind != verb or prefix not in SCHEMAS or not times or not 0 < given < 1 << 53 or not 0 < total < 1 << 53:
        raise fault
    return replace(Listing(kind, prefix, Span(since, until, name)), after=(changed, path), given=given, total=total)


def _is_time(text: str) -> bool:
    try:
        return len(text) in _TIMES and bool(datetime.strptime(text, _TIMES[len(text)]))
    except ValueError:
        return False
