"""The diagnostics of SRU: what was wrong with a request, by its number in info:srw/diagnostic/1."""

from katalod.web.exchange.xml import element

NAMESPACE = "http://www.loc.gov/zing/srw/diagnostic/"


class Diagnostic(Exception):  # noqa: N818 - the protocol's own word
    """What was wrong: a number, its details in the form that the list of diagnostics asks for, and words for people."""

    def __init__(self, number: int, details: str, message: str) -> None:
        """Take the number of info:srw/diagnostic/1."""
        super().__init__(message)
        self.number = number
        self.details = details


def written(diagnostic: Diagnostic) -> str:
    """Write a diagnostic as XML."""
    uri = element("uri", f"info:srw/diagnostic/1/{diagnostic.number}")
    said = uri + element("details", diagnostic.details) + element("message", str(diagnostic))
    return f'<diagnostic xmlns="{NAMESPACE}">{said}</diagnostic>'
