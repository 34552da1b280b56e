"""The OAI-PMH 2.0 provider: every library's harvester knows how to ask it."""

from collections.abc import Iterator

from flask import Blueprint, Response, request

from katalod.web import answers
from katalod.web.oai_answers import Provider, envelope, error
from katalod.web.oai_asking import ProtocolError, listing, read
from katalod.web.turns import turn

interface = Blueprint("oai", __name__)

LARGEST = 1 << 16  # bytes of a form; arguments are short


@interface.route("/oai", methods=["GET", "POST"])
def oai() -> Response:
    """Answer a request of the protocol; what is wrong with it is said as the protocol's own error, with status 200.

    Who asks for too much at once gets 503 with Retry-After, as the protocol has it (3.1.2.2).
    """
    provider = Provider(answers.edition(), answers.settings())
    asked: dict[str, str] = {}
    request.max_content_length = LARGEST
    with turn():
        try:
            asked = read(request.values.lists())
            body, inside = _answer(provider, asked), asked["verb"]
        except ProtocolError as fault:
            body, inside = iter([error(fault)]), ""
            if fault.code in ("badVerb", "badArgument"):
                asked = {}
        answer = Response("".join(envelope(provider, asked, body, inside)), content_type=answers.XML)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _answer(provider: Provider, asked: dict[str, str]) -> Iterator[str]:
    match asked["verb"]:
        case "Identify":
            return iter(list(provider.identify()))
        case "ListMetadataFormats":
            if "identifier" in asked:
                provider.entry(asked["identifier"])
            return provider.formats()
        case "ListSets":
            if "resumptionToken" in asked:
                listing(asked)
            return iter(list(provider.sets()))
        case "GetRecord":
            entry = provider.entry(asked["identifier"])
            return iter(list(provider.record(entry, asked["metadataPrefix"])))
        case _:
            return provider.listed(listing(asked))
