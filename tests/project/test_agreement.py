"""Record, mapping table, shapes and JSON-LD context say the same."""

import json
from dataclasses import fields
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from katalod import mapping, model
from katalod.assets import asset
from katalod.formats import FORMATS
from katalod.mapping.context import context
from katalod.rdf import prefixes, term
from katalod.web.profiles import OURS

ROOT = Path(__file__).parents[2]


def mapped_properties() -> set[str]:
    rows = mapping.load().rows
    return {term(name).value for row in rows for name in (row.property, row.otherwise) if name}


def test_every_field_of_a_record_has_a_row() -> None:
    assert {row.field for row in mapping.load().rows} == set(model.MAPPED)
    assert set(model.MAPPED) | set(model.PROVENANCE) == {f.name for f in fields(model.Record)}


def test_the_context_is_what_the_table_gives() -> None:
    assert asset("ontology/context.jsonld").read_text("utf-8") == context(), "run `make context`"


def test_the_context_uses_only_known_prefixes() -> None:
    terms = json.loads(context())["@context"]
    for row in terms.values():
        if isinstance(row, dict):
            assert row["@id"].partition(":")[0] in prefixes()


def test_shapes_speak_only_of_what_is_mapped() -> None:
    """A path in a shape that nothing maps to is a typing error, or a rule that can never fail."""
    paths = {
        quad.object.value
        for name in ("record", "concept", "dataset")
        for quad in parse(path=str(asset(f"shapes/{name}.ttl")), format=RdfFormat.TURTLE)
        if quad.predicate == term("sh:path") and isinstance(quad.object, NamedNode)
    }
    rooms = (*(ROOT / "service/katalod/mapping").glob("*.py"), ROOT / "service/katalod/describing.py")
    source = "".join(path.read_text("utf-8") for path in rooms)
    table = asset("ontology/mapping.toml").read_text("utf-8")
    for iri in paths:
        short = next(f"{name}:{iri[len(space) :]}" for name, space in prefixes().items() if iri.startswith(space))
        assert short in source or short in table, f"a shape looks at {short}, which nothing says"


def test_messages_of_shapes_are_in_both_languages() -> None:
    for name in ("record", "concept", "dataset"):
        languages: dict[str, set[str]] = {}
        for quad in parse(path=str(asset(f"shapes/{name}.ttl")), format=RdfFormat.TURTLE):
            if quad.predicate == term("sh:message"):
                languages.setdefault(str(quad.subject), set()).add(quad.object.language)  # type: ignore[union-attr]
        assert languages
        for subject, found in languages.items():
            assert found == {"de", "en"}, f"{subject} has messages in {found}"


def test_every_mapped_property_has_a_label_in_both_languages() -> None:
    from katalod.edition import borrowed_labels

    for language in ("de", "en"):
        missing = mapped_properties() - set(borrowed_labels(language))
        assert not missing, f"ontology/labels.ttl lacks {language} labels of {sorted(missing)}"


def test_our_profile_names_the_vocabularies_that_are_mapped_to() -> None:
    prof = "http://www.w3.org/ns/dx/prof/"
    said = list(parse(path=str(asset("ontology/katalod.ttl")), format=RdfFormat.TURTLE))
    (profile,) = {quad.subject for quad in said if quad.object == NamedNode(f"{prof}Profile")}
    assert profile == NamedNode(OURS.iri)
    assert Literal(OURS.token, datatype=term("xsd:token")) in {quad.object for quad in said}
    assert Literal(OURS.label) in {quad.object for quad in said}
    named = {quad.object.value for quad in said if quad.predicate == NamedNode(f"{prof}isProfileOf")}  # type: ignore[union-attr]
    used = {space for space in prefixes().values() for iri in mapped_properties() if iri.startswith(space)}
    assert used <= named
    assert named <= set(prefixes().values())


def test_format_names_and_suffixes_are_unique() -> None:
    for key in ("name", "media", "suffix"):
        values = [getattr(row, key) for row in FORMATS]
        assert len(values) == len(set(values))
