"""Nothing in the repository names a package index or a path of somebody's machine."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_lock_files_pin_by_hash_and_name_no_index() -> None:
    for lock in ROOT.glob("*.lock"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"--(extra-)?index-url|--find-links|https?://", text), lock.name


def test_no_file_names_a_package_index() -> None:
    hosts = re.compile("pypi" + r"\.org|files\.pythonhosted|registry\.npm" + "js")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    for name in filter(None, tracked.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".gz", ".woff2"}:
            assert not hosts.search(path.read_text("utf-8", errors="replace")), name
