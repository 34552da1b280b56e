"""Settings that cannot be used are said at the door, with the value and what to give instead."""

from pathlib import Path

import pytest

from katalod import settings
from katalod.errors import SettingsError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base", "nonsense"),
        ("base", "http://x.org/a b/"),
        ("base", "https://x.org/?q"),
        ("dataset_licence", "CC0"),
        ("dataset_publisher_iri", "difu"),
        ("dataset_contact", "Jane Doe <j@x.org>"),
        ("publish_jobs", -1),
        ("publish_batch", 0),
        ("sparql_timeout", 0.0),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_value(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        settings.load(environ={}, given={name: value})
    assert str(value) in str(refused.value)


def test_what_comes_later_wins(tmp_path: Path) -> None:
    file = tmp_path / "katalod.toml"
    file.write_text('base = "https://a.example"\n[server]\nport = 1\nhost = "::1"\n')
    found = settings.load(file, {"KATALOD_SERVER_PORT": "2"}, {"home": Path("h")})
    assert (found.base, found.server_port, found.server_host, found.home) == ("https://a.example/", 2, "::1", Path("h"))


@pytest.mark.parametrize("text", ["base = ", "basee = 'x'", "[server]\nport = 'http'", "[sparql]\nservices = [1]"])
def test_a_faulty_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "katalod.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"katalod\.toml"):
        settings.load(file, {})
