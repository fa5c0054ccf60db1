/**
 * fast-check, which every property is written with. `npm test` tries the same cases each time, so that its verdict is about the
 * change; `npm run test:all` tries others each time, and prints the seed of what it finds.
 */
import fc from 'fast-check';
import { isThorough } from './thorough.ts';

if (!isThorough) fc.configureGlobal({ seed: 20_261 });

export default fc;
