"""Findings about what a record says, as they are met while it is read."""

from collections.abc import Iterable

from katalod.model import Finding, RawRecord, Severity

WARNING, INFO = Severity.WARNING, Severity.INFO
LONGEST = 200

# shape: severity, German, English; {} stands for the value
_TEXTS: dict[str, tuple[Severity, str, str]] = {
    "markup": (
        WARNING,
        "HTML oder doppelt maskierte Zeichen in der Angabe wurden entfernt. Bitte in der Quelle bereinigen.",
        "HTML or doubly escaped characters were removed from the value. Please clean it in the source.",
    ),
    "control-characters": (
        WARNING,
        "Steuerzeichen oder unsichtbare Zeichen wurden entfernt. Bitte in der Quelle bereinigen.",
        "Control characters or invisible characters were removed. Please clean the value in the source.",
    ),
    "mojibake": (
        WARNING,
        "Falsch dekodierte Buchstaben (wie „Ã¤“ statt „ä“) wurden zurückverwandelt. Bitte in der Quelle berichtigen.",
        "Wrongly decoded letters (such as “Ã¤” for “ä”) were turned back. Please correct the value in the source.",
    ),
    "language-tag": (
        WARNING,
        "„{}“ ist keine gültige Sprachangabe (BCP 47); die Angabe steht ohne Sprache.",
        "“{}” is no valid language tag (BCP 47); the value stands without a language.",
    ),
    "not-mapped": (
        INFO,
        "Das Feld {} hat keine Zuordnung; sein Inhalt wird nicht veröffentlicht.",
        "The field {} has no mapping; its content is not published.",
    ),
    "provenance": (
        INFO,
        "Ein Bearbeitungsvermerk mit Namen wurde nicht veröffentlicht.",
        "A note on processing, with names in it, was not published.",
    ),
}


class Notes:
    """What is being found amiss with one record."""

    def __init__(self) -> None:
        """Begin without any finding."""
        self._found: dict[tuple[str, str, str], tuple[Severity, str, str]] = {}

    def add(self, shape: str, field: str, value: str = "") -> None:
        """Note what was met, once for each field and value."""
        short = value[:LONGEST]
        severity, german, english = _TEXTS[shape]
        self._found[shape, field, short] = (severity, german.replace("{}", short), english.replace("{}", short))

    def say(self, severity: Severity, shape: str, field: str, value: str, german: str, english: str) -> None:
        """Note what was met, in words of its own."""
        self._found[shape, field, value[:LONGEST]] = (severity, german, english)

    def findings(self, raw: RawRecord, path: str) -> Iterable[Finding]:
        """Give what was found, with the record's place."""
        for (shape, field, value), (severity, german, english) in self._found.items():
            yield Finding(
                severity, shape, field, value, german, english, raw.origin, raw.position, raw.identifier[:LONGEST], path
            )


def refused(raw: RawRecord, shape: str, path: str, german: str, english: str, violation: bool = True) -> Finding:
    """Say why nothing could be read of a record."""
    severity = Severity.VIOLATION if violation else Severity.WARNING
    return Finding(
        severity, shape, "metadata", raw.form[:LONGEST], german, english,
        raw.origin, raw.position, raw.identifier[:LONGEST], path,
    )  # fmt: skip
