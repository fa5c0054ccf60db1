import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { CRASH_REPORTS } from '../../../src/process/output/crash-reports.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import type { Sighting } from '../../../src/process/output/watch.ts';

/** Text without the margin that a template adds. */
function text(template: string): string {
  const lines = template.replace(/^\n/, '').replace(/\n *$/, '').split('\n');
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return `${lines.map((line) => line.slice(margin)).join('\n')}\n`;
}

/** What is seen in an output, as a component's would be read. */
function sightings(output: string): Sighting[] {
  const scanner = new OutputScanner(CRASH_REPORTS);
  scanner.push(Buffer.from(output));
  scanner.end();
  return scanner.sightings().filter(({ count }) => count > 0);
}

const names = (output: string): string[] => sightings(output).map(({ name }) => name);

interface Report {
  readonly from: string;
  readonly name: string;
  readonly output: string;
  /** A line that the excerpt must hold, for a person to see what it was. */
  readonly telling: string;
}

/** As the programs of the day print them; paths are shortened. */
const REPORTS: readonly Report[] = [
  {
    from: 'python',
    name: 'Python traceback',
    telling: "KeyError: 'a'",
    output: `
      Traceback (most recent call last):
        File "/srv/app/thread.py", line 2, in <module>
          {}['a']
          ~~^^^^^
      KeyError: 'a'
    `,
  },
  {
    from: 'a thread of python',
    name: 'Python traceback',
    telling: 'AssertionError: wrong sum',
    output: `
      Exception in thread Thread-1 (work):
      Traceback (most recent call last):
        File "/usr/lib/python3.11/threading.py", line 1045, in _bootstrap_inner
          self.run()
        File "/srv/app/thread.py", line 2, in work
          def work(): assert 1 == 2, 'wrong sum'
                             ^^^^^^
      AssertionError: wrong sum
    `,
  },
  {
    from: 'a group of errors in python',
    name: 'Python traceback',
    telling: '  | ExceptionGroup: 2 rows failed (2 sub-exceptions)',
    output: `
      + Exception Group Traceback (most recent call last):
        |   File "/srv/app/rows.py", line 7, in <module>
        |     raise ExceptionGroup('2 rows failed', errors)
        | ExceptionGroup: 2 rows failed (2 sub-exceptions)
        +-+---------------- 1 ----------------
          | Traceback (most recent call last):
          |   File "/srv/app/rows.py", line 1, in a
          |     def a(): raise ValueError('bad row 3')
          |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          | ValueError: bad row 3
          +------------------------------------
    `,
  },
  {
    from: 'a task of python that nobody asked for',
    name: 'Python traceback',
    telling: 'ValueError: boom in task',
    output: `
      Task exception was never retrieved
      future: <Task finished name='Task-2' coro=<bad() done> exception=ValueError('boom in task')>
      Traceback (most recent call last):
        File "/srv/app/tasks.py", line 2, in bad
          async def bad(): raise ValueError('boom in task')
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      ValueError: boom in task
    `,
  },
  {
    from: 'faulthandler',
    name: 'Python fatal error',
    telling: '  File "/srv/app/fault.py", line 3 in <module>',
    output: `
      Fatal Python error: Segmentation fault

      Current thread 0x00007feb0b9bbb80 (most recent call first):
        File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
        File "/srv/app/fault.py", line 3 in <module>
    `,
  },
  {
    from: 'PYTHONMALLOC=debug',
    name: 'Python debug-malloc report',
    telling: '        at tail+0: 0x41 *** OUCH',
    output: `
      Debug memory block at address p=0x7fc4db3b0820: API 'o'
          16 bytes originally requested
          The 7 pad bytes at p-7 are FORBIDDENBYTE, as expected.
          The 8 pad bytes at tail=0x7fc4db3b0830 are not all FORBIDDENBYTE (0xfd):
              at tail+0: 0x41 *** OUCH
              at tail+1: 0x41 *** OUCH
          Data at p: 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41
    `,
  },
  {
    from: 'rust',
    name: 'Rust panic',
    telling: 'called `Result::unwrap()` on an `Err` value: "no rows"',
    output: `
      thread 'main' (19897) panicked at src/main.rs:1:163:
      called \`Result::unwrap()\` on an \`Err\` value: "no rows"
      note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
    `,
  },
  {
    from: 'a thread of rust without a name',
    name: 'Rust panic',
    telling: 'in thread',
    output: `
      thread '<unnamed>' panicked at src/main.rs:1:112:
      in thread
    `,
  },
  {
    from: 'rust before 1.73',
    name: 'Rust panic',
    telling: "thread 'main' panicked at 'no rows', src/main.rs:2:5",
    output: `
      thread 'main' panicked at 'no rows', src/main.rs:2:5
      note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
    `,
  },
  {
    from: 'rust in WebAssembly',
    name: 'Rust panic',
    telling: 'no rows',
    output: `
      panicked at src/lib.rs:7:5:
      no rows
    `,
  },
  {
    from: 'rust, through a log',
    name: 'Rust panic',
    telling: 'no rows',
    output: `
      [worker 3] thread 'main' (19897) panicked at src/main.rs:1:163:
      no rows
    `,
  },
  {
    from: 'go',
    name: 'Go panic',
    telling: 'panic: assignment to entry in nil map',
    output: `
      panic: assignment to entry in nil map

      goroutine 1 [running]:
      main.main()
      	/srv/app/main.go:3 +0x65
      exit status 2
    `,
  },
  {
    from: 'go with a signal',
    name: 'Go panic',
    telling: 'panic: runtime error: invalid memory address or nil pointer dereference',
    output: `
      panic: runtime error: invalid memory address or nil pointer dereference
      [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x49e1ef]

      goroutine 1 [running]:
    `,
  },
  ...[
    'all goroutines are asleep - deadlock!',
    'concurrent map writes',
    'concurrent map read and map write',
    'stack overflow',
    'sync: unlock of unlocked mutex',
  ].map((reason) => ({
    from: `go, ${reason}`,
    name: 'Go panic',
    telling: `fatal error: ${reason}`,
    output: `
      fatal error: ${reason}

      goroutine 1 [chan receive]:
      main.main()
    `,
  })),
  {
    from: 'go -race',
    name: 'Go data race',
    telling: '  main.main.func1()',
    output: `
      ==================
      WARNING: DATA RACE
      Read at 0x00c000094028 by goroutine 8:
        main.main.func1()
            /srv/app/main.go:3 +0x33

      Previous write at 0x00c000094028 by main goroutine:
        main.main()
            /srv/app/main.go:3 +0x116
      ==================
      Found 1 data race(s)
    `,
  },
  {
    from: 'AddressSanitizer',
    name: 'sanitizer report',
    telling: '    #0 0x563afa80e1ca in main sum.c:2',
    output: `
      =================================================================
      ==19783==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60200000001a at pc 0x563afa80e1cb bp 0x7fff48c4cdd0 sp 0x7fff48c4cdc8
      WRITE of size 1 at 0x60200000001a thread T0
          #0 0x563afa80e1ca in main sum.c:2

      SUMMARY: AddressSanitizer: heap-buffer-overflow sum.c:2 in main
      ==19783==ABORTING
    `,
  },
  {
    from: 'LeakSanitizer',
    name: 'sanitizer report',
    telling: 'Direct leak of 10 byte(s) in 1 object(s) allocated from:',
    output: `
      =================================================================
      ==19787==ERROR: LeakSanitizer: detected memory leaks

      Direct leak of 10 byte(s) in 1 object(s) allocated from:
          #1 0x561edd48214a in main leak.c:2
    `,
  },
  {
    from: 'ThreadSanitizer',
    name: 'sanitizer report',
    telling: '    #0 f tsan.c:2 (tsan+0x11d0)',
    output: `
      ==================
      WARNING: ThreadSanitizer: data race (pid=19793)
        Read of size 4 at 0x55a3c5954054 by thread T2:
          #0 f tsan.c:2 (tsan+0x11d0)
      SUMMARY: ThreadSanitizer: data race tsan.c:2 in f
      ==================
    `,
  },
  {
    from: 'MemorySanitizer',
    name: 'sanitizer report',
    telling: '    #0 0x495d7b in main msan.c:6:7',
    output: `
      ==6726==WARNING: MemorySanitizer: use-of-uninitialized-value
          #0 0x495d7b in main msan.c:6:7
    `,
  },
  {
    from: 'UndefinedBehaviorSanitizer',
    name: 'undefined-behaviour report',
    telling:
      "sum.c:1:52: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'",
    output: `
      sum.c:1:52: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'
    `,
  },
  ...[
    'free(): double free detected in tcache 2',
    'free(): invalid pointer',
    'malloc(): corrupted top size',
    'malloc(): unaligned tcache chunk detected',
    'realloc(): invalid next size',
    'munmap_chunk(): invalid pointer',
    'malloc_consolidate(): unaligned fastbin chunk detected',
    'double free or corruption (!prev)',
    'corrupted size vs. prev_size',
    '*** stack smashing detected ***: terminated',
    '*** buffer overflow detected ***: terminated',
    "python3: malloc.c:2617: sysmalloc: Assertion `(old_top == initial_top (av) && old_size == 0)' failed.",
  ].map((line) => ({
    from: `glibc: ${line}`,
    name: line.includes('Assertion') ? 'failed assertion' : 'glibc malloc report',
    telling: line,
    output: `${line}\nAborted\n`,
  })),
  ...[
    'Invalid write of size 1',
    'Invalid read of size 8',
    'Invalid free() / delete / delete[] / realloc()',
    'Mismatched free() / delete / delete []',
    'Use of uninitialised value of size 8',
    'Conditional jump or move depends on uninitialised value(s)',
    'Syscall param write(buf) points to uninitialised byte(s)',
    'Process terminating with default action of signal 11 (SIGSEGV)',
  ].map((what) => ({
    from: `valgrind: ${what}`,
    name: 'valgrind report',
    telling: '==19843==    at 0x109167: main (sum.c:2)',
    output: `
      ==19843== Memcheck, a memory error detector
      ==19843== ${what}
      ==19843==    at 0x109167: main (sum.c:2)
      ==19843==
    `,
  })),
  {
    from: 'C++',
    name: 'uncaught C++ exception',
    telling: '  what():  no config',
    output: `
      terminate called after throwing an instance of 'std::runtime_error'
        what():  no config
      Aborted
    `,
  },
  {
    from: 'C++ with a thread that was not joined',
    name: 'uncaught C++ exception',
    telling: 'terminate called without an active exception',
    output: 'terminate called without an active exception\nAborted\n',
  },
  {
    from: 'C',
    name: 'failed assertion',
    telling: "tool: sum.c:2: main: Assertion `1==2' failed.",
    output: "tool: sum.c:2: main: Assertion `1==2' failed.\nAborted\n",
  },
  {
    from: 'node: a promise rejected with an error',
    name: 'Node.js uncaught error',
    telling: 'Error: x',
    output: `
      /srv/app/thread.js:1
      Promise.reject(new Error('x'))
                     ^

      Error: x
          at Object.<anonymous> (/srv/app/thread.js:1:16)
          at Module._compile (node:internal/modules/cjs/loader:1521:14)
          at node:internal/main/run_main_module:28:49

      Node.js v20.20.2
    `,
  },
  {
    from: 'node: an error with properties',
    name: 'Node.js uncaught error',
    telling: "Error: ENOENT: no such file or directory, open '/nope/x'",
    output: `
      node:internal/fs/promises:637
        return new FileHandle(await PromisePrototypeThen(
                              ^

      Error: ENOENT: no such file or directory, open '/nope/x'
          at async open (node:internal/fs/promises:637:25) {
        errno: -2,
        code: 'ENOENT',
        syscall: 'open',
        path: '/nope/x'
      }

      Node.js v22.11.0
    `,
  },
  {
    from: 'node: a thrown text',
    name: 'Node.js uncaught error',
    telling: 'a text',
    output: `
      /srv/app/thread.js:1
      throw 'a text'
      ^
      a text
      (Use \`node --trace-uncaught ...\` to show where the exception was thrown)

      Node.js v20.20.2
    `,
  },
  {
    from: 'node: a promise rejected with a text',
    name: 'unhandled promise rejection',
    telling:
      'UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "just text".',
    output: `
      node:internal/process/promises:389
            new UnhandledPromiseRejection(reason);
            ^

      UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "just text".
          at throwUnhandledRejectionsMode (node:internal/process/promises:389:7) {
        code: 'ERR_UNHANDLED_REJECTION'
      }

      Node.js v20.20.2
    `,
  },
  {
    from: 'node: an error in its own code',
    name: 'unhandled promise rejection',
    telling: '[AggregateError: All promises were rejected] {',
    output: `
      node:internal/process/promises:391
          triggerUncaughtException(err, true /* fromPromise */);
          ^

      [AggregateError: All promises were rejected] {
        [errors]: [
          Error: a
              at file:///srv/app/any.mjs:1:29
        ]
      }

      Node.js v20.20.2
    `,
  },
  {
    from: 'node --unhandled-rejections=warn',
    name: 'unhandled promise rejection',
    telling: '(node:17639) UnhandledPromiseRejectionWarning: Error: x',
    output: `
      (node:17639) UnhandledPromiseRejectionWarning: Error: x
          at Object.<anonymous> (/srv/app/thread.js:1:16)
    `,
  },
  {
    from: 'V8',
    name: 'V8 fatal error',
    telling: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    output: `
      <--- JS stacktrace --->

      FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
      ----- Native stack trace -----
    `,
  },
  {
    from: 'java',
    name: 'Java uncaught exception',
    telling: '\tat T.lambda$main$0(T.java:1)',
    output: `
      Exception in thread "Thread-0" java.lang.IllegalStateException: bad
      	at T.lambda$main$0(T.java:1)
      	at java.base/java.lang.Thread.run(Thread.java:840)
    `,
  },
  {
    from: '.NET',
    name: '.NET unhandled exception',
    telling: '   at Program.Main() in Program.cs:line 3',
    output: `
      Unhandled exception. System.InvalidOperationException: bad
         at Program.Main() in Program.cs:line 3
    `,
  },
  ...[
    'Segmentation fault',
    'Segmentation fault (core dumped)',
    'Aborted (core dumped)',
    'Illegal instruction',
    'Bus error (core dumped)',
    'thread: line 1: 19816 Segmentation fault      ./tool',
    'thread: line 1: 31885 Segmentation fault      (core dumped) ./tool',
    './thread: line 12:   886 Bus error               ./tool | cat',
    'thread: line 2: 19822 Aborted                 ./tool',
    'thread: line 2: 31886 Aborted                 (core dumped) ./tool',
    'bash: 21398 Aborted                 ./tool',
  ].map((line) => ({
    from: `the shell: ${line}`,
    name: 'crash told by the shell',
    telling: line,
    output: `${line}\n`,
  })),
];

