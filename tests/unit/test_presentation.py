"""What a page shows of its quads: everything, in words, and nothing that could run."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from katalod.assets import asset
from katalod.errors import SettingsError
from katalod.mapping import keyword_triples, load
from katalod.mapping.vocabularies import ACCESS, CARRIERS, VERSIONS
from katalod.model import Concept, Link, Subject
from katalod.rdf import term
from katalod.web import citing, presentation, schema_org
from katalod.web.citation import OURS, Citations
from katalod.web.evidence import keyword_page
from katalod.web.negotiation import LANGUAGES
from katalod.web.presentation import Page
from katalod.web.reader import Reader, words
from katalod.web.statements import Statements, local_name, readable

BASE = "https://data.example.org/katalog/"
WORK = f"{BASE}id/difu/1"
CITATIONS = Citations()
WEB = Path(presentation.__file__).parent


def page(turtle: str, lang: str = "de", labels: dict[str, str] | None = None, topic: str = WORK) -> Page:
    prefixes = "".join(f"@prefix {name}: <{term(name + ':').value}> .\n" for name in ("bibo", "dc11", "dcterms"))
    prefixes += "".join(f"@prefix {name}: <{term(name + ':').value}> .\n" for name in ("foaf", "rdau", "umbel", "skos"))
    prefixes += "".join(f"@prefix {name}: <{term(name + ':').value}> .\n" for name in ("rdf", "marcrel", "wdrs", "xsd"))
    quads = list(parse(prefixes + turtle, format=RdfFormat.TURTLE, base_iri=WORK))
    return Page(Statements(quads), labels or {}, Reader(lang, BASE, "/katalog/"), topic)


def texts(work: presentation.Work) -> list[str]:
    rows = [*work.people, *work.identifiers, *work.details, *work.description]
    shown = [work.title, *work.subtitles, *work.abstracts, *work.documents]
    shown += [value for row in rows for value in row.values]
    shown += [value for one in work.keywords for value in (one.name, *one.headings)]
    return [value.text for value in shown] + [row.label for row in rows] + list(work.kinds)


def test_the_title_is_in_the_readers_language_and_the_other_one_is_not_lost() -> None:
    turtle = '<> dcterms:title "Wohnen"@de, "Housing"@en .'
    german, english = (presentation.work(page(turtle, lang)) for lang in ("de", "en"))
    assert (german.title.text, german.title.lang) == ("Wohnen", "de")
    assert (english.title.text, english.title.lang) == ("Housing", "en")
    assert "Housing" in texts(german)
    assert "Wohnen" in texts(english)


def test_authors_stand_in_the_order_of_the_work_with_editors_apart() -> None:
    turtle = """
    <> dcterms:creator <#author-a>, <#author-z> ; dcterms:contributor <#e> ; marcrel:edt <#e> ; bibo:authorList <#authors-1> .
    <#authors-1> rdf:first <#author-z> ; rdf:rest <#authors-2> .
    <#authors-2> rdf:first <#author-a> ; rdf:rest <#authors-1> .
    <#author-a> foaf:name "A" . <#author-z> foaf:name "Z" . <#e> foaf:name "E" .
    """
    people = presentation.work(page(turtle)).people
    assert [[value.text for value in row.values] for row in people] == [["Z", "A"], ["E"]]
    assert not any(value.href for row in people for value in row.values)


def test_no_javascript_address_becomes_a_link() -> None:
    turtle = """
    <> dcterms:source <javascript:alert(1)> ; foaf:isPrimaryTopicOf <data:text/html,x>, <JavaScript:x> ;
       dcterms:creator <vbscript:x> ; bibo:doi "10.1/x" ; umbel:isLike <javascript:/10.1/x> .
    """
    work = presentation.work(page(turtle))
    rows = [*work.people, *work.identifiers, *work.details]
    hrefs = {value.href for row in rows for value in row.values} | {value.href for value in work.documents}
    assert hrefs <= {""}


@given(st.from_regex(r"(https?|ftp|javascript|data|mailto|urn)://?[!-~]{0,30}", fullmatch=True))
def test_links_go_to_the_web_or_nowhere(iri: str) -> None:
    assert re.match(r"https?://|mailto:|/katalog/|$", Reader("de", BASE, "/katalog/").link(iri))


def test_links_to_ours_are_paths_that_keep_the_chosen_language() -> None:
    assert Reader("en", BASE, "/katalog/").link(f"{WORK}#a") == "/katalog/id/difu/1#a"
    assert Reader("en", BASE, "/katalog/", chosen=True).link(f"{WORK}#a") == "/katalog/id/difu/1?lang=en#a"
    assert Reader("en", BASE, "/katalog/").to("doc/a b?#%") == "/katalog/doc/a%20b%3F%23%25"


@pytest.mark.parametrize("slashes", ["/", "///", "/\\\\", "\\\\"])
def test_no_link_to_ours_leads_to_another_host(slashes: str) -> None:
    assert Reader("de", BASE, "/").link(f"{BASE}{slashes}evil.example/x") == "/evil.example/x"


def test_everything_that_is_said_is_shown() -> None:
    turtle = """
    @prefix ex: <http://example.org/terms#> .
    <> a bibo:Report ; dcterms:title "T" ; ex:someProperty "nobody knows this" ; dc11:rights "all mine" ;
       bibo:volume "7" ; dcterms:isPartOf <#series>, <#other> ; dc11:subject "Wohnen", "710"^^dcterms:DDC .
    <#series> dcterms:title "Reihe" ; bibo:issn "1234-5679" . <#other> dcterms:title "Andere" .
    """
    work = presentation.work(page(turtle))
    shown = texts(work)
    for text in ("nobody knows this", "all mine", "7", "Reihe", "Andere", "Wohnen", "710"):
        assert text in shown, text
    assert "Some property" in shown


def test_the_volume_stands_beside_its_only_series() -> None:
    work = presentation.work(page('<> bibo:volume "7" ; dcterms:isPartOf <#s> . <#s> dcterms:title "Reihe" .'))
    assert [row.values[0].note for row in work.details] == ["Band 7"]


@given(
    st.from_regex(r"https?://[a-z.]{1,20}/[!-~]{0,40}", fullmatch=True).filter(
        lambda text: not set(text) & set('<>"{}|\\^`')
    )
)
def test_an_iri_without_a_label_is_never_shown_bare(iri: str) -> None:
    assert "://" not in readable(iri)


@pytest.mark.parametrize(
    ("iri", "text"),
    [
        ("https://d-nb.info/gnd/4120730-0", "GND 4120730-0"),
        ("https://doi.org/10.1000/x", "DOI 10.1000/x"),
        ("https://orcid.org/0000-0002-1825-0097", "ORCID 0000-0002-1825-0097"),
        ("https://nbn-resolving.org/urn:nbn:de:1-1", "urn:nbn:de:1-1"),
        ("http://purl.org/dc/terms/bibliographicCitation", "bibliographic citation"),
        ("https://repository.difu.de/handle/difu/1", "repository.difu.de"),
    ],
)
def test_known_addresses_are_said_in_their_own_way(iri: str, text: str) -> None:
    assert readable(iri) == text


def test_an_address_in_place_of_a_name_is_said_readably() -> None:
    turtle = (
        '<> dcterms:creator <#a> ; dc11:source "https://example.org/x" . <#a> foaf:name "https://orcid.org/0000-0001" .'
    )
    shown = presentation.work(page(turtle))
    assert [value.text for row in shown.people for value in row.values] == ["ORCID 0000-0001"]
    assert presentation.Value("example.org", href="https://example.org/x") in [
        v for row in shown.details for v in row.values
    ]


def test_identifiers_lead_where_they_resolve() -> None:
    turtle = """
    <> bibo:isbn13 "9783881186766" ; bibo:doi "10.1000/x" ; bibo:handle "difu/1" ; umbel:isLike <https://doi.org/10.1000/x> ;
       foaf:isPrimaryTopicOf <https://repository.difu.de/handle/difu/1> .
    """
    found = {value.text: value.href for row in presentation.work(page(turtle)).identifiers for value in row.values}
    assert found == {
        "978-3-88118-676-6": "",
        "10.1000/x": "https://doi.org/10.1000/x",
        "difu/1": "https://repository.difu.de/handle/difu/1",
    }


def test_dates_are_written_out_and_odd_ones_left_alone() -> None:
    german, english = Reader("de", BASE), Reader("en", BASE)
    assert (german.day("2021-05-28"), english.day("2021-05-28")) == ("28. Mai 2021", "28 May 2021")
    assert (german.day("2021-03"), german.day("2021"), german.day("2023-02-04T10:00:00Z")) == (
        "März 2021",
        "2021",
        "4. Februar 2023",
    )
    assert [german.day(odd) for odd in ("2021-13-01", "", "[2021]", "nie")] == ["2021-13-01", "", "[2021]", "nie"]


@pytest.mark.parametrize(
    ("turtle", "line"),
    [
        (
            """<> dcterms:title "Wohnen."@de ; dcterms:issued "2021"^^xsd:gYear ; bibo:isbn13 "9783881186766" ;
            foaf:isPrimaryTopicOf <https://repository.difu.de/handle/difu/1> .""",
            "Wohnen (2021). ISBN 978-3-88118-676-6. https://repository.difu.de/handle/difu/1",
        ),
        (
            """<> dcterms:title "Wohnen"@de ; dcterms:creator <#a> ; dcterms:issued "2021-05-01"^^xsd:date ; rdau:P60163 "Berlin" ;
            dc11:publisher "Difu" ; dcterms:isPartOf <#s> ; bibo:volume "3" ; bibo:doi "10.1/x" .
            <#a> foaf:name "Meier, A." . <#s> dcterms:title "Reihe" .""",
            "Meier, A. (2021). Wohnen. Berlin: Difu. (Reihe ; 3). https://doi.org/10.1/x",
        ),
        (
            """<> a bibo:AcademicArticle ; dcterms:title "<b>Wohnen</b> & mehr"@de ; marcrel:edt <#a> ; bibo:volume "7" ;
            dcterms:isPartOf <#s> ; bibo:doi "10.1/x" . <#a> foaf:name "Meier, A." . <#s> dcterms:title "Zeitschrift" .""",
            "Meier, A. <b>Wohnen</b> & mehr. In: Zeitschrift 7. https://doi.org/10.1/x",
        ),
        ("<> a bibo:Report .", f"Ohne Titel. {WORK}"),
    ],
)
def test_citations(turtle: str, line: str) -> None:
    assert CITATIONS.cite(citing.item(page(turtle)), "de") == line


