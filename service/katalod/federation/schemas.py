"""Records of MARC 21, MODS and Dublin Core, as far as a list of hits needs them; names come without namespaces."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from xml.etree.ElementTree import Element

from katalod.federation.values import MOST_VALUES, Work, isbn, line, named, page, work
from katalod.sources.answers import text

_NAMES = ("100", "110", "111", "700", "710", "711")


def read(record: Element, template: str) -> Work | None:
    """Read a record, whatever its schema; None for what is not known here, or has no title.

    `template` makes the address of its page of its number.
    """
    if record.tag in ("collection", "modsCollection"):
        record = next(iter(record), record)
    reader = _READERS.get(record.tag)
    return reader(record, template) if reader else None


def marc(record: Element, template: str) -> Work | None:
    """Read MARC 21: 001, 008, 020, 024, 1XX/7XX, 245, 260/264, 856."""
    control = {field.get("tag"): field.text or "" for field in record.iter("controlfield")}

    def values(codes: str, *tags: str) -> Iterator[str]:
        for tag in tags:
            for field in record.iter("datafield"):
                if field.get("tag") == tag:
                    yield from (part.text or "" for part in field.iter("subfield") if part.get("code", "-") in codes)

    years = chain(values("c", "264", "260"), [control.get("008", "")[7:11]])
    return work(
        _joined((mark, value) for code, mark in _TITLE for value in values(code, "245")),
        values("a", *_NAMES),
        next((year for year in years if any(map(str.isdigit, year))), ""),
        chain([page(template, control.get("001", ""))], values("u", "856")),
        chain(map(isbn, values("a", "020")), map(named, values("a", "024")), map(named, values("u", "856"))),
    )


def mods(record: Element, template: str) -> Work | None:
    """Read MODS 3: only what is said of the work itself, not of what it is related to."""
    titles = record.findall("titleInfo")
    main = next((one for one in titles if not one.get("type")), titles[0] if titles else record)
    dates = (text(info, date) for date in _DATES for info in record.findall("originInfo"))
    numbers = (one for one in record.findall("identifier") if not one.get("invalid"))
    links = [link.text or "" for link in record.findall("location/url")]
    return work(
        _joined((mark, text(main, part)) for part, mark in _PARTS),
        map(_name, record.findall("name")),
        next(filter(None, dates), ""),
        chain([page(template, text(record, "recordInfo/recordIdentifier"))], links),
        chain((_number(one) for one in numbers), map(named, links)),
    )


def _joined(parts: Iterable[tuple[str, str]]) -> str:
    """Join the parts of a title, each behind its mark; the punctuation that they bring is not doubled."""
    said = ((mark, line(value)) for mark, value in islice(parts, MOST_VALUES))
    return "".join(f"{mark}{value}" for mark, value in said if value)


def _number(identifier: Element) -> str:
    return (isbn if identifier.get("type") == "isbn" else named)(identifier.text or "")


def _name(name: Element) -> str:
    """Give a name as it is filed: family name first where the parts are told apart."""
    parts = {part.get("type") or "": part.text or "" for part in reversed(name.findall("namePart"))}
    split = ", ".join(filter(None, (parts.get("family"), parts.get("given"))))
    return split or parts.get("", "")


def dublin_core(record: Element, template: str) -> Work | None:
    """Read the elements of Dublin Core; an identifier is what its form says, and the first address the page's."""
    people = chain(record.findall("creator"), record.findall("contributor"))
    said = [(one.text or "").strip() for one in record.findall("identifier")]
    return work(text(record, "title"), (one.text or "" for one in people), text(record, "date"), said, map(named, said))


_TITLE = (("a", ""), ("n", ". "), ("p", ". "), ("b", " : "))
_PARTS = (("nonSort", ""), ("title", " "), ("partNumber", ". "), ("partName", ". "), ("subTitle", " : "))
_DATES = ("dateIssued", "copyrightDate", "dateCreated")
_READERS: Mapping[str, Callable[[Element, str], Work | None]] = {"record": marc, "mods": mods, "dc": dublin_core}
