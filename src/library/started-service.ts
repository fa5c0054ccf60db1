/** What `startService` gives and throws. */

/** A service that is ready. It runs until `stop()`, the end of an `await using`, or that of this process or thread. */
export interface StartedService extends AsyncDisposable {
  readonly name: string;
  /** Such as `http://127.0.0.1:40123`, without a slash at the end; null if it listens on no port. */
  readonly url: string | null;
  /** The address that it listens on, such as `127.0.0.1`. */
  readonly host: string;
  /** Null if it listens on none. */
  readonly port: number | null;
  /** Of the process that serves. */
  readonly pid: number;
  /** Its address as variables for others: `PORT`, `NAME_PORT`, `NAME_HOST`, `NAME_URL`. Empty if it listens on no port. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the file with all that it prints; secrets are masked. */
  readonly logFile: string;
  /**
   * What it has printed last.
   *
   * @param count how many lines at most; default: 20
   */
  lastLines(count?: number): string[];
  /**
   * Ends it and all that it started, and waits until nothing of it is left and its port is free. Once is enough: later
   * calls return the same promise.
   *
   * @throws ServiceError if something was wrong: it had died, it printed a crash report or what `expect` forbids, it left
   *   processes behind, its port stayed open. Nothing of it is left nevertheless
   */
  stop(): Promise<void>;
}

/** A service with a port. */
export interface StartedServer extends StartedService {
  readonly url: string;
  readonly port: number;
}

/** Why a service did not become ready, or what was wrong with it until its end. */
export interface ServiceError extends Error {
  readonly name: 'ServiceError';
  /** The code of the finding, such as `not-ready`; `shakedown explain CODE` tells more. */
  readonly code: string;
  /** The next step, if one is known. */
  readonly hint: string | undefined;
  /** The last lines that it printed, or others that show what was wrong. */
  readonly evidence: readonly string[];
  /** Absolute path of the file with all that it has printed; null if it was never started. */
  readonly logFile: string | null;
}
