"""What tests share: a home, settings, and OAI-PMH pages of our own making."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from flask import Flask
from flask.testing import FlaskClient

from katalod.catalogue import Catalogue
from katalod.settings import Settings, load
from katalod.web import create_app

Fields = Iterable[tuple[str, str, str | None]]

TOPICS = ("Zuwanderung", "Migration", "Wohnungsmarkt", "Dorf", "Klimaschutz", "Teilhabe", "Handlungsempfehlung")


def dim_record(identifier: str, fields: Fields | None, datestamp: str = "2024-05-01T00:00:00Z") -> str:
    """One OAI-PMH record in DSpace's dim; deleted where there are no fields."""
    if fields is None:
        head = f"<identifier>{escape(identifier)}</identifier><datestamp>{datestamp}</datestamp>"
        return f'<record><header status="deleted">{head}</header></record>'
    inner = ""
    for name, value, lang in fields:
        element, _, qualifier = name.partition(".")
        attributes = f'mdschema="dc" element={quoteattr(element)}'
        attributes += f" qualifier={quoteattr(qualifier)}" if qualifier else ""
        attributes += f" lang={quoteattr(lang)}" if lang else ""
        inner += f"<dim:field {attributes}>{escape(value)}</dim:field>"
    return (
        f"<record><header><identifier>{escape(identifier)}</identifier><datestamp>{datestamp}</datestamp></header>"
        f'<metadata><dim:dim xmlns:dim="http://www.dspace.org/xmlns/dspace/dim">{inner}</dim:dim></metadata></record>'
    )


def dim_page(records: Iterable[str]) -> str:
    """An OAI-PMH answer with some records."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<responseDate>2026-01-01T00:00:00Z</responseDate>"
        '<request verb="ListRecords" metadataPrefix="dim">https://repository.example.org/oai/request</request>'
        f"<ListRecords>{''.join(records)}</ListRecords></OAI-PMH>\n"
    )


def work_fields(number: int, title: str = "") -> list[tuple[str, str, str | None]]:
    """An ordinary report."""
    return [
        ("title", title or f"Bericht {number} über das Wohnen in der Stadt", "de"),
        ("contributor.author", f"Muster, Maria {number % 7}", None),
        ("date.issued", str(1990 + number % 30), None),
        ("type", "Bericht", "de"),
        ("language.iso", "de", None),
        ("subject", TOPICS[number % len(TOPICS)], "de"),
        ("subject", TOPICS[(number + 1) % len(TOPICS)], "de"),
        ("identifier.uri", f"https://repository.example.org/handle/difu/{number}", None),
        ("description.abstract", f"Der Bericht {number} handelt von der Stadt und ist für die Praxis gemacht.", "de"),
    ]


def works_page(numbers: Iterable[int], datestamp: str = "2024-05-01T00:00:00Z") -> str:
    """A page of ordinary reports, /id/difu/{number} each."""
    return dim_page(dim_record(f"oai:repository.example.org:difu/{n}", work_fields(n), datestamp) for n in numbers)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def made(home: Path) -> Settings:
    """Settings for a home of the test's own."""
    return load(environ={}, given={"home": home, "publish_jobs": 1})


@pytest.fixture
def page(tmp_path: Path) -> Callable[[str, str], str]:
    """Write a file and give its path."""

    def write(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return str(path)

    return write


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    """The service over the home of a module's own `settings`."""
    catalogue = Catalogue(settings)
    yield create_app(settings, catalogue)
    catalogue.close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()
