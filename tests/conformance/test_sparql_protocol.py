"""The SPARQL 1.1 Protocol, clause by clause, by a black-box test that lies outside this repository."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.endpoint import build, serve

from katalod.settings import Settings

TOOL = Path(__file__).parents[2].parent / "shared" / "tools" / "sparql_protocol.py"
OF_THE_ENGINE = {
    "bad:syntax:nested aggregate",  # Oxigraph's parser takes an aggregate within an aggregate (SPARQL 1.1, 18.5)
    "query:zero-length path of a term outside the data (18.4)",
}
"""What fails in Oxigraph 0.5.13 itself."""


@pytest.mark.skipif(not TOOL.exists(), reason=f"needs {TOOL.name}, the black-box test of the SPARQL protocol")
def test_every_case_of_the_query_operation(tmp_path: Path) -> None:
    verdicts = tmp_path / "verdicts.json"
    with serve(build(tmp_path), Settings(home=tmp_path)) as served:
        command = [sys.executable, str(TOOL), "--base", served.url, "--sparql", "/sparql", "--json", str(verdicts)]
        subprocess.run(command, check=False, capture_output=True, timeout=60)
    cases = json.loads(verdicts.read_text("utf-8"))
    failed = {case["name"]: case["why"] for case in cases if case["verdict"] != "pass"}
    assert {name: why for name, why in failed.items() if name not in OF_THE_ENGINE} == {}
    assert len(cases) >= 381
