/** What the checks of `init` cost, and how much a busy machine moves the ratio that they judge. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonReport } from '../../test/rig/rig.ts';
import { SHAKEDOWN } from '../suite.ts';

/** One run of the component on a module that costs next to nothing by itself. */
export interface InitCost {
  readonly name: string;
  /** Of the whole component, in milliseconds. */
  readonly totalMs: number;
  /** How many processes it started. */
  readonly processes: number;
  /** The ratio of its cold start, with the interval. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const SUBJECTS: Readonly<Record<string, object>> = {
  'Node, 8 processes': { module: './library.mjs', coldStart: '< 5x' },
  'Node, 16 processes': { module: './library.mjs', coldStart: '< 5x', processes: 16 },
  'Python, 8 processes': { python: 'json', coldStart: '< 20x' },
};

/** Something to load that is neither empty nor large. */
const LIBRARY = "import 'node:http';\nimport 'node:crypto';\nexport const ready = true;\n";

function runOnce(folder: string, name: string, options: object): InitCost {
  writeFileSync(
    join(folder, 'shakedown.config.json'),
    JSON.stringify({ components: { init: { kind: 'init', ...options } } }),
  );
  execFileSync(process.execPath, [SHAKEDOWN, '--report', 'json=report.json'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as JsonReport;
  const [component] = report.components;
  const profile = component?.findings.find(({ code }) => code === 'start-profile');
  if (component === undefined || profile?.code !== 'start-profile')
    throw new Error(`${name} was not measured: ${JSON.stringify(report.components)}`);
  const { ratio, low, high } = profile;
  return { name, totalMs: component.durationMs, processes: component.steps.length, ratio, low, high };
}

/** Keeps every core busy until it is ended. */
const burn = (): ChildProcess[] =>
  Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['--eval', 'for (;;) {}'], { stdio: 'ignore' }),
  );

/** @returns each subject once a round, on the machine as it is; and after it the same with all cores busy */
export function measureInit(rounds: number): readonly InitCost[] {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-bench-'));
  writeFileSync(join(folder, 'library.mjs'), LIBRARY);
  try {
    return Array.from({ length: rounds }, () =>
      Object.entries(SUBJECTS).flatMap(([name, options]) => {
        const quiet = runOnce(folder, name, options);
        const burning = burn();
        try {
          return [quiet, runOnce(folder, `${name}, all cores busy`, options)];
        } finally {
          for (const child of burning) child.kill('SIGKILL');
        }
      }),
    ).flat();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A line for each measurement. */
export const showInit = (costs: readonly InitCost[]): string[] => [
  'What the kind init costs, and the ratio of a cold start',
  ...costs.map(
    ({ name, totalMs, processes, ratio, low, high }) =>
      `${name.padEnd(40)}${(totalMs / 1000).toFixed(2).padStart(8)} s  ${String(processes).padStart(3)} processes   ${ratio.toFixed(2)}x (${low.toFixed(2)} to ${high.toFixed(2)})`,
  ),
];
