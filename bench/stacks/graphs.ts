/** Many services that do nothing: what it costs to start and end them, beside spawning such processes at all. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TierChoice } from '../../src/core/ownership.ts';
import { type Measurement, measure } from '../measure.ts';
import { benchEnvironment, here, SHAKEDOWN } from '../suite.ts';
import { STACK } from './runners.ts';

export type Shape = 'side-by-side' | 'chain';

export interface GraphRunner {
  readonly id: string;
  readonly title: string;
  readonly command: readonly [string, ...string[]];
}

const GRAPH_LIMIT = 600_000;

/** Each is ready when it has said that it is up. */
const config = (count: number, shape: Shape): string =>
  `import { command, defineSuite, service } from '${pathToFileURL(here('../dist/index.js'))}';

const names = Array.from({ length: ${count} }, (_, n) => \`s\${n}\`);
const idle = { run: ['/bin/sh', '-c', 'echo up; exec sleep 600'], ready: { log: 'up' } };
const isChain = ${shape === 'chain'};

export default defineSuite({
  services: Object.fromEntries(
    names.map((name, n) => [name, service({ ...idle, needs: isChain && n > 0 ? [names[n - 1]] : [] })]),
  ),
  components: { check: command({ run: ['true'], needs: isChain ? names.slice(-1) : names }) },
});
`;

/** Such processes, spawned by Node and by a shell, and as services in each tier. */
export function graphRunners(
  folder: string,
  count: number,
  shape: Shape,
  tiers: readonly TierChoice[],
): GraphRunner[] {
  const file = join(folder, `${shape}.config.mjs`);
  writeFileSync(file, config(count, shape));
  const spawned = [join(STACK, 'spawn.mjs'), String(count), ...(shape === 'chain' ? ['chain'] : [])];
  const node: GraphRunner = { id: 'node', title: 'Node, spawn', command: [process.execPath, ...spawned] };
  const shell: GraphRunner = { id: 'sh', title: 'sh, &', command: [join(STACK, 'spawn.sh'), String(count)] };
  return [
    node,
    ...(shape === 'chain' ? [] : [shell]),
    ...tiers.map(
      (tier): GraphRunner => ({
        ...{ id: tier, title: tier },
        command: [process.execPath, SHAKEDOWN, 'run', '--config', file, '--ownership', tier],
      }),
    ),
  ];
}

/** @throws when the run did not pass */
export async function sampleGraph({ id, title, command }: GraphRunner, folder: string): Promise<Measurement> {
  const output = join(folder, `graph-${id}.out`);
  const measurement = await measure({
    ...{ command, cwd: folder, env: benchEnvironment({}), output, limitMs: GRAPH_LIMIT },
  });
  if (measurement.exitCode !== 0)
    throw new Error(`${title} ended with code ${measurement.exitCode}:\n${readFileSync(output, 'utf8')}`);
  return measurement;
}
