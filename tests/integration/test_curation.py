"""Curation end to end: questions, decisions, tables, pages, a newer authority, help from elsewhere."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from tests.conftest import dim_page, dim_record, work_fields
from tests.loopback import listening

from katalod import catalogue, pipeline, renewal, settings
from katalod.catalogue import Catalogue, opened
from katalod.cli import main
from katalod.fetch import FetchError, Limits, Session
from katalod.linking import curated
from katalod.linking.curated import Decision
from katalod.linking.keeping import keep
from katalod.linking.online import Reconciliation
from katalod.pipeline import partition
from katalod.rdf import GND
from katalod.settings import Settings
from katalod.web import create_app

pytest.importorskip("rapidfuzz", reason="would have compared spellings with rapidfuzz")

GNDO = "https://d-nb.info/standards/elementset/gnd#"
HEADINGS = {
    "4066794-7": ("Wohnungsmarkt", "4066399-1"),
    "4066752-2": ("Wohngebiet", "4066794-7"),
    "4077814-9": ("Stadtviertel", "4066752-2"),
    "4066399-1": ("Wirtschaft", ""),
    "4120730-0": ("Migration", ""),
    "4134681-6": ("Teilhabe", ""),
    "4044789-3": ("Partizipation", ""),
}


def turtle(renamed: str = "Wohngebiet") -> str:
    lines = []
    for number, (label, broader) in HEADINGS.items():
        name = renamed if label == "Wohngebiet" else label
        lines.append(f'<{GND}{number}> <{GNDO}preferredNameForTheSubjectHeading> "{name}" .')
        lines += [f"<{GND}{number}> <{GNDO}broaderTermGeneral> <{GND}{broader}> ."] if broader else []
    lines.append(f"<{GND}4066752-2> <{GNDO}relatedTerm> <{GND}4120730-0> .")
    lines.append(f'<{GND}4134681-6> <{GNDO}variantNameForTheSubjectHeading> "Partizipation (Philosophie)" .')
    return "\n".join(lines)


def fields(number: int, *keywords: str) -> list[tuple[str, str, str | None]]:
    rows = [row for row in work_fields(number) if row[0] != "subject"]
    return [*rows, *(("subject", keyword, "de") for keyword in keywords)]


WORKS = {
    1: ("Wohngebiete", "Teilhabe"),
    2: ("Stadtviertel", "Teilhabe", "Wohnugsmarkt"),
    3: ("Migration", "Teilhabe", "Weber, Max"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an authority and a release, that tests only read."""
    folder = tmp_path_factory.mktemp("curation")
    return publish(folder)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A home of a test's own."""
    return publish(tmp_path)


def publish(folder: Path) -> Path:
    (folder / "gnd.ttl").write_text(turtle(), "utf-8")
    records = [dim_record(f"oai:r.example.org:difu/{n}", fields(n, *keywords)) for n, keywords in WORKS.items()]
    (folder / "works.xml").write_text(dim_page(records), "utf-8")
    former = Decision(
        "wohnquartier", "Wohnquartier", "closeMatch", GND + "4077814-9", "Stadtviertel", author="B. Beispiel"
    )
    keep(folder / "home" / "links.sssom.tsv", [former])
    assert run(folder / "home", "gnd", "load", str(folder / "gnd.ttl"), "--version", "1").exit_code == 0
    released(folder / "home", folder / "works.xml")
    return folder / "home"


def released(home: Path, *sources: Path) -> None:
    """Publish as a process of its own would: with the authority and the decisions as they are now."""
    partition.bench.cache_clear()
    pipeline.publish(settings_of(home), tuple(map(str, sources)), lambda doing, done, total: None)


def settings_of(home: Path, **given: object) -> Settings:
    return settings.load(environ={}, given={"home": home, "publish_jobs": 1, **given})


def run(home: Path, *words: str, answers: str = "", environ: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *words], input=answers, env=environ, catch_exceptions=False)


