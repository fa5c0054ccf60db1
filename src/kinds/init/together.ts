/** Loads a module in several fresh processes at the same moment. */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import type { InitComponent } from './component.ts';
import { type Tried, tryProcess } from './process.ts';
import type { InitPrograms } from './program.ts';
import { StartGate } from './start-gate.ts';

const LOOK_EVERY = 5;

/**
 * Starts the processes, waits until each has reached the gate, and releases them at once.
 *
 * @param folder for their reports
 * @returns their results, in the order of their numbers
 */
export async function tryTogether(
  component: InitComponent,
  programs: InitPrograms,
  folder: string,
  context: ComponentContext,
): Promise<Tried[]> {
  const { processes } = component;
  const gate = await StartGate.create(`${folder}/gate`);
  const waiting = new Set(Array.from({ length: processes }, (_, index) => `${folder}/process-${index + 1}`));
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  if (gate === undefined) release();
  const tries = [...waiting].map(async (report, index) => {
    const trial = {
      name: processes === 1 ? 'the process' : `process ${index + 1} of ${processes}`,
      argv: programs.scenario('process'),
      report,
      gate: gate?.path ?? null,
    };
    const tried = await tryProcess(trial, component, context, released);
    waiting.delete(report);
    return tried;
  });
  // Terminates: a process that never reaches the gate exits, or hits the time limit of the component.
  while ([...waiting].some((report) => !existsSync(report))) await delay(LOOK_EVERY);
  gate?.open();
  release();
  const tried = await Promise.all(tries);
  gate?.close();
  return tried;
}

/** Merges the same finding about several processes. */
export function foldFindings(tried: readonly Tried[]): Finding[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of tried.flatMap(({ findings }) => findings)) {
    const how = 'exitCode' in finding ? `${finding.exitCode} ${finding.signal}` : '';
    const key = `${finding.code} ${how} ${'doing' in finding ? finding.doing : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    if (others.length === 0) return [first];
    return [
      {
        ...first,
        message: `${first.message} (and ${plural(others.length, 'more process', 'more processes')} alike)`,
      },
    ];
  });
}
