/** Tries one package of a list: Shakedown itself, as by hand, in a process and a folder of its own. */
import { join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { type Ms, ms } from '../../core/units.ts';
import { readJson } from '../../files/read-json.ts';
import { runOwned } from '../../process/run-owned.ts';
import { startFinding } from '../../process/system/start-failure.ts';
import { makeOwnFolder } from '../../store/ours.ts';
import type { ComponentContext } from '../common/context.ts';
import type { PackageComponent } from './component.ts';
import { judgeTrial } from './judge.ts';

const STEP = 'trial';
const FOLDER = 'packages';
/** In milliseconds: a trial that is told to end has to end what it runs itself. */
const MORE_GRACE = 5000;

/** @returns where the trial of a package keeps what it writes: its logs stay with those of the run */
function folderOf({ component, attempt, directory }: ComponentContext): string {
  const all = join(directory.path, FOLDER);
  const own = join(all, `${component.replaceAll(/[^\w.@-]/g, '+')}.${attempt}`);
  for (const folder of [all, own]) makeOwnFolder(folder);
  return own;
}

export async function runPackage(component: PackageComponent, context: ComponentContext): Promise<Finding[]> {
  const cwd = folderOf(context);
  const file = join(cwd, 'report.json');
  const argv = [...component.command, '--report', `json=${file}`, '--no-github'] as const;
  const command = { type: 'argv', argv: [argv[0], ...argv.slice(1)] } as const;
  const grace: Ms = ms(context.grace + MORE_GRACE);
  const ran = await runOwned(
    { command, cwd, env: context.env, step: STEP, owner: `${context.id}/${STEP}` },
    { grace },
    context,
  );
  if (!ran.ok) return [startFinding(STEP, ran.error)];
  const { exit } = ran.value;
  // Why it was ended is told by whoever has ended it.
  if (exit === undefined) return [];
  return judgeTrial(readJson(file), exit, context);
}
