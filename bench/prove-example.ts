/** How long a proof of the default example takes, and how much CPU time it and all that it starts use. */
import { join, resolve } from 'node:path';
import { measure } from './measure.ts';
import { load } from './rounds.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SHAKEDOWN = join(ROOT, 'dist/cli.js');
const EXAMPLE = join(ROOT, 'examples/http-server/shakedown.config.ts');
const COMPONENTS = ['thread', 'http', 'init', 'typestubs'];
const LIMIT_MS = 600_000;
const TARGET_S = 60;

/** @throws if the example is not proved */
export async function timeExample(runs: number): Promise<void> {
  for (let run = 0; run < runs; run += 1) {
    const before = load();
    const { exitCode, wholeMs, cpuMs, childCpuMs } = await measure({
      command: [process.execPath, SHAKEDOWN, 'prove', '--fresh', '--config', EXAMPLE, ...COMPONENTS],
      cwd: ROOT,
      env: process.env,
      output: '/dev/null',
      limitMs: LIMIT_MS,
    });
    if (exitCode !== 0) throw new Error(`shakedown prove ended with exit code ${exitCode}`);
    const [whole, own, rest] = [wholeMs, cpuMs, childCpuMs].map((ms) => (ms / 1000).toFixed(1));
    const verdict = wholeMs <= TARGET_S * 1000 ? 'holds' : 'is missed';
    console.log(
      `a proof of the default example: ${whole} s; CPU time ${own} s of Shakedown, ${rest} s of what it starts; load ${before.toFixed(1)} before`,
    );
    console.log(`target: at most ${TARGET_S} s: ${verdict}`);
  }
}
