/**
 * A search for a regular expression by plain backtracking that counts its steps. What an engine does beyond that only
 * makes it quicker, so where these steps grow in proportion to the text, time does too, on any machine.
 */

type Node =
  | { readonly type: 'set'; readonly holds: (char: string) => boolean; readonly sample: readonly string[] }
  | { readonly type: 'sequence'; readonly parts: readonly Node[] }
  | { readonly type: 'choice'; readonly options: readonly Node[] }
  | {
      readonly type: 'repeat';
      readonly part: Node;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    }
  | { readonly type: 'look'; readonly part: Node; readonly behind: boolean; readonly negative: boolean }
  | { readonly type: 'assertion'; readonly holds: (text: string, at: number) => boolean }
  | { readonly type: 'capture'; readonly part: Node; readonly name: string }
  | { readonly type: 'reference'; readonly name: string };

/** Asked of each character of a text once for each way to come there: the answers are kept. */
function kept(holds: (char: string) => boolean): (char: string) => boolean {
  const answers = new Map<string, boolean>();
  return (char) => {
    const known = answers.get(char);
    if (known !== undefined) return known;
    const answer = holds(char);
    answers.set(char, answer);
    return answer;
  };
}

const isWord = kept((char) => /^\w$/.test(char));
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', '0': '\0' };
/** What stands for "anything else". */
const OTHERS = ['a', 'Z', '0', ' ', '\n', '\t', '-', ':', '/', '"', "'", '(', '[', '\u00a7'];

class Parser {
  #at = 0;
  readonly #source: string;
  readonly #flags: string;
  #captures = 0;

  constructor({ source, flags }: { readonly source: string; readonly flags: string }) {
    this.#source = source;
    this.#flags = flags;
  }

