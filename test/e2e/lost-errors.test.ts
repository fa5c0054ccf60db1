/** Scripts of a folder that end well although something in them has failed, and scripts in which nothing has. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { inTurn } from '../rig/thorough.ts';

const PYTHON = '#!/usr/bin/env python3';
const NODE = '#!/usr/bin/env node';

/** What becomes of a folder that has this `thread` alone. */
async function runThread(rig: Rig, lines: readonly string[], ...args: string[]) {
  rig.write('integration/thread', `${lines.join('\n')}\n`, 0o755);
  const run = await rig.run(['thread', '--report=json=report.json', ...args]);
  return {
    ...run,
    component: rig.report().components[0],
    log: rig.read('.shakedown/latest/logs/thread.log'),
  };
}

const POOL = 'from concurrent.futures import ThreadPoolExecutor, as_completed, wait';
const BROKEN = ['def broken():', '    assert 1 + 1 == 3, "the sum is wrong"', ''];

describe('errors that a script never retrieves', () => {
  const scripts: readonly [string, string[], RegExp][] = [
    [
      'a future that nobody asks',
      [
        PYTHON,
        POOL,
        ...BROKEN,
        'with ThreadPoolExecutor(2) as pool:',
        '    pool.submit(broken)',
        'print("ok")',
      ],
      /thread passed, although 1 error was never retrieved: AssertionError: the sum is wrong/,
    ],
    [
      'results of map that nobody reads',
      [PYTHON, POOL, 'with ThreadPoolExecutor(2) as pool:', '    pool.map(lambda n: 1 / n, range(3))'],
      /1 error was never retrieved: ZeroDivisionError/,
    ],
    [
      'a thread',
      [
        PYTHON,
        'import threading',
        ...BROKEN,
        'for _ in range(3):',
        '    thread = threading.Thread(target=broken); thread.start(); thread.join()',
      ],
      /^thread printed 3 Python tracebacks, although it did not fail: AssertionError: the sum is wrong/,
    ],
    [
      'more of them than are kept',
      [
        PYTHON,
        POOL,
        ...BROKEN,
        'with ThreadPoolExecutor(2) as pool:',
        '    for _ in range(500): pool.submit(broken)',
      ],
      /500 errors were never retrieved: AssertionError/,
    ],
    [
      'a thread whose words nobody sees',
      [
        ...[
          PYTHON,
          'import io, sys, threading',
          ...BROKEN,
          'sys.stderr = io.StringIO()',
          'for _ in range(3):',
        ],
        '    threading.Thread(target=broken).start()',
      ],
      /3 errors were never retrieved: AssertionError: the sum is wrong/,
    ],
    [
      'a task of asyncio',
      [
        ...[
          PYTHON,
          'import asyncio',
          'async def broken():',
          '    raise KeyError("lost")',
          'async def main():',
        ],
        ...['    asyncio.ensure_future(broken())', '    await asyncio.sleep(0.05)', 'asyncio.run(main())'],
      ],
      /^thread printed a Python traceback, although it did not fail: KeyError: 'lost'/,
    ],
    [
      'a coroutine that nobody awaits',
      [PYTHON, 'async def check():', '    assert False', 'check()', 'print("ok")'],
      /1 error was never retrieved: coroutine check was never awaited/,
    ],
    [
      'a rejection that a listener swallows',
      [NODE, "process.on('unhandledRejection', () => {});", "Promise.reject(new Error('lost'));"],
      /1 error was never retrieved: Error: lost/,
    ],
    [
      'a rejection that Node is told to warn of',
      [
        '#!/usr/bin/env -S node --unhandled-rejections=warn',
        "Promise.reject(new TypeError('only a warning'));",
      ],
      /^thread printed an unhandled promise rejection, although it did not fail: .*TypeError: only a warning/,
    ],
    [
      'a worker whose exit code nobody hears',
      [
        NODE,
        "const { Worker } = require('node:worker_threads');",
        "new Worker('process.exit(7)', { eval: true });",
      ],
      /1 error was never retrieved: a worker ended with exit code 7/,
    ],
    [
      'a rejection within a worker',
      [
        ...[NODE, "const { Worker } = require('node:worker_threads');"],
        `new Worker("process.on('unhandledRejection', () => {}); Promise.reject(new RangeError('inside'))", { eval: true });`,
      ],
      /1 error was never retrieved: RangeError: inside/,
    ],
  ];
  test.each(inTurn(scripts, 3))('%s fails it', async (_, lines, message) => {
    await using rig = await Rig.create();
    const { code, component } = await runThread(rig, lines);
    expect(component?.findings.map((each) => each.message)).toEqual([expect.stringMatching(message)]);
    expect(code).toBe(1);
  });

  test.each<[string, string[], string[]]>([
    ['a future', ['json'], ['with ThreadPoolExecutor(1) as pool: pool.submit(broken)']],
    [
      'a thread',
      ['json', 'traceback', 'linecache', 'tokenize', 'ast', 'io'],
      ['threading.Thread(target=broken).start()'],
    ],
  ])(
    '%s is recorded without modules of the script that are named like the own ones of Python',
    async (_, names, lines) => {
      await using rig = await Rig.create();
      for (const name of names) rig.write(`integration/${name}.py`, `print("${name} is run")\n`);
      const start = names.length === 1 ? POOL : 'import sys, threading\nsys.stderr = open("/dev/null", "w")';
      const script = [PYTHON, start, ...BROKEN, ...lines];
      const { component, log } = await runThread(rig, script);
      expect(component?.findings.map(({ message }) => message)).toEqual([
        'thread passed, although 1 error was never retrieved: AssertionError: the sum is wrong',
      ]);
      expect(component?.findings[0]?.evidence).toContain('    assert 1 + 1 == 3, "the sum is wrong"');
      await runThread(rig, script, '--raw');
      expect(log).toBe(rig.read('.shakedown/latest/logs/thread.log'));
    },
  );

  test('--raw runs the script as it is', async () => {
    await using rig = await Rig.create();
    const lines = [PYTHON, POOL, ...BROKEN, 'ThreadPoolExecutor(1).submit(broken)'];
    const { code, component } = await runThread(rig, lines, '--raw');
    expect([code, component?.verdict]).toEqual([0, 'passed']);
  });

  test('--raw says nothing of a config', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { a: { kind: 'command', run: 'true' } } });
    const { code, stderr } = await rig.run(['--raw']);
    expect(code).toBe(2);
    expect(stderr).toContain('--raw can only be used with a folder of scripts');
  });

  test('what a script retrieves, in whichever way, is its own affair', async () => {
    await using rig = await Rig.create();
    const { component, code } = await runThread(rig, [
      ...[PYTHON, POOL, 'import asyncio, threading', ...BROKEN, 'pool = ThreadPoolExecutor(2)'],
      ...['try:', '    pool.submit(broken).result()', 'except AssertionError:', '    pass'],
      'assert pool.submit(broken).exception() is not None',
      'assert all(each.exception() for each in as_completed([pool.submit(broken)]))',
      'done, _ = wait([pool.submit(broken)])',
      'assert all(each.exception() for each in done)',
      // It is asked before it has failed.
      'gate = threading.Event()',
      'waiting = pool.submit(lambda: (gate.wait(), broken()))',
      'asker = threading.Thread(target=lambda: waiting.exception())',
      ...['asker.start()', 'gate.set()', 'asker.join()'],
      'pool.submit(broken).add_done_callback(lambda future: future.exception())',
      ...[
        'async def main():',
        '    try:',
        '        await asyncio.get_running_loop().run_in_executor(None, broken)',
      ],
      ...['    except AssertionError:', '        pass', 'asyncio.run(main())', 'pool.shutdown()'],
      'threading.Thread(target=lambda: exit(3)).start()',
    ]);
    expect([code, component?.findings]).toEqual([0, []]);
  });

  test('so it is in Node', async () => {
    await using rig = await Rig.create();
    const { component, code } = await runThread(rig, [
      ...[
        NODE,
        "const { Worker } = require('node:worker_threads');",
        "process.on('unhandledRejection', () => {});",
      ],
      "const late = Promise.reject(new Error('late'));",
      'setTimeout(() => late.catch(() => {}), 10);',
      "Promise.reject(new Error('handled')).catch(() => {});",
      "new Worker('process.exit(1)', { eval: true }).on('exit', () => {});",
      `new Worker("throw new Error('heard')", { eval: true }).on('error', () => {});`,
      "new Worker('setInterval(() => {}, 1000)', { eval: true }).on('online', function () { this.terminate(); });",
    ]);
    expect([code, component?.findings]).toEqual([0, []]);
  });

  test('a script that fails by itself fails for that', async () => {
    await using rig = await Rig.create();
    const lines = [PYTHON, POOL, ...BROKEN, 'ThreadPoolExecutor(1).submit(broken)', 'raise SystemExit(3)'];
    const { component } = await runThread(rig, lines);
    expect(component?.findings.map((each) => each.code)).toEqual(['exit-code']);
  });
});

