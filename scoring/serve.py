"""The server and its job worker, started together and stopped together."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time

import waitress

SHUTDOWN_SECONDS = 10
CONNECTIONS = 1000  # browsers keep theirs open


def serve(app, host, port, threads):
    """Serve with waitress beside one worker process until INT or TERM; restart the worker if it dies."""
    stopping = threading.Event()
    worker = Worker(stopping)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # waiting a moment in line is no event
    server = waitress.create_server(
        app, host=host, port=port, threads=threads, connection_limit=CONNECTIONS, ident=None
    )

    def stop(_signal, _frame):
        stopping.set()
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.start()
    try:
        server.run()
    finally:
        stopping.set()
        server.close()
        worker.stop()


class Worker:
    """The worker process under watch."""

    def __init__(self, stopping):
        self.stopping = stopping
        self.process = None

    def start(self):
        self._spawn()
        threading.Thread(target=self._watch, daemon=True).start()

    def _spawn(self):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
        self.process = subprocess.Popen(command, env=os.environ | {"RANGEFINDER_PARENT": str(os.getpid())})

    def _watch(self):
        while not self.stopping.wait(1):
            if self.process.poll() is not None:
                self._spawn()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(SHUTDOWN_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()


def work(app):
    """Do jobs until told to stop, or until the server that started this worker is gone."""
    parent = int(os.environ.get("RANGEFINDER_PARENT", 0))
    consumer = app.extensions["huey"].create_consumer(workers=1, initial_delay=0.1, max_delay=1.0)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    consumer._set_signal_handlers = lambda: None  # ours are set above: they also end the sweeps
    consumer.start()
    while not stopped.is_set() and (not parent or os.getppid() == parent):
        time.sleep(0.5)
    consumer.stop(graceful=True)
