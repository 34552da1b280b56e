"""The service for another WSGI server than ours: `granian --interface wsgi --factory katalod.web.wsgi:make`.

Settings come from `katalod.toml` and KATALOD_* variables. Each process of such a server has engines of its own
for strangers' queries, and a cache of its own.
"""

from typing import TYPE_CHECKING

from katalod.catalogue import Catalogue
from katalod.endpoint import Endpoint
from katalod.settings import load
from katalod.web import create_server_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def make() -> "WSGIApplication":
    """Make the service as the settings say."""
    catalogue = Catalogue(load())
    return create_server_app(catalogue.settings, catalogue, Endpoint.of(catalogue))