def test_questions_come_by_use_with_candidates_and_titles(home: Path) -> None:
    rows = [json.loads(line) for line in run(home, "links", "list", "--open", "--json").stdout.splitlines()]
    assert [(row["label"], row["works"]) for row in rows] == [("Teilhabe", 3), ("Wohnugsmarkt", 1)], "no persons"
    assert [one["label"] for one in rows[0]["candidates"]] == ["Teilhabe", "Partizipation"]
    assert "Philosophie" in rows[0]["why"]["de"] and len(rows[0]["examples"]) == 3
    assert rows[1]["candidates"][0] | {"score": 0} == {
        "gnd": GND + "4066794-7", "label": "Wohnungsmarkt", "score": 0, "found": "alike", "variants": [],
        "broader": ["Wirtschaft"],
    }  # fmt: skip


def test_a_review_keeps_every_decision_at_once_and_the_next_publish_applies_it(own: Path) -> None:
    answers = "nonsense\n99 e\n4044789-4 c\n2 close die soziale Teilhabe\n4066794-7 exact\n"
    done = run(own, "links", "review", "--author", "A. Muster", answers=answers)
    assert done.exit_code == 0 and "2 decisions kept" in done.stdout
    assert "say a number" in done.stderr and "check digit" in done.stderr and "'99'" in done.stderr
    assert "Teilhabe" in done.stderr and "Bericht 1 über das Wohnen" in done.stderr
    table = curated.read(own / "links.sssom.tsv")
    found = {one.label: (one.predicate, one.iri, one.author, one.comment) for one in table.decisions}
    assert found["Teilhabe"] == ("closeMatch", GND + "4044789-3", "A. Muster", "die soziale Teilhabe")
    assert found["Wohnugsmarkt"] == ("exactMatch", GND + "4066794-7", "A. Muster", "")
    assert "Wohnquartier" in found, "what was in force before stays in force"
    assert run(own, "links", "list", "--open").stdout == ""
    released(own)
    with opened(settings_of(own)) as edition:
        row = next(row for row in edition.links() if row["subject_label"] == "Teilhabe")
    assert row["author_label"] == "A. Muster" and row["mapping_justification"].endswith("ManualMappingCuration")
    assert "mapping_tool" not in row and row["mapping_date"]
    again = run(own, "links", "review", "Teilhabe", answers="no es gibt keine\n")
    assert "1 decisions kept" in again.stdout
    (decision,) = curated.read(own / "links.sssom.tsv").about("Teilhabe")
    assert (decision.iri, decision.comment) == ("", "es gibt keine"), "the former decision is replaced"


def test_a_review_ends_where_it_is_told_to(own: Path) -> None:
    before = (own / "links.sssom.tsv").read_bytes()
    for answers in ("", "quit\n", "skip\nq\n", "\n\n"):
        assert "0 decisions kept" in run(own, "links", "review", answers=answers).stdout
    assert (own / "links.sssom.tsv").read_bytes() == before
    unknown = run(own, "links", "review", "Unbekanntes")
    assert unknown.exit_code == 1 and "Unbekanntes" in unknown.stderr


