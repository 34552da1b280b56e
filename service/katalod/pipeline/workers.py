"""The processes that do the work of a build."""

from concurrent.futures import ProcessPoolExecutor

from katalod import forking
from katalod.pipeline.partition import authority_path, bench
from katalod.settings import Settings


def executor(settings: Settings) -> ProcessPoolExecutor:
    """Start the processes that do the work; they come from a server of their own (`forking`).

    They import and open what they need at once, while the sources are still being taken in.
    """
    authority_path(settings)  # built here once, before several processes would want to build it
    workers = ProcessPoolExecutor(settings.jobs, mp_context=forking.begun())
    for _ in range(settings.jobs):
        workers.submit(ready, settings)
    return workers


def ready(settings: Settings) -> None:
    """Open what the work needs, in the process that will do it."""
    bench(settings)
