"""A newer authority: fetched, built into the index of the home, and compared with the links that we have."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from katalod.catalogue import opened
from katalod.errors import AuthorityError, NoRelease
from katalod.fetch import BUSY, FetchError, Limits, Session
from katalod.linking import Authority, building, curated
from katalod.linking.dumps import READERS
from katalod.linking.news import Used, news
from katalod.model import Finding
from katalod.pipeline.partition import links_path, loaded_authority
from katalod.settings import Settings

DUMP = Limits(silence=120.0, whole=6 * 3600.0, size=20 << 30)


def load_authority(
    settings: Settings,
    sources: tuple[str, ...],
    version: str,
    progress: building.Progress,
    pause: Callable[[float], None] = time.sleep,
) -> building.Summary:
    """Build the authority index of the home from dumps, files or addresses, and say what it changes for our links.

    Until the new index is whole the former one serves. Raises AuthorityError or FetchError.
    """
    paths = tuple(_fetched(settings, one, progress, pause) if "://" in one else Path(one) for one in sources)
    used = tuple(used_headings(settings))

    def review(draft: Path) -> list[Finding]:
        with Authority.open(draft) as authority:
            return list(news(used, authority))

    return building.build(paths, loaded_authority(settings), version=version, progress=progress, review=review)


def used_headings(settings: Settings) -> Iterator[Used]:
    """Give the headings that the current release and the curated decisions lead to, as they were known."""
    path = links_path(settings)
    for decision in curated.read(path).decisions:
        if decision.iri:
            yield Used(decision.iri, decision.object_label, decision.label, path.name)
    try:
        with opened(settings) as edition:
            release = edition.release.id
            for row in edition.links():
                yield Used(row["object_id"], row.get("object_label", ""), row.get("subject_label", ""), release)
    except NoRelease:
        return


def _fetched(settings: Settings, url: str, progress: building.Progress, pause: Callable[[float], None]) -> Path:
    """Fetch a dump into the home, a piece at a time; a former one stays until the new one is whole."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    if not re.fullmatch(r"\w[\w.+-]{0,200}", name) or not any(name.endswith((end, f"{end}.gz")) for end in READERS):
        raise AuthorityError(f"loading {url}: its name does not end in {', '.join(READERS)}, with or without .gz")
    folder = settings.home / "dumps"
    folder.mkdir(parents=True, exist_ok=True)
    draft, session = folder / f".{name}.draft", Session(DUMP)
    try:
        for attempt in range(1, DUMP.attempts + 1):
            if _streamed(session, url, draft, progress, last=attempt == DUMP.attempts):
                break
            pause(DUMP.pause * 2 ** (attempt - 1))
        draft.replace(folder / name)
    finally:
        session.close()
        draft.unlink(missing_ok=True)
    return folder / name


def _streamed(session: Session, url: str, draft: Path, progress: building.Progress, last: bool) -> bool:
    """Fetch a file once; False where it is worth another attempt, FetchError where it is not."""
    try:
        with session.open("GET", url) as stream, draft.open("wb") as file:
            if stream.status >= 400:
                raise FetchError(f"loading {url}: the answer is status {stream.status}", stream.status)
            size, told = stream.headers.get("content-length", ""), 0
            for chunk in stream:
                file.write(chunk)
                told += len(chunk)
                progress(f"fetching {url}", told, int(size) if size.isdecimal() else 0)
    except FetchError as error:
        if last or (error.status >= 400 and error.status not in BUSY):
            raise
        return False
    return True