STYLE = """<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text"><info><title>t</title><id>t</id>
<updated>2026-01-01T00:00:00Z</updated></info><citation><layout><text variable="title"/></layout></citation>
<bibliography><layout>{}</layout></bibliography></style>"""


def test_our_own_style_keeps_to_the_schema() -> None:
    assert Citations(str(OURS)).cite({"title": "Über A", "type": "book"}, "de") == "Über A"


def test_an_operators_own_style(tmp_path: Path) -> None:
    style = tmp_path / "own.csl"
    style.write_text(STYLE.format('<text variable="title" text-case="uppercase"/><text term="and" prefix=" "/>'))
    own = Citations(str(style))
    assert (own.cite({"title": "Über A", "type": "book"}, "de"), own.cite({"title": "B", "type": "book"}, "en")) == (
        "ÜBER A und",
        "B and",
    )


@pytest.mark.parametrize(
    "text", ["", "no style", "<style/>", STYLE.format("<unknown/>"), STYLE.format('<text macro="not there"/>')]
)
def test_a_style_that_cannot_be_used_is_refused_at_the_door(tmp_path: Path, text: str) -> None:
    style = tmp_path / "bad.csl"
    style.write_text(text)
    with pytest.raises(SettingsError, match="site_citation"):
        Citations(str(style))
    with pytest.raises(SettingsError, match="site_citation"):
        Citations(str(tmp_path / "missing.csl"))


