/** client PORT: waits until the server answers; then it passes, fails, or goes on for half a minute (BENCH_CLIENT). */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const url = `http://127.0.0.1:${process.argv[2]}/`;
const answers = () =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
for (let looks = 0; !(await answers()); looks++) {
  if (looks === 100) throw new Error(`${url} does not answer`);
  await delay(100);
}
writeFileSync(`${process.env.BENCH_RECORDS}/client-begins`, '');
switch (process.env.BENCH_CLIENT) {
  case 'fails':
    console.error('Error: 1 of 3 checks failed');
    process.exitCode = 1;
    break;
  case 'goes on':
    await delay(30_000);
    break;
  default:
    console.log('3 checks, all good');
}
