/**
 * Commands to a runner of GitHub's workflows, which are lines of output: `::error file=a.ts,line=3::text`. Whatever else is
 * printed must not be taken for one.
 */

/** The runner decodes these, and nothing else. */
const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/**
 * @param properties such as `file` and `line`; those that are undefined are left out
 * @param data what the command is about: any text
 * @returns one line, without its end
 */
export function workflowCommand(
  name: string,
  data: string,
  properties: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const told = Object.entries(properties).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [`${key}=${escapeProperty(String(value))}`],
  );
  return `::${name}${told.length === 0 ? '' : ` ${told.join(',')}`}::${escapeData(data)}`;
}

/** At the beginning of a line, also after white space; a line may end with a carriage return alone. */
const AT_START = /^([^\S\r\n\u2028\u2029]*:):/gm;
/** Older commands, which are obeyed anywhere in a line. */
const ANYWHERE = /##\[/g;

/** Keeps a stream of text, whatever its pieces, from issuing commands: it changes one character of each. */
export class CommandGuard {
  /** What the last line was so far, as far as it matters, for it may be continued. */
  #begun = '';

  /** Whether what is written next begins a line. */
  get isAtStart(): boolean {
    return this.#begun === '';
  }

  /** @returns the same text, with no command in it; what was passed before stays as it is */
  pass(text: string): string {
    const whole = (this.#begun + text).replace(AT_START, '$1\\x3a').replace(ANYWHERE, '##\\x5b');
    const passed = whole.slice(this.#begun.length);
    const line = whole.slice(Math.max(whole.lastIndexOf('\n'), whole.lastIndexOf('\r')) + 1);
    const bare = line.trimStart();
    this.#begun = line === '' ? '' : bare === '' ? ' ' : bare === ':' ? ':' : `x${/#{0,2}$/.exec(line)?.[0]}`;
    return passed;
  }
}
