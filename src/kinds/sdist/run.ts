import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsumerFailure } from '../../consumer/failure.ts';
import { buildFromSdist, makeSdist } from '../../consumer/python/sdist.ts';
import { readWheel } from '../../consumer/python/wheel.ts';
import { firstFew, nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { ok } from '../../core/result.ts';
import { ms } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { compareWheels, missedByUsers } from './compare.ts';
import type { SdistComponent } from './component.ts';
import { changedSources } from './contents.ts';

/** To fetch and to build. */
const PATIENCE = ms(180_000);
const SHOWN = 8;
const NAMED = 3;

/** @param isBroken what is to blame is the sdist itself: everything else was built before */
function unbuilt({ blame, message, evidence = [], hint }: ConsumerFailure, isBroken: boolean): Finding {
  const isOfMachine = blame === 'machine' || blame === 'trouble';
  const code = isOfMachine
    ? 'sdist-untried'
    : isBroken && blame === 'package'
      ? 'unbuildable-sdist'
      : 'sdist-unbuilt';
  const why = blame === 'stopped' ? `its sdist was not built within ${PATIENCE / 1000} s` : message;
  return { code, message: why, evidence, ...(hint === undefined ? {} : { hint }) };
}

function differences({ package: { wheel, name } }: SdistComponent, path: string): Finding[] {
  const [before, after] = [readWheel(wheel), readWheel(path)];
  if (before === undefined || after === undefined)
    return [{ code: 'sdist-unbuilt', message: `what the sdist of ${name} is built to cannot be read` }];
  const { missing, added } = compareWheels(before.files, after.files);
  const changed = changedSources(wheel, path);
  if (missing.length + added.length + changed.length === 0) return [];
  const told = [
    ...(missing.length === 0 ? [] : [`lacks ${nameFew(missing, NAMED)}`]),
    ...(added.length === 0 ? [] : [`has ${nameFew(added, NAMED)} in addition`]),
    ...(changed.length === 0 ? [] : [`has something else in ${nameFew(changed, NAMED)}`]),
  ];
  const lines = [
    ...missing.map((file) => `- ${file}`),
    ...added.map((file) => `+ ${file}`),
    ...changed.map((file) => `≠ ${file}`),
  ];
  return [
    {
      code: 'sdist-differs',
      message: `the wheel that is built from the sdist ${told.join(', and ')}`,
      evidence: firstFew(lines, SHOWN),
      hint: 'build the wheel from the sdist, as python -m build does, and put what is missing into the sdist',
      // Only what users can miss hurts them.
      ...(missedByUsers(missing, after.files).length > 0 ? {} : { consequence: 'note' }),
      ...{ missing, added, changed },
    },
  ];
}

/** Builds a package from its sdist, and compares that with its wheel. Code of the package runs, as in any build. */
export async function runSdist(component: SdistComponent, context: ComponentContext): Promise<Finding[]> {
  const { from, tools } = component;
  const folder = mkdtempSync(join(context.directory.path, 'sdist-'));
  const own = { ...context, signal: AbortSignal.any([context.signal, context.clock.timeout(PATIENCE)]) };
  const made = from.type === 'folder' ? await makeSdist(from.path, folder, tools, own) : ok(from);
  if (context.signal.aborted) return [];
  if (!made.ok) return [unbuilt(made.error, false)];
  const built = await buildFromSdist(made.value, folder, tools, own);
  if (context.signal.aborted) return [];
  return built.ok ? differences(component, built.value) : [unbuilt(built.error, from.type === 'folder')];
}
