"""The same search in other catalogues: asked only where the reader wishes it, shown below our own results."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, request

from katalod.federation import Answer, Federation, Place, Same, Work, identifiers, joined
from katalod.rdf import work_iri
from katalod.settings import Settings, Target
from katalod.web import answers

if TYPE_CHECKING:
    from katalod.edition import Edition

HITS = 10  # of each catalogue


@dataclass(frozen=True, slots=True)
class Row:
    """A work that another catalogue has found, as a page shows it."""

    work: Work
    held: tuple[str, ...]  # paths of our own works that are the same
    also: tuple[tuple[str, str], ...]  # other catalogues that have it: label, and the address of its page there


@dataclass(frozen=True, slots=True)
class Others:
    """What the catalogues have answered, and which of it is the same work."""

    base: str  # of our own works' IRIs
    answers: tuple[Answer, ...]
    same: Mapping[Place, Same]

    def rows(self, answer: Answer) -> list[Row]:
        """Give the works of an answer, each with what it is the same as."""
        found = []
        for number, work in enumerate(answer.works):
            same = self.same[answer.target, number]
            found.append(Row(work, same.held, self._places(same, answer.target)))
        return found

    def having(self, path: str) -> tuple[tuple[str, str], ...]:
        """Name the catalogues that have a work of ours, each with the address of its page there."""
        same = next((same for same in self.same.values() if path in same.held), None)
        return self._places(same) if same else ()

    def _places(self, same: Same, but: str = "") -> tuple[tuple[str, str], ...]:
        by_name = {answer.target: answer for answer in self.answers}
        named = [(by_name[name], number) for name, number in same.places if name != but]
        return tuple((answer.label, answer.works[number].address) for answer, number in named)

    def data(self) -> list[dict[str, Any]]:
        """Give all as JSON has it."""
        return [
            asdict(answer) | {"works": [
                asdict(row.work)
                | {"held": [work_iri(self.base, path).value for path in row.held]}
                | {"also": [{"label": label, "address": address} for label, address in row.also]}
                for row in self.rows(answer)
            ]}
            for answer in self.answers
        ]  # fmt: skip


def federation(settings: Settings) -> Federation:
    """Make what asks for all readers: no more of them wait for others than the settings leave threads for."""
    return Federation(settings.targets, settings.server_share)


def targets() -> tuple[Target, ...]:
    """Give the catalogues that are on."""
    return _federation().targets


def chosen() -> tuple[Target, ...]:
    """Read which of them the reader wants to be asked; raises NoSuchTarget."""
    return _federation().chosen(name for name in request.args.getlist("also") if name)


def asked(edition: "Edition", targets: Sequence[Target], text: str) -> Others | None:
    """Ask them; None where nobody is to be asked."""
    if not targets:
        return None
    found = _federation().ask(targets, text, HITS)
    return Others(edition.release.base, found, joined(found, edition.identity.bearing(identifiers(found))))


def page(template: str, **values: Any) -> Response:
    """Answer with a page that shows more than the release, and so is never kept."""
    release = answers.edition().release
    who = answers.reader(release.base)
    return uncached(answers.html(answers.render(template, who, release=release, **values), who))


def uncached(answer: Response) -> Response:
    """Let nobody keep an answer: others may answer otherwise the next time."""
    answer.headers |= {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
    return answer


def _federation() -> Federation:
    found: Federation = current_app.extensions["katalod.federation"]
    return found
