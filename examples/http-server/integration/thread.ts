// Hammers the library from several threads at once: each must get what a single thread gets.
import { isMainThread, parentPort } from 'node:worker_threads';
import { crew, meet } from './crew.ts';
import { fail } from './fail.ts';
import { spoilResult } from './faults.ts';
import { answerTo, samples } from './samples.ts';

const THREADS = 4;
const ROUNDS = 2000;

if (isMainThread) {
  const expected = samples.map(({ text }) => answerTo(text));
  const counts = await crew<string[], number>(import.meta.url, THREADS, expected).catch(fail);
  const total = counts.reduce((sum, count) => sum + count);
  console.log(`${total} operations checked on ${THREADS} threads`);
} else {
  const { name, task: expected } = meet<string[]>();
  let checked = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { text }] of samples.entries()) {
      const result = spoilResult(answerTo(text));
      if (result !== expected[index]) {
        throw new Error(`${name}, round ${round + 1}: got ${result}, expected ${expected[index]}`);
      }
      checked++;
    }
  }
  parentPort?.postMessage(checked);
}
