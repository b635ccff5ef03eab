"""Runs the store server and ends it when the launcher is gone, by whatever signal.

Run as a script by `EmbeddedServer` (standard library only, so that it starts at once):
`python -I -S guard.py <launcher pid> <lock fd> <server binary> <config file>`. Standard input is a pipe whose other
end only the launcher holds: its end of file means the launcher died or wants the server stopped. The parent's
process id is watched too, because a process forked by the launcher may have inherited that pipe.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys

POLL_S = 0.2
GRACE_S = 1.2
PR_SET_PDEATHSIG = 1


def die_with_guard() -> None:
    """In the server before it starts: the kernel kills it when the guard is killed (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def launcher_gone(launcher: int, wait_s: float) -> bool:
    """True when the pipe has ended or the launcher is no longer our parent."""
    readable, _, _ = select.select([sys.stdin], [], [], wait_s)
    ended = bool(readable) and not os.read(sys.stdin.fileno(), 1)
    return ended or os.getppid() != launcher


def stop(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to write its file and end; insist when it does not."""
    server.terminate()
    try:
        server.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main(argv: list[str]) -> int:
    """Run the server until it ends or the launcher is gone."""
    launcher, lock, binary, config = int(argv[0]), int(argv[1]), argv[2], argv[3]
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the pipe says when to stop, so that nothing is left behind
    # The server inherits the lock: the directory stays taken exactly as long as one of us lives.
    server = subprocess.Popen([binary, config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              pass_fds=(lock,), preexec_fn=die_with_guard)
    os.write(sys.stdout.fileno(), f"{server.pid}\n".encode())
    os.close(sys.stdout.fileno())
    while server.poll() is None:
        if launcher_gone(launcher, POLL_S):
            stop(server)
    return server.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
