/** All findings of a run, and whose they are. */
import type { Finding } from '../core/finding.ts';
import { labelOf } from './proof.ts';
import type { RunState } from './state.ts';
import { badness } from './worst.ts';

/** A finding, and whose it is. */
export interface Found {
  /** Of the component or step, for people. */
  readonly of: string;
  /** The component that it is about, as the suite names it; null if it is about none. */
  readonly component: string | null;
  readonly finding: Finding;
}

/** The worst first; of several that are equally bad, those that were there first: setup, services, components, teardown. */
export function findingsOf({ setup, shared, components, teardown, notes }: RunState): Found[] {
  const each = (of: string, findings: readonly Finding[], component: string | null = null): Found[] =>
    findings.map((finding) => ({ of, component, finding }));
  const all = [
    ...setup.flatMap(({ name, findings }) => each(`setup: ${name}`, findings)),
    ...shared.flatMap(({ name, findings }) => each(name, findings)),
    ...components.flatMap((component) =>
      each(labelOf(component), component.findings, component.trial?.of ?? component.name),
    ),
    ...teardown.flatMap(({ kind, name, findings }) => each(`${kind}: ${name}`, findings)),
    ...each('run', notes),
  ];
  return all.toSorted((a, b) => badness(b.finding) - badness(a.finding));
}
