// First use of the library in many fresh threads at the same moment: its lazily built tables must come out
// the same everywhere. Loading happens before the threads meet, first use after it.
import { isMainThread, parentPort } from 'node:worker_threads';
import { crew, meet } from './crew.ts';
import { fail } from './fail.ts';
import { answerTo, samples } from './samples.ts';

const THREADS = 8;

if (isMainThread) {
  const outputs = await crew<null, string[]>(import.meta.url, THREADS, null).catch(fail);
  for (const [thread, output] of outputs.entries()) {
    for (const [index, { answer }] of samples.entries()) {
      const first = output[index];
      if (first !== answer) fail(`thread ${thread + 1} of ${THREADS}: got ${first}, expected ${answer}`);
    }
  }
  console.log(`${THREADS} threads initialised the library, ${samples.length} equal answers from each`);
} else {
  meet();
  parentPort?.postMessage(samples.map(({ text }) => answerTo(text)));
}
