"""Reconciliation by clients that nobody here wrote: `reconciler` from PyPI, and the requests that OpenRefine 3 sends.

The requests are written here as OpenRefine puts them on the wire: form bodies with the fields in its order, identifiers
as URI components, and the parameters that its suggest box has sent since Freebase's days. What comes back is held to
what the specification's JSON schemas demand (Reconciliation Service API 0.2, appendix).
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from tests.federation import Site, served, work

TITLE = "Bericht 4 über das Wohnen in der Stadt"
DORF = "https://d-nb.info/gnd/4012775-8"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("reconciliation")) as found:
        found.publish(work(number) for number in range(12))
        yield found


# -- OpenRefine


class OpenRefine:
    """What OpenRefine asks, as it asks it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.manifest = self.get(url)

    def get(self, url: str) -> Any:
        """Ask from the user's browser, which is at another place."""
        headers = {"Accept": "application/json, text/javascript, */*; q=0.01", "Origin": "http://127.0.0.1:3333"}
        answer = requests.get(url, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", "http://127.0.0.1:3333")
        assert answer.headers["Content-Type"].startswith("application/json")
        return answer.json()

    def post(self, name: str, asked: object) -> Any:
        """Ask from OpenRefine's own process."""
        body = f"{name}={quote(json.dumps(asked, ensure_ascii=False, separators=(',', ':')), safe='')}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "OpenRefine/3.9.3"}
        answer = requests.post(self.url, data=body.encode(), headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def guess_types(self, cells: list[str]) -> list[str]:
        """Ask for three candidates of the first ten cells, and rank their types by how many and how high they stand."""
        results = self.post("queries", {f"q{n}": {"query": cell, "limit": 3} for n, cell in enumerate(cells[:10])})
        held_to_results(results)
        points: dict[str, tuple[int, float]] = {}
        for n in range(len(cells[:10])):
            for place, one in enumerate(results[f"q{n}"]["result"]):
                for kind in one["type"]:
                    count, score = points.get(kind["id"], (0, 0.0))
                    points[kind["id"]] = count + 1, score + 1 / (1 + place)
        return sorted(points, key=lambda kind: points[kind], reverse=True)

    def reconcile(self, cells: list[dict[str, Any]], kind: str = "") -> list[str]:
        """Ask about cells in tens; a cell is matched if its first candidate says so."""
        found = []
        for start in range(0, len(cells), 10):
            strict = {"type_strict": "should"} if kind else {}
            batch = {f"q{n}": cell | strict for n, cell in enumerate(cells[start : start + 10])}
            results = self.post("queries", batch)
            held_to_results(results)
            for key in batch:
                rows = results[key]["result"]
                found.append(rows[0]["id"] if rows and rows[0]["match"] else "")
        return found

    def suggest(self, kind: str, prefix: str, of_type: str = "") -> list[dict[str, Any]]:
        service = self.manifest["suggest"][kind]
        asked = f"prefix={quote(prefix)}&spell=always&exact=false&scoring=schema&prefixed=true&type={quote(of_type)}"
        answer = self.get(f"{service['service_url']}{service['service_path']}?{asked}")
        rows: list[dict[str, Any]] = answer["result"]
        assert all(isinstance(row["id"], str) and isinstance(row["name"], str) for row in rows)
        return rows


@pytest.fixture(scope="module")
def refine(site: Site) -> OpenRefine:
    return OpenRefine(f"{site.url}reconcile")


def test_the_manifest_is_what_the_specification_demands(refine: OpenRefine) -> None:
    said = refine.manifest
    assert said["versions"] == ["0.2"]
    assert all(
        re.match(r"https?://", said[name]) for name in ("identifierSpace", "schemaSpace", "documentation", "logo")
    )
    assert all(isinstance(said[name], str) and said[name] for name in ("name", "serviceVersion"))
    assert all(set(one) == {"id", "name"} for one in said["defaultTypes"]) and said["batchSize"] >= 10
    assert "{{id}}" in said["view"]["url"] and "{{id}}" in said["preview"]["url"]
    assert isinstance(said["preview"]["width"], int) and isinstance(said["preview"]["height"], int)
    for service in (*said["suggest"].values(), said["extend"]["propose_properties"]):
        assert set(service) == {"service_url", "service_path"}
    for setting in said["extend"]["property_settings"]:
        assert {"name", "label", "type", "default", "help_text"} <= set(setting)
        assert isinstance(setting["default"], {"number": int, "select": str}[setting["type"]])
        if setting["type"] == "select":
            assert {setting["default"]} < {choice["value"] for choice in setting["choices"]}


def held_to_results(answer: dict[str, Any]) -> None:
    """Hold a batch of results to the demands of its schema."""
    for result in answer.values():
        assert set(result) == {"result"}
        for one in result["result"]:
            assert all(isinstance(one[name], str) and one[name] for name in ("id", "name"))
            assert isinstance(one["description"], str) and isinstance(one["match"], bool)
            assert isinstance(one["score"], int | float) and not isinstance(one["score"], bool)
            assert one["type"] and all(set(kind) == {"id", "name"} for kind in one["type"])
            names = [feature["id"] for feature in one["features"]]
            assert len(names) == len(set(names))
            assert all(isinstance(feature["value"], int | float) for feature in one["features"])


def test_a_column_of_titles_is_matched(refine: OpenRefine) -> None:
    titles = [f"Bericht {n} über das Wohnen in der Stadt" for n in range(12)]
    assert refine.guess_types(titles)[0] == "work"
    cells = [
        {
            "query": title,
            "type": "work",
            "properties": [{"pid": "creator", "v": f"Muster, Maria {n % 7}"}, {"pid": "year", "v": str(1990 + n)}],
        }
        for n, title in enumerate(titles)
    ]
    assert refine.reconcile(cells, "work") == [f"difu/{n}" for n in range(12)]
    cells[3]["properties"][0]["v"] = {"id": "person/Muster, Maria 3", "name": "Muster, Maria 3"}  # matched before
    cells[4]["properties"][1]["v"] = "2024-01-01T00:00:00Z"  # a cell that holds a date
    assert refine.reconcile(cells[3:5], "work") == ["difu/3", ""]


def test_a_column_of_subjects_is_matched(refine: OpenRefine) -> None:
    words = ["Dorf", "Dörfer", "Wohnungsmärkte", "zuwanderung", "Nirgendwo"]
    assert set(refine.guess_types(words)[:2]) == {"heading", "keyword"}
    headings = refine.reconcile([{"query": word, "type": "heading"} for word in words], "heading")
    assert headings == [DORF, DORF, *(f"https://d-nb.info/gnd/{id}" for id in ("4066794-7", "4315666-6")), ""]
    keywords = refine.reconcile([{"query": word, "type": "keyword"} for word in words], "keyword")
    assert keywords == ["keyword/dorf", "", "", "keyword/zuwanderung", ""]


def test_the_boxes_suggest(refine: OpenRefine) -> None:
    assert [one["id"] for one in refine.suggest("entity", "Dor", "heading")] == [DORF]
    assert {"keyword", "heading"} <= {kind for one in refine.suggest("entity", "Dor") for kind in one["notable"]}
    assert [one["id"] for one in refine.suggest("type", "Schlag")] == ["keyword"]
    assert [one["id"] for one in refine.suggest("property", "isb", "work")] == ["isbn"]
    assert refine.suggest("property", "isb", "person") == []


def test_columns_are_added_from_matched_cells(refine: OpenRefine) -> None:
    service = refine.manifest["extend"]["propose_properties"]
    proposed = refine.get(f"{service['service_url']}{service['service_path']}?type=work&limit=10")
    assert len(proposed["properties"]) == 10 and proposed["type"] == "work"
    asked = {
        "ids": ["difu/3", "difu/4"],
        "properties": [
            {"id": "title"},
            {"id": "creator", "settings": {"limit": "1", "content": "entity"}},  # the form's fields are texts
            {"id": "year", "settings": {}},
            {"id": "heading", "settings": {"content": "id"}},
        ],
    }
    answer = refine.post("extend", asked)
    assert set(answer) == {"meta", "rows"} and [one["id"] for one in answer["meta"]] == [
        "title",
        "creator",
        "year",
        "heading",
    ]
    assert answer["meta"][1]["type"] == {"id": "person", "name": "Person"} and "type" not in answer["meta"][3]
    assert list(answer["rows"]) == asked["ids"]
    assert answer["rows"]["difu/4"] == {
        "title": [{"str": TITLE}],
        "creator": [{"id": "person/Muster, Maria 4", "name": "Muster, Maria 4"}],
        "year": [{"int": 1994}],
        "heading": answer["rows"]["difu/4"]["heading"],
    }
    assert all(re.match(r"https://d-nb.info/gnd/", cell["str"]) for cell in answer["rows"]["difu/4"]["heading"])


def test_a_candidate_is_looked_at(refine: OpenRefine) -> None:
    for id in ("difu/4", DORF, "person/Muster, Maria 4"):
        preview = requests.get(refine.manifest["preview"]["url"].replace("{{id}}", quote(id, safe="")), timeout=30)
        assert preview.status_code == 200 and preview.headers["Content-Type"].startswith("text/html")
        assert "frame-ancestors *" in preview.headers["Content-Security-Policy"]
        page = requests.get(refine.manifest["view"]["url"].replace("{{id}}", quote(id, safe="")), timeout=30)
        assert page.status_code == 200 and page.history[0].status_code == 303
    older = requests.get(refine.manifest["view"]["url"].replace("{{id}}", "difu/4"), timeout=30)  # not encoded
    assert older.url == requests.get(f"{refine.url}/view", params={"id": "difu/4"}, timeout=30).url


# -- reconciler


def test_reconciler_matches_a_column(site: Site) -> None:
    pandas = pytest.importorskip("pandas", reason="reconciler and its pandas are not installed; they would reconcile")
    reconciler = pytest.importorskip("reconciler", reason="reconciler is not installed; it would reconcile")
    frame = pandas.DataFrame(
        {
            "title": [f"Bericht {n} über das Wohnen in der Stadt" for n in range(12)],
            "by": [f"Muster, Maria {n % 7}" for n in range(12)],
            "year": [str(1990 + n) for n in range(12)],
        }
    )
    endpoint = f"{site.url}reconcile"
    columns = {"creator": frame["by"], "year": frame["year"]}
    found = reconciler.reconcile(frame["title"], "work", 1, columns, endpoint)
    assert list(found["id"]) == [f"difu/{n}" for n in range(12)] and all(found["match"])
    assert set(found["type_id"]) == {"work"} and set(found["score"]) == {100.0}
    words = pandas.Series(["Dorf", "Wohnungsmärkte", "Zuwanderung"])
    headings = reconciler.reconcile(words, type_id="heading", reconciliation_endpoint=endpoint)
    assert list(headings["name"]) == ["Dorf", "Wohnungsmarkt", "Zuwanderung"] and all(headings["match"])
    every = reconciler.reconcile(pandas.Series(["Dorf"]), top_res="all", reconciliation_endpoint=endpoint)
    assert {"keyword", "heading"} <= set(every["type_id"])
    with pytest.raises(requests.HTTPError):
        reconciler.reconcile(pandas.Series(["x" * 2000]), reconciliation_endpoint=endpoint)
