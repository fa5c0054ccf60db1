/** Loads entry points one by one in a process of their own, and starts another after one that ended its process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EntryLoad, LoadJob } from '../../core/entry.ts';
import type { Finding } from '../../core/finding.ts';
import type { Expectation } from '../../core/suite.ts';
import type { ComponentContext } from './context.ts';
import { harnessFile, nodeOf } from './programs.ts';
import { runStep } from './run-step.ts';
import { MOST_RESTARTS, untried } from './untried.ts';

interface LoadEvent {
  readonly type: string;
  readonly index: number;
}

interface LoadRounds {
  /** Names the steps: `load`, `load-2`. */
  readonly name: string;
  /** File name of the built program. */
  readonly harness: string;
  readonly loads: readonly EntryLoad[];
  readonly cwd: string;
  readonly expect: Expectation;
  /** Further properties of the request. */
  readonly more?: object;
}

/**
 * @param take gets the events of a round, the findings about its process, and the index of the load that ended it, if
 *   one did
 * @returns a finding if some loads were not reached
 */
export async function runLoadRounds<E extends LoadEvent>(
  { name, harness, loads, cwd, expect, more }: LoadRounds,
  context: ComponentContext,
  take: (events: readonly E[], findings: readonly Finding[], ended: number | undefined) => void,
): Promise<Finding[]> {
  let from = 0;
  let reached = 0;
  let round = 0;
  for (; round <= MOST_RESTARTS && from < loads.length && !context.signal.aborted; round++) {
    const stem = join(context.directory.path, `${context.id}-${name}-${round}`);
    const journal = `${stem}.ndjson`;
    writeFileSync(journal, '');
    writeFileSync(`${stem}.json`, JSON.stringify({ loads, from, journal, ...more } satisfies LoadJob));
    const argv = [nodeOf(context.env), harnessFile(harness), `${stem}.json`] as const;
    const step = round === 0 ? name : `${name}-${round + 1}`;
    const findings = await runStep(
      { name: step, command: { type: 'argv', argv }, cwd, env: context.env, expect },
      context,
    );
    const events = readEvents<E>(journal);
    const last = events.at(-1);
    const ended = last?.type === 'begun' ? last.index : undefined;
    take(events, findings, ended);
    reached = (last?.index ?? reached - 1) + 1;
    from = ended === undefined ? loads.length : ended + 1;
  }
  return untried(loads, reached, round - 1);
}

const readEvents = <E>(path: string): E[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as E]));
