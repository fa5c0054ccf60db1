/** What components print, as `--verbose` shows it: line by line, each after the name of the one that printed it. */
import type { Stamped } from '../core/event.ts';
import { visible } from '../core/harmless.ts';
import { formatBytes } from '../load/report/brief.ts';
import { speakerOf } from '../report/terminal/detail-lines.ts';
import { shortPath } from '../report/terminal/parts.ts';
import type { Paint } from '../text/paint.ts';
import { padTo, widthOf } from '../text/width.ts';
import { ComponentLogTail, type Look } from './component-log.ts';

/** A column of names that is wider leaves too little to what they say. */
const WIDEST = 24;

export class ShownOutput {
  readonly #paint: Paint;
  readonly #cwd: string;
  readonly #now: () => number;
  readonly #tails = new Map<string, ComponentLogTail>();
  /** The colour of each component: by when it was first seen. */
  readonly #hues = new Map<string, number>();
  #width = 0;

  /**
   * @param cwd what paths are shown relative to
   * @param now milliseconds, on a clock that does not go back
   */
  constructor(paint: Paint, cwd: string, now: () => number) {
    this.#paint = paint;
    this.#cwd = cwd;
    this.#now = now;
  }

  /** @returns what was printed before an event, or until it: that comes first */
  before(event: Stamped): string[] {
    switch (event.type) {
      case 'output':
        return [];
      case 'component-started':
        return this.#open(event.component, event.logFile);
      case 'shared-started':
        return this.#open(`shared:${event.shared}`, event.logFile);
      case 'component-finished':
      case 'component-retrying':
        return this.#close(event.component);
      case 'shared-finished':
        return this.#close(`shared:${event.shared}`);
      // What a step exports is secret, which is known at its end only.
      case 'setup-finished':
        return [...this.#open(`setup:${event.step}`, event.logFile), ...this.#close(`setup:${event.step}`)];
      case 'teardown-finished':
        return [
          ...this.#open(`${event.kind}:${event.step}`, event.logFile),
          ...this.#close(`${event.kind}:${event.step}`),
        ];
      case 'run-finished':
        return [...this.#tails.keys()].flatMap((name) => this.#close(name));
      default:
        return 'component' in event ? this.#look(event.component) : [];
    }
  }

  /** What all have printed since the last look. */
  lines(): string[] {
    return [...this.#tails.keys()].flatMap((name) => this.#look(name));
  }

  #look(name: string): string[] {
    const tail = this.#tails.get(name);
    return tail === undefined ? [] : this.#told(name, tail, tail.look(this.#now()));
  }

  #open(name: string, logFile: string | null): string[] {
    const rest = this.#close(name);
    if (logFile !== null) this.#tails.set(name, new ComponentLogTail(logFile));
    return rest;
  }

  #close(name: string): string[] {
    const tail = this.#tails.get(name);
    this.#tails.delete(name);
    return tail === undefined ? [] : this.#told(name, tail, tail.end(this.#now()));
  }

  #told(name: string, { path }: ComponentLogTail, { leftOut, lines, leftAtEnd }: Look): string[] {
    const hue = this.#hues.get(name) ?? this.#hues.size;
    this.#hues.set(name, hue);
    const line = (speaker: string, text: string): string => {
      const label = visible(speakerOf(name, speaker));
      this.#width = Math.min(WIDEST, Math.max(this.#width, widthOf(label)));
      return `${this.#paint.hue(hue)(`${padTo(label, this.#width)} |`)} ${text}`;
    };
    const log = visible(shortPath(path, this.#cwd));
    const missing = (bytes: number): string[] =>
      bytes === 0
        ? []
        : [line('', this.#paint.dim(`… ${formatBytes(bytes)} left out; all of it is in ${log}`))];
    return [
      ...missing(leftOut),
      ...lines.map(({ speaker, line: text }) => line(speaker, visible(text))),
      ...missing(leftAtEnd),
    ];
  }
}
