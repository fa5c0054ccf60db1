/**
 * What must not leave the machine, and how it is masked in what does. There is one list for the whole process: every
 * sink uses it (`harmless.ts` for text and data, `process/output/mask.ts` for the bytes of a log).
 *
 * A secret is recognised by its place: a variable, header, option or field with a telling name, a password in a URL.
 * From then on its value is `•••` wherever it turns up, also in its JSON, URL and shell spellings. A value that is
 * short or a common word is masked only beside its name, since half of every report would go with it otherwise.
 */

import { joined, type Stretch } from './gaps.ts';
import { nearMisses } from './near-misses.ts';
import {
  assignments,
  headerFields,
  headerParts,
  isPlausible,
  SHORTEST_GUESSED,
  secretPlaces,
  soundsSecret,
  tokens,
  urlPasswords,
} from './secret-places.ts';
import { seenIn } from './unseen.ts';

export const MASK = '•••';

/** The shortest value that is masked everywhere when the user has declared it a secret. */
const SHORTEST_NAMED = 4;
/** Limits for secrets learned from a component's output: their lengths, and their number. */
const SHORTEST_PRINTED = 16;
const LONGEST_PRINTED = 128;
/** How many different characters it must have: one of few could begin at every byte of a log. */
const FEWEST_DIFFERENT = 8;
const MOST_PRINTED = 100;
/** A longer value is searched for in pieces of this length. */
const LONGEST = 4096;
/** What is remembered of texts without secrets: their greatest length, and their number. */
const LONGEST_CLEAN = 200;
const MOST_CLEAN = 2000;
/** Where a text is cut, a shorter part of a secret may remain visible. */
const SHORTEST_PART = 4;

/** The spellings of a value: plain, in JSON, in a URL, in a shell, and each of its lines. */
function formsOf(value: string): string[] {
  const lines = value.split(/\r?\n/);
  const pieces = lines.length > 1 ? lines.map((line) => line.trim()) : [];
  const whole = [value, ...pieces.filter((line) => line.length >= SHORTEST_GUESSED)];
  return whole.flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encoded(text),
    text.replaceAll("'", "'\\''"),
  ]);
}

const piecesOf = (form: string): string[] =>
  form.length <= LONGEST ? [form] : (form.match(new RegExp(`[\\s\\S]{1,${LONGEST}}`, 'g')) ?? []);

const PRIVATE_KEY = 'PRIVATE KEY-----';

const looksRandom = (value: string): boolean =>
  /\d/.test(value) &&
  /[A-Za-z]/.test(value) &&
  new Set(value.slice(0, SHORTEST_PRINTED)).size >= FEWEST_DIFFERENT;

export class Secrets {
  readonly #values = new Set<string>();
  readonly #forms = new Set<string>();
  readonly #names = new Set<string>();
  readonly #met = new Set<string>();
  readonly #listeners: ((value: string) => void)[] = [];
  #pattern: RegExp | undefined;
  #longest = 0;
  /** Short texts in which nothing is to be masked: events have the same keys, steps and files over and over. */
  readonly #clean = new Set<string>();
  /** How many were learned from output. */
  #printed = 0;
  /** Whether faults change texts on purpose. */
  #expectsFaults = false;
  /** Of `#forms`, those that no fault has changed. */
  readonly #unchanged = new Set<string>();

  /** What is searched for, in every spelling. It only grows. */
  get forms(): ReadonlySet<string> {
    return this.#forms;
  }

  /** Length of the longest form, in characters. */
  get longest(): number {
    return this.#longest;
  }

