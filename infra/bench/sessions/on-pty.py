"""A pty for the peers of the bench, which Node cannot open.

on-pty.py first-byte -- COMMAND...   prints the milliseconds from the start of COMMAND on a pty to its first byte of output,
                                  then types `exit` and waits for the end
on-pty.py serve SHELL -- COMMAND...  starts SHELL on a pty and becomes COMMAND, with the pty's master as descriptor 3
"""

import fcntl
import os
import pty
import struct
import sys
import termios
import time

MASTER = 3
READ_BYTES = 65536


def start(command):
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    return pid, master


def first_byte(command):
    started = time.monotonic()
    pid, master = start(command)
    said = b""
    try:
        said = os.read(master, READ_BYTES)
        elapsed = time.monotonic() - started
        os.write(master, b"exit\n")
        while True:
            chunk = os.read(master, READ_BYTES)
            if not chunk:
                break
            said += chunk
    except OSError:
        pass  # Linux ends the reading of a pty without a process by EIO.
    _, status = os.waitpid(pid, 0)
    if status != 0:
        sys.exit(f"{command} ended with {status}: {said[-2000:].decode(errors='replace')}")
    print(elapsed * 1000)


def serve(shell, command):
    _, master = start([shell])
    os.dup2(master, MASTER, inheritable=True)
    os.execvp(command[0], command)


mode, *rest = sys.argv[1:]
split = rest.index("--")
if mode == "first-byte":
    first_byte(rest[split + 1 :])
else:
    serve(rest[0], rest[split + 1 :])
