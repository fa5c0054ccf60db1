/** How services and tasks of the suite are shown. */
import type { SharedState } from '../shared-state.ts';
import type { RunState } from '../state.ts';
import { decisive } from '../worst.ts';
import {
  findingBlock,
  GUTTER,
  type LineOptions,
  MARKS,
  nameWidth,
  SETUP_MARK,
  shortPath,
  time,
} from './parts.ts';

/** A service of the suite that is ready; or how it, or a task, has ended, if that is worth a line. */
export function sharedLines(shared: SharedState, state: RunState, options: LineOptions): string[] {
  const { paint, cwd } = options;
  const name = shared.name.padEnd(nameWidth(state));
  const good = (durationMs: number, what: string): string[] => [
    `  ${paint.good(SETUP_MARK)} ${name} ${paint.dim(`${time(durationMs)}  ${what}`.trimEnd())}`,
  ];
  if (shared.progress === 'ready') {
    const { port = null, address, faults, readyAfterMs = 0 } = shared.ready ?? {};
    const behind = faults === undefined ? '' : `, behind faults: ${faults.join(', ')}`;
    if (shared.kind === 'external') return good(readyAfterMs, 'reachable');
    const where = state.holds === null || address === undefined ? `on port ${port}` : `at ${address}`;
    return good(readyAfterMs, port === null ? 'ready' : `ready ${where}${behind}`);
  }
  if (shared.progress === 'ended' && state.holds !== null)
    return [
      paint.dim(
        `  ${MARKS.skipped} ${name} ${time(shared.durationMs)}  ${shared.kind === 'external' ? 'no longer used' : 'stopped'}`,
      ),
    ];
  if (shared.progress === 'done') return good(shared.durationMs, '');
  if (shared.progress === 'cached')
    return [paint.dim(`  ${SETUP_MARK} ${name} ${' '.repeat(8)}  unchanged, not run again`)];
  if (shared.progress !== 'failed') return [];
  const cause = decisive(shared.findings);
  return [
    `  ${paint.bad(MARKS.failed)} ${paint.bold(name)} ${paint.dim(time(shared.durationMs))}  ${cause?.message ?? ''}`,
    ...shared.findings.flatMap((finding) => findingBlock(finding, finding === cause, options)),
    `${GUTTER}${paint.dim(`log: ${shortPath(shared.logFile, cwd)}`)}`,
  ];
}
