/** The kind `threads`: it sees what is broken, and says nothing of what is sound. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { type Addons, buildAddons } from '../../fixtures/checks/build-addons.ts';
import { FIXTURES } from '../../fixtures/checks/threads.ts';
import { type JsonComponent, Rig } from '../../rig/rig.ts';
import { cellOutcomes } from '../../rig/services.ts';
import { hasTurn, isThorough } from '../../rig/thorough.ts';

/** A trial is many processes, and two cores serve about two at a time. */
const LIMIT = 300_000;

let addons: Addons;
beforeAll(async () => {
  addons = await buildAddons();
}, LIMIT);
afterAll(() => addons.remove());

/** Runs a suite of one component. */
async function runIn(
  rig: Rig,
  options: object,
  { suite = {}, args = [] }: { suite?: object; args?: readonly string[] } = {},
): Promise<JsonComponent> {
  rig.config({ ...suite, components: { it: { kind: 'threads', ...options } } });
  await rig.run(['--report', 'json=report.json', ...args]);
  const [component] = rig.report().components;
  if (component === undefined) throw new Error('nothing ran');
  return component;
}

async function run(options: object, files: Readonly<Record<string, string>> = {}): Promise<JsonComponent> {
  await using rig = await Rig.create();
  for (const [name, text] of Object.entries(files)) rig.write(name, text);
  // Awaited here: the rig is gone when this returns.
  return await runIn(rig, options);
}

const codes = ({ findings }: JsonComponent): string[] => findings.map(({ code }) => code);

describe.each(FIXTURES.map((fixture, index) => ({ ...fixture, index })))('$defect', (fixture) => {
  const { options, expected, index } = fixture;

  test.runIf(hasTurn(index + 7))(
    'is found, with the command that reproduces it',
    async () => {
      const component = await run(options('faulty', addons.path));
      const { verdict, findings } = component;
      const found = findings.find(({ code }) => code === expected.code);
      expect(found?.message, JSON.stringify(findings, null, 2)).toMatch(expected.message);
      expect(found).toMatchObject(expected.data ?? {});
      expect(verdict).toBe('failed');
      if (component.grids !== undefined && /^(?:thread|wrong)-/.test(expected.code))
        expect(cellOutcomes(component)).toContain('failed');
      const isSelfEvident = expected.code === 'lost-error';
      if (!isSelfEvident) expect(found?.hint).toMatch(/npx shakedown it --seed 1$/);
    },
    LIMIT,
  );

  test.runIf(hasTurn(index + 4))(
    'is not seen in the sound twin',
    async () => {
      const { verdict, findings } = await run(options('sound', addons.path));
      expect(findings).toEqual([]);
      expect(verdict).toBe('passed');
    },
    LIMIT,
  );
});

