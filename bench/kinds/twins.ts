/** Sound twins of the fixtures, many times in a row: an alarm is a bug of ours. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAddons } from '../../test/fixtures/checks/build-addons.ts';
import { FIXTURES } from '../../test/fixtures/checks/threads.ts';
import { SHAKEDOWN } from '../suite.ts';

/**
 * Runs all sound twins through the real program, which prints what it finds.
 *
 * @param times how often each must pass; each time with another seed
 * @returns the exit code of that run
 */
export async function runTwins(times: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-twins-'));
  const addons = await buildAddons();
  try {
    const components = FIXTURES.map(({ defect, options }) => [
      defect.replaceAll(/[^a-z]+/gi, '-').replace(/^-/, ''),
      { kind: 'threads', ...options('sound', addons.path) },
    ]);
    writeFileSync(
      join(folder, 'shakedown.config.json'),
      JSON.stringify({ components: Object.fromEntries(components) }),
    );
    const args = [SHAKEDOWN, '--keep-going', '--repeat', String(times), '--timeout', '30m'];
    return spawnSync(process.execPath, args, { cwd: folder, stdio: 'inherit' }).status ?? 1;
  } finally {
    addons.remove();
    rmSync(folder, { recursive: true });
  }
}
