"""What a query of CQL asks of the search index: its clauses, each by an index, tied by booleans."""

from collections.abc import Iterator, Mapping
from functools import cache
from urllib.parse import unquote

from katalod import cql
from katalod.search import tree as search
from katalod.web.sru import indexes, terms
from katalod.web.sru.diagnostics import Diagnostic
from katalod.web.sru.indexes import Index

SETS: Mapping[str, tuple[str, ...]] = {
    "cql": ("info:srw/cql-context-set/1/cql-v1.2", "info:srw/cql-context-set/1/cql-v1.1"),
    "dc": ("info:srw/cql-context-set/1/dc-v1.1", "info:srw/context-set/1/dc-v1.1"),
    "bath": ("http://zing.z3950.org/cql/bath/2.0/",),
    "pica": ("info:srw/cql-context-set/5/pica-v1.0",),
}
"""The context sets, by the prefix that they have where a query gives none."""

WORDS, MASKED = 100, 10  # words and masks of a query: each is looked up, a mask opens many
MODIFIERS = ("masked", "unmasked", "ignoreCase", "ignoreAccents", "word", "stem")
_SO_ANYWAY = ("masked", "unmasked", "ignorecase", "ignoreaccents", "word")


def tree(asked: cql.Tree, base: str) -> search.Tree:
    """Say what a query asks of the search index; raises Diagnostic for what there is not."""
    found = _tree(asked, base)
    leaves = [leaf.words for leaf in _leaves(found) if isinstance(leaf, search.Words | search.Called)]
    if sum(map(len, leaves)) > WORDS:
        raise Diagnostic(38, str(WORDS), f"more than {WORDS} words are asked for; ask in several queries")
    if sum(word.count(mask) for leaf in leaves for word in leaf for mask in terms.MASKS) > MASKED:
        raise Diagnostic(30, str(MASKED), f"the query has more than {MASKED} masking characters")
    return found


def _tree(asked: cql.Tree, base: str) -> search.Tree:
    if isinstance(asked, cql.Clause):
        return _clause(asked, base)
    if asked.operator == "prox":
        raise Diagnostic(39, "", "words near each other are not looked for; ask with adj, or with and")
    if asked.modifiers:
        name = str(asked.modifiers[0].name)
        raise Diagnostic(46, name[:100], f"{asked.operator} takes no modifier; leave {name[:100]} out")
    left, right = _tree(asked.left, base), _tree(asked.right, base)
    if asked.operator == "not":
        return search.But(left, right)
    return search.Every((left, right)) if asked.operator == "and" else search.Either((left, right))


def _leaves(found: search.Tree) -> Iterator[search.Tree]:
    match found:
        case search.Every() | search.Either():
            for part in found.parts:
                yield from _leaves(part)
        case search.But():
            yield from _leaves(found.wanted)
            yield from _leaves(found.refused)
        case _:
            yield found


def _clause(asked: cql.Clause, base: str) -> search.Tree:
    index = indexes.INDEXES[0] if asked.index is None else index_of(asked.index)
    relation = _relation(index, asked.relation)
    modifiers = asked.relation.modifiers if asked.relation else ()
    term = terms.read(asked.term, any(modifier.name.local == "unmasked" for modifier in modifiers))
    if index.ask is not indexes.words and (term.begins or term.ends):
        raise Diagnostic(31, "", f"{index.name} knows no anchors")
    if relation == "<>":
        return search.But(search.Everything(), index.ask(index, "==" if index.whole else "=", term))
    ours = f"{base}id/"
    if term.text.startswith(ours) and index.ask in (indexes.words, indexes.identified):
        return search.Value("path", unquote(term.text.removeprefix(ours)))
    return index.ask(index, relation, term)


def index_of(name: cql.Name) -> Index:
    """Find an index by its name; without a prefix, that of the first set that has one.

    Raises Diagnostic where there is none.
    """
    prefix = name.prefix
    if name.uri:
        prefix = next((known for known, uris in SETS.items() if name.uri in uris), "?")
    if prefix and prefix not in SETS:
        given = (name.uri or prefix)[:200]
        raise Diagnostic(15, given, f"there is {', '.join(SETS)}; not {given}")
    wanted = [f"{one}.{name.local}" for one in ([prefix] if prefix else ("dc", "cql", "bath", "pica"))]
    if wanted[0] == "cql.resultsetid":
        raise Diagnostic(50, "", "results are not kept under a name; send the query again with another startRecord")
    found = _by_name()
    index = next((found[one] for one in wanted if one in found), None)
    if index is None:
        known = ", ".join(index.name for index in indexes.INDEXES)
        raise Diagnostic(16, str(name)[:200], f"there is no index {str(name)[:200]}; there is {known}")
    return index


def _relation(index: Index, relation: cql.Relation | None) -> str:
    if relation is None:
        return "="
    name, given = relation.name, str(relation.name)[:100]
    if name.local not in {*indexes.IN_WORDS, *indexes.IN_YEARS} or name.prefix not in ("", "cql"):
        raise Diagnostic(19, given, f"there is no relation {given}; {index.name} takes {', '.join(index.relations)}")
    if name.local not in index.relations:
        known = ", ".join(index.relations)
        raise Diagnostic(22, f"{index.name} {name.local}", f"{index.name} takes {known}; not {name.local}")
    for modifier in relation.modifiers:
        if modifier.comparison or modifier.name.prefix not in ("", "cql") or not _held(index, modifier.name.local):
            unknown = str(modifier.name)[:100]
            raise Diagnostic(20, unknown, f"{index.name} knows no modifier {unknown}")
    return "=" if name.local in indexes.EQUAL else "==" if name.local in indexes.EXACT else name.local


def _held(index: Index, modifier: str) -> bool:
    """Whether an index does what a modifier asks for."""
    stemmed = index.ask is indexes.words and index.area in ("", "title", "subjects", "text")
    return modifier in _SO_ANYWAY or (modifier == "stem" and stemmed)


@cache
def _by_name() -> Mapping[str, Index]:
    return {name: index for index in indexes.INDEXES for name in index.names}