describe('a module', () => {
  test(
    'that nobody names a function of is loaded and called by nobody',
    async () => {
      await using rig = await Rig.create();
      rig.write(
        'careful.cjs',
        "require('node:fs').appendFileSync('loads', '.'); exports.wipe = () => process.exit(9);",
      );
      rig.config({ components: { it: { kind: 'threads', module: './careful.cjs', workers: 2 } } });
      expect((await rig.run([])).code).toBe(0);
    },
    LIMIT,
  );

  test('that has nothing to call where calls are asked for is zero work', async () => {
    const { findings, verdict } = await run(
      { module: './library.cjs', iterations: 10 },
      { 'library.cjs': 'exports.parse = (text) => text;' },
    );
    expect(findings).toMatchObject([{ code: 'zero-work', hint: expect.stringContaining('parse') }]);
    expect(verdict).toBe('failed');
  });

  test('that lacks a named function, or cannot be loaded at all, is told apart from its threads', async () => {
    const lacking = await run({ module: './a.cjs', exports: ['b'] }, { 'a.cjs': 'exports.c = () => 1;' });
    expect(lacking.findings).toMatchObject([
      { code: 'cannot-load', message: 'a.cjs exports no function b', hint: 'it exports c' },
    ]);
    const broken = await run({ module: './a.mjs' }, { 'a.mjs': "throw new Error('not today');" });
    expect(broken.findings).toMatchObject([
      { code: 'cannot-load', message: 'a.mjs cannot be tried: Error: not today' },
    ]);
  });

  test.runIf(isThorough)(
    'whose results differ by themselves is not compared, and that is said',
    async () => {
      const { findings, verdict } = await run(
        { module: './random.cjs', exports: ['draw'], iterations: 100, workers: 2 },
        { 'random.cjs': 'exports.draw = () => Math.random();' },
      );
      expect(findings).toMatchObject([{ code: 'nothing-compared' }]);
      expect(verdict).toBe('inconclusive');
    },
    LIMIT,
  );

  describe('is held against an oracle', () => {
    const files = {
      'library.mjs': `
      export const checksum = (bytes) => bytes.reduce((sum, byte) => sum + byte, 0);
      // Marks its input while it reads: nobody sees it who is alone.
      export const marked = (bytes) => {
        let sum = 0;
        for (let i = 0; i < bytes.length; i++) { const byte = bytes[i]; bytes[i] = 255; sum += byte; bytes[i] = byte; }
        return sum;
      };
      export const off = (bytes) => bytes.length + 1;`,
      'oracle.mjs': `
      const sum = (bytes) => [...bytes].reduce((total, byte) => total + byte, 0);
      export { sum as checksum, sum as marked };
      export const off = (bytes) => bytes.length;`,
      'inputs.mjs': `
      const bytes = Buffer.alloc(2000, 1);
      export default { checksum: [[bytes]], marked: [[bytes]], off: [[bytes]] };`,
    };
    const held = { module: './library.mjs', inputs: './inputs.mjs', oracle: './oracle.mjs', workers: 2 };

    test.runIf(isThorough)(
      'and called with bytes that threads share',
      async () => {
        const { findings } = await run({ ...held, exports: ['checksum', 'marked'], iterations: 1000 }, files);
        expect(findings).toMatchObject([
          { code: 'wrong-result', operation: expect.stringMatching(/^marked.* on shared memory$/) },
        ]);
      },
      LIMIT,
    );

    test.runIf(isThorough)(
      'and called with bytes of its own',
      async () => {
        const { findings } = await run({ ...held, exports: ['off'], iterations: 10 }, files);
        expect(findings[0]?.message).toMatch(/off\(.*\) gave 2001 in worker \d, call 1, and 2000 serially/);
      },
      LIMIT,
    );
  });

  test(
    'is not blamed for what happens without it',
    async () => {
      await using rig = await Rig.create();
      rig.write('sound.cjs', '');
      rig.write('abort.cjs', "if (!require('node:worker_threads').isMainThread) process.abort();");
      const env = { NODE_OPTIONS: `--require ${join(rig.dir, 'abort.cjs')}` };
      const { findings, verdict } = await runIn(rig, { module: './sound.cjs', workers: 1, env });
      expect(findings).toMatchObject([{ code: 'control-failed' }]);
      expect(verdict).toBe('inconclusive');
    },
    LIMIT,
  );

  test(
    'that keeps its process alive is not asked to end by itself',
    async () => {
      const { findings } = await run(
        { module: './lively.cjs', workers: 1, stall: '2s' },
        { 'lively.cjs': 'setInterval(() => {}, 1000);' },
      );
      expect(findings).toEqual([]);
    },
    LIMIT,
  );

  test.runIf(isThorough)(
    'may be TypeScript, whose calls may take their time and may fail',
    async () => {
      const { findings } = await run(
        { module: './library.ts', inputs: { half: [[4], [3]] }, iterations: 200, workers: 2 },
        {
          'library.ts': `export async function half(n: number): Promise<number> {
          await new Promise((resolve) => setImmediate(resolve));
          if (n % 2 === 1) throw new RangeError(n + ' is odd');
          return n / 2;
        }`,
        },
      );
      expect(findings).toEqual([]);
    },
    LIMIT,
  );
});

test.runIf(isThorough)(
  'a package from npm that crashes at the end of a worker is reported as what it is',
  async () => {
    await using rig = await Rig.create();
    rig.write('package.json', '{ "private": true }');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '@napi-rs/package-template@1.0.0'], {
      cwd: rig.dir,
      stdio: 'pipe',
    });
    const { findings, verdict } = await runIn(rig, { module: '@napi-rs/package-template' });
    expect(findings).toMatchObject([
      {
        code: 'thread-crash',
        signal: 'SIGSEGV',
        cell: { order: 'worker-only' },
        smallest: { workers: 1, operations: [], callsEach: 0 },
      },
    ]);
    expect(findings[0]?.message).toMatch(
      /^@napi-rs\/package-template crashed while a thread that had loaded it ended: .*SIGSEGV/,
    );
    expect(verdict).toBe('failed');
  },
  LIMIT,
);

test.runIf(isThorough)(
  'a seed repeats what was drawn',
  async () => {
    const options = {
      module: join(import.meta.dirname, '../../fixtures/checks/one-in-ten-thousand/faulty.mjs'),
      inputs: { twice: [[1], [2], [3], [4], [5]] },
      iterations: 10_000,
      workers: 1,
    };
    const draw = async (seed: string): Promise<Finding | undefined> => {
      await using rig = await Rig.create();
      return (await runIn(rig, options, { args: ['--seed', seed] })).findings[0];
    };
    const operation = (finding: Finding | undefined): unknown =>
      finding !== undefined && 'operation' in finding && finding.operation;
    const first = await draw('7');
    expect(first).toMatchObject({ seed: 7, hint: expect.stringContaining('--seed 7') });
    expect(operation(await draw('7'))).toBe(operation(first));
  },
  LIMIT,
);

