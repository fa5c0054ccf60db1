/** Asks one oracle, in a process of its own, as it may never come to an end: ORACLE TARBALL [TARBALL OF WHAT IT DESCRIBES]. */
import { readFileSync } from 'node:fs';
import { ORACLES } from './oracles.ts';
import type { OracleName } from './testimony.ts';

const [name, tarball = '', described] = process.argv.slice(2);
const objections = await ORACLES[name as OracleName](
  readFileSync(tarball),
  described === undefined ? undefined : readFileSync(described),
);
process.stdout.write(JSON.stringify(objections));