  /** Calls back with each value that is masked, including those already known. */
  onValue(listener: (value: string) => void): void {
    this.#listeners.push(listener);
    for (const value of this.#values) listener(value);
  }

  /** Declares variables secret, whatever their names sound like. */
  name(names: readonly string[]): void {
    for (const name of names) this.#names.add(name);
    this.#clean.clear();
  }

  /** Variables declared secret. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Whether a name is that of a secret. */
  readonly isSecret = (name: string): boolean => this.#names.has(name) || soundsSecret(name);

  #add(value: string, isNamed: boolean): void {
    const text = value.trim();
    if (this.#values.has(text)) return;
    // Nothing can be learned from masked text.
    if (text.includes(MASK) || !(isNamed ? text.length >= SHORTEST_NAMED : isPlausible(text))) return;
    this.#keep(text);
    if (this.#expectsFaults) this.#keepChanged(text);
    for (const listener of this.#listeners) listener(text);
  }

  /** From now on secrets are masked also where a fault has changed one character of them. */
  expectFaults(): void {
    if (this.#expectsFaults) return;
    this.#expectsFaults = true;
    for (const value of this.#values) this.#keepChanged(value);
  }

  #keepChanged(text: string): void {
    for (const form of formsOf(text).flatMap(nearMisses))
      if (form.length >= SHORTEST_GUESSED) this.#forms.add(form);
    this.#pattern = undefined;
    this.#clean.clear();
  }

  #keep(text: string): void {
    this.#values.add(text);
    for (const form of formsOf(text).flatMap(piecesOf)) {
      if (form.length < SHORTEST_NAMED) continue;
      this.#forms.add(form);
      this.#unchanged.add(form);
      this.#longest = Math.max(this.#longest, form.length);
    }
    this.#pattern = undefined;
    this.#clean.clear();
  }

  /** Whether more can be learned from output. */
  get learnsPrinted(): boolean {
    return this.#printed < MOST_PRINTED;
  }

  /**
   * Learns what a component printed where a secret stands, so that it is masked elsewhere too. Only what looks
   * random, and only the first few: a component must neither get the words of a report masked by calling them tokens,
   * nor slow down the search. Listeners are not told, for it is not our secret.
   */
  learnPrinted(text: string): void {
    for (const part of text.split(/[\s;,"'\\]+/)) {
      const value = part.replace(/^[\w.-]+=(?=[^=])/, '');
      if (!this.learnsPrinted || value.length < SHORTEST_PRINTED || value.length > LONGEST_PRINTED) continue;
      if (this.#values.has(value) || !looksRandom(value) || !isPlausible(value)) continue;
      this.#printed += 1;
      this.#keep(value);
    }
  }

  #addField(name: string, value: string): void {
    const parts = /^(?:(?:proxy-)?authorization|(?:set-)?cookie)$/i.test(name) ? headerParts(value) : [value];
    for (const part of parts) this.#add(part, this.#names.has(name));
  }

  /**
   * Learns the secrets in plain data: an environment, a suite, a plan, options, a command line.
   *
   * @param data with secrets under a telling name, next to one in a pair, or in a text in one of the forms above
   */
  learn(data: unknown): void {
    if (typeof data === 'string') this.#learnText(data);
    else if (Array.isArray(data)) this.#learnList(data);
    else if (typeof data === 'object' && data !== null)
      for (const [key, value] of Object.entries(data)) {
        if (FIELDS.has(key)) for (const [name, each] of fieldsOf(value)) this.#learnField(name, each);
        else if (typeof value === 'string') this.#learnOption(key, value);
        this.learn(value);
      }
  }

  /** @param env of a process */
  learnEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    this.learn({ env });
  }

  /** Declared variables that occurred in nothing that was learned. */
  get unmet(): string[] {
    return [...this.#names].filter((name) => !this.#met.has(name));
  }

  #learnField(name: string, value: unknown): void {
    if (this.#names.has(name)) this.#met.add(name);
    if (!this.isSecret(name)) return;
    for (const each of [value].flat()) if (typeof each === 'string') this.#addField(name, each);
  }

  /** `user` contains a password after the name, as in basic authentication. */
  #learnOption(name: string, value: string): void {
    if (name !== 'user') this.#learnField(name, value);
    else if (value.includes(':')) {
      this.#add(value.slice(value.indexOf(':') + 1), false);
      this.#add(Buffer.from(value).toString('base64'), false);
    }
  }

  #learnList(list: readonly unknown[]): void {
    for (const [index, each] of list.entries()) {
      this.learn(each);
      // An option and its value among a command's words.
      const next = list[index + 1];
      if (typeof each === 'string' && each.startsWith('--') && typeof next === 'string')
        this.#learnOption(each.slice(2), next);
    }
  }

  #learnText(text: string): void {
    for (const { user, password } of urlPasswords(text)) {
      this.#add(password, false);
      this.#learnOption('user', `${decoded(user)}:${decoded(password)}`);
    }
    for (const { name, value } of headerFields(text)) this.#addField(name, value);
    for (const { name, value } of assignments(text, this.isSecret)) this.#learnField(name, value);
    for (const { value } of tokens(text)) this.#add(value, false);
    if (text.includes(PRIVATE_KEY)) this.#add(text, false);
  }

  /**
   * Masks the secrets in a text.
   *
   * @param isOpen its end was cut off or has not arrived yet: the possible beginning of a secret is masked too
   */
  conceal(text: string, isOpen = false): string {
    let shown = '';
    let covered = 0;
    for (const { start, end } of this.placesIn(text, isOpen)) {
      shown += `${text.slice(covered, start)}${MASK}`;
      covered = end;
    }
    return shown + text.slice(covered);
  }

  /**
   * Where `conceal` puts its masks.
   *
   * @returns in order; none overlaps another
   */
  placesIn(text: string, isOpen = false): readonly Stretch[] {
    if (!isOpen && this.#clean.has(text)) return [];
    // Search the original text for both: masking one could hide the other.
    const ranges: Stretch[] = [
      ...this.#known(text, isOpen),
      ...secretPlaces(text, this.isSecret, isOpen),
      ...tokens(text),
    ];
    if (ranges.length === 0 && !isOpen) this.#noteClean(text);
    return joined(ranges);
  }

  #noteClean(text: string): void {
    if (text.length > LONGEST_CLEAN) return;
    if (this.#clean.size === MOST_CLEAN) this.#clean.clear();
    this.#clean.add(text);
  }

  /** The places of known secrets, also of those with something within that nobody sees. */
  #known(text: string, isOpen: boolean): Stretch[] {
    if (this.#forms.size === 0 || text.length < SHORTEST_PART) return [];
    const ranges = this.#knownIn(text, isOpen);
    const read = seenIn(text);
    if (read === undefined) return ranges;
    const { seen, gaps } = read;
    return [...ranges, ...this.#knownIn(seen, isOpen).map((range) => gaps.wholeOf(range))];
  }

  #knownIn(text: string, isOpen: boolean): Stretch[] {
    const ranges = this.#find(text);
    return isOpen || text.includes('…') ? [...ranges, ...this.#cutAway(text, isOpen)] : ranges;
  }

  /** The ranges of secrets; they may overlap. */
  #find(text: string): Stretch[] {
    this.#pattern ??= new RegExp(
      `(?=(${[...this.#forms]
        .sort((a, b) => b.length - a.length)
        .map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
        .join('|')}))`,
      'g',
    );
    return Array.from(text.matchAll(this.#pattern), ({ index, 1: found = '' }) => ({
      start: index,
      end: index + found.length,
    }));
  }

  /** The remains of secrets on either side of a gap. */
  #cutAway(text: string, isOpen: boolean): Stretch[] {
    const ranges: Stretch[] = [];
    const before = (end: number): void => {
      const length = this.#longestPart((part) => text.endsWith(part, end), 'start');
      if (length > 0) ranges.push({ start: end - length, end });
    };
    for (let at = text.indexOf('…'); at !== -1; at = text.indexOf('…', at + 1)) {
      const [end, start] = [text[at - 1] === ' ' ? at - 1 : at, text[at + 1] === ' ' ? at + 2 : at + 1];
      before(end);
      const length = this.#longestPart((part) => text.startsWith(part, start), 'end');
      if (length > 0) ranges.push({ start, end: start + length });
    }
    if (isOpen) before(text.length);
    return ranges;
  }

