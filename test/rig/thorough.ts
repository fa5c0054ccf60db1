/** What is slow and rarely red is tried in part by `npm test`, and as a whole by `npm run test:all`. */
const isThorough = process.env.SHAKEDOWN_TESTS === 'all';

const ONE_OF = 4;

/** Whether it is the turn of a case, by its place in its list. */
export const hasTurn = (index: number): boolean => isThorough || index % ONE_OF === 0;
