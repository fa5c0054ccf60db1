/** Samples that are typed `any` are found out, and their sound twins are proved. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TYPES_PROOFS, type TypesProof, type TypesTwin } from '../fixtures/proofs-types.ts';
import { Rig, TOOLS } from '../rig/rig.ts';
import { isThorough, PROOF_TIMES } from '../rig/thorough.ts';

/** The first of them installs compilers, which are kept. */
const LIMIT = 300_000;

interface Report {
  readonly components: readonly {
    readonly name: string;
    readonly findings: readonly { readonly code: string; readonly message: string }[];
    readonly steps: readonly { readonly name: string }[];
    readonly trial?: {
      readonly of: string;
      readonly fault: string;
      readonly subject: string | null;
      readonly judgement: { readonly outcome: string; readonly message: string } | null;
    };
  }[];
}

/** The environment that the suite makes for itself, as `setup` of a project in Python does. */
const VENV = [
  'python3 -m venv .venv',
  '.venv/bin/pip install --quiet --disable-pip-version-check mypy',
  'echo "PATH=$PWD/.venv/bin:$PATH" >> "$SHAKEDOWN_ENV"',
].join(' && ');

function layOut(rig: Rig, { language, files, options, blind, sound }: TypesProof): void {
  const extension = language === 'python' ? 'py' : 'ts';
  for (const [path, text] of Object.entries(files)) rig.write(path, text);
  const component = (name: string, { sample, negative }: TypesTwin): object => {
    rig.write(`${name}.${extension}`, sample);
    if (negative !== undefined) rig.write(`${name}-refused.${extension}`, negative);
    const refused = negative === undefined ? {} : { negative: `${name}-refused.${extension}` };
    return { kind: 'types', sample: `${name}.${extension}`, ...refused, ...options };
  };
  rig.config({
    ...(language === 'python' ? { setup: [{ run: VENV, name: 'venv' }] } : {}),
    components: { blind: component('blind', blind), sound: component('sound', sound) },
  });
}

function matrixOf({ components }: Report, of: string): Record<string, string> {
  const rows = components.flatMap(({ trial }) =>
    trial?.of !== of || trial.judgement === null || trial.judgement === undefined
      ? []
      : [[`${trial.subject} ${trial.fault}`, trial.judgement.outcome]],
  );
  return Object.fromEntries(rows) as Record<string, string>;
}

const asText = (report: Report): string =>
  report.components
    .map(({ name, trial, findings }) =>
      [name, trial?.judgement?.message, ...findings.map(({ message }) => message)].join(': '),
    )
    .join('\n');

/** All files of the project but Shakedown's own, with their content. */
function contents(rig: Rig): Map<string, string> {
  const paths = readdirSync(rig.dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\.shakedown|\.venv|\.mypy_cache|__pycache__/.test(path));
  return new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}

// That one is proved is tried with the default example.
test.runIf(isThorough).each(TYPES_PROOFS)(
  '$name: the sample that is typed any is blind, its twin is proved',
  {
    timeout: LIMIT,
    repeats: PROOF_TIMES - 1,
  },
  async (proof) => {
    await using rig = await Rig.create();
    layOut(rig, proof);
    const before = contents(rig);
    const faults = Object.keys(proof.sound.matrix).flatMap((fault) => ['--fault', fault]);
    const env = { PATH: `${TOOLS}:${process.env.PATH}` };
    const { code, stdout } = await rig.run(['prove', '--json', ...faults], env);
    const report = JSON.parse(stdout) as Report;
    const told = asText(report);
    const { 'parse loses-parameter': _, ...blind } = matrixOf(report, 'blind');
    expect(blind, told).toEqual(proof.blind.matrix);
    expect(matrixOf(report, 'sound'), told).toEqual(proof.sound.matrix);
    const failed = report.components.flatMap(({ name, findings }) =>
      findings.flatMap((finding) => (finding.code === 'blind' ? [name] : [])),
    );
    // A sample without a line that must be refused cannot know that types are any, and need not.
    expect(failed).toEqual(['blind~parse-wrong-return-type']);
    expect(code, told).toBe(1);
    expect(contents(rig)).toEqual(before);
    // The sample itself is run with what it imports, as it is, and never with a copy.
    const running = report.components.filter(({ steps }) =>
      steps.some((step) => step.name.startsWith('sample')),
    );
    expect(running.map(({ name }) => name)).toEqual(['blind', 'sound']);
    // What was copied is gone.
    expect(existsSync(join(rig.dir, '.shakedown/latest/trials'))).toBe(false);
  },
);

test('a checker that reads something else than the copy is told, and nothing is said of the sample', {
  timeout: LIMIT,
}, async () => {
  await using rig = await Rig.create();
  const [project] = TYPES_PROOFS;
  if (project === undefined) throw new Error('there is one');
  layOut(rig, project);
  // As a compiler would that goes by paths of its own.
  rig.write('bin/tsc', '#!/bin/sh\nexit 0\n', 0o755);
  const env = { PATH: `${rig.dir}/bin:${TOOLS}:${process.env.PATH}` };
  const { code, stdout } = await rig.run(['prove', '--json', 'sound'], env);
  const report = JSON.parse(stdout) as Report;
  const found = report.components.flatMap(({ findings }) => findings.map((each) => each.code));
  expect(found, asText(report)).toEqual(['instrument-disturbs']);
  expect(code).toBe(3);
});

test.runIf(isThorough)('pyright reads the broken declarations as well', { timeout: LIMIT }, async () => {
  await using rig = await Rig.create();
  const pyright = 'npm install --no-audit --no-fund --prefix tools pyright';
  const onPath = 'echo "PATH=$PWD/tools/node_modules/.bin:$PATH" >> "$SHAKEDOWN_ENV"';
  rig.write('areas/py.typed', '');
  rig.write('areas/__init__.py', 'def area(width: float) -> float:\n    return width * 2\n');
  // To mypy, nothing in it is wrong.
  const sample = '# mypy: ignore-errors\nfrom areas import area\n\nsize: float = area(2.0)\nprint(size)\n';
  rig.write('sound.py', sample);
  rig.write('blind.py', sample.replace('float = area', 'object = area'));
  rig.config({
    setup: [
      { run: VENV, name: 'venv' },
      { run: `${pyright} && ${onPath}`, name: 'pyright' },
    ],
    env: { PYTHONPATH: '.', MYPYPATH: '.' },
    components: Object.fromEntries(
      ['sound', 'blind'].map((name) => [
        name,
        { kind: 'types', sample: `${name}.py`, prove: { module: 'areas' } },
      ]),
    ),
  });
  const { stdout } = await rig.run(['prove', '--json', '--jobs', '2']);
  const report = JSON.parse(stdout) as Report;
  expect(matrixOf(report, 'sound'), asText(report)).toMatchObject({
    ...{ 'area removed': 'proved', 'area wrong-return-type': 'proved', 'area loses-parameter': 'proved' },
  });
  expect(matrixOf(report, 'blind'), asText(report)).toMatchObject({ 'area wrong-return-type': 'blind' });
  const removed = report.components.find(({ trial }) => trial?.of === 'sound' && trial.fault === 'removed');
  expect(removed?.trial?.judgement?.message).toMatch(/^pyright exited with code 1: /);
});
