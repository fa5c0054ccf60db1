/** What stands beside the name of a component, if all went well. */
import type { Finding } from '../core/finding.ts';
import { showCounts } from '../core/test-results.ts';
import { formatDuration } from '../core/units.ts';
import { kindOf } from '../kinds/index.ts';
import { loadLine } from '../load/report/brief.ts';
import type { ComponentState } from './state.ts';

/** Whether a finding reports a measurement, and so is shown beside the verdict. */
export const isMeasurement = ({ code }: Finding, { kind }: ComponentState): boolean =>
  kind !== null && code === kindOf(kind).measurement;

/** What is worth knowing of a component that went well: how it became ready, what was checked, what was measured. */
export function detailsOf(component: ComponentState): string {
  const ready = component.services.map(({ name, port, readyAfterMs }) => {
    const where = port === null ? '' : ` on port ${port}`;
    const who = component.services.length > 1 ? `${name} ` : '';
    return `${who}ready after ${formatDuration(readyAfterMs)}${where}`;
  });
  const { kind, steps } = component;
  const checked = (kind === null ? undefined : kindOf(kind).detail?.(steps)) ?? [];
  const tests = component.tests === null ? [] : [showCounts(component.tests)];
  const load = component.load === null ? [] : [loadLine(component.load)];
  const measured = component.findings.filter((finding) => isMeasurement(finding, component));
  return [[...ready, ...checked].join(', '), ...tests, ...load, ...measured.map(({ message }) => message)]
    .filter((part) => part !== '')
    .join(' · ');
}
