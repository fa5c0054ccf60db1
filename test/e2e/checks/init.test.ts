/** Every fixture of the kind `init`: a defect with the finding that it must give, and its sound twin, which must pass. */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FindingCode } from '../../../src/domain/finding.ts';
import { type JsonComponent, Rig } from '../../rig/rig.ts';
import { codesOf, componentOf } from '../../rig/services.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/checks');
const GENEROUS = 120_000;

interface Fixture {
  readonly name: string;
  /** The options, in which `TWIN` stands for `defect` or `sound`. */
  readonly options: object;
  readonly code: FindingCode;
  readonly step: string | undefined;
  readonly message: RegExp;
  /** What else is said of it. */
  readonly evidence?: RegExp;
  readonly needs?: 'python' | 'cc' | 'interpreters';
}

const TABLE: readonly Fixture[] = [
  {
    name: 'init-two-instances',
    options: { cwd: './TWIN', module: 'counted', singletons: ['counter'] },
    code: 'singleton-differs',
    step: 'formats',
    message: /^import\(\) and require\(\) of counted give two instances of counter: /,
  },
  {
    name: 'init-slow-import',
    options: { module: './TWIN.mjs', coldStart: '< 3x' },
    code: 'cold-start',
    step: undefined,
    message:
      /^a cold start takes \d+\.\d\dx \(.+\) of the bare interpreter's time over \d+ pairs of starts, over the budget < 3x$/,
  },
  {
    name: 'init-process-race',
    options: { module: './TWIN.mjs', use: 'table' },
    code: 'init-failed',
    step: 'process',
    message:
      /^process \d of 4 exited with code 1 while using \.\/defect\.mjs for the first time: SyntaxError: /,
  },
  {
    name: 'init-main-thread-only',
    options: { module: './TWIN.mjs' },
    code: 'init-failed',
    step: 'worker',
    message:
      /^worker exited with code 1 while loading \.\/defect\.mjs in a worker: TypeError.*: process\.chdir\(\) is not supported in workers/,
  },
  {
    name: 'init-one-realm',
    options: { module: './TWIN.cjs' },
    code: 'init-failed',
    step: 'vm',
    message:
      /^vm exited with code 1 while loading \.\/defect\.cjs in a context of node:vm: TypeError: cpus\(\) gave no array$/,
  },
  {
    name: 'init-open-handle',
    options: { module: './TWIN.mjs', hangAfter: '6s' },
    code: 'init-hang',
    step: 'process',
    message:
      /^process 1 of 4 had done all and did not end within .+: Timeout kept it alive \(and 3 more processes alike\)$/,
  },
  {
    name: 'init-loads-once',
    options: { module: './TWIN.cjs' },
    code: 'init-failed',
    step: 'reload',
    message:
      /^reload exited with code 1 while loading \.\/defect\.cjs in worker 1 of 3, after the main thread: Error: loaded a second time$/,
  },
  {
    name: 'init-exits-well',
    options: { module: './TWIN.mjs' },
    code: 'init-failed',
    step: 'process',
    message: /^process 1 of 4 exited with code 0 while loading \.\/defect\.mjs, before that was done/,
  },
  {
    name: 'init-heavy',
    options: { module: './TWIN.mjs', denyModules: ['http'] },
    code: 'denied-module',
    step: undefined,
    message: /^\.\/defect\.mjs loads http at its start, which denyModules forbids$/,
    evidence: /^node:http$/,
  },
  {
    name: 'init-crash-at-exit',
    options: { module: './TWIN.node' },
    code: 'init-failed',
    step: 'process',
    message: /^process 1 of 4 was killed by SIGSEGV \(segmentation fault\) at its end, after all was done/,
    needs: 'cc',
  },
  {
    name: 'init-thread-race',
    options: { python: 'TWIN', use: 'lookup' },
    code: 'init-failed',
    step: 'process',
    message:
      /^process \d of 4 exited with code 1 while using defect for the first time, in 4 threads at once: KeyError: 'one'/,
    needs: 'python',
  },
  {
    name: 'init-fork-deadlock',
    options: { python: 'TWIN', use: 'ask', hangAfter: '8s' },
    code: 'init-hang',
    step: 'fork',
    message: /^fork hung for .+ while using defect in child 1 of 4, forked after the import$/,
    needs: 'python',
  },
  {
    name: 'init-python-crash-at-exit',
    options: { python: 'TWIN' },
    code: 'init-failed',
    step: 'process',
    message:
      /^process 1 of 4 was killed by SIGSEGV \(segmentation fault\) at its end, after all was done: .*(?: \(and 3 more processes alike\))$/,
    needs: 'python',
  },
  {
    name: 'init-interpreter-crash',
    options: { python: 'TWIN' },
    code: 'init-failed',
    step: 'subinterpreter',
    message:
      /^subinterpreter was killed by SIGSEGV \(segmentation fault\) while importing defect in interpreter 1 of 3/,
    needs: 'interpreters',
  },
];

