"""Child processes that several tests start."""
import os


def fork(work):
    """Run `work` in a child that says through a pipe what is done; return its id and the pipe."""
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
