"""How a work is cited: one plain line, from what is said of it."""

from katalod.web.presentation import Page, isbn, people


def cite(page: Page) -> str:
    """Cite a work: people (year). Title. Place: publisher. (Series ; volume). Identifier."""
    said, topic = page.said, page.topic
    title = said.best(topic, page.reader.lang, "dcterms:title")
    main = ". ".join(_ended([title.value if title else "", *(v.value for v in said.literals(topic, "rdau:P60493"))]))
    names, year = _names(page), said.first(topic, "dcterms:issued")[:4]
    dated = f"({year})" if year else ""
    opening = [f"{names} {dated}", main] if names else [f"{main} {dated}"]
    return ". ".join(_ended([*opening, _published(page), _within(page), _identifier(page)])) + "."


def _ended(parts: list[str]) -> list[str]:
    """Drop what is empty, and the full stops that the joining sets again."""
    return [part.strip().rstrip(".") for part in parts if part.strip(" .")]


def _names(page: Page) -> str:
    names = [value.text for value in next((row.values for row in people(page)), ())]
    return "; ".join(names[:3]) + (" et al." if len(names) > 3 else "")


def _published(page: Page) -> str:
    place = page.said.first(page.topic, "rdau:P60163")
    publisher = page.said.first(page.topic, "dc11:publisher")
    return ": ".join(part for part in (place, publisher) if part)


def _within(page: Page) -> str:
    hosts = [page.label(iri) for iri in page.said.iris(page.topic, "dcterms:isPartOf")]
    volume = page.said.first(page.topic, "bibo:volume")
    return f"({hosts[0]}{' ; ' + volume if volume else ''})" if len(hosts) == 1 else ""


def _identifier(page: Page) -> str:
    said, topic = page.said, page.topic
    if doi := said.first(topic, "bibo:doi"):
        return f"DOI {doi}"
    digits, handle = said.first(topic, "bibo:isbn13"), said.first(topic, "bibo:handle")
    return ". ".join([*([f"ISBN {isbn(digits)}"] if digits else []), *([f"Handle {handle}"] if handle else [])])
