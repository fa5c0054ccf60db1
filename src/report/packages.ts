/** The packages of a workspace that were tried in one run: what belongs to which. Pure. */
import type { Verdict } from '../core/verdict.ts';
import { verdictOf } from '../kinds/index.ts';
import type { SetupState } from './setup-state.ts';
import { componentVerdict, type RunState } from './state.ts';

export interface PackagePart {
  readonly name: string;
  readonly verdict: Verdict;
  /** What of the run is its own: installations and components. */
  readonly state: RunState;
}

/** `install ui@node22 (react@18.2.0)`, as a trial of several packages calls its steps. */
const INSTALLS = /^install (\S+?)(?:@node[^\s@]+)?(?:@peers-\w+)?(?: \(.*\))?$/;

const ownerOf = ({ name }: SetupState): string | undefined => INSTALLS.exec(name)?.[1];

const WORST_FIRST: readonly Verdict[] = ['failed', 'inconclusive', 'passed', 'skipped'];

function verdictOfPart({ setup, components }: RunState): Verdict {
  const all = [
    ...setup.filter(({ outcome }) => outcome === 'failed').map(({ findings }) => verdictOf(findings)),
    ...components.map(componentVerdict),
  ];
  return WORST_FIRST.find((verdict) => all.includes(verdict)) ?? 'skipped';
}

/** @returns none where a run tries one package, or something else */
export function packagesOf(state: RunState): PackagePart[] {
  if (state.source?.type !== 'package') return [];
  const names = [...new Set(state.setup.flatMap((step) => ownerOf(step) ?? []))];
  return names.map((name) => {
    const own: RunState = {
      ...state,
      setup: state.setup.filter((step) => ownerOf(step) === name),
      components: state.components.filter((each) => each.name.startsWith(`${name}:`)),
      ...{ shared: [], teardown: [], notes: [] },
    };
    return { name, state: own, verdict: verdictOfPart(own) };
  });
}

/** What belongs to no package. */
export const besidePackages = (state: RunState): RunState =>
  packagesOf(state).length === 0 ? state : { ...state, setup: [], components: [] };

/** The name of a component within its package: `entries@node22`. */
export const nameWithin = ({ name }: PackagePart, component: string): string =>
  component.startsWith(`${name}:`) ? component.slice(name.length + 1) : component;
