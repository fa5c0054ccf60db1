/** `shakedown prove` on components that try a module: what they notice of faults in it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

interface Report {
  readonly components: readonly {
    readonly name: string;
    readonly findings: readonly { readonly code: string; readonly message: string }[];
    readonly trial?: {
      readonly fault: string;
      readonly subject: string | null;
      readonly judgement: { readonly outcome: string; readonly message: string } | null;
    };
  }[];
}

/** The outcome of each fault, and in what the control has failed. */
async function matrix(rig: Rig, faults: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await rig.run([
    'prove',
    '--json',
    '--jobs',
    '2',
    ...faults.flatMap((fault) => ['--fault', fault]),
  ]);
  const { components } = JSON.parse(stdout) as Report;
  return Object.fromEntries(
    components.map(({ name, trial, findings }) => {
      const fault = trial === undefined ? name : [trial.subject, trial.fault].filter(Boolean).join(' ');
      const outcome =
        trial?.judgement?.outcome ?? findings.map(({ code, message }) => `${code}: ${message}`).join();
      return [fault, outcome];
    }),
  );
}

const PYTHON = {
  'pyproject.toml': '[project]\nname = "sums"\n',
  'sums/__init__.py': 'def add(a, b): return a + b\ndef never(): return 1\n',
};
const NODE = {
  'package.json': '{ "name": "sums", "exports": "./sums.mjs" }',
  'sums.mjs': 'export const add = (a, b) => a + b;\nexport const never = () => 1;\n',
};

async function proved(
  files: Readonly<Record<string, string>>,
  component: object,
  ...faults: string[]
): Promise<Record<string, string>> {
  await using rig = await Rig.create();
  for (const [name, text] of Object.entries(files)) rig.write(name, text, 0o755);
  rig.config({ components: { check: component } });
  return await matrix(rig, faults);
}

const CALLED = ['add wrong-result', 'add raises', 'import-fails', 'add returns-nothing'] as const;

describe('commands', () => {
  // Those of Python that follow compare as well.
  const comparing: [string, Record<string, string>, string[]][] = [
    [
      'Node',
      NODE,
      [
        'node',
        '--input-type=module',
        '-e',
        "import { add } from 'sums'; if (add(1, 2) !== 3) throw Error('wrong');",
      ],
    ],
    ['Python', PYTHON, ['python3', '-c', 'from sums import add\nassert add(1, 2) == 3']],
  ];
  test.each(inTurn(comparing))('a script that compares is proved: %s', async (_, files, run) => {
    const found = await proved(files, { kind: 'command', run });
    expect(found).toMatchObject({ check: '', control: '' });
    expect(Object.fromEntries(CALLED.map((fault) => [fault, found[fault]]))).toEqual(
      Object.fromEntries(CALLED.map((fault) => [fault, 'proved'])),
    );
    expect(found).toMatchObject({ 'add slow': 'blind', 'never wrong-result': 'not-reached' });
  });

  test.each(
    inTurn<[string, Record<string, string>, string[]]>(
      [
        [
          'Python',
          PYTHON,
          ['python3', '-c', 'from sums import add\ntry: assert add(1, 2) == 3\nexcept Exception: pass'],
        ],
        [
          'Node',
          NODE,
          [
            'node',
            '--input-type=module',
            '-e',
            "import { add } from 'sums'; try { if (add(1, 2) !== 3) throw 1; } catch {}",
          ],
        ],
      ],
      2,
    ),
  )('one that swallows every error is blind: %s', async (_, files, run) => {
    expect(await proved(files, { kind: 'command', run })).toMatchObject({
      'add wrong-result': 'blind',
      'add raises': 'blind',
      'add returns-nothing': 'blind',
      'import-fails': 'proved',
    });
  });

  test.each(
    inTurn<[string, Record<string, string>, string[]]>(
      [
        [
          'Python',
          {
            ...PYTHON,
            'sums/__init__.py': 'class Sum: pass\ndef make(): return Sum()\ndef fail(): raise ValueError()\n',
          },
          ['python3', '-c', 'from sums import fail, make\nmake()\ntry: fail()\nexcept ValueError: pass'],
        ],
        [
          'Node',
          {
            ...NODE,
            'sums.mjs':
              'export const make = () => new (class Sum {})();\nexport const fail = () => { throw new Error(); };\n',
          },
          [
            'node',
            '--input-type=module',
            '-e',
            "import { fail, make } from 'sums'; make(); try { fail(); } catch {}",
          ],
        ],
      ],
      2,
    ),
  )('results that cannot be changed are told, and no proof is demanded: %s', async (_, files, run) => {
    await using rig = await Rig.create();
    for (const [name, text] of Object.entries(files)) rig.write(name, text);
    rig.config({ components: { check: { kind: 'command', run } } });
    const { code, stdout } = await rig.run(['prove', '--fault', 'wrong-result']);
    expect(stdout).toMatch(
      /make wrong-result +○ not reached no result of make could be changed: it gave Sum\n/,
    );
    expect(stdout).toMatch(
      /fail wrong-result +○ not reached fail had no result to change: none of its calls returned\n/,
    );
    expect(stdout).not.toContain('have it compare');
    expect(code).toBe(0);
  });

  test('lost errors of threads count, and are told apart', async () => {
    const run = [
      'python3',
      '-c',
      'from concurrent.futures import ThreadPoolExecutor\nfrom sums import add\ndef check(): assert add(1, 2) == 3\nwith ThreadPoolExecutor(2) as pool: pool.submit(check)',
    ];
    expect(await proved(PYTHON, { kind: 'command', run, lostErrors: 'python' })).toMatchObject({
      control: '',
      'add wrong-result': 'proved',
      'add wrong-in-worker': 'proved',
      'add raises': 'proved',
    });
  });

  test('a misspelt module is told, with the one that was meant', async () => {
    await using rig = await Rig.create();
    for (const [name, text] of Object.entries(PYTHON)) rig.write(name, text);
    const run = ['python3', '-c', 'import sums'];
    rig.config({ components: { check: { kind: 'command', run, prove: { module: 'sum' } } } });
    const { code, stdout } = await rig.run(['prove']);
    expect(stdout).toContain('→ did you mean "sums"? name the module that it tries');
    expect(code).toBe(3);
  });

  test('a module that is never imported is not reached, and one that there is not is told', async () => {
    expect(await proved(PYTHON, { kind: 'command', run: ['python3', '-c', '1'] })).toMatchObject({
      'sums wrong-result': 'not-reached',
    });
    const none = await proved({}, { kind: 'command', run: ['python3', '-c', '1'] });
    expect(none.control).toMatch(
      /nothing-to-sabotage: .*no module of the project was found: there is no pyproject.toml/,
    );
  });
});