def test_an_edited_table_is_taken_in(own: Path, tmp_path: Path) -> None:
    text = run(own, "links", "export", "--open").stdout
    assert curated.read(_written(tmp_path / "t.tsv", text)).decisions == (), "as it comes, it decides nothing"
    edited = text.replace(
        "keyword:teilhabe\tTeilhabe\t\t\tgnd:4044789-3", "keyword:teilhabe\tTeilhabe\tskos:closeMatch\t\tgnd:4044789-3"
    ).replace("keyword:wohnugsmarkt\tWohnugsmarkt\t\t\tgnd", "keyword:wohnugsmarkt\tWohnugsmarkt\tskos:exakt\t\tgnd")
    assert edited != text
    done = run(own, "links", "import", str(_written(tmp_path / "t.tsv", edited)))
    assert done.exit_code == 0 and "1 decisions taken in" in done.stdout
    assert "line " in done.stderr and "skos:exakt" in done.stderr, "a misspelt relation is named with its line"
    assert curated.read(own / "links.sssom.tsv").about("Teilhabe")[0].iri == GND + "4044789-3"


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_all_links_are_a_table_that_others_can_read(home: Path, tmp_path: Path) -> None:
    text = run(home, "links", "export").stdout
    assert text == run(home, "links", "export").stdout
    table = curated.read(_written(tmp_path / "all.tsv", text))
    assert table.findings == ()
    assert {one.label: one.iri.removeprefix(GND) for one in table.decisions} == {
        "Migration": "4120730-0", "Stadtviertel": "4077814-9", "Wohngebiete": "4066752-2",
    }  # fmt: skip
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    row = next(dict(zip(rows[0], cells, strict=True)) for cells in rows if cells[1] == "Wohngebiete")
    assert row["mapping_tool"] == "katalod: number" and row["object_source_version"] == "GND 1"
    assert row["mapping_justification"] == "semapv:LexicalMatching" and row["confidence"] == "0.9"


def test_works_about_a_heading_with_everything_narrower_are_one_path(home: Path) -> None:
    query = f"""PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    SELECT ?work WHERE {{ ?work dcterms:subject/skos:broader* <{GND}4066794-7> }} ORDER BY ?work"""
    with opened(settings_of(home)) as edition:
        rows = json.loads(edition.ask(query, "json"))["results"]["bindings"]
        assert [row["work"]["value"].rpartition("/")[2] for row in rows] == ["1", "2"]
        labels = edition.labels([GND + "4066399-1", GND + "4120730-0"], "de")
        assert labels == {GND + "4066399-1": "Wirtschaft", GND + "4120730-0": "Migration"}
        related = f"ASK {{ <{GND}4066752-2> <http://www.w3.org/2004/02/skos/core#related> <{GND}4120730-0> }}"
        assert json.loads(edition.ask(related, "json"))["boolean"]
        version = (
            'ASK { ?gnd <http://www.w3.org/2002/07/owl#versionInfo> "GND 1" ; <http://purl.org/dc/terms/license> ?l }'
        )
        assert json.loads(edition.ask(version, "json"))["boolean"]


def test_a_newer_dump_says_what_it_changes_for_our_links(own: Path, tmp_path: Path) -> None:
    dump = _written(tmp_path / "new.ttl", turtle("Wohnquartier").replace(f"<{GND}4077814-9>", f"<{GND}4000000-X>"))
    dump.write_text(
        "\n".join(line for line in dump.read_text("utf-8").splitlines() if "4000000-X" not in line), "utf-8"
    )
    done = run(own, "gnd", "load", str(dump), "--version", "2", "--json")
    news = {(one["shape"], one["keyword"]) for one in json.loads(done.stdout)["news"]}
    assert {("heading-renamed", "Wohngebiete"), ("heading-vanished", "Stadtviertel")} <= news
    released(own)
    with opened(settings_of(own)) as edition:
        shapes = {shape for shape, _, _ in edition.finding_counts()}
    assert {"heading-renamed", "heading-vanished"} <= shapes, "they are kept for /quality/"
    bad = run(own, "gnd", "load", str(_written(tmp_path / "cut.ttl", turtle()[:-9])))
    assert bad.exit_code == 1 and "cut.ttl" in bad.stderr
    assert "2" in run(own, "links", "export", "--open").stdout, "the last good index keeps serving"


@pytest.fixture
def pages(home: Path) -> Iterator[Callable[..., object]]:
    found = settings_of(home)
    shelf = Catalogue(found)
    yield create_app(found, shelf).test_client().get
    shelf.close()


