/** Measures memory while the number of calls doubles, and doubles again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Random } from '../../../core/random.ts';
import type { LeakRequest, MemorySample, Survey } from '../protocol.ts';
import { prepareCall, shuffle } from './calls.ts';
import { loadModule } from './module.ts';
import { isThenable } from './outcome.ts';
import { overShared, shareBytes, unpack } from './values.ts';

const DOUBLINGS = 4;
/** The most calls before the first doubling. */
const MOST = 2 ** 16;
/** Fewer would leave no rounds between the collections of garbage. */
const LEAST = 2 ** 3;
/** How long all calls together may take, in milliseconds. */
const BUDGET = 2500;
/** The share of a core that a process gets even on a busy machine. */
const BUSIEST = 8;
/** How often garbage is collected before the first doubling, so that unreferenced memory does not look like growth. */
const COLLECTIONS = 8;

const collectGarbage = (globalThis as { gc?: () => void }).gc ?? (() => {});

export async function watchMemory(request: LeakRequest): Promise<void> {
  const survey = JSON.parse(readFileSync(request.survey, 'utf8')) as Survey;
  const module = await loadModule(survey.url);
  const values = unpack(survey.values);
  const calls = request.operations.flatMap((number) => {
    const operation = survey.operations[number];
    const own = values[number];
    if (operation === undefined || own === undefined) return [];
    const args = operation.shared ? overShared(own.args, shareBytes(own.args)) : own.args;
    return [prepareCall(module, number, operation, { ...own, args })];
  });
  const deck = shuffle(calls, new Random(request.seed));
  const make = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done++) {
      try {
        const value = deck[done % deck.length]?.make();
        if (isThenable(value)) await value;
      } catch {
        // That a call throws is for the threads to judge.
      }
    }
  };
  writeFileSync(request.report, JSON.stringify(await double(make)));
}

async function double(make: (count: number) => Promise<void>): Promise<MemorySample[]> {
  const first = await firstSpan(make);
  if (first < LEAST) return [];
  const span = first / COLLECTIONS;
  const samples: MemorySample[] = [];
  let made = 0;
  for (let doubling = 0; doubling <= DOUBLINGS; doubling++) {
    while (made < first * 2 ** doubling) {
      await make(span);
      made += span;
      collectGarbage();
    }
    samples.push({ calls: made, peakBytes: process.resourceUsage().maxRSS * 1024 });
  }
  return samples;
}

/** As many calls as leave room for all doublings within the budget: a power of two. */
async function firstSpan(make: (count: number) => Promise<void>): Promise<number> {
  const share = BUDGET / 2 ** DOUBLINGS;
  for (let count = 1; count < MOST; count *= 2) {
    const [startedAt, usedBefore] = [performance.now(), process.cpuUsage()];
    await make(count);
    const used = process.cpuUsage(usedBefore);
    const cpuMs = (used.user + used.system) / 1000;
    if (tookLong({ cpuMs, wallMs: performance.now() - startedAt }, share / 2)) return count;
  }
  return MOST;
}

/**
 * Whether calls took longer than a limit, in milliseconds: by CPU time, since others may use the cores too, and fewer
 * calls than possible would not show a small leak. Calls that mostly wait are timed by the wall clock.
 */
export function tookLong({ cpuMs, wallMs }: { cpuMs: number; wallMs: number }, limit: number): boolean {
  return cpuMs > limit || (wallMs > limit && cpuMs * BUSIEST < wallMs);
}
