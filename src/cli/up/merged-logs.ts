import { asLine, visible } from '../../core/harmless.ts';
import type { Paint } from '../../text/paint.ts';
import { ServiceLog } from './service-log.ts';

/** The logs of services, as lines that begin with the name of the one that printed them. */
export class MergedLogs {
  readonly #paint: Paint;
  readonly #names: readonly string[];
  readonly #logs = new Map<string, ServiceLog>();

  /** @param names of all whose lines may be shown */
  constructor(names: readonly string[], paint: Paint) {
    this.#paint = paint;
    this.#names = names;
  }

  open(name: string, path: string): void {
    if (this.#names.includes(name)) this.#logs.set(name, new ServiceLog(name, path));
  }

  /** What all of them have printed since the last look. */
  lines(): string[] {
    return [...this.#logs.values()].flatMap((log) => this.#prefixed(log.name, log.lines()));
  }

  /** The last lines of one. */
  close(name: string): string[] {
    const rest = this.#logs.get(name)?.end() ?? [];
    this.#logs.delete(name);
    return this.#prefixed(name, rest);
  }

  /** The last lines of all. */
  end(): string[] {
    return [...this.#logs.keys()].flatMap((name) => this.close(name));
  }

  #prefixed(name: string, lines: readonly string[]): string[] {
    const width = Math.max(...this.#names.map((each) => each.length));
    const prefix = this.#paint.hue(this.#names.indexOf(name))(`${visible(name).padEnd(width)} |`);
    return lines.map((line) => `${prefix} ${asLine(visible(line))}`.trimEnd());
  }
}
