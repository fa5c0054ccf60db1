/** Sound twins of the fixtures, many times in a row: an alarm is a bug of ours. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Addons, buildAddons } from '../../test/fixtures/checks/build-addons.ts';
import * as init from '../../test/fixtures/checks/init.ts';
import * as threads from '../../test/fixtures/checks/threads.ts';
import * as types from '../../test/fixtures/checks/types.ts';
import { SHAKEDOWN } from '../suite.ts';

const nameOf = (defect: string): string => defect.replaceAll(/[^a-z]+/gi, '-').replace(/^-/, '');

/** Each twin in a folder of its own, as its options expect. */
function layOutAll(folder: string, addons: Addons): Record<string, object> {
  const components: Record<string, object> = {};
  for (const { defect, options } of threads.FIXTURES)
    components[nameOf(defect)] = { kind: 'threads', ...options('sound', addons.path) };
  for (const fixture of init.FIXTURES.filter((each) => !init.isLacking(each))) {
    const own = init.layOut(fixture, 'sound', join(folder, fixture.name)) as { readonly cwd?: string };
    components[fixture.name] = { ...own, cwd: join(folder, fixture.name, own.cwd ?? '') };
  }
  for (const fixture of types.FIXTURES) {
    const name = nameOf(fixture.defect);
    const { files, options } = types.layOut(fixture, 'sound');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name, path)), { recursive: true });
      writeFileSync(join(folder, name, path), text);
    }
    components[name] = { ...options, cwd: join(folder, name) };
  }
  return components;
}

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
    const config = { components: layOutAll(folder, addons) };
    writeFileSync(join(folder, 'shakedown.config.json'), JSON.stringify(config));
    const args = [SHAKEDOWN, '--keep-going', '--repeat', String(times), '--timeout', '30m'];
    return spawnSync(process.execPath, args, { cwd: folder, stdio: 'inherit' }).status ?? 1;
  } finally {
    addons.remove();
    rmSync(folder, { recursive: true });
  }
}
