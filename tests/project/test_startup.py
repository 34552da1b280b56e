"""`katalod --help` answers at once."""

import resource
import subprocess
import sys


def test_help_costs_little() -> None:
    """Under 0.4 s of processor time: heavy imports belong into the commands that need them."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "katalod", "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < 0.4