def test_the_page_of_open_keywords(pages: Callable[..., object]) -> None:
    german = pages("/quality/links", headers={"Accept": "text/html", "Accept-Language": "de"})
    assert german.status_code == 200
    for text in ("Schlagwörter ohne Verknüpfung", "Teilhabe", "4044789-3", "Partizipation (Philosophie)", "Wirtschaft"):
        assert text in german.text
    assert german.text.index("Teilhabe") < german.text.index("Wohnugsmarkt")
    data = pages("/quality/links", headers={"Accept": "application/json"}).get_json()
    assert data["total"] == 2 and data["keywords"][0]["label"] == "Teilhabe"
    assert pages("/quality/links", headers={"Accept": "image/png"}).status_code == 406
    tag = german.headers["ETag"]
    assert (
        pages(
            "/quality/links", headers={"Accept": "text/html", "Accept-Language": "de", "If-None-Match": tag}
        ).status_code
        == 304
    )
    template = pages("/quality/links.sssom.tsv")
    assert (
        template.mimetype == "text/tab-separated-values"
        and "keyword:teilhabe\tTeilhabe\t\t\tgnd:4044789-3" in template.text
    )
    assert "attachment" in template.headers["Content-Disposition"]
    assert pages("/quality/links?page=9").status_code == 200


