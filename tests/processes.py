"""Child processes of several tests."""
import os


def fork(work):
    """Run `work` in a child that reports through a pipe; return its id and the pipe."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(receive)
            work(lambda said: os.write(send, f"{said}\n".encode()))
        finally:
            os._exit(0)
    os.close(send)
    return child, os.fdopen(receive)
