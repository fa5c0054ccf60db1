import { EventEmitter } from 'node:events';
import type { Interruption, StopReason } from '../core/stop-reason.ts';
import type { RunControl, RunRequests } from '../engine/run-context.ts';
import type { LastResort } from './last-resort.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** In milliseconds. npm forwards a Ctrl-C that the terminal has sent us already: within this time both are one. */
const SAME_WITHIN = 200;

/**
 * These end a program by default, or open Node to a debugger (SIGUSR1); nobody means to send them to us. SIGXFSZ is not
 * included: Node ignores it, and the write that exceeds the file size limit fails.
 */
const UNEXPECTED = [
  ...(['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGXCPU'] as const),
  ...(process.platform === 'linux' ? (['SIGIO', 'SIGPWR', 'SIGSTKFLT'] as const) : []),
];

/** In milliseconds: how long stopping may take. After a crash it is cut short then, and later given up. */
const CRASHED_WITHIN = 10_000;
const KILLED_WITHIN = 20_000;

export interface SignalWatch {
  readonly control: RunControl;
  /** A key was pressed that means the same as a signal. */
  readonly quit: (key: string) => void;
  /** The signal that interrupted, if any. */
  readonly received: () => NodeJS.Signals | undefined;
  /** Restores the signals' default actions. */
  readonly release: () => void;
}

/**
 * The first signal ends a run gracefully, a second one at once. SIGQUIT (Ctrl-\) makes the run describe what it is
 * doing. SIGTSTP (Ctrl-Z) suspends it with everything it runs, until SIGCONT.
 *
 * A run that the second one does not end either, or that is stopped by an unexpected error, is given up after a while.
 *
 * @param leaveTerminal called before the terminal goes to someone else for a while
 */
export function watchSignals(leaveTerminal: () => void, lastResort: LastResort): SignalWatch {
  const stop = new AbortController();
  const hurry = new AbortController();
  const abandon = new AbortController();
  const requests = new EventEmitter<RunRequests>();
  let received: NodeJS.Signals | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  const hurryUp = (): void => {
    hurry.abort();
    setTimeout(() => abandon.abort(), KILLED_WITHIN).unref();
  };
  const interrupt = (signal: NodeJS.Signals, by: Pick<Interruption, 'key'>): void => {
    const now = performance.now();
    if (now - lastAt < SAME_WITHIN) return;
    // Counted from the last repeat: holding a key down sends many, but not forever.
    lastAt = now;
    if (received !== undefined) {
      hurryUp();
      return;
    }
    received = signal;
    stop.abort({ type: 'interrupted', signal, ...by } satisfies StopReason);
    // What came while this was begun comes before that, however long it took on a busy machine.
    setImmediate(() => {
      lastAt = performance.now();
    });
  };
  const onSignal = (signal: NodeJS.Signals): void => interrupt(signal, {});
  const onQuestion = (): void => {
    requests.emit('describe');
  };
  const onSuspend = (): void => {
    requests.emit('suspend');
    leaveTerminal();
    // The default action tells the shell that we stopped; the call returns when we are resumed. In an orphaned process
    // group, which no shell could resume, the kernel does nothing, and neither do we.
    process.off('SIGTSTP', onSuspend);
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', onSuspend);
    requests.emit('resume');
  };
  const onUnexpected = (signal: NodeJS.Signals): void => lastResort.strikeBySignal(signal);
  const unattend = lastResort.attend(({ message }) => {
    stop.abort({ type: 'crashed', message } satisfies StopReason);
    setTimeout(hurryUp, CRASHED_WITHIN).unref();
  });
  for (const signal of SIGNALS) process.on(signal, onSignal);
  for (const signal of UNEXPECTED) process.on(signal, onUnexpected);
  process.on('SIGQUIT', onQuestion);
  process.on('SIGTSTP', onSuspend);
  return {
    control: {
      stop: stop.signal,
      hurry: hurry.signal,
      abandon: abandon.signal,
      requests,
      onCrash: (error) => lastResort.strike(error),
      crash: () => lastResort.crash,
    },
    quit: (key) => interrupt('SIGINT', { key }),
    received: () => received,
    release: () => {
      unattend();
      for (const signal of SIGNALS) process.off(signal, onSignal);
      for (const signal of UNEXPECTED) process.off(signal, onUnexpected);
      process.off('SIGQUIT', onQuestion);
      process.off('SIGTSTP', onSuspend);
    },
  };
}
