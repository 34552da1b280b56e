"""Sources in katalod.toml: what can be said of one, and what is not understood."""

from pathlib import Path

import pytest

from katalod import settings
from katalod.errors import SettingsError
from katalod.settings import Source


def load(folder: Path, text: str) -> tuple[Source, ...]:
    path = folder / "katalod.toml"
    path.write_text(text, "utf-8")
    return settings.load(path, environ={}).sources


def test_a_source_is_read_with_what_is_said_of_it(tmp_path: Path) -> None:
    first, second = load(
        tmp_path,
        '[sources.difu]\nurl = "https://repository.example.org/oai"\nset = "com_1"\nfrom = "2020-01-01"\nevery = "6h"\n'
        'overlap = "2d"\nreconcile = "0"\n[sources."my export"]\nurl = "export"\nkind = "files"\n'.replace(
            "my ", "my-"
        ),
    )
    assert first == Source(
        "difu", "https://repository.example.org/oai", set="com_1", since="2020-01-01",
        every=21_600.0, overlap=172_800.0, reconcile=0.0,
    )  # fmt: skip
    assert (second.name, second.kind, second.overlap, second.reconcile) == ("my-export", "files", 86_400.0, None)
    assert hash(first) != hash(second)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            '[sources.difu]\nurl = "https://x.org"\nformt = "dim"',
            "nobody knows the key 'formt'; perhaps 'format' is meant",
        ),
        ('[sources.difu]\nurl = "https://x.org"\nsince = "2020-01-01"', "nobody knows the key 'since'"),
        ('[sources.difu]\nkind = "dspace"', "the url is missing"),
        ('[sources.difu]\nurl = "x.org/oai"', "'x.org/oai' is no web address"),
        (
            '[sources.difu]\nurl = "https://x.org"\nkind = "oai"',
            "kind cannot be 'oai'; it is one of oai-pmh, dspace, files",
        ),
        ('[sources.difu]\nurl = "https://x.org"\nfrom = "1.5.2024"', "from cannot be '1.5.2024'"),
        ('[sources.difu]\nurl = "https://x.org"\nfrom = 2024-05-01', "it takes a text in quotation marks"),
        (
            '[sources.difu]\nurl = "https://x.org"\nevery = "hourly"',
            "every cannot be 'hourly'; write a number and s, m, h",
        ),
        ('[sources.difu]\nurl = "x"\nkind = "files"\nset = "a"', "format and set are for the kind oai-pmh"),
        ('[sources."a b"]\nurl = "https://x.org"', "'a b' is no name"),
        ('sources = "difu"', "give each a table"),
        ("[sources]\ndifu = 1", "give each a table"),
        ("[harvest]\nattempt = 3", "nobody knows the setting 'harvest_attempt'; perhaps 'harvest_attempts' is meant"),
        ("[harvest]\nattempts = 0", "harvest_attempts cannot be 0"),
        ("[harvest]\ntimeout = 0", "harvest_timeout must be above 0"),
    ],
)
def test_what_is_not_understood_is_said_with_a_hint(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SettingsError) as told:
        load(tmp_path, text)
    assert reason in str(told.value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("1h", 3600), ("1.5 h", 5400), ("1w", 604_800), ("0", 0)]
)
def test_durations(text: str, seconds: float) -> None:
    assert settings.duration(text, "every") == seconds