/** What honest scripts print. */
const INNOCENT: readonly string[] = [
  '  ✓ handles Traceback',
  'test_prints_traceback PASSED  # Traceback (most recent call last): is expected',
  'the docs say "Traceback (most recent call last):"',
  'ok 3 - reports a Traceback (most recent call last)',
  '2026-01-05 INFO recovered from panic: bad row',
  'level=info msg="panic handler installed"',
  'kernel panic: no, all is well',
  'the parser no longer panicked at empty input',
  "a thread 'main' panicked at dawn",
  'issue 12: panicked at src/lib.rs:7:5 when empty, mended',
  'no fatal error: fine',
  'fatal error: could not lock config file',
  'src/sum.c:1:10: fatal error: nope.h: No such file or directory',
  'Aborted',
  'Aborted.',
  'Aborted by the user (core dumped nothing)',
  'The transaction was Aborted (core dumped)',
  'db: 12 Aborted connections',
  'Segmentation faults: 0',
  'tests for Segmentation fault pass',
  'No Segmentation fault',
  'error: 0',
  'errors: 0, warnings: 0',
  'ERROR: 0',
  'ERROR: Sanitizer is not a name',
  'built with AddressSanitizer',
  '==19843== Memcheck, a memory error detector',
  '==19843== All heap blocks were freed -- no leaks are possible',
  '==19843== ERROR SUMMARY: 0 errors from 0 contexts (suppressed: 0 from 0)',
  'WARNING: DATA RACE detection is on',
  'calls malloc(): 12, free(): 12',
  'free() is called once',
  'checks that free(): twice is found',
  'double free is tested in the next line',
  'runtime error: none',
  'Node.js v20.20.2',
  'Welcome to Node.js v20.20.2.',
  'triggers triggerUncaughtException',
  'Exception in thread safety review: none',
  'Unhandled exception handling is tested',
  'Fatal Python error handling is tested',
  'terminate called: 3 times',
  "assertion `1==2' failed as it should",
  'FATAL ERRORS: 0',
  'Killed',
  'thread: line 5:  1234 Killed                  ./server',
  'thread: line 5:  1234 Terminated              ./server',
];

