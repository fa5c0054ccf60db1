/** XML 1.0 as far as a JUnit report needs it, read strictly: whatever is not well-formed throws. */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** The text directly within, pieces joined. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const NAME = '[A-Za-z_][\\w.-]*';

export function isXmlChar(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    code >= 0x10000
  );
}

function decode(raw: string, whitespace: (text: string) => string): string {
  if (raw.includes('<')) throw new Error(`a < in ${raw}`);
  return whitespace(raw.replace(/\r\n?/g, '\n')).replace(
    /&([^;]*;)?/g,
    (_, reference: string | undefined) => {
      const [, decimal, hex, name] = /^(?:#(\d+)|#x([\da-f]+)|(\w+));$/i.exec(reference ?? '') ?? [];
      if (name !== undefined) {
        const known = ENTITIES[name];
        if (known === undefined) throw new Error(`there is no entity ${name}`);
        return known;
      }
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      if (!isXmlChar(code)) throw new Error(`a bad reference: &${reference}`);
      return String.fromCodePoint(code);
    },
  );
}

export function parseXml(document: string): Element {
  for (const char of document)
    if (!isXmlChar(char.codePointAt(0) ?? 0))
      throw new Error(`a character that XML has no place for: ${char}`);
  const [declaration = ''] = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(document) ?? [];
  if (declaration === '') throw new Error('no declaration');
  let rest = document.slice(declaration.length);
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const match = pattern.exec(rest);
    if (match === null) return undefined;
    rest = rest.slice(match[0].length);
    return match;
  };
  const element = (): Element => {
    const [, name] = take(new RegExp(`^<(${NAME})`)) ?? [];
    if (name === undefined) throw new Error(`no element at ${rest.slice(0, 40)}`);
    const attributes: Record<string, string> = {};
    for (;;) {
      const [, key, value] = take(new RegExp(`^\\s+(${NAME})="([^"]*)"`)) ?? [];
      if (key === undefined || value === undefined) break;
      if (key in attributes) throw new Error(`${key} twice`);
      attributes[key] = decode(value, (text) => text.replace(/[\t\n]/g, ' '));
    }
    if (take(/^\s*\/>/)) return { name, attributes, children: [], text: '' };
    if (!take(/^\s*>/)) throw new Error(`<${name}> goes on with ${rest.slice(0, 40)}`);
    const children: Element[] = [];
    let text = '';
    for (;;) {
      const [raw = ''] = take(/^[^<]+/) ?? [];
      if (raw.includes(']]>')) throw new Error(']]> in a text');
      text += decode(raw, (same) => same);
      if (take(new RegExp(`^</${name}\\s*>`))) return { name, attributes, children, text };
      children.push(element());
    }
  };
  const root = element();
  if (rest.trim() !== '') throw new Error(`after the end: ${rest.slice(0, 40)}`);
  return root;
}