@given(
    title=st.text(min_size=1), names=st.lists(st.fixed_dictionaries({"family": st.text(), "given": st.text()})),
    date=st.lists(st.integers(-5000, 5000), min_size=1, max_size=3), words=st.text(),
)  # fmt: skip
def test_no_work_is_too_strange_for_our_own_style(
    title: str, names: list[dict[str, str]], date: list[int], words: str
) -> None:
    work = {"title": title, "author": names, "issued": {"date-parts": [date]}, "publisher": words, "URL": words}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logging.Logger.exception", lambda *said: pytest.fail(str(said)))
        assert isinstance(CITATIONS.cite(work | {"type": "book"}, "de"), str)


def test_schema_org_cannot_leave_its_script() -> None:
    hostile = "</script><!-- <script>alert(1)</script> & \u2028"
    shown = page("<> a bibo:Report .")
    quad = Quad(NamedNode(WORK), term("dcterms:title"), Literal(hostile))
    shown = Page(Statements([quad]), {}, shown.reader, WORK)
    text = schema_org.script(schema_org.work(shown))
    assert not re.search("[<>&\u2028]", text)
    assert json.loads(text)["name"] == hostile


@pytest.mark.parametrize(
    ("kind", "expected"), [("Report", "Report"), ("AcademicArticle", "ScholarlyArticle"), ("Document", "CreativeWork")]
)
def test_schema_org_types(kind: str, expected: str) -> None:
    assert schema_org.work(page(f'<> a bibo:{kind} ; dcterms:title "T" .'))["@type"] == expected