  parse(): Node {
    const options: Node[] = [];
    do options.push(this.#sequence());
    while (this.#accept('|'));
    return options.length === 1 && options[0] !== undefined ? options[0] : { type: 'choice', options };
  }

  #accept(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? ''))
      parts.push(this.#quantified(this.#atom()));
    return { type: 'sequence', parts };
  }

  #quantified(part: Node): Node {
    const [text, braced, from, comma, to] =
      /^(?:[*+?]|(\{)(\d+)(,?)(\d*)\})/.exec(this.#source.slice(this.#at)) ?? [];
    if (text === undefined) return part;
    this.#at += text.length;
    const lazy = this.#accept('?');
    const most = comma === '' ? Number(from) : to === '' ? Number.POSITIVE_INFINITY : Number(to);
    const [min, max] =
      braced !== undefined
        ? [Number(from), most]
        : [text === '+' ? 1 : 0, text === '?' ? 1 : Number.POSITIVE_INFINITY];
    return { type: 'repeat', part, min, max, lazy };
  }

  #atom(): Node {
    if (this.#accept('(')) return this.#group();
    if (this.#accept('[')) return this.#charClass();
    if (this.#accept('^')) {
      const isMulti = this.#flags.includes('m');
      return {
        type: 'assertion',
        holds: (text, at) => at === 0 || (isMulti && /[\n\r\u2028\u2029]/.test(text[at - 1] ?? '')),
      };
    }
    if (this.#accept('$')) {
      const isMulti = this.#flags.includes('m');
      return {
        type: 'assertion',
        holds: (text, at) => at === text.length || (isMulti && /[\n\r\u2028\u2029]/.test(text[at] ?? '')),
      };
    }
    for (const [mark, wanted] of [
      ['\\b', true],
      ['\\B', false],
    ] as const)
      if (this.#accept(mark))
        return {
          type: 'assertion',
          holds: (text, at) => (isWord(text[at - 1] ?? '') !== isWord(text[at] ?? '')) === wanted,
        };
    const [reference, word, number] = /^\\(?:k<(\w+)>|([1-9]))/.exec(this.#source.slice(this.#at)) ?? [];
    if (reference !== undefined) {
      this.#at += reference.length;
      return { type: 'reference', name: word ?? number ?? '' };
    }
    return this.#setOf(this.#source.slice(this.#at, this.#takeAtom()));
  }

  /** Moves behind one character, or the escape for one. Returns where that ends. */
  #takeAtom(): number {
    const rest = this.#source.slice(this.#at);
    this.#at += (
      /^\\(?:x[\da-f]{2}|u\{[\da-f]+\}|u[\da-f]{4}|[pP]\{[^}]*\}|c[A-Za-z]|.)|^./isu.exec(rest)?.[0] ?? ''
    ).length;
    return this.#at;
  }

  #setOf(atom: string): Node {
    const test = new RegExp(`^(?:${atom})$`, this.#flags.replace(/[gym]/g, ''));
    const holds = kept((char) => test.test(char));
    return { type: 'set', holds, sample: samplesOf(atom, holds) };
  }

  #charClass(): Node {
    const from = this.#at - 1;
    while (this.#source[this.#at] !== ']') this.#at += this.#source[this.#at] === '\\' ? 2 : 1;
    this.#at += 1;
    return this.#setOf(this.#source.slice(from, this.#at));
  }

  #group(): Node {
    let look: { behind: boolean; negative: boolean } | undefined;
    if (this.#accept('?=')) look = { behind: false, negative: false };
    else if (this.#accept('?!')) look = { behind: false, negative: true };
    else if (this.#accept('?<=')) look = { behind: true, negative: false };
    else if (this.#accept('?<!')) look = { behind: true, negative: true };
    else if (!this.#accept('?:')) return this.#capture();
    return this.#groupOf((part) => (look === undefined ? part : { type: 'look', part, ...look }));
  }

  #capture(): Node {
    const [head, word] = /^\?<(\w+)>/.exec(this.#source.slice(this.#at)) ?? ['', undefined];
    this.#at += head.length;
    this.#captures += 1;
    const name = word ?? `${this.#captures}`;
    return this.#groupOf((part) => ({ type: 'capture', part, name }));
  }

  #groupOf(wrap: (part: Node) => Node): Node {
    const part = this.parse();
    if (!this.#accept(')')) throw new Error(`no end of a group in ${this.#source}`);
    return wrap(part);
  }
}

function samplesOf(atom: string, holds: (char: string) => boolean): string[] {
  const literal = atom.length === 1 ? atom : ESCAPES[atom.slice(1)];
  const named = atom.startsWith('[') ? [...atom.slice(1, -1)] : [literal ?? atom.at(-1) ?? ''];
  return [...new Set([...named, ...OTHERS].filter(holds))].slice(0, 3);
}

/** Steps that one search takes at most before it is taken for hopeless. */
const MOST = 30_000_000;

export class StepCounter {
  readonly #root: Node;
  readonly #isSticky: boolean;
  #steps = 0;
  /** What the groups hold, by their name or number. */
  readonly #held = new Map<string, string>();

  constructor(regex: RegExp) {
    this.#root = new Parser(regex).parse();
    this.#isSticky = regex.sticky;
  }

  /** How many steps it takes to find the first match in a text, or to find that there is none. */
  count(text: string): number {
    this.#steps = 0;
    const last = this.#isSticky ? 0 : text.length;
    for (let at = 0; at <= last; at += 1) if (this.#match(this.#root, text, at, () => true)) break;
    return this.#steps;
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > MOST) throw new Error(`over ${MOST} steps`);
  }

  #match(node: Node, text: string, at: number, next: (at: number) => boolean): boolean {
    this.#step();
    switch (node.type) {
      case 'set':
        return at < text.length && node.holds(text[at] ?? '') && next(at + 1);
      case 'sequence':
        return this.#sequence(node.parts, 0, text, at, next);
      case 'choice':
        return node.options.some((option) => this.#match(option, text, at, next));
      case 'assertion':
        return node.holds(text, at) && next(at);
      case 'look':
        // What looks behind is tried from every place before: more steps than an engine takes.
        return this.#look(node, text, at) !== node.negative && next(at);
      case 'repeat':
        return node.part.type === 'set'
          ? this.#repeatSet(node, node.part, text, at, next)
          : this.#repeat(node, 0, text, at, next);
      case 'capture':
        return this.#match(node.part, text, at, (end) =>
          this.#holding(node.name, text.slice(at, end), () => next(end)),
        );
      case 'reference':
        return this.#refer(this.#held.get(node.name) ?? '', text, at, next);
    }
  }

  /** What a group holds is forgotten when what follows does not match with it. */
  #holding(name: string, held: string, next: () => boolean): boolean {
    const before = this.#held.get(name);
    this.#held.set(name, held);
    if (next()) return true;
    if (before === undefined) this.#held.delete(name);
    else this.#held.set(name, before);
    return false;
  }

  #refer(held: string, text: string, at: number, next: (at: number) => boolean): boolean {
    let same = 0;
    for (; same < held.length && held[same] === text[at + same]; same += 1) this.#step();
    return same === held.length && next(at + same);
  }

  #look({ part, behind }: Extract<Node, { type: 'look' }>, text: string, at: number): boolean {
    if (!behind) return this.#match(part, text, at, () => true);
    for (let from = at; from >= Math.max(0, at - 40); from -= 1)
      if (this.#match(part, text, from, (end) => end === at)) return true;
    return false;
  }

  #sequence(
    parts: readonly Node[],
    index: number,
    text: string,
    at: number,
    next: (at: number) => boolean,
  ): boolean {
    const part = parts[index];
    if (part === undefined) return next(at);
    return this.#match(part, text, at, (end) => this.#sequence(parts, index + 1, text, end, next));
  }

  /** Without a call for each character: texts are longer than stacks are deep. */
  #repeatSet(
    { min, max, lazy }: Extract<Node, { type: 'repeat' }>,
    part: Extract<Node, { type: 'set' }>,
    text: string,
    at: number,
    next: (at: number) => boolean,
  ): boolean {
    let most = 0;
    while (most < max && at + most < text.length && part.holds(text[at + most] ?? '')) {
      this.#step();
      if (lazy && most >= min && next(at + most)) return true;
      most += 1;
    }
    if (lazy) return most >= min && next(at + most);
    for (let count = most; count >= min; count -= 1) {
      this.#step();
      if (next(at + count)) return true;
    }
    return false;
  }

  #repeat(
    node: Extract<Node, { type: 'repeat' }>,
    count: number,
    text: string,
    at: number,
    next: (at: number) => boolean,
  ): boolean {
    const more = (): boolean =>
      count < node.max &&
      this.#match(
        node.part,
        text,
        at,
        (end) => (end > at || count < node.min) && this.#repeat(node, count + 1, text, end, next),
      );
    const enough = (): boolean => count >= node.min && next(at);
    return node.lazy ? enough() || more() : more() || enough();
  }
}

