/** The port that a service picks itself and names in its own output. */
import { type Pattern, showPattern, toRegExp } from '../../core/pattern.ts';
import type { LogPort, Service } from '../../core/suite.ts';
import { type Watch, watchFor } from '../output/watch.ts';
import { logWatches } from '../probes/probe.ts';

const HIGHEST = 65_535;

export const isNamed = (port: Service['port']): port is LogPort => typeof port === 'object' && port !== null;

const watchName = (pattern: Pattern): string => `port ${showPattern(pattern)}`;

/** Reads the port out of lines: the first group of the first match that is one. */
export class NamedPort {
  readonly watch: Watch;
  readonly #shown: string;
  #port: number | undefined;
  /** What the first group was where it was no port. */
  #misread: string | undefined;

  constructor({ log }: LogPort) {
    this.#shown = showPattern(log);
    const regex = toRegExp(log);
    const take = (line: string): number => {
      this.#take(regex.exec(line)?.[1] ?? '');
      return 1;
    };
    this.watch = { ...watchFor(watchName(log), log), weigh: () => take };
  }

  #take(text: string): void {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port > 0 && port <= HIGHEST) this.#port ??= port;
    else this.#misread = text;
  }

  /** Undefined until it was named. */
  get port(): number | undefined {
    return this.#port;
  }

  /** Why it is not known yet. */
  get lacking(): string {
    return this.#misread === undefined
      ? `its output does not contain ${this.#shown}, which is to name its port`
      : `the first group of ${this.#shown} matched ${JSON.stringify(this.#misread)}, which is no port`;
  }
}

/** What is to be watched for before a service can be ready. */
export const awaitedWatches = ({ port, ready }: Service): Watch[] => [
  ...(isNamed(port) ? [watchFor(watchName(port.log), port.log)] : []),
  ...logWatches(ready),
];