def test_the_evidence_of_a_link_is_said_in_words() -> None:
    link = Link(
        Concept("https://d-nb.info/gnd/4077814-9", "Stadtviertel"), "closeMatch", "ManualMappingCuration", 0.8,
        "GND 2026", "Redaktion", "2026-11-20", "Precedent of another library.",
    )  # fmt: skip
    subject = Subject("Wohnquartier", "de", links=(link,))
    topic = f"{BASE}id/keyword/wohnquartier"
    said = Statements(Quad(*triple) for triple in keyword_triples([(subject, 1)], BASE))
    labels = {"https://w3id.org/semapv/vocab/ManualMappingCuration": "decided by a person"}
    shown = keyword_page(Page(said, labels, Reader("en", BASE, "/katalog/"), topic))
    (one,) = shown.evidence
    assert shown.keyword.name.text == "Wohnquartier"
    assert (one.heading.text, one.heading.href) == ("Stadtviertel", "https://d-nb.info/gnd/4077814-9")
    assert one.sentence == "“Wohnquartier” and “Stadtviertel” mean nearly the same."
    assert [value.text for row in one.rows for value in row.values] == [
        "decided by a person", "80%", "GND 2026", "Redaktion", "20 November 2026", "Precedent of another library.",
    ]  # fmt: skip


def test_every_word_is_there_in_both_languages_and_used() -> None:
    sources = "".join(path.read_text("utf-8") for path in [*WEB.rglob("*.html"), *WEB.rglob("*.py")])
    from_data = re.compile(
        r"tongue_|elsewhere_|counted_|dump_|way_|sort_|facet_|suggest_|reconcile_|by_|history_|.*_default|imprint|evidence_|e\d\d\d|.*Match$|Violation|Warning|Info|created|updated|deleted|no_release"
    )
    assert words("de").keys == words("en").keys
    for key in sorted(words("de").keys):
        assert from_data.match(key) or f'"{key}"' in sources or f"'{key}'" in sources, f"nobody uses {key}"
    for key in re.findall(r"""\b(?:t|reader.count)\(["'](\w+)["'][,)]""", sources):
        assert key in words("de").keys, key


def test_the_catalogues_are_whole_and_take_the_same_values() -> None:
    catalogues = []
    for lang in LANGUAGES:
        with (WEB / "locale" / f"{lang}.po").open("rb") as file:
            catalogues.append(read_po(file, lang, abort_invalid=True))
    for one, other in zip(*catalogues, strict=True):
        assert one.id == other.id
        assert not one.fuzzy
        assert not other.fuzzy
        forms = [message.string if isinstance(message.string, tuple) else (message.string,) for message in (one, other)]
        assert len(forms[0]) == len(forms[1])
        assert all(form for strings in forms for form in strings), one.id
        taken = [{value for form in strings for value in re.findall(r"\{\w+\}", form)} for strings in forms]
        assert taken[0] == taken[1], one.id


def test_how_many_is_said_in_the_form_that_the_number_asks_for() -> None:
    german, english = Reader("de", BASE), Reader("en", BASE)
    assert [german.count("some_works", number) for number in (0, 1, 1234)] == ["0 Werke", "1 Werk", "1.234 Werke"]
    assert [english.count("some_works", number) for number in (0, 1, 1234)] == ["0 works", "1 work", "1,234 works"]


def labels() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for quad in parse(path=str(asset("ontology/labels.ttl")), format=RdfFormat.TURTLE):
        assert isinstance(quad.object, Literal)
        assert quad.object.value.strip()
        found.setdefault(str(quad.subject.value), set()).add(quad.object.language or "")
    return found


def test_every_term_that_the_mapping_uses_has_labels_in_both_languages() -> None:
    known, table = labels(), load()
    assert all(languages == {"de", "en"} for languages in known.values())
    rows = tomllib.loads(asset("ontology/mapping.toml").read_text("utf-8"))["field"]
    wanted = {row["property"] for row in rows} | {row["otherwise"] for row in rows if "otherwise" in row}
    for kind in tomllib.loads(asset("ontology/types.toml").read_text("utf-8"))["type"]:
        wanted |= {kind["class"], f"coar:{kind['coar']}"} | ({f"gnd:{kind['form']}"} if "form" in kind else set())
    wanted |= {f"lang:{code}" for code in table.languages.values()}
    wanted |= {f"coaraccess:{code}" for code in ACCESS.values()} | {f"rdacarrier:{code}" for code in CARRIERS.values()}
    wanted |= {f"coarversion:{code}" for _, code in VERSIONS.values()} | {
        f"skos:{name}" for name in presentation.MATCHES
    }
    assert {name for name in wanted if term(name).value not in known} == set()


def test_local_names_are_words() -> None:
    assert local_name("https://example.org/x#someProperty") == "some property"
    assert local_name("https://example.org/x/") == "x"