describe('a crash report is recognised', () => {
  test.each(REPORTS)('from $from', ({ name, output, telling }) => {
    const seen = sightings(output.startsWith('\n') ? text(output) : output);
    expect(seen.map((sighting) => sighting.name)).toEqual([name]);
    expect(seen[0]?.count).toBe(name === 'Python traceback' && output.includes('+-+-') ? 2 : 1);
    expect(seen[0]?.excerpts[0]?.text.map((line) => line.trimStart())).toContain(telling.trimStart());
  });

  test.each(REPORTS)('from $from, among other output and in colours', ({ name, output }) => {
    const report = output.startsWith('\n') ? text(output) : output;
    const colored = report.replace(/^(.+)$/gm, '\u001b[31m$1\u001b[0m');
    expect(names(`starting\n${colored}going on\n`)).toEqual([name]);
  });
});

describe('innocent output is left alone', () => {
  test.each(INNOCENT)('%s', (line) => {
    expect(names(`${line}\n`)).toEqual([]);
  });

  test('all of it together too', () => {
    expect(names(`${INNOCENT.join('\n')}\n`)).toEqual([]);
  });

  test('a version that a script prints after some JSON or a stack that it has handled', () => {
    expect(names('{\n  "a": 1\n}\nNode.js v20.20.2\n')).toEqual([]);
    expect(names('caught Error: x\n    at f (a.js:1:2)\nNode.js v20.20.2\n')).toEqual([]);
    expect(names('environment:\n\nNode.js v20.20.2\n')).toEqual([]);
  });
});

