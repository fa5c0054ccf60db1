/** What speaks for a finding, as lines of text, for every report that a person reads. */
import { type Finding, shortCommand } from '../core/finding.ts';
import { formatDuration, plural } from '../core/units.ts';
import { snapshotLines } from './snapshot.ts';

/** @returns what was printed, unless the message says all of it; the processes; what was running, and where it was stuck */
export function evidenceLines(finding: Finding): string[] {
  const spoken = finding.evidence ?? [];
  const isTold = spoken.length === 1 && finding.message.includes(spoken[0] ?? '');
  const processes = 'processes' in finding ? finding.processes : [];
  const sightings = processes.map(
    ({ pid, command, ageMs }) => `pid ${pid}, started ${formatDuration(ageMs)} ago: ${shortCommand(command)}`,
  );
  if ('processes' in finding && finding.count > processes.length)
    sightings.push(`and ${plural(finding.count - processes.length, 'more process', 'more processes')}`);
  return [...(isTold ? [] : spoken), ...sightings, ...('running' in finding ? snapshotLines(finding) : [])];
}