/** Texts that lead through the expression, each with the pieces that it came by. */
function walks(node: Node): string[][] {
  switch (node.type) {
    case 'set':
      return node.sample.map((char) => [char]);
    case 'sequence': {
      let all: string[][] = [[]];
      for (const part of node.parts)
        all = all.flatMap((walk) =>
          walks(part)
            .slice(0, all.length > 8 ? 1 : 3)
            .map((more) => [...walk, ...more]),
        );
      return all.slice(0, 24);
    }
    case 'choice':
      return node.options.flatMap((option) => walks(option).slice(0, 4));
    case 'repeat':
      return [
        ...walks(node.part)
          .slice(0, 4)
          .map((walk) => (node.min > 1 ? Array(node.min).fill(walk).flat() : walk)),
        ...(node.min === 0 ? [[]] : []),
      ];
    case 'look':
      return node.negative ? [[]] : [...walks(node.part).slice(0, 2), []];
    case 'capture':
      return walks(node.part);
    default:
      return [[]];
  }
}

/** How a text that is hostile to an expression grows. */
export interface Growth {
  readonly prefix: string;
  readonly pump: string;
  readonly suffix: string;
}

/** Ways to make texts that are hostile: pieces that lead into the expression, again and again, and then astray. */
export function hostileGrowths(regex: RegExp): Growth[] {
  const growths = new Map<string, Growth>();
  const add = (prefix: string, pump: string, suffix: string): void => {
    if (pump !== '') growths.set(JSON.stringify([prefix, pump, suffix]), { prefix, pump, suffix });
  };
  const all = walks(new Parser(regex).parse());
  for (const pump of ['\n', ' ', '\t', 'a', '0', ' \n', '\r', '.', ':0', '-', '"', "'", '\u2028'])
    for (const suffix of ['', 'x', '\n', '\r']) add('', pump, suffix);
  for (const walk of all) {
    const whole = walk.join('');
    for (let from = 0; from < walk.length; from += Math.max(1, Math.floor(walk.length / 8))) {
      const [head, tail] = [walk.slice(0, from).join(''), walk.slice(from).join('')];
      for (const suffix of ['', '\u0001', '\r'])
        for (const pump of [head, tail, walk[from] ?? '', `${walk[from] ?? ''} `]) {
          add(head, pump, suffix);
          add('', pump, suffix);
        }
    }
    for (const suffix of ['', '\u0001', '\r']) add('', whole, suffix);
  }
  return [...growths.values()];
}
