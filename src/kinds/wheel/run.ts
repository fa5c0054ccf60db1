import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { ComponentContext } from '../common/context.ts';
import { askAuditwheel } from './auditwheel.ts';
import { readBinaries } from './binaries.ts';
import type { WheelComponent } from './component.ts';
import { judgeLicense, judgePaths, judgeSize, judgeStableAbi, profile } from './content.ts';
import { judgeSystem } from './system.ts';

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Looks into the wheel of a package. Nothing of it is run. */
export async function runWheel(component: WheelComponent, context: ComponentContext): Promise<Finding[]> {
  const about = component.package;
  const { site, files, wheel } = about;
  const binaries = await readBinaries(site, files, context.signal);
  if (context.signal.aborted) return [];
  const system = judgeSystem(about, binaries);
  const installed = files.reduce((sum, file) => sum + sizeOf(join(site, file)), 0);
  return [
    ...judgeLicense(about),
    ...judgeStableAbi(about, binaries),
    ...(system.length > 0 ? system : await askAuditwheel(component, context)),
    ...judgePaths(binaries),
    ...judgeSize(binaries),
    profile(sizeOf(wheel), installed, files.length, binaries),
  ];
}
