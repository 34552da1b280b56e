"""What the service can do, said to its clients."""

from typing import Any

from katalod import __version__
from katalod.settings import Settings
from katalod.web import profiles
from katalod.web.reader import Reader
from katalod.web.reconciliation.asking import CONTENTS, MOST_QUERIES
from katalod.web.reconciliation.entities import TYPES

WIDTH, HEIGHT = 430, 300  # pixels of a preview


def types(who: Reader, names: tuple[str, ...] = TYPES) -> list[dict[str, str]]:
    """Give types with their names."""
    return [{"id": name, "name": who.t(f"suggest_{name}")} for name in names]


def manifest(settings: Settings, base: str, who: Reader) -> dict[str, Any]:
    """Describe the service (Reconciliation Service API 0.2, "Service Manifest"); IRIs of the data begin with `base`."""
    url = f"{settings.base}reconcile"
    lang = f"lang={who.lang}" if who.chosen else ""
    more, alone = lang and f"&{lang}", lang and f"?{lang}"
    return {
        "versions": ["0.2"],
        "name": settings.title(who.lang),
        "identifierSpace": f"{base}id/",
        "schemaSpace": profiles.OURS.iri,
        "documentation": settings.base,
        "logo": f"{settings.base}favicon.svg",
        "serviceVersion": __version__,
        "defaultTypes": types(who),
        "batchSize": MOST_QUERIES,
        "view": {"url": f"{url}/view?id={{{{id}}}}{more}"},
        "preview": {"url": f"{url}/preview?id={{{{id}}}}{more}", "width": WIDTH, "height": HEIGHT},
        "suggest": {
            kind: {"service_url": url, "service_path": f"/suggest/{kind}{alone}"}
            for kind in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": url, "service_path": f"/properties{alone}"},
            "property_settings": _settings(who),
        },
    }


def _settings(who: Reader) -> list[dict[str, Any]]:
    return [
        {
            "name": "limit",
            "label": who.t("reconcile_limit"),
            "type": "number",
            "default": 0,
            "help_text": who.t("reconcile_limit_help"),
        },
        {
            "name": "content",
            "label": who.t("reconcile_content"),
            "type": "select",
            "default": CONTENTS[0],
            "help_text": who.t("reconcile_content_help"),
            "choices": [{"value": name, "name": who.t(f"reconcile_as_{name}")} for name in CONTENTS],
        },
    ]
