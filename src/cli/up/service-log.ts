/** What a service has printed, line by line, from its log. */
import { Tail } from '../../files/tail.ts';
import { uncutLine } from '../../process/output/visible-line.ts';

/** Where several processes print, the log says which one is next. */
const HEADING = /^==> (.*) <==$/;

export class ServiceLog {
  readonly name: string;
  readonly #tail: Tail;
  /** Whether what follows is of a probe, which may ask many times a second. */
  #isAside = false;
  /** An empty line, which may belong to a heading. */
  #isBlankHeld = false;

  /** @param name of the service, as in its log */
  constructor(name: string, path: string) {
    this.name = name;
    this.#tail = new Tail(path);
  }

  get path(): string {
    return this.#tail.path;
  }

  /** What it has printed since the last look: as a terminal shows it, without secrets and control characters. */
  lines(): string[] {
    return this.#spoken(this.#tail.lines());
  }

  /** It prints nothing more: the rest. */
  end(): string[] {
    const lines = this.#spoken([...this.#tail.lines(), ...this.#tail.end()]);
    return this.#isBlankHeld ? [...lines, ''] : lines;
  }

  #spoken(raw: readonly string[]): string[] {
    return raw.flatMap((line) => {
      const speaker = HEADING.exec(line)?.[1];
      const isHeading =
        speaker !== undefined &&
        (speaker === this.name || speaker.startsWith(`${this.name} `) || speaker.startsWith(`${this.name},`));
      const blank = this.#isBlankHeld && !isHeading ? [''] : [];
      this.#isBlankHeld = line === '';
      if (isHeading) this.#isAside = speaker === `${this.name} probe`;
      if (isHeading || this.#isAside) return [];
      return line === '' ? blank : [...blank, uncutLine(line)];
    });
  }
}
