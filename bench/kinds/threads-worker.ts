/** In a worker, as in a trial: the same calls in a bare loop, and in the loop of the harness. */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type Call, makeCalls } from '../../src/kinds/threads/harness/calls.ts';
import { Journal, journalMemory } from '../../src/kinds/threads/harness/journal.ts';
import { plain } from '../../src/kinds/threads/harness/outcome.ts';
import type { CallCost, ThreadsBench } from './threads.ts';

const text = '{"title":"Fähre","stops":["Kiel","Oslo"],"knots":21.5,"car":{"max":750}}';
const value: unknown = JSON.parse(text);

const SUBJECTS: Readonly<Record<string, (argument: unknown) => unknown>> = {
  'returns a number': (argument) => (argument as string).length,
  'returns a text': (argument) => `${argument}!`,
  'returns an object of 4 fields': () => JSON.parse(text),
  'throws nothing, returns bytes': () => new Uint8Array(64),
};

const { calls, rounds } = workerData as ThreadsBench;

const folder = mkdtempSync(join(tmpdir(), 'shakedown-bench-'));
const file = openSync(join(folder, 'journal'), 'w');
const journal = new Journal(journalMemory(2), file, 1);

/** CPU time of the process, in which nobody else is at work: a machine that is in use makes everything else longer. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** What the loops come to, so that no compiler leaves them out. */
let sink = 0;

function bare(subject: (argument: unknown) => unknown): number {
  const before = cpuUs();
  for (let done = 0; done < calls; done++) if (subject(text) === undefined) sink += 1;
  return (cpuUs() - before) / calls;
}

async function harnessed(call: Call, exact: boolean): Promise<number> {
  const count = exact ? calls / 10 : calls;
  const before = cpuUs();
  await makeCalls([call], count, journal, exact, () => {
    throw new Error('a sound call was taken for a wrong one');
  });
  return (cpuUs() - before) / count;
}

const costs: CallCost[] = [];
for (const [name, subject] of Object.entries(SUBJECTS)) {
  const call: Call = {
    operation: 0,
    make: () => subject(text),
    expected: { threw: false, value: plain(subject(text)) },
  };
  for (let round = 0; round <= rounds; round++) {
    const cost = {
      name,
      bareUs: bare(subject),
      harnessUs: await harnessed(call, false),
      exactUs: await harnessed(call, true),
    };
    // The first is for the compiler.
    if (round > 0) costs.push(cost);
  }
}
closeSync(file);
rmSync(folder, { recursive: true });
parentPort?.postMessage({ costs, sink: sink + Number(value === undefined) });
