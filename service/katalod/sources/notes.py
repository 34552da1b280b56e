"""Findings about documents and records as such, before anybody has read what they say."""

from katalod.model import Finding, Severity

VIOLATION, WARNING, INFO = Severity.VIOLATION, Severity.WARNING, Severity.INFO

# shape: severity, field, German, English; {} stands for the value
_TEXTS: dict[str, tuple[Severity, str, str, str]] = {
    "no-metadata": (
        VIOLATION,
        "metadata",
        "Der Datensatz ist weder gelöscht noch hat er Metadaten; er wurde nicht übernommen, ein früherer Stand"
        " bleibt. Bitte die Quelle prüfen.",
        "The record is neither deleted nor has it metadata; it was not taken, and an earlier state stays."
        " Please check the source.",
    ),
    "no-identifier": (
        VIOLATION,
        "identifier",
        "Der Datensatz hat keine Kennung, auch nicht in den Metadaten; er wurde nicht übernommen."
        " Bitte in der Quelle eine Kennung vergeben.",
        "The record has no identifier, not even in its metadata; it was not taken. Please give it one in the source.",
    ),
    "identifier-from-metadata": (
        WARNING,
        "identifier",
        "Der Datensatz hat keine OAI-Kennung; genommen wurde „{}“ aus den Metadaten.",
        "The record has no OAI identifier; “{}” was taken from its metadata.",
    ),
    "identifier-length": (
        VIOLATION,
        "identifier",
        "Die Kennung ist länger als 2.000 Zeichen; der Datensatz wurde nicht übernommen. Sie beginnt mit „{}“.",
        "The identifier is longer than 2,000 characters; the record was not taken. It begins with “{}”.",
    ),
    "datestamp": (
        WARNING,
        "datestamp",
        "Der Datumsstempel „{}“ ist kein möglicher Zeitpunkt; der Datensatz wurde ohne ihn übernommen.",
        "The datestamp “{}” is no possible moment; the record was taken without it.",
    ),
    "status": (
        WARNING,
        "status",
        "OAI-PMH kennt nur den Status „deleted“, nicht „{}“; der Datensatz gilt als vorhanden.",
        "OAI-PMH knows only the status “deleted”, not “{}”; the record counts as present.",
    ),
    "metadata-twice": (
        WARNING,
        "metadata",
        "Der Datensatz hat mehrere Metadatenblöcke; nur der erste wurde gelesen.",
        "The record has several metadata blocks; only the first was read.",
    ),
    "deleted-with-metadata": (
        INFO,
        "metadata",
        "Der Datensatz ist als gelöscht gemeldet und trägt doch Metadaten; er gilt als gelöscht.",
        "The record is reported as deleted and yet carries metadata; it counts as deleted.",
    ),
    "oai-namespace": (
        WARNING,
        "OAI-PMH",
        "Der Namensraum der Antwort ist „{}“, nicht der von OAI-PMH 2.0; gelesen wurde sie trotzdem.",
        "The answer's namespace is “{}”, not that of OAI-PMH 2.0; it was read all the same.",
    ),
    "no-records-match": (
        INFO,
        "OAI-PMH",
        "Die Quelle meldet, dass es nichts Neues gibt (noRecordsMatch).",
        "The source reports that there is nothing new (noRecordsMatch).",
    ),
    "no-records": (
        WARNING,
        "OAI-PMH",
        "Keine Datensätze darin: eine Antwort auf {}. Bitte Antworten auf ListRecords oder GetRecord angeben.",
        "No records in it: an answer to {}. Please give answers to ListRecords or GetRecord.",
    ),
    "empty-list": (
        WARNING,
        "OAI-PMH",
        "Eine Liste ohne Datensatz ({}).",
        "A list without a record ({}).",
    ),
    "unreadable": (
        VIOLATION,
        "file",
        "Nicht lesbar: {}",
        "Not readable: {}",
    ),
    "empty": (
        WARNING,
        "file",
        "Nichts zu lesen: {} ist leer oder enthält keine Datei, die Datensätze enthalten kann"
        " (.xml, .json, .jsonl, .ndjson, .txt, auch mit .gz; .tar, .tar.gz, .tgz).",
        "Nothing to read: {} is empty, or holds no file that may hold records"
        " (.xml, .json, .jsonl, .ndjson, .txt, also with .gz; .tar, .tar.gz, .tgz).",
    ),
    "not-published": (
        INFO,
        "discoverable",
        "Der Datensatz ist in der Quelle nicht auffindbar oder noch nicht archiviert ({}); er wurde nicht übernommen.",
        "The record is not discoverable in the source, or not archived yet ({}); it was not taken.",
    ),
    "not-an-item": (
        INFO,
        "type",
        "Kein Datensatz, sondern „{}“; übergangen.",
        "Not a record but “{}”; passed over.",
    ),
}


def note(shape: str, value: str = "", origin: str = "", position: int = 0, identifier: str = "") -> Finding:
    """Make a finding about a document or a record in it, by the name of what was not met."""
    severity, field, german, english = _TEXTS[shape]
    value = value.encode("utf-8", "replace").decode()  # JSON may hold half a surrogate pair
    short = value if shape == "unreadable" else value[:200]
    return Finding(
        severity,
        shape,
        field,
        short,
        german.replace("{}", short),
        english.replace("{}", short),
        origin=origin,
        position=position,
        identifier=identifier[:200],
    )
