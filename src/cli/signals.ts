import { EventEmitter } from 'node:events';
import type { StopReason } from '../core/stop-reason.ts';
import type { RunControl, RunRequests } from '../engine/run-context.ts';
import type { LastResort } from './last-resort.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on a Ctrl-C that the terminal has sent to us already: within this time both are one. */
const SAME_WITHIN = 200;

/**
 * They end a program by default, or have Node open itself to a debugger (SIGUSR1). Who sends one means somebody else.
 * SIGXFSZ is not among them: Node ignores it, and the write that met the limit of a file fails.
 */
const UNEXPECTED = [
  ...(['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGXCPU'] as const),
  ...(process.platform === 'linux' ? (['SIGIO', 'SIGPWR', 'SIGSTKFLT'] as const) : []),
];

/** So long, in milliseconds, what is stopped may take: after a crash it is then killed, and after that given up. */
const CRASHED_WITHIN = 10_000;
const KILLED_WITHIN = 20_000;

export interface SignalWatch {
  readonly control: RunControl;
  /** The signal that interrupted, if one did. */
  readonly received: () => NodeJS.Signals | undefined;
  /** Signals do again what they do by default. */
  readonly release: () => void;
}

/**
 * The first signal ends a run politely, a second one at once. SIGQUIT (Ctrl-\) has the run tell what it is doing.
 * SIGTSTP (Ctrl-Z) stops it with all that it runs, until SIGCONT.
 *
 * A second one that does not end it either has it given up after a while, and so has what nobody expected.
 *
 * @param leaveTerminal called before the terminal goes to somebody else for a while
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
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (now - lastAt < SAME_WITHIN) return;
    // Counted from the first of them: a key that is held down is not a duplicate for ever.
    lastAt = now;
    if (received !== undefined) {
      hurryUp();
      return;
    }
    received = signal;
    stop.abort({ type: 'interrupted', signal } satisfies StopReason);
  };
  const onQuestion = (): void => {
    requests.emit('describe');
  };
  const onSuspend = (): void => {
    requests.emit('suspend');
    leaveTerminal();
    // Without a handler it does what it does by default, which lets the shell know: the call returns when we go on.
    // Where no shell could have us go on (an orphaned process group) the kernel does nothing, and neither do we.
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
