/** Suites that check little are found out, and their sound twins are proved. */
import { describe, expect, test } from 'vitest';
import { expectShown } from '../docs/proof-block.ts';
import { PROOF_CASES, SERVER, type Twin } from '../fixtures/proofs.ts';
import { startAtTop } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { hasTurn, isThorough, PROOF_TIMES } from '../rig/thorough.ts';

interface Report {
  readonly components: readonly {
    readonly name: string;
    readonly findings: readonly { readonly message: string }[];
    readonly trial?: {
      readonly fault: string;
      readonly subject: string | null;
      readonly judgement: { readonly outcome: string; readonly message: string } | null;
    };
  }[];
}

/** What was found of each fault, by its name. */
function matrixOf({ components }: Report): Record<string, string> {
  const rows = components.flatMap(({ trial }) =>
    trial === undefined || trial.fault === 'control'
      ? []
      : [
          [
            trial.subject === null ? trial.fault : `${trial.subject} ${trial.fault}`,
            trial.judgement?.outcome ?? 'none',
          ],
        ],
  );
  return Object.fromEntries(rows) as Record<string, string>;
}

async function proves({ files, options, matrix, exitCode }: Twin): Promise<void> {
  await using rig = await Rig.create();
  rig.write('server.mjs', SERVER);
  for (const [name, content] of Object.entries(files)) rig.write(name, content, 0o755);
  const server = { run: ['node', 'server.mjs'], port: 0 };
  const demand = Object.keys(matrix).filter((fault) => !fault.includes(' '));
  rig.config({ components: { http: { kind: 'http', server, ...options, prove: { demand } } } });
  const chosen = Object.keys(matrix).flatMap((fault) => ['--fault', fault]);
  const { code, stdout } = await rig.run(['prove', '--json', ...chosen]);
  const report = JSON.parse(stdout) as Report;
  const told = report.components.flatMap(({ name, trial, findings }) => [
    `${name}: ${trial?.judgement?.message ?? findings.map(({ message }) => message).join('; ')}`,
  ]);
  expect(matrixOf(report), told.join('\n')).toEqual(matrix);
  expect(code, told.join('\n')).toBe(exitCode);
}

describe.each(PROOF_CASES.map((proof, index) => ({ ...proof, index })))('$name: $because', (proof) => {
  for (let time = 1; time <= PROOF_TIMES; time++) {
    test.runIf(hasTurn(proof.index, 16))(`is found out (${time})`, () => proves(proof.blind));
    test.runIf(isThorough)(`its sound twin is proved (${time})`, () => proves(proof.sound));
  }
});

/** The rest is tried by `npm run test:all`. */
const MOST_TELLING = ['status-500', 'wrong-value', 'server-dies', 'wrong-return-type'];

test('the default example is proved, as its README shows', async () => {
  await using rig = await Rig.create();
  const config = ['--config', 'examples/http-server/shakedown.config.ts'];
  const names = isThorough ? ['thread', 'init'] : [];
  const chosen = isThorough ? [] : MOST_TELLING.flatMap((fault) => ['--fault', fault]);
  await using run = startAtTop(rig, [
    'prove',
    '--fresh',
    '--json',
    ...config,
    ...names,
    'http',
    'typestubs',
    ...chosen,
  ]);
  const { code, stdout } = await run.exit();
  expect(code, stdout).toBe(0);
  expectShown('examples/http-server/README.md', JSON.parse(stdout), isThorough);
});
