/** Turns a proposal into the text of a `shakedown.config.ts`. */
import { visible } from '../core/harmless.ts';
import type { Proposal } from './proposal.ts';

const WIDEST = 110;
const NAME = /^[A-Za-z_$][\w$]*$/;

/** Characters that a terminal or an editor obeys or hides, and that JSON leaves unescaped. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const toEscapes = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

/** A text as a literal, in the quotes that need the fewest escapes. */
export function literal(text: string): string {
  const escaped = JSON.stringify(text).replace(UNSEEN, toEscapes);
  if (text.includes("'")) return escaped;
  return `'${escaped.slice(1, -1).replaceAll('\\"', '"')}'`;
}

/** Without the brackets, `__proto__` would be no key. */
const key = (name: string): string => {
  if (name === '__proto__') return "['__proto__']";
  return NAME.test(name) ? name : literal(name);
};

/** Library functions that stand for a `kind`. */
const JSON_BODY = /^components\..*\.client\.(?:before|steps)\.\d+\.json(?:\.|$)/s;
const BUILDERS = ['command', 'http', 'init', 'load', 'threads', 'types'];

class Writer {
  readonly builders = new Set<string>();
  readonly #comments: Proposal['comments'];
  readonly #expressions: NonNullable<Proposal['expressions']>;

  constructor({ comments, expressions = {} }: Pick<Proposal, 'comments' | 'expressions'>) {
    this.#comments = comments;
    this.#expressions = expressions;
  }

  /** @param indent of the line that the value begins on */
  value(value: unknown, path: string, indent: string, room: number): string {
    if (Object.hasOwn(this.#expressions, path)) return this.#expressions[path] ?? '';
    if (typeof value === 'string') return literal(value);
    if (Array.isArray(value)) return this.#list(value, path, indent, room);
    if (value instanceof RegExp) return String(value).replace(UNSEEN, toEscapes);
    if (typeof value !== 'object' || value === null) return String(value);
    const { kind, ...options } = value as Readonly<Record<string, unknown>>;
    // What is sent as JSON may have a field `kind` too.
    const isData = JSON_BODY.test(path);
    if (isData || typeof kind !== 'string' || !BUILDERS.includes(kind))
      return this.#object(value, path, indent, room);
    this.builders.add(kind);
    const isPlain = kind === 'command' && Object.keys(options).length === 1;
    const inner = isPlain ? options.run : options;
    return `${kind}(${this.value(inner, path, indent, room - kind.length - 2)})`;
  }

  #list(list: readonly unknown[], path: string, indent: string, room: number): string {
    const at = (index: number): string => `${path}.${index}`;
    const line = `[${list.map((each, index) => this.value(each, at(index), indent, WIDEST)).join(', ')}]`;
    if (fits(line, room)) return line;
    const inner = `${indent}  `;
    const lines = list.map(
      (each, index) => `${inner}${this.value(each, at(index), inner, WIDEST - inner.length)},\n`,
    );
    return `[\n${lines.join('')}${indent}]`;
  }

  #object(value: object, path: string, indent: string, room: number): string {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
    const isCommented = Object.keys(this.#comments).some((each) =>
      each.startsWith(path === '' ? '' : `${path}.`),
    );
    if (entries.length === 0) return '{}';
    if (path !== '' && path !== 'components' && !isCommented) {
      const line = `{ ${entries.map(([name, each]) => `${key(name)}: ${this.value(each, at(name), indent, WIDEST)}`).join(', ')} }`;
      if (fits(line, room)) return line;
    }
    const inner = `${indent}  `;
    const lines = entries.map(([name, each]) => {
      const above = Object.hasOwn(this.#comments, at(name))
        ? `${inner}${comment(this.#comments[at(name)] ?? '')}\n`
        : '';
      const left = `${inner}${key(name)}: `;
      return `${above}${left}${this.value(each, at(name), inner, WIDEST - left.length)},\n`;
    });
    return `{\n${lines.join('')}${indent}}`;
  }
}

const fits = (line: string, room: number): boolean => !line.includes('\n') && line.length <= room;

/** Line breaks in text from a project must not end a comment. */
const comment = (text: string): string =>
  `// ${visible(text.replace(/\s+/g, ' ')).replace(UNSEEN, toEscapes)}`;

/** @returns the text of the config, which means exactly `proposal.suite` */
export function configText({
  suite,
  notes,
  ...told
}: Pick<Proposal, 'suite' | 'comments' | 'notes' | 'expressions'>): string {
  const writer = new Writer(told);
  const body = writer.value(suite, '', '', WIDEST);
  const names = [...writer.builders, 'defineSuite'].sort();
  const above = notes.map((note) => `${comment(note)}\n`).join('');
  return `import { ${names.join(', ')} } from 'shakedown';\n\n${above}export default defineSuite(${body});\n`;
}
