"""The wheel holds what it needs and works from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("katalod-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_holds_ontology_shapes_and_data(unpacked: Path) -> None:
    for name in (
        "ontology/mapping.toml",
        "ontology/katalod.ttl",
        "shapes/record.ttl",
        "data/difu-581658.txt",
        "web/templates",
        "py.typed",
    ):
        assert (unpacked / "katalod" / name).exists()


def test_it_works_from_any_folder(unpacked: Path, tmp_path: Path) -> None:
    record = unpacked / "katalod" / "data" / "difu-581658.dim.xml"
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    where = subprocess.run(
        [sys.executable, "-c", "import katalod; print(katalod.__file__)"],
        cwd=tmp_path, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert str(unpacked) in where.stdout, "the test would look at the checkout, not at the wheel"
    checked = subprocess.run(
        [sys.executable, "-m", "katalod", "check", str(record)],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    assert "id/difu/581658" in checked.stdout
    assert not (tmp_path / "var").exists()
