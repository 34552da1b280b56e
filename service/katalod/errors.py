"""What can stop a run; faults in data are findings (`model.Finding`), not errors.

::

    KatalodError
    ├── SettingsError      a setting cannot be used
    ├── FetchError         an address on the web gives no usable answer (fetch)
    ├── SourceError        a source cannot be read at all
    │   └── Refused, Expired, Stuck: what an OAI-PMH source did not give (sources)
    ├── NoSuchTarget       a catalogue elsewhere is not on the operator's list (federation)
    ├── NotKept            the harvest memory cannot be written (harvest)
    ├── MappingError       the mapping table or the types table cannot be used
    ├── AuthorityError     the authority index or the curated links cannot be used
    ├── ValidationError    the shapes cannot be used
    ├── StoreError         the store cannot answer
    │   ├── QueryError     the query is at fault, or is not allowed; TooLarge, Unacceptable (store)
    │   ├── QueryTimeout   the query did not end in its time or memory
    │   └── Crowded, Unanswered, Gone, Later: how a query ended without an answer (store)
    └── ReleaseError       a release cannot be made, found or promoted
        ├── NoRelease      nothing has been published yet
        └── Busy           another process is publishing, harvesting or following

An error that only one room raises is defined there; the name of the room stands behind it.
A message says what was being done, with which value, and what to do next.
"""


class KatalodError(Exception):
    """Something stopped the run; the message says what, with which value, and what to do."""


class SettingsError(KatalodError):
    """A setting cannot be used; nothing was started."""


class SourceError(KatalodError):
    """A source cannot be read; what was in the harvest memory is untouched."""


class MappingError(KatalodError):
    """The mapping table cannot be used; nothing has been published."""


class AuthorityError(KatalodError):
    """The authority index or the curated links cannot be used; the last good index is untouched."""


class ValidationError(KatalodError):
    """The shapes cannot be used; nothing has been published."""


class StoreError(KatalodError):
    """The store cannot answer."""


class QueryError(StoreError):
    """The query is at fault, or asks for what is not allowed."""


class QueryTimeout(StoreError):  # noqa: N818 - the operation's own word
    """The query did not end within its limits of time and memory."""


class ReleaseError(KatalodError):
    """A release cannot be made, found or promoted; the current one is untouched."""


class NoRelease(ReleaseError):  # noqa: N818 - it is a state that callers ask for by name
    """Nothing has been published yet."""


class Busy(ReleaseError):  # noqa: N818
    """Another process is publishing, harvesting or following in the same home."""