  #longestPart(isThere: (part: string) => boolean, side: 'start' | 'end'): number {
    let longest = 0;
    for (const form of this.#unchanged)
      for (let length = form.length - 1; length >= Math.max(SHORTEST_PART, longest + 1); length -= 1)
        if (isThere(side === 'start' ? form.slice(0, length) : form.slice(-length))) longest = length;
    return longest;
  }

  /** Whether one of these texts contains a secret. */
  areIn(texts: readonly string[]): boolean {
    return texts.some((text) => this.conceal(text) !== text);
  }

  /** Masks the secrets in plain data; in an environment or headers, whole values of telling names. */
  concealAll<T>(data: T): T {
    return this.#concealValue(data) as T;
  }

  #concealValue(data: unknown, isNamed = false): unknown {
    if (typeof data === 'string') return isNamed ? MASK : this.conceal(data);
    if (Array.isArray(data)) return data.map((each) => this.#concealValue(each, isNamed));
    if (typeof data !== 'object' || data === null) return data;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [
        this.conceal(key),
        FIELDS.has(key) ? this.#concealFields(value) : this.#concealValue(value),
      ]),
    );
  }

  /** An environment, or headers. */
  #concealFields(fields: unknown): unknown {
    const shown = fieldsOf(fields).map(([name, value]) => [
      this.conceal(name),
      this.#concealValue(value, this.isSecret(name)),
    ]);
    if (shown.length === 0) return this.#concealValue(fields);
    return Array.isArray(fields) ? shown : Object.fromEntries(shown);
  }
}

/** Parts of plans whose keys are chosen by users. */
const FIELDS = new Set(['env', 'headers']);

/** The fields of an object, or of a list of pairs. */
function fieldsOf(data: unknown): [string, unknown][] {
  if (typeof data !== 'object' || data === null) return [];
  if (!Array.isArray(data)) return Object.entries(data);
  return data.filter(
    (each): each is [string, unknown] =>
      Array.isArray(each) && each.length === 2 && typeof each[0] === 'string',
  );
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The secrets of this process. */
export const secrets = new Secrets();