describe('Python', () => {
  test(
    'that is not under the allocator that was asked for is inconclusive',
    async () => {
      await using rig = await Rig.create();
      rig.write('work.py', 'def work():\n    return 1\n');
      const options = { python: 'work:work', iterations: 5 };
      expect(codes(await runIn(rig, options, { suite: { memory: 'debug' } }))).toEqual([]);
      mkdirSync(join(rig.dir, 'bin'));
      rig.write('bin/python', '#!/bin/sh\nunset PYTHONMALLOC\nexec python3 "$@"\n');
      chmodSync(join(rig.dir, 'bin/python'), 0o755);
      const env = { PATH: [join(rig.dir, 'bin'), process.env.PATH].join(delimiter) };
      const { findings, verdict } = await runIn(rig, { ...options, env }, { suite: { memory: 'debug' } });
      expect(findings).toMatchObject([{ code: 'preset-not-in-force', preset: 'PYTHONMALLOC=debug' }]);
      expect(verdict).toBe('inconclusive');
    },
    LIMIT,
  );

  test.runIf(isThorough)(
    'is given objects that all threads share, and objects of its own',
    async () => {
      const options = { python: 'work:work', inputs: 'work:make', iterations: 40 };
      const make = 'def make():\n    return {"items": list(range(5000))}\n';
      const sound = await run(options, {
        'work.py': `${make}def work(given):\n    return sum(given["items"])\n`,
      });
      expect(sound.findings).toEqual([]);
      const racy = `def work(given):
    total = 0
    items, given["items"] = given["items"], []
    for item in items:
        total += item
    given["items"] = items
    return total
`;
      const { findings } = await run({ ...options, iterations: 200 }, { 'work.py': make + racy });
      expect(findings[0]).toMatchObject({ code: 'wrong-result' });
      expect(findings[0]?.evidence?.[0]).toContain('what all threads share');
    },
    LIMIT,
  );

  test(
    'that fails even when it is called alone has not been tried',
    async () => {
      const { findings } = await run(
        { python: 'work:work' },
        { 'work.py': 'def work():\n    return {}["lost"]\n' },
      );
      expect(findings).toMatchObject([
        { code: 'cannot-load', message: "work:work fails even when it is called alone: KeyError: 'lost'" },
      ]);
    },
    LIMIT,
  );

  test(
    'that deadlocks, crashes, or has no threads is told as such',
    async () => {
      const locks = `import threading, time
a, b = threading.Lock(), threading.Lock()
turn = 0
def work():
    global turn
    turn += 1
    first, second = (a, b) if turn % 2 else (b, a)
    with first:
        time.sleep(0.001)
        with second:
            return True
`;
      const stuck = await run({ python: 'work:work', stall: '1500ms' }, { 'work.py': locks });
      expect(codes(stuck)).toEqual(['thread-hang']);
      const fatal =
        'import ctypes, threading\ndef work():\n    if threading.active_count() > 2: ctypes.string_at(0)\n';
      const crashed = await run({ python: 'work:work' }, { 'work.py': fatal });
      expect(crashed.findings).toMatchObject([{ code: 'thread-crash', signal: 'SIGSEGV' }]);
      expect(crashed.findings[0]?.evidence?.join('\n')).toContain('Segmentation fault');
      expect(codes(await run({ python: './idle.py' }, { 'idle.py': 'print(1)\n' }))).toEqual(['zero-work']);
    },
    LIMIT,
  );
});

describe('copies of a program', () => {
  test('are compared as JSON where that is asked for', async () => {
    const run1 = 'if [ -e once ]; then echo \'{"b":2,"a":1}\'; else : >once; echo \'{"a":1,"b":2}\'; fi';
    expect(codes(await run({ run: run1, compare: 'json' }))).toEqual([]);
  });

  test('that print what is different each time cannot be compared, and that print nothing neither', async () => {
    const differing = await run({ run: 'echo $$' });
    expect(codes(differing)).toEqual(['nothing-compared']);
    expect(differing.verdict).toBe('inconclusive');
    expect(codes(await run({ run: 'true' }))).toEqual(['zero-work']);
  });

  test('fail as what they are when they exit with an error', async () => {
    const alone = await run({ run: 'echo no >&2; exit 3' });
    expect(alone.findings).toMatchObject([{ code: 'exit-code', exitCode: 3 }]);
    const together = await run({ run: 'mkdir lock || exit 4; sleep 0.2; rmdir lock; echo done' });
    expect(codes(together)).toContain('exit-code');
  });
});

test.runIf(isThorough)(
  'a leak of a call that takes its time is found, and where there is no time to look, that is said',
  async () => {
    const busy = (ms: number): string => `const until = process.cpuUsage().user + ${ms * 1000};
  while (process.cpuUsage().user < until);`;
    const files = {
      'library.mjs': `const kept = [];
export const half = () => {
  ${busy(1)}
  kept.push(Buffer.alloc(1e6, 1));
  return 1;
};
export const slow = () => {
  ${busy(120)}
  return 1;
};
`,
    };
    const options = { module: './library.mjs', iterations: 20, workers: 1 };
    expect(codes(await run({ ...options, exports: ['half'] }, files))).toEqual(['memory-leak']);
    const slow = await run({ ...options, exports: ['slow'], iterations: 2 }, files);
    expect([slow.verdict, codes(slow)]).toEqual(['passed', ['memory-unwatched']]);
  },
  LIMIT,
);