def test_the_table_of_all_links_is_a_download(pages: Callable[..., object], home: Path) -> None:
    answer = pages("/dumps/links.sssom.tsv")
    assert answer.status_code == 200 and answer.mimetype == "text/tab-separated-values"
    assert answer.text == run(home, "links", "export").stdout
    assert pages("/dumps/links.sssom.tsv", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    page = pages("/doc/keyword/wohngebiete.html", headers={"Accept-Language": "en"})
    assert "katalod: number" in page.text


class Service(BaseHTTPRequestHandler):
    """A reconciliation service; `answers` are what it gives, in turn, as the one at lobid.org writes them."""

    answers: list[tuple[int, bytes]]
    asked: list[str]

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        self.asked.append(parse_qs(path.query).get("queries", [path.path])[0])
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[tuple[type[Service], str]]:
    kind = type("Handler", (Service,), {"answers": [], "asked": []})
    with listening(kind) as server:
        yield kind, f"http://127.0.0.1:{server.server_port}/"


RECONCILED = json.dumps(
    {"q0": {"result": [
        {"id": "4077814-9", "name": "Stadtviertel", "score": 82.5, "match": False, "type": [{"id": "SubjectHeading"}]},
        {"id": "4077814-8", "name": "Falsche Prüfziffer", "score": 80.0},
    ]}}
).encode()  # fmt: skip


def test_help_from_elsewhere_is_kept_and_never_links(
    own: Path, service: tuple[type[Service], str], tmp_path: Path
) -> None:
    kind, address = service
    kind.answers = [(200, RECONCILED)]
    environ = {"KATALOD_LINKING_ONLINE": "true", "KATALOD_LINKING_SERVICE": address}
    for _ in range(2):
        done = run(own, "links", "review", answers="s\ns\n", environ=environ)
        assert "Stadtviertel" in done.stderr and "Falsche" not in done.stderr
    assert len(kind.asked) == 2, "two keywords, each asked once: the answers are kept"
    assert json.loads(kind.asked[0])["q0"] == {"query": "Teilhabe", "type": "SubjectHeading", "limit": 5}
    assert len(curated.read(own / "links.sssom.tsv").decisions) == 1
    run(own, "links", "review", answers="s\ns\n")
    assert len(kind.asked) == 2, "nobody is asked unless it is set"


@pytest.mark.parametrize(
    "answers",
    [[(500, b"")], [(200, b"<html>")], [(200, b"[" * 100_000)], [(200, b'{"q0": {"result": 7}}')], [(404, b"")]],
)
def test_a_service_that_fails_is_asked_no_more_and_changes_nothing(
    service: tuple[type[Service], str], tmp_path: Path, answers: list[tuple[int, bytes]]
) -> None:
    kind, address = service
    kind.answers = answers
    asking = Reconciliation(address, tmp_path / "kept.sqlite", 0.0, Session(Limits(attempts=1, whole=5)))
    assert asking("Teilhabe") == asking("Wohnen") == ()
    assert len(kind.asked) == 1 and address in asking.note


def test_being_offline_is_a_note(own: Path) -> None:
    environ = {"KATALOD_LINKING_ONLINE": "true", "KATALOD_LINKING_SERVICE": "http://127.0.0.1:9/"}
    done = run(own, "links", "review", answers="2 c\ns\n", environ=environ)
    assert "1 decisions kept" in done.stdout and "was not asked further" in done.stderr


def test_a_dump_is_fetched_into_the_home(own: Path, service: tuple[type[Service], str]) -> None:
    kind, address = service
    kind.answers = [(503, b""), (200, turtle("Siedlung").encode())]
    told: list[str] = []
    summary = renewal.load_authority(
        settings_of(own),
        (f"{address}gnd.ttl",),
        "3",
        lambda doing, done, total: told.append(doing),
        lambda seconds: None,
    )
    assert (summary.headings, summary.version) == (7, "3") and (own / "dumps" / "gnd.ttl").exists()
    assert f"fetching {address}gnd.ttl" in told
    kind.answers = [(404, b"")]
    with pytest.raises(FetchError, match="404"):
        renewal.load_authority(settings_of(own), (f"{address}gone.ttl",), "", lambda *_: None)
    assert not list((own / "dumps").glob(".*"))
    refused = run(own, "gnd", "load", f"{address}../../x.sh")
    assert refused.exit_code == 1 and "does not end in" in refused.stderr


def test_evaluation_from_the_command_line(home: Path, tmp_path: Path) -> None:
    gold = _written(tmp_path / "gold.tsv", "record\tlabel\tgnd\n1\tWohngebiete\t4066752-2\n1\tMigration\t4066752-2\n")
    row = json.loads(run(home, "links", "evaluate", str(gold), "--json").stdout)
    assert (row["precision"], row["recall"], row["methods"]["number"]["right"]) == (0.5, 0.5, 1)
    assert "precision 50.00%" in run(home, "links", "evaluate", str(gold)).stdout


def test_identifiers_in_authority_fields_of_dspace_reach_the_graph(own: Path, tmp_path: Path) -> None:
    item = {
        "uuid": "0f2d", "handle": "difu/9", "name": "Ein Bericht", "type": "item", "metadata": {
            "dc.title": [{"value": "Ein Bericht über Weimar", "language": "de"}],
            "dc.type": [{"value": "Bericht"}],
            "dc.date.issued": [{"value": "2020"}],
            "dc.contributor.author": [{"value": "Goethe, Johann Wolfgang von", "authority": "(DE-588)118540238"}],
            "dc.subject": [
                {"value": "Wohnen am Markt", "authority": "http://d-nb.info/gnd/4066794-7", "confidence": 600},
                {"value": "Goethe, Johann Wolfgang von", "authority": "gnd/118540238"},
                {"value": "Migration", "authority": "(DE-588)4120730-1"},
            ],
        },
    }  # fmt: skip
    source = _written(tmp_path / "item.json", json.dumps(item))
    released(own, source)
    with catalogue.opened(settings_of(own)) as edition:
        said = {(quad.predicate.value.rpartition("/")[2], quad.object.value) for quad in edition.document("difu/9")}
        rules = {row["subject_label"]: (row["object_id"], row.get("mapping_tool")) for row in edition.links()}
        messages = [finding.en for finding in edition.findings(path="difu/9")[1]]
    assert ("creator", GND + "118540238") in said
    assert {value for name, value in said if name == "subject" and value.startswith(GND)} == {
        GND + "4066794-7", GND + "118540238", GND + "4120730-0",
    }  # fmt: skip
    assert rules["Wohnen am Markt"] == (GND + "4066794-7", "katalod: given")
    assert rules["Goethe, Johann Wolfgang von"] == (GND + "118540238", "katalod: given")
    assert rules["Migration"] == (GND + "4120730-0", "katalod: exact")
    assert any("4120730-1" in text for text in messages)