// Its dozens of processes and threads take a minute on a busy machine.
test.runIf(isThorough)('threads of a module notice what is wrong in threads alone', async () => {
  await using rig = await Rig.create();
  for (const [name, text] of Object.entries(NODE)) rig.write(name, text);
  const component = {
    kind: 'threads',
    module: './sums.mjs',
    inputs: { add: [[1, 2]] },
    workers: 2,
    iterations: 200,
  };
  rig.config({ components: { check: component } });
  expect(await matrix(rig, ['wrong-in-worker'])).toMatchObject({
    control: '',
    'add wrong-in-worker': 'proved',
    'never wrong-in-worker': 'not-reached',
  });
  // However its threads end has been tried without a fault.
  const doors = (trial: string): Set<string | undefined> =>
    new Set(
      readdirSync(join(rig.dir, '.shakedown/latest/threads', trial)).flatMap((name) => {
        const [, door, ...rest] = name.split('.');
        return rest[0] === 'idle' ? [door] : [];
      }),
    );
  expect(doors('check.1').size).toBe(5);
  expect(doors('check~control.1')).toEqual(new Set(['natural']));
  expect(doors('check~add-wrong-in-worker.1')).toEqual(new Set(['natural']));
});

test.runIf(isThorough)('a function of Python in many threads compares with itself alone', async () => {
  const files = { ...PYTHON, 'work.py': 'from sums import add\ndef work(): return add(1, 2)\n' };
  const component = { kind: 'threads', python: 'work:work', workers: 2, iterations: 20 };
  expect(await proved(files, component, 'wrong-in-worker', 'wrong-result', 'import-fails')).toMatchObject({
    control: '',
    'add wrong-in-worker': 'proved',
    'add wrong-result': 'blind',
    'import-fails': 'proved',
  });
});