describe('a watched script cannot tell', () => {
  const TELL_PYTHON = [
    ...[PYTHON, 'import os, sys, threading, warnings', 'import concurrent.futures as futures'],
    'shown = {name: value for name, value in os.environ.items() if "SHAKEDOWN" not in name}',
    'print(sorted(shown.items()), sys.path, sys.argv, __file__, sys.flags, sys.dont_write_bytecode)',
    'print(threading.Thread, futures.Future, warnings.warn, sorted(each for each in sys.modules if "lost" in each))',
    'async def never(): pass',
    'never() if len(sys.argv) > 9 else None',
    'warnings.warn("from here")',
    'def broken(): raise ValueError("x")',
    'pool = futures.ThreadPoolExecutor(1)',
    'future = pool.submit(broken)',
    'print(type(future.exception()), type(future).__name__, isinstance(future, futures.Future))',
  ];

  test.each(
    inTurn<[string, string[], NodeJS.ProcessEnv]>(
      [
        ['Python', TELL_PYTHON, {}],
        ['Python with a path of its own', TELL_PYTHON, { PYTHONPATH: '/nowhere:/else' }],
        [
          'Node',
          [
            ...[NODE, 'const { SHAKEDOWN_UNHEARD, ...env } = process.env;'],
            "for (const name of Object.keys(env)) if (name.startsWith('SHAKEDOWN')) delete env[name];",
            'console.log(env, process.argv, process.execArgv, require.main === module, __filename);',
            "console.log(process.eventNames(), process.listenerCount('exit'));",
          ],
          {},
        ],
        [
          'Node with options of its own',
          [NODE, 'console.log(process.env.NODE_OPTIONS)'],
          { NODE_OPTIONS: '--no-warnings' },
        ],
      ],
      2,
    ),
  )('%s prints the same', async (_, lines, env) => {
    await using rig = await Rig.create();
    rig.write('integration/thread', `${lines.join('\n')}\n`, 0o755);
    const printed: string[] = [];
    for (const args of [[], ['--raw']]) {
      const { code } = await rig.run(['thread', ...args], env);
      expect(code).toBe(0);
      printed.push(rig.read('.shakedown/latest/logs/thread.log'));
    }
    expect(printed[0]).toBe(printed[1]);
    expect(printed[0]).not.toBe('');
  });

  test('a sitecustomize of the system is still loaded', async () => {
    await using rig = await Rig.create();
    rig.write('site/sitecustomize.py', 'print("the own one")\n');
    rig.write(
      'integration/thread',
      `${PYTHON}\nimport sitecustomize\nprint(sitecustomize.__file__)\n`,
      0o755,
    );
    const { code } = await rig.run(['thread'], { PYTHONPATH: join(rig.dir, 'site') });
    expect(code).toBe(0);
    expect(rig.read('.shakedown/latest/logs/thread.log')).toBe(
      `==> thread <==\nthe own one\n${join(rig.dir, 'site/sitecustomize.py')}\n`,
    );
  });

  test('the line that a warning names is its own', async () => {
    await using rig = await Rig.create();
    const lines = [PYTHON, 'async def never(): pass', 'never()'];
    const { log } = await runThread(rig, lines);
    expect(log).toMatch(/integration\/\.\/thread:3: RuntimeWarning: coroutine 'never' was never awaited/);
    expect(log).not.toContain('lost_errors');
  });
});

