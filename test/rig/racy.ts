/** A module for Python with a defect of each sort that only threads meet, and beside it what is sound. */

/** A result is put together in a place that all calls share. */
export const SCRATCH = `
_seen = []
def spell(text):
    """
    >>> spell("getting started")
    'getting started'
    """
    _seen.clear()
    for letter in text:
        _seen.append(letter)
    return "".join(_seen)
`;

/** Two locks that are taken in either order. */
export const DEADLOCK = `
import threading
_first, _second = threading.Lock(), threading.Lock()
_calls = [0]
def stuck():
    """
    >>> stuck()
    1
    """
    _calls[0] += 1
    one, other = (_first, _second) if _calls[0] % 2 else (_second, _first)
    with one:
        for _ in range(20):
            pass
        with other:
            return 1
`;

/** A second thread in the same place is the end of the process. */
export const CRASH = `
import faulthandler, threading
_inside = threading.Lock()
def crash():
    """
    >>> crash()
    1
    """
    if not _inside.acquire(blocking=False):
        faulthandler._sigsegv()
    for _ in range(20):
        pass
    _inside.release()
    return 1
`;

/** A second thread in the same place ends the process, without a signal. */
export const EXIT = `
import os, threading
_inside = threading.Lock()
def leave():
    """
    >>> leave()
    1
    """
    if not _inside.acquire(blocking=False):
        os._exit(7)
    for _ in range(20):
        pass
    _inside.release()
    return 1
`;

/** Once in a while it is otherwise, whoever calls it. */
export const RARE = `
import itertools
_calls = itertools.count()
def likely():
    """
    >>> likely()
    True
    """
    return next(_calls) != 300
`;

/** The twins of these. */
export const SOUND = `
import sys, threading
sys.stdout.fileno(), sys.stdout.buffer.write(b''), sys.stdout.isatty()
_lock, _inner = threading.RLock(), threading.RLock()
_known = {}
def spell(text):
    """
    >>> spell("getting started")
    'getting started'
    """
    seen = []
    for letter in text:
        seen.append(letter)
    return "".join(seen)
def locked():
    """
    >>> locked()
    1
    """
    with _lock:
        for _ in range(20):
            pass
        with _inner:
            return 1
def known(text):
    """
    >>> known("a")
    'A'
    """
    with _lock:
        if text not in _known:
            _known[text] = text.upper()
        return _known[text]
class Shape:
    def area(self):
        """
        >>> Shape().area()
        4
        >>> Shape().area(3)
        Traceback (most recent call last):
        TypeError: ...
        """
        return 4
def named(resource):
    """
    >>> for resource in named([1]):
    ...     print(resource)
    1
    """
    return resource
`;

/** Examples that show nothing when many threads run them, with the reason. */
export const LEFT_OUT: Readonly<Record<string, readonly [lines: string, because: string]>> = {
  option: ['>>> option(3)\n>>> shown(1)\n3\n>>> option(2)', 'it keeps state from one call to the next'],
  counted: ['>>> counted() > 1\nFalse', 'it gives something else the second time'],
  ordered: ['>>> set("abcdefgh") # doctest: +ELLIPSIS\n{...}', 'it gives something else in another process'],
  address: ['>>> object() # doctest: +ELLIPSIS\n<object object at ...>', 'it prints addresses'],
  now: [
    '>>> import time; time.time() > 1\nTrue\n>>> time.time() # doctest: +ELLIPSIS\n1...',
    'it gives something else the second time',
  ],
  slept: ['>>> import time; time.sleep(0)', 'it waits'],
  file: ['>>> open("x", "w") # doctest: +ELLIPSIS\n<...', 'it writes files'],
  net: ['>>> import socket; s = socket.create_connection(("127.0.0.1", 9))', 'it needs a network'],
  threaded: ['>>> import threading; threading.Thread(target=int).start()', 'it starts threads of its own'],
  signals: ['>>> import os; os.kill(os.getppid(), 9)', 'it sends signals'],
  database: ['>>> import sqlite3; _ = sqlite3.connect("x.db")', 'it writes files'],
  untold: ['>>> import os; os.mknod("untold")', 'it writes files'],
  printed: ['>>> for _ in range(9): print("x" * 300_000) # doctest: +ELLIPSIS\nx...', 'it prints a lot'],
  exits: ['>>> import os; os._exit(0)', 'it ends its process'],
  crashes: ['>>> import faulthandler; faulthandler._sigsegv()', 'it crashes (SIGSEGV)'],
  waits: [
    '>>> import _thread; lock = _thread.allocate_lock(); lock.acquire()\nTrue\n>>> lock.acquire()',
    'it does not end',
  ],
  hidden: [
    '>>> import subprocess\n>>> try: subprocess.run("true")\n... except BaseException: pass',
    'it starts processes',
  ],
  main: [
    '>>> import threading; threading.current_thread() is threading.main_thread()\nTrue',
    'it gives something else outside of the main thread',
  ],
  gathers: ['>>> gc.isenabled()\nTrue', 'it uses gc, which is one for the whole process'],
  lies: ['>>> 1 + 1\n3', 'it does not give what it says'],
  collected: ['>>> import gc; _ = gc.collect()', 'it uses gc, which is one for the whole process'],
  shows: ['>>> kept()\n0', 'it depends on what was run before'],
};

const functionWith = (name: string, lines: string, body: string): string =>
  `def ${name}(n=0):\n    """\n${lines
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n    """\n    ${body}\n`;

const BODIES: Readonly<Record<string, string>> = {
  option: '_option[0] = n',
  counted: '_option[1] += 1; return _option[1]',
};

export const UNFIT = `
import gc
_option = [2, 0, 0]
def shown(n):
    return _option[0] * n
def kept():
    return _option[2]
def keep():
    """
    >>> keep()
    """
    _option[2] = 1
${Object.entries(LEFT_OUT)
  .map(([name, [lines]]) => functionWith(name, lines, BODIES[name] ?? 'pass'))
  .join('')}
`;
