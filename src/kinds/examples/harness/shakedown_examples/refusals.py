"""Notices an example that does more than compute: it is not for many threads at once."""

import os
import threading
import time

REFUSED = {
    "it writes files": "sqlite3.connect os.remove os.rename os.mkdir os.rmdir os.link os.symlink os.truncate os.chdir os.chmod os.utime",
    "it needs a network": "socket.connect socket.getaddrinfo socket.gethostbyname socket.sendto socket.bind urllib.Request",
    "it starts processes": "subprocess.Popen os.system os.fork os.forkpty os.exec os.posix_spawn os.spawn os.startfile",
    # Not every Python tells of them: see watched_start.
    "it starts threads of its own": "_thread.start_new_thread _thread.start_joinable_thread",
    "it sends signals": "os.kill os.killpg signal.pthread_kill",
    "it changes the environment": "os.putenv os.unsetenv",
    "it reads its input": "builtins.input",
}
REASONS = {event: reason for reason, events in REFUSED.items() for event in events.split()}

real_sleep = time.sleep
real_start = threading.Thread.start
#: Without a file of its own.
IN_MEMORY = (":memory:", b":memory:", "")


class Refusal(BaseException):
    """Ends an example that does more than compute."""


class Watch:
    """Of the example that is run first."""

    is_on = False
    #: Why it is not for threads, even if it hides that it was refused.
    reason = None


def refuse(reason):
    Watch.reason = Watch.reason or reason
    raise Refusal(reason)


def audit(event, arguments):
    if not Watch.is_on:
        return
    if event == "sqlite3.connect" and arguments[0] in IN_MEMORY:
        return
    if event in REASONS:
        refuse(REASONS[event])
    if event == "open":
        _, mode, flags = arguments
        is_written = any(each in mode for each in "wax+") if isinstance(mode, str) else flags & (os.O_WRONLY | os.O_RDWR)
        if is_written and arguments[0] != os.devnull:
            refuse("it writes files")
    if event.startswith("shutil.") or event.startswith("tempfile."):
        refuse("it writes files")


def watched_sleep(seconds):
    if Watch.is_on:
        refuse("it waits")
    real_sleep(seconds)


def watched_start(thread):
    if Watch.is_on:
        refuse("it starts threads of its own")
    real_start(thread)


def watch():
    """Has what examples do noticed from now on, wherever the interpreter itself tells nothing."""
    time.sleep = watched_sleep
    threading.Thread.start = watched_start
