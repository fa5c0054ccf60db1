/** What an unexpected error means: that the machine is in trouble, or that Shakedown has a bug. */
import type { Finding } from './finding.ts';

/** The machine lacks something. That is neither a bug nor the fault of what is tested. */
export interface Trouble {
  /** `no more files may be opened` */
  readonly cause: string;
  /** What to raise, or to free. */
  readonly remedy: string;
}

/** For code that knows more about the trouble than the system's error says. */
export class MachineTrouble extends Error implements Trouble {
  readonly remedy: string;
  override readonly cause: string;

  constructor(cause: string, remedy: string) {
    super(cause);
    this.cause = cause;
    this.remedy = remedy;
  }
}

/** A signal arrived that Shakedown has no use for. */
export class StraySignal extends Error {
  constructor(signal: string) {
    super(`an unexpected ${signal} arrived, which Shakedown does not handle`);
  }
}

const STRAY_SIGNAL_HINT =
  'it may have come from `kill` or `pkill`, from a debugger or a profiler, from a limit such as `ulimit -t` (SIGXCPU), or from what the suite runs: send it to the program it is meant for';

const TROUBLES: Readonly<Record<string, Trouble>> = {
  ENOSPC: {
    cause: 'no space is left on the disk',
    remedy: 'free some space: `df -h` and `df -i` show where',
  },
  EDQUOT: { cause: 'the disk quota is used up', remedy: 'free some space: `quota` shows where' },
  EFBIG: { cause: 'a file has reached the size limit', remedy: 'raise `ulimit -f`' },
  EROFS: { cause: 'the file system is read-only', remedy: 'run it where files can be written' },
  EIO: { cause: 'the disk is failing', remedy: 'look at the kernel log (`dmesg`)' },
  EMFILE: {
    cause: 'Shakedown has reached its limit of open files',
    remedy: 'raise `ulimit -n`, or run fewer things at a time',
  },
  ENFILE: {
    cause: 'the machine has reached its limit of open files',
    remedy: 'raise `fs.file-max`, or run fewer things at a time',
  },
  ENOMEM: { cause: 'no memory is left', remedy: 'free some, or raise the limit of the container' },
  ENOBUFS: { cause: 'no memory is left for the network', remedy: 'free some, or use fewer connections' },
  EAGAIN: {
    cause: 'no more processes can be started',
    remedy: 'raise `ulimit -u`, or the process limit of the container',
  },
  EADDRNOTAVAIL: {
    cause: 'no local port is left to connect from',
    remedy: 'keep connections open, use fewer, or widen `net.ipv4.ip_local_port_range`',
  },
};

/** Elsewhere the same code just means that nothing can be read at the moment. */
const onlyOfProcesses = ({ syscall = '' }: NodeJS.ErrnoException): boolean => /^(?:spawn|fork)/.test(syscall);

/** When Node cannot start a thread, only the message says why. */
const THREAD_FAILURE = /\b(EMFILE|ENFILE|ENOMEM|EAGAIN)\b/;

/** @returns the trouble that an error reports; undefined if it is something else */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof MachineTrouble) return error;
  if (!(error instanceof Error)) return undefined;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_WORKER_INIT_FAILED') return TROUBLES[THREAD_FAILURE.exec(message)?.[1] ?? ''];
  if (code === undefined || (code === 'EAGAIN' && !onlyOfProcesses(error))) return undefined;
  return TROUBLES[code];
}

/** `Error: message`, without the lines that follow. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}

/** Everything known about an error, for whoever has to fix it. */
export const traceOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/**
 * @param subject what could not be carried out, unless it is all of Shakedown
 * @param trace where the stack trace is kept
 */
export function failureFinding(error: unknown, subject: string | undefined, trace: string): Finding {
  const trouble = troubleOf(error);
  if (trouble !== undefined) {
    const detail = firstLine(error) === trouble.cause ? '' : ` (${firstLine(error)})`;
    const what = subject === undefined ? '' : `${subject} could not be done: `;
    return { code: 'machine-trouble', message: `${what}${trouble.cause}${detail}`, hint: trouble.remedy };
  }
  if (error instanceof StraySignal)
    return { code: 'internal-error', message: error.message, hint: STRAY_SIGNAL_HINT };
  return {
    code: 'internal-error',
    message: `Shakedown itself failed: ${firstLine(error)}`,
    hint: `this is a bug in Shakedown: please report it, with the stack trace in ${trace}`,
  };
}