const runs = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;

const LACKS: Readonly<Record<NonNullable<Fixture['needs']>, boolean>> = {
  python: !runs('python3', '--version'),
  cc: !runs('cc', '--version'),
  interpreters: !['_interpreters', '_xxsubinterpreters'].some((means) =>
    runs('python3', '-c', `import ${means}`),
  ),
};

type Twin = 'defect' | 'sound';

/** An addon is compiled where it is tried. */
function build(rig: Rig, twin: Twin): void {
  if (!rig.exists('addon.c')) return;
  const flags = twin === 'defect' ? ['-DDEFECT'] : [];
  const args = ['-shared', '-fPIC', ...flags, '-o', `${twin}.node`, 'addon.c'];
  const { status, stderr } = spawnSync('cc', args, { cwd: rig.dir, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

async function trial({ name, options }: Fixture, twin: Twin): Promise<JsonComponent> {
  await using rig = await Rig.create();
  cpSync(join(FIXTURES, name), rig.dir, { recursive: true });
  build(rig, twin);
  const chosen = JSON.parse(JSON.stringify(options).replaceAll('TWIN', twin)) as object;
  rig.config({ components: { it: { kind: 'init', processes: 4, ...chosen } } });
  await rig.run(['--report', 'json=report.json']);
  return componentOf(rig.report(), 'it');
}

describe.each(TABLE)('$name', { timeout: GENEROUS }, (fixture) => {
  const isLacking = fixture.needs !== undefined && LACKS[fixture.needs];

  test.skipIf(isLacking)('the defect is found', async () => {
    const component = await trial(fixture, 'defect');
    const failures = component.findings.filter(
      ({ code }) => code !== 'start-profile' && code !== 'two-instances',
    );
    expect(failures.map(({ code }) => code)).toEqual([fixture.code]);
    expect(failures[0]?.message).toMatch(fixture.message);
    if (fixture.step !== undefined) expect(failures[0]?.step).toMatch(new RegExp(`^${fixture.step}\\b`));
    if (fixture.evidence !== undefined)
      expect(failures[0]?.evidence).toEqual(
        expect.arrayContaining([expect.stringMatching(fixture.evidence)]),
      );
    expect(failures[0]?.hint).not.toBe('');
  });

  test.skipIf(isLacking)('its sound twin passes', async () => {
    const component = await trial(fixture, 'sound');
    expect([component.verdict, codesOf(component).filter((code) => code !== 'two-instances')]).toEqual([
      'passed',
      ['start-profile'],
    ]);
  });
});

describe('a module that prints a crash report', { timeout: GENEROUS }, () => {
  const findings = async (expectation: object): Promise<readonly FindingCode[]> => {
    await using rig = await Rig.create();
    rig.write('library.mjs', "console.error('FATAL ERROR: known to happen');\n");
    rig.config({
      components: { it: { kind: 'init', module: './library.mjs', processes: 2, ...expectation } },
    });
    await rig.run(['--report', 'json=report.json']);
    return codesOf(componentOf(rig.report(), 'it'));
  };

  test('fails', async () => {
    expect(await findings({})).toEqual(['forbidden-output']);
  });

  test('passes where it is allowed', async () => {
    expect(await findings({ expect: { allow: 'known to happen' } })).toEqual(['start-profile']);
  });
});

describe('a package that offers one form', { timeout: GENEROUS }, () => {
  test.each([
    ['import', { import: './index.mjs' }],
    ['require', { require: './index.cjs' }],
  ])('to %s alone is sound', async (_form, exported) => {
    await using rig = await Rig.create();
    rig.write('package.json', JSON.stringify({ name: 'single', exports: exported }));
    rig.write('index.mjs', 'export const form = "import";\n');
    rig.write('index.cjs', 'exports.form = "require";\n');
    rig.config({ components: { it: { kind: 'init', module: 'single', processes: 2 } } });
    await rig.run(['--report', 'json=report.json']);
    const component = componentOf(rig.report(), 'it');
    expect(codesOf(component)).toEqual(['start-profile']);
    expect(component.verdict).toBe('passed');
  });
});
