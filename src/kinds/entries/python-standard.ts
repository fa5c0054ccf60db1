/** Modules of Python's standard library that are missing, or differ, on some systems and in some versions. */

const ELSEWHERE = new Set(
  [
    // Of Windows, macOS, Unix.
    'winreg _winreg winsound msvcrt _winapi nt ntsecuritycon _scproxy _overlapped',
    'fcntl pwd grp resource termios tty pty posix syslog curses _curses readline nis spwd crypt ossaudiodev',
    // Left out by some distributions.
    'tkinter _tkinter turtle idlelib ensurepip dbm _gdbm sqlite3 lzma bz2 ssl test',
    // Removed by Python 3.x.
    'distutils imp asyncore asynchat smtpd cgi cgitb imghdr mailcap msilib nntplib pipes sndhdr sunau telnetlib uu xdrlib',
    'audioop aifc chunk lib2to3 formatter parser symbol macpath binhex dummy_threading',
    // Of Python 2.
    'ConfigParser StringIO cStringIO cPickle urllib2 urlparse httplib Queue __builtin__ Tkinter thread commands copy_reg',
    'HTMLParser cookielib Cookie UserDict UserList xmlrpclib SocketServer BaseHTTPServer SimpleHTTPServer repr robotparser',
    // Newer than some.
    'tomllib zoneinfo graphlib compression annotationlib string.templatelib concurrent.interpreters',
    // Of other interpreters.
    '__pypy__ java org pyodide js micropython machine',
  ]
    .join(' ')
    .split(' '),
);

const EVERYWHERE = new Set(
  [
    'os sys signal socket ctypes asyncio typing inspect collections ast time select multiprocessing subprocess locale',
    'ssl threading types importlib math errno mmap string token tokenize gc pkgutil abc dis opcode platform array',
  ]
    .join(' ')
    .split(' '),
);

/** Whether a module that cannot be found is Python's own, elsewhere or at other times. */
export const isOfAnotherPython = (module: string): boolean =>
  ELSEWHERE.has(module) || ELSEWHERE.has(module.split('.')[0] ?? '');

/** Whether what a module lacks may be there on another system, or in another version. */
export const isStandard = (module: string): boolean =>
  EVERYWHERE.has(module.split('.')[0] ?? '') || isOfAnotherPython(module);
