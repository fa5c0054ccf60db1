/** What is slow and rarely red is tried in part by `npm test`, and as a whole by `npm run test:all`. */
export const isThorough = process.env.SHAKEDOWN_TESTS === 'all';

/**
 * Whether it is the turn of a case.
 *
 * @param index its place in its list
 * @param oneOf of so many cases one has its turn
 */
export const hasTurn = (index: number, oneOf = 8): boolean => isThorough || index % oneOf === 0;

/** The cases of a list whose turn it is. */
export const inTurn = <T>(cases: readonly T[], oneOf?: number): T[] =>
  cases.filter((_, index) => hasTurn(index, oneOf));

/** The first case of each sort; all of them where nothing is left out. */
export const firstOfEach = <T>(cases: readonly T[], sortOf: (one: T) => unknown): T[] => {
  const sorts = cases.map(sortOf);
  return cases.filter((_, index) => isThorough || sorts.indexOf(sorts[index]) === index);
};

/** How many of so many random cases are tried. */
export const shareOf = (all: number, oneOf = 4): number => (isThorough ? all : Math.ceil(all / oneOf));

/** How often each twin of a proof is tried; more than once only to see whether it always comes out the same. */
export const PROOF_TIMES = Number(process.env.SHAKEDOWN_PROOFS_TIMES ?? 1);
