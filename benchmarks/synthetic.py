"""A made catalogue of any size that looks real: records in DSpace's `dim`, and headings in DNB's Turtle.

    python benchmarks/synthetic.py FOLDER [--works 100000]

The same number gives the same files. Headings and names are used as unevenly as in a library: a few often,
most seldom. Headings stand in a tree of narrower terms; their identifiers hold their check digits.
"""

import argparse
import gzip
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

HEADINGS = 4000
PEOPLE = 20_000
PAGE = 1000  # records

FIRST, MIDDLE, LAST, GIVEN, FAMILY, WORDS = (
    words.split()
    for words in (
        "Stadt Land Wohn Verkehrs Umwelt Sozial Bildungs Energie Wasser Boden Klima Raum Kultur Jugend Alters Arbeits",
        "planungs entwicklungs erneuerungs politik rechts wirtschafts forschungs struktur versorgungs schutz",
        "konzept bericht modell verfahren recht geschichte theorie praxis analyse statistik vertrag gebiet",
        "Anna Maria Peter Thomas Ursula Karin Hans Sabine Michael Petra Andrea Wolfgang Claudia Klaus Monika Jürgen",
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf",
        "die der das und in von zu mit auf für im den als bei nach aus wird werden durch über Stadt Gemeinde Region"
        " Quartier Entwicklung Planung Beteiligung Wandel Förderung Verwaltung Untersuchung Ergebnisse Beispiel"
        " Handlung Akteure Zusammenhang Bedeutung Grundlage Ziel zeigt beschreibt untersucht kommunale städtische"
        " soziale räumliche neue",
    )
)
TYPES = ("Bericht", "Zeitschriftenaufsatz", "Monographie", "Aufsatz aus Sammelwerk", "Dissertation", "Gutachten")
PUBLISHERS = ("Beispiel-Verlag", "Muster-Verlag", "Probe-Verlag", "Stadt-Verlag", "Land-Verlag", "Haus-Verlag")
LANGUAGES = ("de",) * 8 + ("en", "fr")


