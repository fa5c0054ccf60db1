/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const SIGNAL_MEANINGS: Readonly<Record<string, string>> = {
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'abort',
  SIGBUS: 'bus error',
  SIGILL: 'illegal instruction',
  SIGFPE: 'arithmetic fault',
  SIGKILL: 'killed from outside, or out of memory',
  SIGTRAP: 'trap',
};

const SIGNAL_NUMBERS: Readonly<Record<number, string>> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
};

const bySignal = (name: string): string =>
  `was killed by ${name}${SIGNAL_MEANINGS[name] === undefined ? '' : ` (${SIGNAL_MEANINGS[name]})`}`;

/**
 * `exited with code 1`, `was killed by SIGSEGV (segmentation fault)`; codes above 128 are how shells report a signal.
 */
export function describeExit(exit: Exit): string {
  if (exit.signal !== null) return bySignal(exit.signal);
  const signal = SIGNAL_NUMBERS[(exit.code ?? 0) - 128];
  return `exited with code ${exit.code}${signal === undefined ? '' : `: one of its processes ${bySignal(signal)}`}`;
}
