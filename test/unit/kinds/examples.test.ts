/** Examples in docstrings of Python packages, in threads: each defect beside a twin that is sound. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { type ExampleEvent, readEvents } from '../../../src/kinds/examples/events.ts';
import { examplesOf } from '../../../src/kinds/examples/from-distribution.ts';
import { harmOfExamples } from '../../../src/kinds/examples/harm.ts';
import { judgeExamples, tellingStacks } from '../../../src/kinds/examples/judge.ts';
import { type Found, foundIn, keptBy } from '../../../src/kinds/examples/keep.ts';
import type { ExamplesJob } from '../../../src/kinds/examples/protocol.ts';
import { CRASH, DEADLOCK, EXIT, LEFT_OUT, RARE, SCRATCH, SOUND, UNFIT } from '../../rig/racy.ts';

const HARNESS = resolve(import.meta.dirname, '../../../src/kinds/examples/harness/main.py');
const JUDGED = { name: 'lib', site: '/site', threads: 4, waitedMs: 8000, again: 'shakedown again' };

interface Tried {
  readonly found: readonly Found[];
  readonly alone: readonly ExampleEvent[];
  readonly together: readonly ExampleEvent[];
  readonly findings: readonly Finding[];
}

/** Runs the examples of modules as the component does, without an installation. */
function tried(
  modules: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>> = {},
  seconds = 60,
): Tried {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-examples-'));
  try {
    for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, `${name}.py`), text);
    for (const [name, text] of Object.entries(others)) writeFileSync(join(folder, name), text);
    const run = (name: string, seed: string, wanted: Partial<ExamplesJob>): ExampleEvent[] => {
      const scratch = join(folder, name);
      mkdirSync(scratch);
      const limits = { seconds, threads: 4, each: 0.1, import: 2, stall: 1, only: null, kept: {} };
      const events = join(folder, `${name}.ndjson`);
      const job: ExamplesJob = { modules: Object.keys(modules), ...limits, events, scratch, ...wanted };
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(job));
      const more = { PYTHONPATH: folder, PYTHONHASHSEED: seed };
      const mode = name === 'together' ? name : 'alone';
      execFileSync('python3', [HARNESS, mode, `${folder}/${name}.json`], {
        cwd: scratch,
        env: { ...process.env, ...more },
      });
      return readEvents(events);
    };
    const alone = run('alone', '1', {});
    const names = foundIn(alone, alone).flatMap(({ kept }) => (kept === null ? [] : [kept.name]));
    const found = foundIn(alone, run('again', '2', { only: names }));
    const together = run('together', '3', { kept: keptBy(found), modules: Object.keys(keptBy(found)) });
    const judged = { ...JUDGED, site: folder };
    return { found, alone, together, findings: judgeExamples(found, { alone, together }, judged) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const codes = ({ findings }: Tried): string[] => findings.map(({ code }) => code);

test('a result that calls put together in the same place is wrong in threads', () => {
  const { findings } = tried({ racy: SCRATCH });
  expect(findings).toMatchObject([{ code: 'wrong-result', operation: 'racy.spell' }]);
  const [finding] = findings;
  expect(finding?.message).toMatch(
    /^the example of racy\.spell \(racy\.py:5\) gives '.*' in thread \d, and 'getting started' alone \([\d,]+ of [\d,]+ runs\)$/,
  );
  expect(finding?.evidence?.[0]).toBe('>>> spell("getting started")');
  expect(finding === undefined ? undefined : harmOfExamples(finding)?.text).toBe(
    'consumers who call racy.spell from several threads',
  );
});

test('a crash and a deadlock that only threads meet are found, and do not keep other examples from being run', () => {
  const result = tried({ crashing: CRASH, hanging: DEADLOCK, leaving: EXIT });
  expect(result.findings).toMatchObject([
    {
      code: 'thread-crash',
      signal: 'SIGSEGV',
      message:
        'the example of crashing.crash (crashing.py:6) crashes when 4 threads run it at once: the process was killed by SIGSEGV (segmentation fault)',
    },
    {
      code: 'thread-hang',
      message: 'the example of hanging.stuck (hanging.py:7) gets stuck when 4 threads run it at once',
    },
    {
      code: 'thread-crash',
      exitCode: 7,
      message:
        'the example of leaving.leave (leaving.py:6) ends its process when 4 threads run it at once: the process exited with code 7',
    },
  ]);
  for (const [index, place] of [
    /crashing\.py", line \d+ in crash/,
    /hanging\.py", line 15 in stuck/,
  ].entries())
    expect(result.findings[index]?.evidence?.join('\n')).toMatch(place);
});

test('what is sound passes, and each example was run in threads', () => {
  const result = tried({ sound: SOUND });
  expect(codes(result)).toEqual([]);
  const ran = result.together.flatMap((event) => (event.type === 'ran' ? [event.name] : []));
  expect(ran.sort()).toEqual([
    'sound.Shape.area',
    'sound.known',
    'sound.locked',
    'sound.named',
    'sound.spell',
    'the 5 examples of sound',
  ]);
});

test('an example that would show nothing in threads is left out, and the reason is told', () => {
  const result = tried({ unfit: UNFIT });
  expect(
    Object.fromEntries(result.found.map(({ name, dropped }) => [name.replace('unfit.', ''), dropped])),
  ).toEqual({
    ...Object.fromEntries(Object.entries(LEFT_OUT).map(([name, [, because]]) => [name, because])),
    keep: null,
  });
  expect(codes(result)).toEqual(['examples-left-out']);
});

test('what one thread alone sees too, if only it tries as often, is not blamed on threads', () => {
  const result = tried({ rare: RARE });
  expect(codes(result)).toEqual(['examples-left-out']);
});

test('examples of a package that starts threads when it is imported are left out: they do not come along', () => {
  const idle = 'import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n';
  expect(tried({ served: `${idle}${SCRATCH}` }).found.map(({ dropped }) => dropped)).toEqual([
    'its package starts threads when it is imported',
  ]);
});

test('an import that does not end, or leaves a process behind, keeps no other module from being tried', () => {
  const leaves = `
import os, time
if os.fork() == 0:
    while os.path.exists(__file__):
        time.sleep(0.1)
    os._exit(0)
`;
  const modules = {
    endless: '">>> 1"\nwhile True: pass\n',
    leaving: `${leaves}${SCRATCH.replace('_seen.clear()', '_seen = []')}`,
  };
  const { found, alone } = tried(modules, {}, 30);
  expect(alone).toContainEqual({ type: 'unloaded', module: 'endless', words: 'it does not end' });
  expect(found.map(({ name, dropped }) => [name, dropped])).toEqual([['leaving.spell', null]]);
});

test('what compilers refuse keeps no other example from being run', () => {
  const deep = `def deep(): pass\ndeep.__doc__ = ">>> " + "-" * 100_000 + "1\\n1\\n"\n`;
  const { found } = tried({ deep: `${deep}def fine():\n    ">>> fine()"\n` });
  expect(found.map(({ name, dropped }) => [name, dropped])).toEqual([['deep.fine', null]]);
});

test('an import that turns the global lock on is told: here by a fake of the interface of a free-threaded Python', () => {
  const others = { 'sitecustomize.py': 'import sys\nsys._is_gil_enabled = lambda: False\n' };
  const words = "The global interpreter lock (GIL) has been enabled to load module 'core._fast', which";
  const locking = `import sys, warnings\nsys._is_gil_enabled = lambda: True\nwarnings.warn(${JSON.stringify(words)}, RuntimeWarning)\n`;
  expect(codes(tried({ core: SCRATCH.replace('_seen.clear()', '_seen = []') }, others))).toEqual([]);
  expect(tried({ core: locking }, others).findings).toMatchObject([
    { code: 'gil-enabled', module: 'core._fast', evidence: [words] },
    { code: 'no-examples' },
  ]);
});

const PLACE = { module: 'lib.a', name: 'lib.a.f', file: '/site/lib/a.py', line: 3 };
const KEPT: ExampleEvent = { type: 'example', ...PLACE, cost: 0.001, outcomes: [['1\n', null]] };

const judged = (together: readonly ExampleEvent[], alone: readonly ExampleEvent[] = [KEPT]): Finding[] =>
  judgeExamples(foundIn(alone, alone), { alone, together }, JUDGED);

const WRONG: ExampleEvent = {
  ...{ type: 'wrong', ...PLACE, count: 2, runs: 40, how: 'as it is', because: null },
  shown: [{ thread: 2, round: 1, source: 'f()', expected: ['1\n', null], actual: ['', 'KeyError: 3'] }],
};

test('examples of one module that are wrong are one finding', () => {
  const found = judged([
    WRONG,
    { ...WRONG, name: 'lib.a.g' },
    { ...WRONG, module: 'lib.b', name: 'lib.b.h' },
  ]);
  expect(found.map((each) => [each.message, each.evidence?.at(-1)])).toEqual([
    [
      'the example of lib.a.f (lib/a.py:3) gives KeyError: 3 in thread 2, and 1 alone (2 of 40 runs)',
      'so it does in lib.a.g (lib/a.py:3)',
    ],
    [
      'the example of lib.b.h (lib/a.py:3) gives KeyError: 3 in thread 2, and 1 alone (2 of 40 runs)',
      '4 threads, as it is',
    ],
  ]);
});

test('what is wrong with whole calls too, did not happen again, or was not reached, is only told', () => {
  const found = judged([
    { ...WRONG, because: 'state' },
    { ...WRONG, name: 'lib.a.i', because: 'chance' },
    { type: 'unclear', ...PLACE, name: 'lib.a.g', how: 'hang', faults: [] },
    { type: 'untried', ...PLACE, name: 'lib.a.h' },
  ]);
  expect(found.map(({ code, evidence }) => [code, evidence])).toEqual([
    [
      'examples-left-out',
      [
        '1: it keeps state from one call to the next (lib.a.f)',
        '1: it gives something else now and then, also alone (lib.a.i)',
        '1: it got stuck once in threads, and not again (lib.a.g)',
        '1: there was no time for it (lib.a.h)',
      ],
    ],
  ]);
});

test('that no example is left is told, and so is a module that cannot be imported', () => {
  const found = judged(
    [],
    [
      { type: 'example', ...PLACE, dropped: 'it waits' },
      { type: 'unloaded', module: 'lib.win', words: 'ModuleNotFoundError: winreg' },
      { type: 'unreached', module: 'lib.z' },
    ],
  );
  expect(found.map(({ message }) => message)).toEqual([
    'no example in the docstrings of lib can be run in threads',
    '1 module could not be imported; 1 module was not reached; 1 of 1 example in docstrings is not for threads',
  ]);
  expect(found[1]?.evidence).toEqual([
    '1: it waits (lib.a.f)',
    'not reached: lib.z',
    'lib.win: ModuleNotFoundError: winreg',
  ]);
});

test('the lock that an import turns on is told once, with the module that did', () => {
  const words =
    "The global interpreter lock (GIL) has been enabled to load module 'lib._fast', which has not declared";
  const lock: ExampleEvent = { type: 'lock', module: 'lib', words };
  const found = judged([], [KEPT, lock, { ...lock, module: 'lib.b' }]);
  expect(found).toMatchObject([
    {
      code: 'gil-enabled',
      message:
        'importing lib turns the global interpreter lock of a free-threaded Python back on, by lib._fast',
      module: 'lib._fast',
    },
  ]);
  expect(found.map((each) => harmOfExamples(each)?.text)).toEqual([
    'consumers who use a free-threaded Python',
  ]);
});

test('of stacks those lines are shown that lead to the package', () => {
  expect(
    tellingStacks([
      'Thread 0x00007f (most recent call first):',
      '  File "/site/lib/a.py", line 38 in f',
      '  File "<doctest lib.a.f>", line 1 in <module>',
      '  File "/dist/harness/python/shakedown_examples/found.py", line 39 in run',
      '  File "/usr/lib/python3.11/threading.py", line 982 in run',
      '',
      'Current thread 0x00007e (most recent call first):',
      '  File "/usr/lib/python3.11/threading.py", line 1139 in join',
      '  File "/dist/harness/python/examples.py", line 268 in <module>',
    ]),
  ).toEqual([
    'Thread 0x00007f (most recent call first):',
    '  File "/site/lib/a.py", line 38 in f',
    '  File "<doctest lib.a.f>", line 1 in <module>',
  ]);
});

test('what no process of ours can have written is no event', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-events-'));
  try {
    const file = join(folder, 'events');
    const lines = [JSON.stringify(KEPT), '{"type":"ran"}', 'null', '{"type":"wrong","shown":[]}', '{"ty'];
    writeFileSync(file, lines.join('\n'));
    expect(readEvents(file)).toEqual([KEPT]);
    expect(readEvents(join(folder, 'none'))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a package without any example has nothing to run, and says so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-prompt-'));
  try {
    writeFileSync(join(folder, 'a.py'), '"""\n>>> 1\n1\n"""\n');
    writeFileSync(join(folder, 'b.py'), 'x = 1 >> 2\n');
    const module = (name: string) => ({ name, file: `${name}.py`, isTop: true, isPublic: true });
    const made = (pythonVersion: string, ...modules: readonly string[]) =>
      examplesOf({
        ...{ consumer: '/c', site: folder, python: '/c/python', pythonVersion, name: 'lib' },
        modules: modules.map(module),
      });
    expect(made('3.13.5', 'a', 'b')).toMatchObject([{ name: 'threads', kind: 'examples', modules: ['a'] }]);
    expect(made('3.13.5', 'b')).toEqual([
      { name: 'threads', reason: 'no docstring of lib has an example to run', onlyWhenNamed: false },
    ]);
    // Without the global lock its import is a trial as well.
    expect(made('3.13.5t', 'b')).toMatchObject([{ kind: 'examples', modules: ['b'] }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