def headings() -> list[tuple[str, str, int | None]]:
    """Make headings: identifier, name, and which one stands above it (a tree of eight branches a node)."""
    names = [first + last for last in LAST for first in FIRST]
    names += [first + middle + last for last in LAST for middle in MIDDLE for first in FIRST]
    names += [f"{name} {letter}" for letter in "ABCDEFGHIJ" for name in names[: 16 * 12 * 3]]
    return [(gnd(8_000_000 + n), names[n], (n - 1) // 8 if n else None) for n in range(HEADINGS)]


def gnd(number: int) -> str:
    """Give a number its check digit as the GND does."""
    check = sum(int(digit) * weight for weight, digit in enumerate(reversed(str(number)), start=2)) % 11
    return f"{number}-{'X' if check == 10 else check}"


def orcid(number: int) -> str:
    """Give a number its check digit as ORCID does (ISO 7064, MOD 11-2)."""
    digits = f"{number:015d}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "-".join(whole[n : n + 4] for n in range(0, 16, 4))


def authority() -> str:
    """Write the headings as DNB's dump does."""
    made = headings()
    lines = ["@prefix gndo: <https://d-nb.info/standards/elementset/gnd#> .", ""]
    for identifier, name, above in made:
        lines.append(f"<https://d-nb.info/gnd/{identifier}> a gndo:SubjectHeadingSensoStricto ;")
        lines.append(f'  gndo:gndIdentifier "{identifier}" ;')
        end = "." if above is None else ";"
        lines.append(f'  gndo:preferredNameForTheSubjectHeading "{name}" {end}')
        if above is not None:
            lines.append(f"  gndo:broaderTermGeneral <https://d-nb.info/gnd/{made[above][0]}> .")
        lines.append("")
    return "\n".join(lines)


def uneven(count: int) -> list[float]:
    """Say how often each of so many is used, summed up: Zipf's law."""
    return list(accumulate(1 / (n + 1) for n in range(count)))


def records(works: int) -> Iterator[str]:
    """Write records, one after the other."""
    chance = random.Random(4)
    names = [name for _, name, _ in headings()]
    people = [f"{chance.choice(FAMILY)}-{chance.choice(FAMILY)}, {chance.choice(GIVEN)} {n}" for n in range(PEOPLE)]
    by_heading, by_person = uneven(len(names)), uneven(PEOPLE)
    for number in range(works):
        subjects = dict.fromkeys(chance.choices(names, cum_weights=by_heading, k=chance.randint(2, 6)))
        authors = dict.fromkeys(chance.choices(range(PEOPLE), cum_weights=by_person, k=chance.randint(1, 3)))
        prose = " ".join(chance.choices(WORDS, k=chance.randint(40, 90)))
        day = f"20{chance.randint(10, 24)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        path = f"bench/{number}"
        topic = f"{chance.choice(list(subjects))} und {chance.choice(names)}"
        rows: list[tuple[str, str, dict[str, str]]] = [
            ("title", f"{topic} {number}: {' '.join(prose.split()[:5])}", {"lang": "de"}),
            *(("contributor.author", people[n], known(n)) for n in authors),
            ("publisher", chance.choice(PUBLISHERS), {}),
            ("date.issued", str(1960 + min(chance.randrange(65), chance.randrange(65) + 20)), {}),
            ("date.accessioned", day, {}),
            ("date.available", day, {}),
            ("identifier.uri", f"https://repository.example.org/handle/{path}", {}),
            ("identifier.doi", f"10.5555/{path}", {}),
            ("language.iso", chance.choice(LANGUAGES), {}),
            ("description.abstract", prose.capitalize() + ".", {"lang": "de"}),
            ("relation.ispartofseries", f"Beiträge zur {chance.choice(names[:200])}; {number % 90 + 1}", {}),
            ("type", chance.choice(TYPES), {"lang": "de"}),
            *(("subject", name, {"lang": "de"}) for name in subjects),
        ]  # fmt: skip
        fields = "".join(field(*row) for row in rows)
        yield (
            f"<record><header><identifier>oai:repository.example.org:{path}</identifier><datestamp>{day}T00:00:00Z"
            '</datestamp></header><metadata><dim:dim xmlns:dim="http://www.dspace.org/xmlns/dspace/dim">'
            f"{fields}</dim:dim></metadata></record>\n"
        )


def known(person: int) -> dict[str, str]:
    """Give one person in three an ORCID."""
    return {} if person % 3 else {"authority": orcid(person + 150_000_000_000), "confidence": "600"}


def field(name: str, value: str, attributes: dict[str, str]) -> str:
    """Write one field."""
    element, _, qualifier = name.partition(".")
    named = {"mdschema": "dc", "element": element} | ({"qualifier": qualifier} if qualifier else {}) | attributes
    return f"<dim:field {' '.join(f'{key}={quoteattr(one)}' for key, one in named.items())}>{escape(value)}</dim:field>"


def write(folder: Path, works: int) -> None:
    """Write pages of records, and the authority file."""
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / "authority.ttl.gz", "wt", encoding="utf-8", compresslevel=1) as file:
        file.write(authority())
    (folder / "records").mkdir(exist_ok=True)
    made = records(works)
    for first in range(0, works, PAGE):
        page = "".join(next(made) for _ in range(min(PAGE, works - first)))
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
            '<responseDate>2026-01-01T00:00:00Z</responseDate><request verb="ListRecords" metadataPrefix="dim">'
            f"https://repository.example.org/oai/request</request><ListRecords>\n{page}</ListRecords></OAI-PMH>\n"
        )
        target = folder / "records" / f"page-{first // PAGE:05d}.xml.gz"
        target.write_bytes(gzip.compress(text.encode(), 1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--works", type=int, default=100_000)
    options = parser.parse_args()
    write(options.folder, options.works)
