"""Settings that cannot be used are said at the door, with the value and what to give instead."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from katalod import settings
from katalod.cli import main
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


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("site_citation", "nix.csl", "No such file"),
        ("site_logo", "nix.svg", "no such file"),
        ("linking_methods", "guessed", "the methods are curated"),
        ("linking_links", "nix.tsv", "No such file"),
        ("sparql_engine", "virtuoso", "give oxigraph"),
    ],
)
def test_config_check_reads_what_publish_and_serve_will_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    words = ["config", "check", "--home", str(tmp_path / "home")]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert not (tmp_path / "home").exists()
    monkeypatch.setenv(f"KATALOD_{name.upper()}", value)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert said in done.output
    assert value in done.output


def test_the_list_of_commands_cuts_no_sentence_short() -> None:
    for words in ([], ["links"], ["releases"]):
        listed = CliRunner().invoke(main, [*words, "--help"]).output
        assert "..." not in listed.partition("Commands:")[2]