describe('a healthy script is as healthy when it is watched', () => {
  const FUTURE = 'from concurrent.futures import Future, InvalidStateError';
  test.each(
    inTurn<[string, string[]]>(
      [
        [
          'map is left at its first error',
          [
            ...[PYTHON, POOL, 'pool = ThreadPoolExecutor(4)', 'try:'],
            ...['    list(pool.map(lambda n: 1 / 0, range(8)))', 'except ZeroDivisionError:', '    pass'],
            'pool.shutdown()',
          ],
        ],
        [
          'a class of futures notices what is derived from it',
          [
            ...[PYTHON, FUTURE, 'class Mine(Future):'],
            ...['    def __init_subclass__(cls, *, name): raise AssertionError(name)', 'mine = Mine()'],
            ...['mine.set_exception(ValueError())', 'assert isinstance(mine.exception(0), ValueError)'],
          ],
        ],
        [
          'a future that is done refuses an error',
          [
            ...[
              PYTHON,
              FUTURE,
              'done = Future()',
              'done.set_result(1)',
              'try:',
              '    done.set_exception(ValueError())',
            ],
            ...['except InvalidStateError:', '    pass', 'else:', '    raise SystemExit(1)'],
          ],
        ],
        [
          'a future has an end of its own',
          [
            ...[
              PYTHON,
              FUTURE,
              'gone = []',
              'class Mine(Future):',
              '    def __del__(self): gone.append(1)',
              'mine = Mine()',
            ],
            ...[
              'mine.set_exception(ValueError())',
              'mine.exception()',
              'del mine',
              'assert gone == [1], gone',
            ],
          ],
        ],
        [
          'many errors are retrieved that take long to be shown',
          [
            ...[
              PYTHON,
              FUTURE,
              'shown = []',
              'class Slow(Exception):',
              '    def __str__(self): shown.append(1)',
            ],
            ...[
              'for _ in range(1000):',
              '    future = Future()',
              '    future.set_exception(Slow())',
              '    future.exception()',
            ],
            'assert shown == []',
          ],
        ],
        [
          'modules are looked for, and finders are odd',
          [
            ...[
              PYTHON,
              'import importlib.util, sys',
              'spec = importlib.util.find_spec("asyncio.base_events")',
            ],
            ...[
              'assert spec.loader.get_source("asyncio.base_events")',
              'class Old:',
              '    def find_module(self, *_): pass',
            ],
            ...['sys.meta_path.insert(1, Old())', 'import threading, concurrent.futures, asyncio'],
          ],
        ],
        [
          'an interpreter heeds no environment',
          ['#!/usr/bin/env -S python3 -uI', 'import os', 'assert "PYTHONPATH" not in os.environ'],
        ],
        [
          'Node may read nothing else',
          [
            `#!/usr/bin/env -S node ${Number.parseInt(process.versions.node, 10) < 24 ? '--experimental-permission' : '--permission'} --allow-fs-read=RIG/*`,
            'if (process.permission.has("fs.write")) process.exit(1);',
          ],
        ],
        [
          'what is thrown cannot be shown',
          [
            ...[
              NODE,
              "const { inspect } = require('node:util');",
              "process.on('unhandledRejection', () => {});",
            ],
            ...["const trap = () => { throw new Error('trap'); };", 'const error = new Error();'],
            "Object.defineProperty(error, 'stack', { get: trap });",
            'for (const reason of [error, { [inspect.custom]: trap }]) {',
            '  const promise = Promise.reject(reason);',
            '  setTimeout(() => promise.catch(() => {}), 1);',
            '}',
          ],
        ],
        [
          'what it leaves in the folder is not read',
          [
            ...[
              NODE,
              "const { execFileSync } = require('node:child_process');",
              "const { writeFileSync } = require('node:fs');",
            ],
            'const folder = process.env.SHAKEDOWN_UNHEARD;',
            "if (folder !== undefined) execFileSync('mkfifo', [`${folder}/0.ndjson`]);",
            'if (folder !== undefined) writeFileSync(`${folder}/1.ndjson`, \'null\\n7\\n{"lines":5}\\n{"more":"x"}\\n\');',
          ],
        ],
        [
          'it removes the folder',
          [
            ...[NODE, 'const folder = process.env.SHAKEDOWN_UNHEARD;'],
            "if (folder !== undefined) require('node:fs').rmSync(folder, { recursive: true });",
          ],
        ],
      ],
      3,
    ),
  )('%s', async (_, lines) => {
    await using rig = await Rig.create();
    const own = lines.map((line) => line.replace('RIG', rig.dir));
    const { code, component, log } = await runThread(rig, own);
    expect([code, component?.findings], log).toEqual([0, []]);
  });

  test('an error of great length is told in some words', async () => {
    await using rig = await Rig.create();
    const { component } = await runThread(rig, [
      ...[PYTHON, POOL, 'def broken(): raise ValueError("y" * 1_000_000)', 'pool = ThreadPoolExecutor(1)'],
      'pool.submit(broken)',
    ]);
    expect(component?.findings.map(({ code }) => code)).toEqual(['lost-error']);
    expect(JSON.stringify(component).length).toBeLessThan(10_000);
  });
});
