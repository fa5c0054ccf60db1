/** The last lines of programs that failed, as the programs of the day print them, and the line a person looks for. */
import { describe, expect, test } from 'vitest';
import { errorLine, headline } from '../../../src/core/headline.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';

/** Lines without the margin that the template adds. */
function lines(text: string): string[] {
  const all = text.replace(/^\n/, '').replace(/\n *$/, '').split('\n');
  const margin = Math.min(...all.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return all.map((line) => line.slice(margin));
}

type Row = readonly [name: string, text: string, cause: string];

const PYTHON: readonly Row[] = [
  [
    'an error with a module in front',
    `
    Traceback (most recent call last):
      File "/srv/app/load.py", line 4, in <module>
        load('{"a": }')
      File "/srv/app/load.py", line 3, in load
        return json.loads(text)
               ^^^^^^^^^^^^^^^^
      File "/usr/lib/python3.11/json/decoder.py", line 355, in raw_decode
        raise JSONDecodeError("Expecting value", s, err.value) from None
    json.decoder.JSONDecodeError: Expecting value: line 1 column 7 (char 6)
    `,
    'json.decoder.JSONDecodeError: Expecting value: line 1 column 7 (char 6)',
  ],
  [
    'an error that another one caused',
    `
    Traceback (most recent call last):
      File "/srv/app/fetch.py", line 5, in fetch
        connect()
      File "/srv/app/fetch.py", line 2, in connect
        raise ConnectionRefusedError(111, 'Connection refused')
    ConnectionRefusedError: [Errno 111] Connection refused

    The above exception was the direct cause of the following exception:

    Traceback (most recent call last):
      File "/srv/app/fetch.py", line 8, in <module>
        fetch()
      File "/srv/app/fetch.py", line 7, in fetch
        raise RuntimeError('could not fetch the index') from error
    RuntimeError: could not fetch the index
    `,
    'RuntimeError: could not fetch the index',
  ],
  [
    'an error while another one was handled',
    `
    KeyError: 'a'

    During handling of the above exception, another exception occurred:

    Traceback (most recent call last):
      File "/srv/app/during.py", line 4, in <module>
        int('x')
    ValueError: invalid literal for int() with base 10: 'x'
    `,
    "ValueError: invalid literal for int() with base 10: 'x'",
  ],
  [
    'a group of errors',
    `
      + Exception Group Traceback (most recent call last):
      |   File "/srv/app/rows.py", line 7, in <module>
      |     raise ExceptionGroup('2 rows failed', errors)
      | ExceptionGroup: 2 rows failed (2 sub-exceptions)
      +-+---------------- 1 ----------------
        | Traceback (most recent call last):
        |   File "/srv/app/rows.py", line 5, in <module>
        |     try: f()
        |          ^^^
        |   File "/srv/app/rows.py", line 1, in a
        |     def a(): raise ValueError('bad row 3')
        |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        | ValueError: bad row 3
        +---------------- 2 ----------------
        | Traceback (most recent call last):
        |   File "/srv/app/rows.py", line 5, in <module>
        |     try: f()
        |          ^^^
        |   File "/srv/app/rows.py", line 2, in b
        |     def b(): raise TypeError('not a row')
        |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        | TypeError: not a row
        +------------------------------------
    `,
    'TypeError: not a row',
  ],
  [
    'an assertion with a reason',
    `
    Traceback (most recent call last):
      File "/srv/app/thread.py", line 2, in <module>
        assert x == [1, 2, 3], f'lengths differ: {len(x)} != 3'
               ^^^^^^^^^^^^^^
    AssertionError: lengths differ: 2 != 3
    `,
    'AssertionError: lengths differ: 2 != 3',
  ],
  [
    'an error with a note',
    `
    Traceback (most recent call last):
      File "/srv/app/note.py", line 3, in <module>
        raise e
    ValueError: bad
    while reading row 7
    `,
    'ValueError: bad',
  ],
  [
    'an error of several lines',
    `
    Traceback (most recent call last):
      File "/srv/app/multi.py", line 1, in <module>
        raise ValueError('first line\\nsecond line\\nthird line')
    ValueError: first line
    second line
    third line
    `,
    'ValueError: first line',
  ],
  [
    'an error class with a name of its own',
    `
    Traceback (most recent call last):
      File "/srv/app/own.py", line 2, in <module>
        raise Oops('custom')
    Oops: custom
    `,
    'Oops: custom',
  ],
  [
    'a syntax error',
    `
      File "/srv/app/syntax.py", line 1
        def f(:
              ^
    SyntaxError: invalid syntax
    `,
    'SyntaxError: invalid syntax',
  ],
  [
    'an interruption',
    `
    Traceback (most recent call last):
      File "/srv/app/serve.py", line 2, in <module>
        os.kill(os.getpid(), signal.SIGINT)
    KeyboardInterrupt
    `,
    'KeyboardInterrupt',
  ],
  [
    'a script that says why and exits',
    `
    starting
    cannot bind to port 8001
    `,
    'cannot bind to port 8001',
  ],
  [
    'a PostgreSQL one of whose processes was killed',
    `
    2026-11-27 09:28:25.681 UTC [20] LOG:  database system is ready to accept connections
    2026-11-27 09:28:40.448 UTC [20] LOG:  server process (PID 35) was terminated by signal 9: Killed
    2026-11-27 09:28:40.448 UTC [20] DETAIL:  Failed process was running: SELECT 1
    2026-11-27 09:28:40.448 UTC [20] LOG:  terminating any other active server processes
    2026-11-27 09:28:40.471 UTC [51] FATAL:  the database system is shutting down
    2026-11-27 09:28:40.478 UTC [20] LOG:  shutting down because restart_after_crash is off
    2026-11-27 09:28:40.480 UTC [20] LOG:  database system is shut down
    `,
    'server process (PID 35) was terminated by signal 9: Killed',
  ],
  [
    'a PostgreSQL whose disk is full, as Debian has it write',
    `
    2026-11-27 09:40:11.102 UTC [31] me@shop PANIC:  could not write to file "pg_wal/xlogtemp.31": No space left on device
    2026-11-27 09:40:11.103 UTC [30] LOG:  startup process (PID 31) was terminated by signal 6: Aborted
    2026-11-27 09:40:11.104 UTC [30] LOG:  database system is shut down
    `,
    'PANIC:  could not write to file "pg_wal/xlogtemp.31": No space left on device',
  ],
  [
    'a crash of the interpreter',
    `
    Fatal Python error: Segmentation fault

    Current thread 0x00007feb0b9bbb80 (most recent call first):
      File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
      File "/srv/app/fault.py", line 3 in <module>
    `,
    'Fatal Python error: Segmentation fault',
  ],
  [
    'a report of the debug allocator',
    `
    Debug memory block at address p=0x7fc4db3b0820: API 'o'
        16 bytes originally requested
        The 7 pad bytes at p-7 are FORBIDDENBYTE, as expected.
        The 8 pad bytes at tail=0x7fc4db3b0830 are not all FORBIDDENBYTE (0xfd):
            at tail+0: 0x41 *** OUCH
        Data at p: 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41

    Enable tracemalloc to get the memory block allocation traceback

    Fatal Python error: _PyMem_DebugRawFree: bad trailing pad byte
    Python runtime state: initialized

    Current thread 0x00007fc4dbc7cb80 (most recent call first):
      File "/srv/app/malloc.py", line 9 in <module>
    `,
    'Fatal Python error: _PyMem_DebugRawFree: bad trailing pad byte',
  ],
  [
    'gunicorn 20 whose worker cannot import the application',
    `
    [2026-01-05 02:45:34 +0000] [21140] [INFO] Starting gunicorn 20.1.0
    [2026-01-05 02:45:34 +0000] [21141] [ERROR] Exception in worker process
    Traceback (most recent call last):
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 589, in spawn_worker
        worker.init_process()
      File "/srv/app/wsgi.py", line 2, in <module>
        import orjsn
    ModuleNotFoundError: No module named 'orjsn'
    [2026-01-05 02:45:34 +0000] [21141] [INFO] Worker exiting (pid: 21141)
    Traceback (most recent call last):
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 209, in run
        self.sleep()
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 357, in sleep
        ready = select.select([self.PIPE[0]], [], [], 1.0)
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 242, in handle_chld
        self.reap_workers()
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 525, in reap_workers
        raise HaltServer(reason, self.WORKER_BOOT_ERROR)
    gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>

    During handling of the above exception, another exception occurred:

    Traceback (most recent call last):
      File "/srv/app/.venv/bin/gunicorn", line 8, in <module>
        sys.exit(run())
                 ^^^^^
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/app/wsgiapp.py", line 67, in run
        WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/app/base.py", line 231, in run
        super().run()
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/app/base.py", line 72, in run
        Arbiter(self).run()
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 229, in run
        self.halt(reason=inst.reason, exit_status=inst.exit_status)
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 342, in halt
        self.stop()
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 393, in stop
        time.sleep(0.1)
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 242, in handle_chld
        self.reap_workers()
      File "/srv/app/.venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 525, in reap_workers
        raise HaltServer(reason, self.WORKER_BOOT_ERROR)
    gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>
    `,
    "ModuleNotFoundError: No module named 'orjsn'",
  ],
  [
    'gunicorn 27 whose worker cannot import the application',
    `
        import orjsn
    ModuleNotFoundError: No module named 'orjsn'
    No module named 'orjsn'
    [2026-01-05 02:45:35 +0000] [21144] [INFO] Worker exiting (pid: 21144)
    [2026-01-05 02:45:35 +0000] [21143] [ERROR] Worker (pid:21144) exited with code 3.
    [2026-01-05 02:45:35 +0000] [21143] [ERROR] Shutting down: Master
    [2026-01-05 02:45:35 +0000] [21143] [ERROR] Reason: Worker failed to boot.
    `,
    "ModuleNotFoundError: No module named 'orjsn'",
  ],
  [
    'a pytest run',
    `
    =================================== FAILURES ===================================
    __________________________________ test_total __________________________________

    >   def test_total(): assert total([1,2]) == 4
                          ^^^^^^^^^^^^^^^^^^^^^^^^
    E   assert 3 == 4
    E    +  where 3 = total([1, 2])

    test_rows.py:2: AssertionError
    =========================== short test summary info ============================
    FAILED test_rows.py::test_total - assert 3 == 4
    1 failed in 0.02s
    `,
    'FAILED test_rows.py::test_total - assert 3 == 4',
  ],
  [
    'a pytest run that cannot collect',
    `
    test_rows.py:1: in <module>
        import orjsn
    E   ModuleNotFoundError: No module named 'orjsn'
    =========================== short test summary info ============================
    ERROR test_rows.py
    !!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
    1 error in 0.10s
    `,
    "ModuleNotFoundError: No module named 'orjsn'",
  ],
];

const NODE: readonly Row[] = [
  [
    'an uncaught error',
    `
    file:///srv/app/read.mjs:2
    function read(x) { return x.rows.length }
                                     ^

    TypeError: Cannot read properties of undefined (reading 'length')
        at read (file:///srv/app/read.mjs:2:34)
        at ModuleJob.run (node:internal/modules/esm/module_job:325:25)

    Node.js v20.20.2
    `,
    "TypeError: Cannot read properties of undefined (reading 'length')",
  ],
  [
    'an assertion with a difference',
    `
    node:internal/modules/run_main:123
        triggerUncaughtException(
        ^

    AssertionError [ERR_ASSERTION]: Expected values to be strictly deep-equal:
    + actual - expected

      {
    +   a: 1
    -   a: 2
      }
        at file:///srv/app/client.mjs:2:8
        at ModuleJob.run (node:internal/modules/esm/module_job:325:25) {
      generatedMessage: true,
      code: 'ERR_ASSERTION',
      actual: { a: 1 },
      expected: { a: 2 },
      operator: 'deepStrictEqual'
    }

    Node.js v20.20.2
    `,
    'AssertionError [ERR_ASSERTION]: Expected values to be strictly deep-equal: expected a: 2, got a: 1',
  ],
  [
    'a module that is missing',
    `
    node:internal/modules/cjs/loader:1210
      throw err;
      ^

    Error: Cannot find module 'left-pad'
    Require stack:
    - /srv/app/client.cjs
        at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)
        at Module._load (node:internal/modules/cjs/loader:1038:27) {
      code: 'MODULE_NOT_FOUND',
      requireStack: [ '/srv/app/client.cjs' ]
    }

    Node.js v20.20.2
    `,
    "Error: Cannot find module 'left-pad'",
  ],
  [
    'a port that is taken',
    `
    node:events:502
          throw er; // Unhandled 'error' event
          ^

    Error: listen EADDRINUSE: address already in use :::8001
        at Server.setupListenHandle [as _listen2] (node:net:1908:16)
    Emitted 'error' event on Server instance at:
        at emitErrorNT (node:net:1944:8) {
      code: 'EADDRINUSE',
      errno: -98,
      syscall: 'listen',
      address: '::',
      port: 8001
    }

    Node.js v20.20.2
    `,
    'Error: listen EADDRINUSE: address already in use :::8001',
  ],
  [
    'an error with a cause',
    `
    /srv/app/client.js:1
    throw new Error('outer', {cause: new TypeError('inner')})
    ^

    Error: outer
        at Object.<anonymous> (/srv/app/client.js:1:7)
        ... 4 lines matching cause stack trace ...
        at node:internal/main/run_main_module:28:49 {
      [cause]: TypeError: inner
          at Object.<anonymous> (/srv/app/client.js:1:34)
          at node:internal/main/run_main_module:28:49
    }

    Node.js v20.20.2
    `,
    'Error: outer, caused by TypeError: inner',
  ],
  [
    'an error that causes in turn have led to',
    `
    TypeError: fetch failed
        at node:internal/deps/undici/undici:14976:13
        at async /srv/app/client.js:1:21 {
      [cause]: Error: no connection {
        [cause]: Error: connect ECONNREFUSED 127.0.0.1:8001
            at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {
          errno: -111,
          code: 'ECONNREFUSED'
        }
      }
    }

    Node.js v20.20.2
    `,
    'TypeError: fetch failed, caused by Error: connect ECONNREFUSED 127.0.0.1:8001',
  ],
  [
    'an error in a worker',
    `
    node:internal/event_target:1105
      process.nextTick(() => { throw err; });
                               ^
    [worker eval]:1
    throw new RangeError("in worker")
    ^

    RangeError: in worker
        at [worker eval]:1:7
    Emitted 'error' event on Worker instance at:
        at [kOnErrorMessage] (node:internal/worker:333:10)

    Node.js v20.20.2
    `,
    'RangeError: in worker',
  ],
  [
    'a thrown text',
    `
    /srv/app/client.js:1
    throw 'a text'
    ^
    a text
    (Use \`node --trace-uncaught ...\` to show where the exception was thrown)

    Node.js v20.20.2
    `,
    'a text',
  ],
  [
    'a promise rejected with a text',
    `
    node:internal/process/promises:389
          new UnhandledPromiseRejection(reason);
          ^

    UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "just text".
        at throwUnhandledRejectionsMode (node:internal/process/promises:389:7) {
      code: 'ERR_UNHANDLED_REJECTION'
    }

    Node.js v20.20.2
    `,
    'UnhandledPromiseRejection: The promise rejected with the reason "just text".',
  ],
  [
    'a script of npm',
    `
    > app@1.0.0 client
    > node client.mjs

    TypeError: fetch failed
        at node:internal/deps/undici/undici:14976:13

    Node.js v20.20.2
    npm error Lifecycle script \`client\` failed with error:
    npm error code 1
    npm error path /srv/app
    `,
    'TypeError: fetch failed',
  ],
  [
    'a script that npm does not know',
    `
    npm error Missing script: "start"
    npm error
    npm error To see a list of scripts, run:
    npm error   npm run
    npm error A complete log of this run can be found in: /home/me/.npm/_logs/debug-0.log
    `,
    'npm error Missing script: "start"',
  ],
  [
    'a TAP report of node --test',
    `
    TAP version 13
    # Subtest: adds
    not ok 1 - adds
      ---
      duration_ms: 1.825451
      failureType: 'testCodeFailure'
      code: 'ERR_ASSERTION'
      ...
    1..1
    # tests 1
    # pass 0
    # fail 1
    # duration_ms 8.705751
    `,
    'not ok 1 - adds',
  ],
];

const OTHERS: readonly Row[] = [
  [
    'a TAP summary that says how many failed, not how long it took',
    `
    1..2
    # tests 2
    # suites 0
    # pass 1
    # fail 1
    # cancelled 0
    # skipped 0
    # todo 0
    # duration_ms 719.36332
    `,
    '# fail 1',
  ],
  [
    'a Rust panic',
    `
    thread 'main' (19897) panicked at src/main.rs:1:163:
    called \`Result::unwrap()\` on an \`Err\` value: "no rows"
    note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
    `,
    'thread \'main\' (19897) panicked at src/main.rs:1:163: called `Result::unwrap()` on an `Err` value: "no rows"',
  ],
  [
    'a Rust panic as compilers before 1.73 have it',
    `
    thread 'main' panicked at 'no rows', src/main.rs:2:5
    note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
    `,
    "thread 'main' panicked at 'no rows', src/main.rs:2:5",
  ],
  [
    'a Rust panic in WebAssembly',
    `
    panicked at src/lib.rs:7:5:
    no rows
    the worker has ended
    `,
    'panicked at src/lib.rs:7:5: no rows',
  ],
  [
    'a Rust test',
    `
    running 1 test
    test adds ... FAILED

    failures:

    ---- adds stdout ----

    thread 'adds' (19922) panicked at tests/sum.rs:1:20:
    assertion \`left == right\` failed: sum
      left: 2
     right: 3
    note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace


    failures:
        adds

    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.11s
    `,
    "thread 'adds' (19922) panicked at tests/sum.rs:1:20: assertion `left == right` failed: sum: left is 2, right is 3",
  ],
  [
    'a Rust program that does not compile',
    `
    error[E0425]: cannot find value \`z\` in this scope
     --> src/main.rs:1:38
      |
    1 | fn main(){ let x: i32 = "a"; let y = z; }
      |                                      ^
    help: a local variable with a similar name exists

    error[E0308]: mismatched types
     --> src/main.rs:1:25

    error: aborting due to 2 previous errors

    Some errors have detailed explanations: E0308, E0425.
    For more information about an error, try \`rustc --explain E0308\`.
    `,
    'error[E0425]: cannot find value `z` in this scope',
  ],
  [
    'a Go panic',
    `
    up
    panic: assignment to entry in nil map

    goroutine 1 [running]:
    main.main()
    	/srv/app/main.go:3 +0x65
    exit status 2
    `,
    'panic: assignment to entry in nil map',
  ],
  [
    'a Go deadlock',
    `
    fatal error: all goroutines are asleep - deadlock!

    goroutine 1 [chan receive]:
    main.main()
    	/srv/app/main.go:2 +0x25
    exit status 2
    `,
    'fatal error: all goroutines are asleep - deadlock!',
  ],
  [
    'a Go test',
    `
    --- FAIL: TestAdd (0.00s)
        main_test.go:3: got 2, want 3
    FAIL
    FAIL	example.com/app	0.002s
    FAIL
    `,
    '--- FAIL: TestAdd (0.00s) main_test.go:3: got 2, want 3',
  ],
  [
    'gcc',
    `
    sum.c: In function ‘main’:
    sum.c:1:20: error: ‘undeclared_thing’ undeclared (first use in this function)
        1 | int main(){ return undeclared_thing + 1 }
          |                    ^~~~~~~~~~~~~~~~
    sum.c:1:20: note: each undeclared identifier is reported only once for each function it appears in
    sum.c:1:40: error: expected ‘;’ before ‘}’ token
        1 | int main(){ return undeclared_thing + 1 }
          |                                        ^~
          |                                        ;
    `,
    'sum.c:1:20: error: ‘undeclared_thing’ undeclared (first use in this function)',
  ],
  [
    'gcc without a header',
    `
    sum.c:1:10: fatal error: nope.h: No such file or directory
        1 | #include <nope.h>
          |          ^~~~~~~~
    compilation terminated.
    `,
    'sum.c:1:10: fatal error: nope.h: No such file or directory',
  ],
  [
    'the linker',
    `
    /usr/bin/ld: /tmp/ccX2JBIv.o: in function \`main':
    link.c:(.text+0x5): undefined reference to \`nothere'
    collect2: error: ld returned 1 exit status
    `,
    "link.c:(.text+0x5): undefined reference to `nothere'",
  ],
  [
    'tsc',
    `
    sample.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.
    sample.ts(2,1): error TS2304: Cannot find name 'missing'.
    `,
    "sample.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  ],
  [
    'tsc, of a config',
    `
    error TS6059: File '/srv/app/sample/usage.ts' is not under 'rootDir' '/srv/app/src'. 'rootDir' is expected to contain all source files.
      The file is in the program because:
        Part of 'files' list in tsconfig.json
      File is ECMAScript module because '/srv/app/package.json' has field "type" with value "module"
    `,
    "error TS6059: File '/srv/app/sample/usage.ts' is not under 'rootDir' '/srv/app/src'. 'rootDir' is expected to contain all source files.",
  ],
  [
    'tsc --pretty',
    `
    sample.ts:1:7 - error TS2322: Type 'string' is not assignable to type 'number'.

    1 const n: number = 'a';
            ~

    Found 1 error in sample.ts:1
    `,
    "sample.ts:1:7 - error TS2322: Type 'string' is not assignable to type 'number'.",
  ],
  [
    'mypy',
    `
    sample.py:1: error: Incompatible types in assignment (expression has type "str", variable has type "int")  [assignment]
    sample.py:3: error: "str" has no attribute "nope"  [attr-defined]
    Found 2 errors in 1 file (checked 1 source file)
    `,
    'sample.py:1: error: Incompatible types in assignment (expression has type "str", variable has type "int")  [assignment]',
  ],
  ['dash without a program', 'client: 3: nosuchcmd: not found', 'client: 3: nosuchcmd: not found'],
  [
    'bash without a program',
    `
    client: line 1: nosuchcmd: command not found
    cleaning up
    `,
    'client: line 1: nosuchcmd: command not found',
  ],
  [
    'a file that is not there',
    'cat: /nope/x: No such file or directory',
    'cat: /nope/x: No such file or directory',
  ],
  ['a file that is not executable', 'sh: 1: ./tool: Permission denied', 'sh: 1: ./tool: Permission denied'],
  [
    'a crash of native code',
    `
    10 rows read
    client: line 1: 19814 Segmentation fault      ./tool
    `,
    'client: line 1: 19814 Segmentation fault      ./tool',
  ],
  [
    'an uncaught exception in C++',
    `
    terminate called after throwing an instance of 'std::runtime_error'
      what():  no config
    Aborted
    `,
    "terminate called after throwing an instance of 'std::runtime_error' what():  no config",
  ],
  [
    'a plain script',
    `
    checking the index
    the index has 3 rows, 4 were expected
    `,
    'the index has 3 rows, 4 were expected',
  ],
];

describe.each([
  ['Python', PYTHON],
  ['Node', NODE],
  ['others', OTHERS],
])('%s', (_, rows) => {
  test.each(rows)('%s', (_name, text, cause) => {
    expect(headline(lines(text))).toBe(cause);
  });
});

test('the cause is found thirty lines and more above the end', () => {
  const [, text = ''] = PYTHON.find(([name]) => name.startsWith('gunicorn 20')) ?? [];
  const all = lines(text);
  const cause = all.findIndex((line) => line.startsWith('ModuleNotFoundError'));
  expect(all.length - cause).toBeGreaterThan(30);
  expect(headline(all.slice(cause))).toBe("ModuleNotFoundError: No module named 'orjsn'");
});

describe('of a container of Compose', () => {
  test.each([
    [
      'version 1',
      'Starting x1_web_1 ... ',
      'Starting x1_web_1 ... done',
      'Attaching to x1_web_1',
      'web_1',
      'x1_web_1',
    ],
    ['version 2', 'Attaching to web-1', 'web-1', 'web-1'],
  ])('%s: the last words are its own, or else how it ended', (_, ...all) => {
    const [before, [prefix, name]] = [all.slice(0, -2), all.slice(-2)];
    const end = `${name} exited with code 3`;
    expect(headline([...before, `${prefix}  | no config`, end])).toBe('no config');
    expect(errorLine([...before, `${prefix}  | Error: no config`, end])).toBe('Error: no config');
    expect(headline([...before, end])).toBe(end);
  });
});

describe('a check of a script that is marked as failed', () => {
  test.each([
    'FAIL - health: expected 200, got 500',
    'FAIL: health',
    'FAILED health: 500',
    '[FAIL] health',
    'not ok - health',
    '✗ health',
    '❌ health: 500',
  ])('is the headline, though others come after it: %s', (failed) => {
    expect(headline(['ok - first', failed, 'ok - gone', '1 of 3 failed'])).toBe(failed);
    expect(errorLine(['ok - first', failed, 'ok - gone'])).toBeUndefined();
  });

  test('is no mere count, and no error', () => {
    expect(headline(['FAILED: 0', 'FAIL 3', 'no licence'])).toBe('no licence');
    expect(headline(['FAIL - health', 'curl: (7) Failed to connect', 'Error: no licence', 'bye'])).toBe(
      'Error: no licence',
    );
  });
});

describe('a line that tells of an error', () => {
  test('is the headline where there is one', () => {
    const text = PYTHON[0]?.[1] ?? '';
    expect(errorLine(lines(text))).toBe(headline(lines(text)));
  });

  test('is not made up where a program only talks', () => {
    expect(errorLine(['checking the index', 'all 3 rows are there', 'done'])).toBeUndefined();
    expect(errorLine(['Node.js v20.20.2', 'npm error code 1'])).toBeUndefined();
    expect(errorLine([])).toBeUndefined();
  });
});

describe('whatever the lines', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom('', '  ', ...[...PYTHON, ...NODE, ...OTHERS].flatMap(([, text]) => text.split('\n'))),
  );

  test('there is a headline exactly when a line says something', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (all) => {
        const said = all.some((each) => each.trim() !== '');
        expect(headline(all) === undefined).toBe(!said);
      }),
      { numRuns: shareOf(1000) },
    );
  });

  test('it is trimmed, and made of the words of the lines and of few of its own', () => {
    const ours =
      /\b(?:caused by|expected|got|unexpected|missing|received function|left is|right is|and \d+ more(?: differences?)?|and|differ|more)\b/g;
    const words = (text: string): string[] =>
      text
        .replace(/[^\w]+/g, ' ')
        .trim()
        .split(' ');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (all) => {
        const found = headline(all);
        if (found === undefined) return;
        expect(found).toBe(found.trim());
        const text = all.join(' ');
        for (const word of words(found.replace(ours, ' '))) expect(text).toContain(word);
      }),
      { numRuns: shareOf(1000) },
    );
  });
});
