"""What the SRU service says of itself: ZeeRex 2.0, from the settings and from the tables that requests are held to."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from katalod import __version__, cql
from katalod.model import Release
from katalod.settings import Settings
from katalod.web.exchange.xml import attribute, element, within
from katalod.web.sru import asking, clauses, indexes, sorting, terms
from katalod.web.sru.records import FORMS
from katalod.web.sru.response import ZEEREX

_SORT = ("sort", "info:srw/cql-context-set/1/sort-v1.0")


def explain(settings: Settings, release: Release) -> str:
    """Describe the service."""
    parts = (
        _server(settings, release),
        _database(settings, release),
        within("metaInfo", [element("dateModified", release.created)]),
        _indexes(),
        _schemas(),
        within("configInfo", _config()),
    )
    return f'<explain xmlns="{ZEEREX}">{"".join(parts)}</explain>'


def _server(settings: Settings, release: Release) -> str:
    base = urlsplit(settings.base)
    count = f' numRecs="{release.count("works")}"' + attribute("lastUpdate", release.created)
    parts = (
        element("host", base.hostname or ""),
        element("port", str(base.port or {"https": 443}.get(base.scheme, 80))),
        element("database", f"{base.path}sru".lstrip("/"), count),
    )
    kind = f' protocol="SRU" version="{asking.VERSIONS[0]}" transport="{base.scheme}" method="GET POST"'
    return within("serverInfo", parts, kind)


def _database(settings: Settings, release: Release) -> str:
    titles = (("de", settings.dataset_title_de), ("en", settings.dataset_title_en))
    said = (("de", settings.dataset_description_de), ("en", settings.dataset_description_en))
    links = element("link", settings.base, ' type="www"') + element("link", f"{settings.base}oai", ' type="oai"')
    parts = (
        *(element("title", text, _tongue(tongue)) for tongue, text in titles),
        *(element("description", text, _tongue(tongue)) for tongue, text in said),
        element("author", settings.dataset_publisher),
        element("contact", settings.dataset_contact),
        element("extent", str(release.count("works"))),
        element("restrictions", settings.dataset_licence),
        within("links", [links]),
        within("implementation", [element("title", "katalod")], f' identifier="katalod" version="{__version__}"'),
    )
    return within("databaseInfo", parts)


def _tongue(tongue: str) -> str:
    return f' lang="{tongue}"' + (' primary="true"' if tongue == "en" else "")


def _indexes() -> str:
    sets = [(name, uris[0]) for name, uris in clauses.SETS.items()] + [_SORT]
    rows = [f"<set{attribute('identifier', uri)}{attribute('name', name)}/>" for name, uri in sets]
    rows += [_index(index) for index in indexes.INDEXES]
    keys = (element("sortKeyword", name) for name in sorting.KEYS)
    return within("indexInfo", (*rows, *keys))


def _index(index: indexes.Index) -> str:
    maps = []
    for name in index.names:
        prefix, _, local = indexes.SPELLED.get(name, name).partition(".")
        maps.append(within("map", [element("name", local, attribute("set", prefix))]))
    relations = (element("supports", relation, ' type="relation"') for relation in index.relations)
    flags = f' search="true" scan="false" sort="{str(index.name in sorting.KEYS).lower()}"'
    return within("index", (element("title", index.title, ' lang="en"'), *maps, within("configInfo", relations)), flags)


def _schemas() -> str:
    rows = (
        within(
            "schema",
            [element("title", form.title, ' lang="en"')],
            attribute("identifier", form.identifier)
            + attribute("name", form.name)
            + attribute("location", form.schema.location)
            + f' sort="{str(form.name == "dc").lower()}" retrieve="true"',
        )
        for form in FORMS
    )
    return within("schemaInfo", rows)


def _config() -> Iterator[str]:
    defaults = {
        "numberOfRecords": str(asking.PAGE), "contextSet": "dc", "index": "cql.serverChoice", "relation": "=",
        "sortSchema": "dc", "retrieveSchema": FORMS[0].name, "recordPacking": asking.PACKINGS[0],
    }  # fmt: skip
    yield from (element("default", value, f' type="{name}"') for name, value in defaults.items())
    limits = {"maximumRecords": asking.MOST, "maximumBooleans": cql.MOST, "maximumQueryLength": cql.LONGEST,
              "maximumTerms": clauses.WORDS, "maximumMaskingCharacters": clauses.MASKED}  # fmt: skip
    yield from (element("setting", str(value), f' type="{name}"') for name, value in limits.items())
    relations = dict.fromkeys(relation for index in indexes.INDEXES for relation in index.relations)
    supported = {
        "relation": relations, "relationModifier": clauses.MODIFIERS, "maskingCharacter": terms.MASKS, "anchoring": "^",
    }  # fmt: skip
    for name, values in supported.items():
        yield from (element("supports", value, f' type="{name}"') for value in values)
