"""Finds `ontology/`, `shapes/` and `data/`, which ship beside the code.

In a wheel they lie inside the package; in a checkout (an editable install) at the top of the
repository, because hatchling's editable installs do not see force-included folders.
"""

from pathlib import Path

PACKAGE = Path(__file__).parent
CHECKOUT = PACKAGE.parents[1]


def asset(name: str) -> Path:
    """Give the path of a shipped file or folder, such as `ontology/mapping.toml`.

    Raises FileNotFoundError when the installation is incomplete.
    """
    for root in (PACKAGE, CHECKOUT):
        path = root / name
        if path.exists():
            return path
    raise FileNotFoundError(f"the installation lacks {name}; reinstall katalod")
