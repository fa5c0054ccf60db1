/** `shakedown new && shakedown prove`: a first config can be proved, and what it leaves unchecked is found. */
import { expect, test } from 'vitest';
import type { FaultOutcome } from '../../src/core/proof.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const SERVER = `import { createServer } from 'node:http';
createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ name: 'pen', price: 2 }));
}).listen(process.env.PORT ?? 3000);
`;

/** A first config expects a status, and cannot know what bodies should be. */
const EXPECTED: Readonly<Record<string, FaultOutcome>> = {
  'status-500': 'proved',
  'wrong-value': 'blind',
  'truncated-body': 'blind',
  'empty-body': 'blind',
  reset: 'proved',
  'server-dies': 'proved',
  'status-500-some': 'proved',
  hang: 'proved',
};

interface Report {
  readonly components: readonly {
    readonly trial?: {
      readonly fault: string;
      readonly judgement: { readonly outcome: string; readonly message: string } | null;
    };
  }[];
}

test.runIf(isThorough)('a service of Node, with a load limited by requests', async () => {
  await using rig = await Rig.create();
  const scripts = { start: 'node server.js' };
  rig.write('package.json', JSON.stringify({ name: 'shop', version: '1.0.0', type: 'module', scripts }));
  rig.write('server.js', SERVER);
  const written = await rig.run(['new', '--yes']);
  expect(written.code, written.stdout + written.stderr).toBe(0);
  const chosen = Object.keys(EXPECTED).flatMap((fault) => ['--fault', fault]);
  const { stdout } = await rig.run(['prove', '--json', ...chosen]);
  const trials = (JSON.parse(stdout) as Report).components.flatMap(({ trial }) =>
    trial === undefined || trial.fault === 'control' ? [] : [trial],
  );
  const outcomes = trials.map(({ fault, judgement }) => [fault, judgement?.outcome]);
  const told = trials.map(({ fault, judgement }) => `${fault}: ${judgement?.message}`).join('\n');
  expect(Object.fromEntries(outcomes), told).toEqual(EXPECTED);
});
