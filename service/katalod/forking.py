"""The server that the processes of a build are forked from: they share no lock and no connection with their parent."""

from multiprocessing import forkserver, get_context
from multiprocessing.context import ForkServerContext


def begun() -> ForkServerContext:
    """Begin the server, if there is none: it imports what its processes need while its parent goes on."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["katalod.pipeline.partition"])
    forkserver.ensure_running()
    return context
