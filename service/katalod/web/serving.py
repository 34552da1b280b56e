"""The service as a process: pages and data by waitress, strangers' queries by the pool of engines."""

from collections.abc import Callable
from urllib.parse import urlencode

import waitress

from katalod.catalogue import Catalogue
from katalod.settings import Settings
