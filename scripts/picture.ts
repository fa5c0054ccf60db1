/** Draws the failure that README.md shows: `docs/failure.svg`. */
import { writeFileSync } from 'node:fs';
import { drawTerminal, failureOutput } from './failure.ts';

writeFileSync('docs/failure.svg', drawTerminal(await failureOutput()));
