"""Starts one engine process with limits and, where the system allows it, without a network.

A program of its own, run by `child.py`: what it does to itself (a network namespace, limits) must not happen
to the web process, and a thread of the web process could not do it safely between fork and exec. It hands
connected sockets to the web process over the control socket (SCM_RIGHTS), which is how an engine in an
empty network namespace is reached, and ends the engine when the control socket closes, however the web
process came to its end.
"""

import contextlib
import ctypes
import fcntl
import os
import resource
import select
import signal
import socket
import struct
import sys
import time

PATIENCE = 20.0
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def main(control_fd: str, memory: str, alone: str, program: str, store: str) -> int:
    """Run the engine until it ends or the control socket closes."""
    control = socket.socket(fileno=int(control_fd))
    control.set_inheritable(False)
    if alone == "alone":
        leave_network()
    reserved = reserve_port()
    port = reserved.getsockname()[1]
    complaints, theirs = os.pipe()
    command = [program, "serve-read-only", "--location", store, "--bind", f"127.0.0.1:{port}"]
    engine = os.fork()
    if engine == 0:
        become(command, int(memory), theirs)
    os.close(theirs)
    try:
        serve(control, complaints, engine, port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(engine, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(engine, 0)
    return 0


def leave_network() -> None:
    """Move into a network namespace of its own that has nothing but loopback; stay where that is forbidden."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        return
    if libc.unshare(CLONE_NEWNET) and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def reserve_port() -> socket.socket:
    """Bind a free port without listening: the engine may listen on it, the system gives it to nobody else.

    Both sides set SO_REUSEADDR, under which Linux lets a second socket bind while none listens.
    """
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved


def become(command: list[str], memory: int, errors: int) -> None:
    """Turn this process into the engine; never returns."""
    try:
        libc = ctypes.CDLL(None)
        if hasattr(libc, "prctl"):
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        os.nice(5)
        for kind, limit in (
            (resource.RLIMIT_AS, memory << 20),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),  # it only reads
        ):
            with contextlib.suppress(OSError, ValueError):  # a harder limit is already there
                resource.setrlimit(kind, (limit, limit))
        null = os.open(os.devnull, os.O_RDWR)
        for target, source in ((0, null), (1, null), (2, errors)):
            os.dup2(source, target)
        # One malloc arena: each further one reserves 64 MB of the address space that is limited above.
        os.execve(command[0], command, {"PATH": os.defpath, "MALLOC_ARENA_MAX": "1"})  # noqa: S606
    finally:
        os._exit(127)


def serve(control: socket.socket, complaints: int, engine: int, port: int) -> None:
    """Hand out connections to the engine on request; return when either side is gone."""
    said = b""
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(complaints, select.POLLIN)
    hand_over(control, engine, port)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == complaints:
                heard = os.read(complaints, 4096)
                said = (said + heard)[-2000:]
                if not heard:
                    control.sendall(b"dead " + said)
                    return
            elif control.recv(1):
                hand_over(control, engine, port)
            else:
                return


def hand_over(control: socket.socket, engine: int, port: int) -> None:
    """Connect to the engine as soon as it listens, and pass the connection on."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
                connection.setblocking(True)
                socket.send_fds(control, [b"up %d" % engine], [connection.fileno()])
                return
        except ConnectionRefusedError:
            if os.waitid(os.P_PID, engine, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
            time.sleep(0.004)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