test('every name is used once, for findings tell them apart by it', () => {
  expect(new Set(CRASH_REPORTS.map(({ name }) => name)).size).toBe(CRASH_REPORTS.length);
});

test('every report in the list is in the table', () => {
  const tried = new Set(REPORTS.map(({ name }) => name));
  expect(CRASH_REPORTS.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
});

/** What an interpreter that is installed prints, on either stream; undefined where it is not. */
function print(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string | undefined {
  const { stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, ...env },
  });
  return error === undefined ? stdout + stderr : undefined;
}

describe('the interpreters at hand still print what is looked for', () => {
  test.each([
    ["Promise.reject(new Error('x'))", 'Node.js uncaught error'],
    ["setTimeout(() => { throw new TypeError('late') }, 1)", 'Node.js uncaught error'],
    [
      "(async () => { await null; throw Object.assign(new Error('x'), { code: 'E' }) })()",
      'Node.js uncaught error',
    ],
    ['const x = {;', 'Node.js uncaught error'],
    ["Promise.reject('text')", 'unhandled promise rejection'],
    ["Promise.any([Promise.reject(new Error('a'))])", 'unhandled promise rejection'],
  ])('node: %s', (script, name) => {
    const env = { NODE_OPTIONS: '' };
    expect(names(print(process.execPath, ['-e', script], env) ?? '')).toEqual([name]);
    expect(names(print(process.execPath, ['--input-type=module', '-e', script], env) ?? '')).toEqual([name]);
  });

  test('node: a thrown text', () => {
    expect(names(print(process.execPath, ['-e', "throw 'text'"]) ?? '')).toEqual(['Node.js uncaught error']);
  });

  test('node: an error that is caught, and one that is only printed', () => {
    const script =
      "process.on('unhandledRejection', () => {}); Promise.reject(new Error('x')); console.error(new Error('y'))";
    expect(names(print(process.execPath, ['-e', script]) ?? '')).toEqual([]);
  });

  test.each([
    ['raise ValueError(1)', 'Python traceback'],
    [
      "import threading\nt = threading.Thread(target=lambda: {}['a'])\nt.start()\nt.join()",
      'Python traceback',
    ],
    [
      'from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(print, "fine").result()\nimport traceback\ntry: 1/0\nexcept Exception: traceback.print_exc()',
      'Python traceback',
    ],
    ['import os, faulthandler\nfaulthandler.enable()\nos.abort()', 'Python fatal error'],
  ])('python: %s', (script, name) => {
    const output = print('python3', ['-c', script]);
    if (output !== undefined) expect(names(output)).toEqual([name]);
  });
});
