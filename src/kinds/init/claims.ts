/** Faults that break exactly one claim of an init component: its cold start, or what must not be loaded. */
import type { Finding } from '../../core/finding.ts';
import { ms } from '../../core/units.ts';
import type { Fault, Sharing, TrialRecord } from '../common/fault.ts';
import { importFault, type UnderTest } from '../module-sabotage.ts';
import type { Ground } from '../sabotage.ts';
import { ALL_PARTS, type InitComponent, type InitPart } from './component.ts';

export const COLD_START = 'cold-start';
export const DENIED = 'denied-module';

export const INIT_CLAIM_WORDS = [COLD_START, DENIED] as const;

/** How far beyond the budget a start is pushed. */
const BEYOND = 2;

/** How long the bare interpreter took to start in the control, in milliseconds: the median. */
function bareStart(findings: readonly Finding[]): number {
  const pairs = findings.flatMap((finding) => (finding.code === 'start-profile' ? finding.pairs : []));
  const times = pairs.map(({ bareMs }) => bareMs).sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 100;
}

/** A module that several processes load at once may also be loaded while others run, unless it is timed. */
export const sharing = ({ processes, coldStart }: InitComponent): Sharing | undefined =>
  processes > 1 && coldStart === null ? 'all' : undefined;

/** Without a budget, since with hooks in place a start takes another time. */
export const untimed = (component: InitComponent): InitComponent => ({ ...component, coldStart: null });

/** In one process: a fault is the same in each. */
const forFaults = (component: InitComponent, parts: readonly InitPart[]): InitComponent => ({
  ...untimed(component),
  processes: 1,
  parts,
});

/** Faults in functions: calls are made in the scenarios. */
export const forCalls = (component: InitComponent): InitComponent => forFaults(component, ['scenarios']);

/** All that a verdict hangs on: how long a start takes, only if there is a budget for it. */
const deciding = ({ coldStart }: InitComponent): readonly InitPart[] =>
  coldStart === null ? ['scenarios', 'modules'] : ALL_PARTS;

export const forBaseline = (component: InitComponent): InitComponent => ({
  ...component,
  parts: deciding(component),
});

/** The control tries all that a fault may be noticed by. */
export const forControl = (component: InitComponent): InitComponent =>
  forFaults(component, deciding(component));

/** @param control a passed run, which has measured starts */
export function initClaims(
  component: InitComponent,
  tried: UnderTest,
  control: TrialRecord,
  ground: Ground,
): Fault[] {
  const { coldStart, denyModules, name: checker } = component;
  const common = { isDemanded: true, checker };
  const denied = denyModules.map(
    (extra): Fault => ({
      ...{ ...common, fault: DENIED, subject: extra, sharing: sharing(untimed(component)) },
      ...importFault(forFaults(component, ['modules']), tried, { change: 'extra-import', extra }, ground),
      isNoticed: (finding) => finding.code === 'denied-module' && finding.denied === extra,
      deed: `${component.module} imported ${extra}`,
      advice: `see whether ${extra} is its name where it is loaded, and whether it can be loaded at all`,
    }),
  );
  if (coldStart === null) return denied;
  const measured: InitComponent = { ...component, parts: ['modules', 'times'] };
  const cpuMs = Math.ceil(bareStart(control.findings) * coldStart.ratio * BEYOND);
  return [
    {
      ...{ ...common, fault: COLD_START, subject: coldStart.text, takes: ms(cpuMs * 10) },
      ...importFault(measured, tried, { change: 'slow-import', cpuMs }, ground),
      isNoticed: ({ code }) => code === 'cold-start',
      deed: `${component.module} took ${cpuMs} ms of processor time more to import`,
      advice: 'see whether the budget is what you mean: as it is, it can hardly fail',
    },
    ...denied,
  ];
}
