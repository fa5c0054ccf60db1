import { asLine, visible } from '../../core/harmless.ts';
import { visibleLine } from '../../process/output/visible-line.ts';
import type { Paint } from '../../text/paint.ts';
import { ServiceLog } from './service-log.ts';

/** How many lines of each: more than a finding quotes. */
const REMEMBERED = 50;

/** The logs of services, as lines that begin with the name of the one that printed them. */
export class MergedLogs {
  readonly #paint: Paint;
  readonly #names: readonly string[];
  /** The last lines of each, as findings quote them. */
  readonly #shown = new Map<string, string[]>();
  readonly #logs = new Map<string, ServiceLog>();

  /** @param names of all whose lines may be shown */
  constructor(names: readonly string[], paint: Paint) {
    this.#paint = paint;
    this.#names = names;
  }

  open(name: string, path: string): void {
    if (this.#names.includes(name)) this.#logs.set(name, new ServiceLog(name, path));
  }

  /** What a finding quotes, without the lines of the service that were shown already. */
  unshown(name: string, evidence: readonly string[]): string[] {
    const shown = new Set(this.#shown.get(name));
    return evidence.filter((line) => !shown.has(line.trimEnd()));
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
    const recent = [...(this.#shown.get(name) ?? []), ...lines.map((line) => visibleLine(line).trimEnd())];
    this.#shown.set(name, recent.slice(-REMEMBERED));
    const width = Math.max(...this.#names.map((each) => each.length));
    const prefix = this.#paint.hue(this.#names.indexOf(name))(`${visible(name).padEnd(width)} |`);
    return lines.map((line) => `${prefix} ${asLine(visible(line))}`.trimEnd());
  }
}
