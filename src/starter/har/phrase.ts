/** A text of the config in which secrets are taken from the environment. */
import { literal } from '../write.ts';

export interface Variable {
  readonly variable: string;
  /** What its value must be made fit for. */
  readonly within: 'text' | 'url' | 'json';
}

const ENCODERS = {
  text: { code: (value: string) => value, of: (value: string) => value },
  url: { code: (value: string) => `encodeURIComponent(${value})`, of: encodeURIComponent },
  json: { code: (value: string) => `JSON.stringify(${value})`, of: (value: string) => JSON.stringify(value) },
} as const;

/** What may stand between the quotes of a template. */
const inTemplate = (text: string): string =>
  literal(text).slice(1, -1).replaceAll("\\'", "'").replaceAll('`', '\\`').replaceAll('${', '\\${');

export class Phrase {
  readonly parts: readonly (string | Variable)[];

  constructor(...parts: readonly (string | Variable)[]) {
    this.parts = parts.filter((part) => part !== '');
  }

  static join(phrases: readonly Phrase[], between = ''): Phrase {
    return new Phrase(
      ...phrases.flatMap(({ parts }, index) => (index === 0 || between === '' ? parts : [between, ...parts])),
    );
  }

  get variables(): string[] {
    return this.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.variable]));
  }

  /** What it is in this environment; a variable that is not set is empty. */
  valueIn(env: Readonly<Record<string, string | undefined>>): string {
    return this.parts
      .map((part) => (typeof part === 'string' ? part : ENCODERS[part.within].of(env[part.variable] ?? '')))
      .join('');
  }

  /** An expression in TypeScript. */
  get code(): string {
    const codeOf = ({ variable, within }: Variable): string =>
      ENCODERS[within].code(`process.env.${variable} ?? ''`);
    const [only, ...more] = this.parts;
    if (only !== undefined && typeof only !== 'string' && more.length === 0) return codeOf(only);
    const text = this.parts.map((part) =>
      typeof part === 'string' ? inTemplate(part) : `\${${codeOf(part)}}`,
    );
    return `\`${text.join('')}\``;
  }
}