test.runIf(isThorough)(
  'init notices that a module cannot be loaded, and that its first use fails',
  async () => {
    const node = await proved(NODE, { kind: 'init', module: './sums.mjs', processes: 2 });
    expect(Object.keys(node)).toEqual(['check', 'control', 'import-fails']);
    expect(node).toMatchObject({ control: '', 'import-fails': 'proved' });
    const files = { ...PYTHON, 'first.py': 'def use():\n    from sums import add\n    add(1, 2)\n' };
    const component = { kind: 'init', python: 'sums', use: 'first:use', processes: 2 };
    expect(await proved(files, component, 'import-fails', 'raises', 'wrong-result')).toMatchObject({
      control: '',
      'import-fails': 'proved',
      'add raises': 'proved',
      'add wrong-result': 'blind',
    });
  },
);

describe('claims of a config', () => {
  // What the hooks of Node do with such a module, their own tests try.
  const DENIED: [string, Record<string, string>, object][] = [
    ['Python', PYTHON, { python: 'sums', denyModules: ['http.client', 'no_such_module'] }],
    ['Node', NODE, { module: './sums.mjs', denyModules: ['node:http', 'no-such-module'] }],
  ];
  test.each(inTurn(DENIED))('denied modules: %s', async (_, files, words) => {
    const found = await proved(files, { kind: 'init', processes: 1, ...words }, 'denied-module');
    const [real, absent] = (words as { denyModules: string[] }).denyModules;
    expect(found).toMatchObject({
      control: '',
      [`${real} denied-module`]: 'proved',
      [`${absent} denied-module`]: 'not-reached',
    });
  });

  // A start is measured dozens of times. What is derived from it is tried in the unit tests of these claims.
  test.runIf(isThorough).each<[string, Record<string, string>, object]>([
    ['Python', PYTHON, { python: 'sums' }],
    ['Node', NODE, { module: './sums.mjs' }],
  ])('a cold start: %s', async (_, files, words) => {
    const component = { kind: 'init', processes: 1, coldStart: '< 9x', ...words };
    expect(await proved(files, component, 'cold-start')).toMatchObject({
      control: '',
      '< 9x cold-start': 'proved',
    });
  });

  test.runIf(isThorough)('the debugging allocators of Python must end who writes past a block', async () => {
    const run = (...before: string[]) => ({
      kind: 'command',
      env: { PYTHONMALLOC: 'debug' },
      run: [...before, 'python3', '-c', 'from sums import add\nassert add(1, 2) == 3'],
    });
    const name = 'PYTHONMALLOC=debug heap-overflow';
    expect(await proved(PYTHON, run(), 'heap-overflow')).toMatchObject({ control: '', [name]: 'proved' });
    expect(await proved(PYTHON, run('env', '-u', 'PYTHONMALLOC'), 'heap-overflow')).toMatchObject({
      control: '',
      [name]: 'blind',
    });
  });

  test.runIf(isThorough)(
    'of which nothing but the allocators is known, each interpreter must end as it starts',
    async () => {
      const name = 'PYTHONMALLOC=debug heap-overflow';
      const alone = (run: string, more: object = {}) => ({
        kind: 'command',
        run,
        env: { PYTHONMALLOC: 'debug' },
        ...more,
      });
      // There is no project of Python here, and of the other the module is never imported.
      expect(await proved({}, alone('python3 -c 1'), 'heap-overflow')).toEqual({
        ...{ check: '', control: '', [name]: 'proved' },
      });
      expect(await proved({}, alone('env -u PYTHONMALLOC python3 -c 1'), 'heap-overflow')).toMatchObject({
        [name]: 'blind',
      });
      expect(await proved(PYTHON, alone('python3 -c 1'), 'heap-overflow')).toMatchObject({
        [name]: 'proved',
      });
      // Where there is no Python to be seen, that is said, and demanded only if it is all there is to prove.
      expect(await proved({}, alone('python3 -I -c 1'), 'heap-overflow')).toMatchObject({
        [name]: 'not-reached',
      });
      await using rig = await Rig.create();
      rig.config({ components: { check: alone('echo hello', { expect: { output: ['hello'] } }) } });
      const { code, stdout } = await rig.run(['prove', '--jobs', '2']);
      expect(stdout).toMatch(/"hello" expected-output +✓ proved/);
      expect(stdout).toMatch(
        /PYTHONMALLOC=debug heap-overflow +○ not reached no process of check has loaded the hooks: either/,
      );
      expect(code).toBe(0);
      rig.config({ components: { check: alone('echo hello') } });
      expect((await rig.run(['prove'])).code).toBe(3);
    },
  );
});
