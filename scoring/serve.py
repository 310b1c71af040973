"""The server: some web processes that share one socket and one job worker, started together and stopped together."""

import contextlib
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import waitress

SHUTDOWN_SECONDS = 10
CONNECTIONS = 1000  # browsers keep theirs open
BACKLOG = 1024
SWITCH_SECONDS = (
    0.0005  # who comes back from the database, maybe holding its lock, is not kept waiting for Python's
)
GARBAGE = 50_000  # new objects before Python looks for rings among them


def usual_processes():
    """One web process for each core, as Python uses only one core each; more than four need a real proxy."""
    return min(os.cpu_count() or 1, 4)


def serve(host, port, processes, threads):
    """Serve until INT or TERM: start the web processes and the worker, and start again whichever dies."""
    with contextlib.ExitStack() as stack:
        children = []
        for listening in sockets(host, port, processes):
            stack.enter_context(listening)
            listening.set_inheritable(True)
            descriptor = listening.fileno()
            children.append(
                Child(["web", "--socket", str(descriptor), "--threads", str(threads)], descriptor)
            )
        children.append(Child(["worker"]))
        try:
            stop_when_told(lambda: [child.keep_alive() for child in children])
        finally:
            for child in children:
                child.ask_to_stop()
            deadline = time.monotonic() + SHUTDOWN_SECONDS
            for child in children:
                child.wait(deadline)


def sockets(host, port, processes):
    """Open one listening socket for each web process, so that the kernel deals browsers out to them evenly.

    Processes that share one socket do not: whoever is awake takes all, and the other cores have nothing to do.
    """
    if not hasattr(socket, "SO_REUSEPORT") or sys.platform != "linux":
        shared = socket.create_server((host, port), backlog=BACKLOG)
        return [shared] + [shared.dup() for _ in range(processes - 1)]
    with socket.create_server((host, port)) as first:  # fails where another server has the port
        port = first.getsockname()[1]
    return [socket.create_server((host, port), backlog=BACKLOG, reuse_port=True) for _ in range(processes)]


def stop_when_told(look_after):
    """Call `look_after` twice a second until INT or TERM."""
    told = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.append(True))
    while not told:
        look_after()
        time.sleep(0.5)


class Child:
    """One process of the server, under watch."""

    def __init__(self, command, *descriptors):
        self.command = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
        self.descriptors = descriptors
        self.process = self._start()

    def _start(self):
        environment = os.environ | {"RANGEFINDER_PARENT": str(os.getpid())}
        return subprocess.Popen(
            self.command, env=environment, pass_fds=self.descriptors, start_new_session=True
        )

    def keep_alive(self):
        if self.process.poll() is not None:
            self.process = self._start()

    def ask_to_stop(self):
        if self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline):
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def is_orphan():
    """Whether the server that started this process is gone: then this process ends too."""
    parent = int(os.environ.get("RANGEFINDER_PARENT", 0))
    return bool(parent) and os.getppid() != parent


def stop_self():
    """End this process as if it had been told to."""
    os.kill(os.getpid(), signal.SIGTERM)


def watch_parent():
    """End this process when the server that started it is gone, however that came."""

    def watch():
        while not is_orphan():
            time.sleep(1)
        stop_self()

    threading.Thread(target=watch, daemon=True).start()


def answer(app, descriptor, threads):
    """Be one web process: answer what comes in at the shared socket until told to stop."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # waiting a moment in line is no event
    listening = socket.socket(fileno=descriptor)
    server = waitress.create_server(
        app, sockets=[listening], threads=threads, connection_limit=CONNECTIONS, ident=None
    )

    def stop(*_):
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to pass on
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # what was built to start with stays; looking through it again and again costs a tenth of all time
    gc.set_threshold(GARBAGE)
    watch_parent()
    try:
        server.run()
    finally:
        server.close()


def work(app):
    """Be the worker: do jobs until told to stop, or until the server that started this worker is gone."""
    consumer = app.extensions["huey"].create_consumer(workers=1, initial_delay=0.1, max_delay=1.0)
    consumer._set_signal_handlers = lambda: None  # ours also end the sweeps
    consumer.start()
    stop_when_told(lambda: is_orphan() and stop_self())
    consumer.stop(graceful=True)
