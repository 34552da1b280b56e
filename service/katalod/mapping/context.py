"""The JSON-LD context, generated from the mapping table: what is served cannot drift from what is said.

`python -m katalod.mapping.context` prints it; `make context` writes `ontology/context.jsonld`.
"""

import json
import sys
import tomllib

from katalod.assets import asset


def context() -> str:
    """Write the context of the mapping table: its prefixes, and a term for each property that it names.

    Properties with one local name get one term, for the first; the others are met as CURIEs.
    """
    table = tomllib.loads(asset("ontology/mapping.toml").read_text("utf-8"))
    terms: dict[str, dict[str, str]] = {}
    named: set[str] = set()
    for row in (*table["field"], *table["also"]):
        name = row.get("term", row["property"].partition(":")[2])
        if row["property"] in named or name in terms or name in table["prefixes"]:
            continue
        named.add(row["property"])
        terms[name] = {"@id": row["property"]} | ({"@type": "@id"} if row.get("object") == "iri" else {})
    document = {"@context": {"@version": 1.1} | table["prefixes"] | terms}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(context())
