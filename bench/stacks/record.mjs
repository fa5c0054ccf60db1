/** Writes down when something happens, on the clock of the machine that all processes share. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const record = (what) =>
  writeFileSync(join(process.env.BENCH_RECORDS, what), String(process.hrtime.bigint()));
