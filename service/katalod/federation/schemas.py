"""Records of MARC 21, MODS and Dublin Core, as far as a list of hits needs them; names come without namespaces."""

from collections.abc import Callable, Iterator, Mapping
from xml.etree.ElementTree import Element

from katalod.federation.values import Work, isbn, named, page, work
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
    fields = list(record.iter("datafield"))

    def values(codes: str, *tags: str) -> Iterator[str]:
        for tag in tags:
            for field in fields:
                if field.get("tag") == tag:
                    for part in field.iter("subfield"):
                        if (part.get("code") or "-") in codes and part.text:
                            yield part.text

    years = [*values("c", "264", "260"), control.get("008", "")[7:11]]
    numbers = [*map(isbn, values("a", "020")), *map(named, values("a", "024"))]
    links = list(values("u", "856"))
    return work(
        " ".join(values("abnp", "245")),
        values("a", *_NAMES),
        next((year for year in years if any(map(str.isdigit, year))), ""),
        (page(template, control.get("001", "")), *links),
        (*numbers, *map(named, links)),
    )


def mods(record: Element, template: str) -> Work | None:
    """Read MODS 3: only what is said of the work itself, not of what it is related to."""
    titles = record.findall("titleInfo")
    main = next((one for one in titles if not one.get("type")), titles[0] if titles else record)
    parts = ("nonSort", "title", "subTitle", "partNumber", "partName")
    dates = [date.text or "" for info in record.findall("originInfo") for date in info if date.tag in _DATES]
    numbers = [
        isbn(one.text or "") if one.get("type") == "isbn" else named(one.text or "")
        for one in record.findall("identifier")
        if not one.get("invalid")
    ]
    links = [link.text or "" for link in record.findall("location/url")]
    return work(
        " ".join(filter(None, (text(main, part) for part in parts))),
        (_name(name) for name in record.findall("name")),
        next(filter(None, dates), ""),
        (page(template, text(record, "recordInfo/recordIdentifier")), *links),
        (*numbers, *map(named, links)),
    )


def _name(name: Element) -> str:
    """Give a name as it is filed: family name first where the parts are told apart."""
    parts = {part.get("type") or "": part.text or "" for part in reversed(name.findall("namePart"))}
    split = ", ".join(filter(None, (parts.get("family"), parts.get("given"))))
    return split or parts.get("", "")


def dublin_core(record: Element, template: str) -> Work | None:
    """Read the 15 elements; identifiers by their form, and numbers that are no addresses make no page."""

    def values(*names: str) -> list[str]:
        return [one.text or "" for name in names for one in record.findall(name)]

    said = values("identifier")
    return work(
        " : ".join(values("title")[:1]),
        values("creator", "contributor"),
        next(iter(values("date")), ""),
        [value.strip() for value in said],
        map(named, said),
    )


_DATES = ("dateIssued", "copyrightDate", "dateCreated")
_READERS: Mapping[str, Callable[[Element, str], Work | None]] = {"record": marc, "mods": mods, "dc": dublin_core}
