/**
 * JUnit's XML, as test runners of all languages write it, each in its own way. Entities that a document declares are not
 * expanded, and nothing that it refers to is read.
 */
import { basename } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { TextDecoder } from 'node:util';
import sax from 'sax';
import { err, ok, type Result } from '../../../core/result.ts';
import { type Draft, draft, firstLines, firstMessage, MOST_TESTS, placesIn, reasonIn } from './reader.ts';
import { junitName } from './script-names.ts';

/** What a file of results holds. */
export interface JunitReport {
  readonly cases: Draft[];
  /** How many tests failed, by its cases and by those sums of its suites that tell of more. */
  readonly saysFailed: number;
  /** Whether all of it says that pytest has written it. */
  readonly isPytest: boolean;
}

/** How much of a text is kept while it is read. */
const MOST_TEXT = 64 * 1024;
const DEEPEST = 100;
export const LATE = 'there was no time left to read it';
/** After how many characters everybody else has a turn. */
const TURN = 256 * 1024;
/** The class that some write for every test, and the suites that have no name of their own. */
const NAMELESS = new Set(['test', 'undefined', 'pytest', '']);
const NOT_RUN = new Set(['disabled', 'notrun', 'skipped', 'suppressed', 'ignored']);
const FAILED = new Set(['failed', 'failure', 'fail', 'error']);

type Attributes = Readonly<Record<string, string>>;

// Texts that are too long are cut here, and attributes are bounded by the size of the file.
Object.assign(sax, { MAX_BUFFER_LENGTH: Number.POSITIVE_INFINITY });

/** `1.5`, `1,234.5` or `1,5`: seconds, as the language of the machine writes them. */
function seconds(text: string | undefined): number | null {
  if (text === undefined) return null;
  const plain = text.includes('.') ? text.replaceAll(',', '') : text.replace(',', '.');
  const value = Number(plain);
  return plain.trim() === '' || !Number.isFinite(value) || value < 0 ? null : value * 1000;
}

/** @returns undefined for what is no whole number; 0 for what says nothing */
function many(text = ''): number | undefined {
  const plain = text.trim();
  return /^\d{0,15}$/.test(plain) ? Number(plain) : undefined;
}

/** @returns `kept` as far as it may grow; what is beyond that costs nothing */
const grown = (kept: string, text: string): string =>
  kept.length >= MOST_TEXT ? kept : kept + text.slice(0, MOST_TEXT - kept.length);

const isSuite = (name: string | undefined): boolean => name === 'testsuite' || name === 'testsuites';
const isFailure = (name: string | undefined): boolean => name === 'failure' || name === 'error';

const isPrinted = (name: string): boolean => name === 'system-out' || name === 'system-err';

/** Prefixes of namespaces are chosen freely, and some write other letters large. */
const localName = (name: string): string => name.slice(name.indexOf(':') + 1).toLowerCase();

const lowered = (attributes: Attributes): Attributes =>
  Object.keys(attributes).every((name) => name === name.toLowerCase())
    ? attributes
    : Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), value]));

/** The file of a test is rather the one that its class is named after than that of a library of assertions. */
function placeOf(lines: readonly string[], classname: string): Pick<Draft, 'file' | 'line'> | undefined {
  const places = placesIn(lines);
  const parts = new Set(classname.split(/[./\\:$]/));
  return places.find(({ file }) => parts.has(basename(file ?? '').replace(/\.\w+$/, ''))) ?? places[0];
}

/** A suite that is being read. */
interface Suite {
  readonly title: string;
  /** How many of its tests failed, by its sum. */
  readonly sum: number;
  /** How many of them tell so. */
  told: number;
  /** How many more failed, by the sums of the suites in it. */
  more: number;
}

interface Case {
  /** Of its element. */
  readonly depth: number;
  readonly test: Draft;
  readonly classname: string;
  failure: string;
  printed: string;
  /** Whether it tells of a failure, be that allowed or not. */
  tells: boolean;
  mayFail: boolean;
}

class Reading {
  readonly cases: Draft[] = [];
  readonly #path: string[] = [];
  /** From the outside in; the first is the whole document. */
  readonly #suites: Suite[] = [{ title: '', sum: 0, told: 0, more: 0 }];
  /** Those that have begun and not ended: there may be some within others. */
  readonly #open: Case[] = [];
  /** Why it cannot be read. */
  trouble: string | undefined;
  hasBegun = false;
  isPytest = true;
  #isJest = false;

  get saysFailed(): number {
    const failed = this.cases.filter(({ outcome }) => outcome === 'failed').length;
    return failed + (this.#suites[0]?.more ?? 0);
  }

  open(prefixed: string, attributes: Attributes): void {
    const name = localName(prefixed);
    const depth = this.#path.length;
    this.hasBegun = true;
    if (depth === 0 && !isSuite(name))
      this.trouble ??= `it is no JUnit XML: it begins with <${name.slice(0, 40)}>`;
    if (depth > DEEPEST || this.cases.length > MOST_TESTS)
      this.trouble ??=
        depth > DEEPEST ? 'its elements are nested too deeply' : `it has more than ${MOST_TESTS} tests`;
    const isPart = this.#path.at(-1) === 'testcase';
    // What a test prints may look like anything.
    const isQuoted = this.#path.some(isPrinted);
    this.#path.push(name);
    if (depth === 0) this.#isJest = attributes.name === 'jest tests';
    if (isSuite(name)) this.#suite(name === 'testsuite' ? attributes.name : '', attributes);
    else if (name === 'testcase') this.#begin(attributes);
    else if (isFailure(name) && !isQuoted) this.#fail(attributes);
    else if (name === 'skipped' && isPart) this.#skip(attributes);
  }

  #suite(title = '', attributes: Attributes): void {
    if (title !== '') this.isPytest &&= title === 'pytest';
    const sums = (['failures', 'errors'] as const).map((name) => {
      const sum = many(attributes[name]);
      if (sum === undefined)
        this.trouble ??= `${name}="${(attributes[name] ?? '').slice(0, 40)}" is no number of tests`;
      return sum ?? 0;
    });
    this.#suites.push({ title, sum: sums.reduce((all, sum) => all + sum), told: 0, more: 0 });
  }

  #closeSuite(): void {
    const suite = this.#suites.pop();
    const outer = this.#suites.at(-1);
    if (suite === undefined || outer === undefined) return;
    outer.told += suite.told;
    outer.more += Math.max(suite.more, suite.sum - suite.told);
  }

  #begin({
    name = '',
    classname = '',
    class: ofClass = classname,
    time,
    file,
    line,
    status = '',
    result = '',
  }: Attributes): void {
    const whole = ofClass.trim();
    const title = name.trim();
    const suites = this.#suites.flatMap((each) => (NAMELESS.has(each.title) ? [] : each.title));
    const own = whole === title || NAMELESS.has(whole) ? suites.join(' › ') : whole;
    const at = Number(line);
    const said = (words: ReadonlySet<string>): boolean =>
      words.has(status.toLowerCase()) || words.has(result.toLowerCase());
    const test = draft({
      ...(junitName(whole, title, suites, this.#isJest) ?? { suite: own, name: title }),
      outcome: said(FAILED) ? 'failed' : said(NOT_RUN) ? 'skipped' : 'passed',
      durationMs: seconds(time),
      file: file === undefined || file === '' ? null : file,
      line: file !== undefined && Number.isInteger(at) && at > 0 ? at : null,
    });
    this.#open.push({
      ...{ test, depth: this.#path.length, classname: whole, failure: '', printed: '' },
      ...{ tells: test.outcome === 'failed', mayFail: false },
    });
  }

  /** What fails as a whole, such as by its setup, is told as one more test. */
  #fail({ message }: Attributes): void {
    if (this.#open.length === 0) this.#begin({ name: 'the whole suite' });
    const last = this.#open.at(-1);
    if (last === undefined) return;
    last.tells = true;
    if (last.mayFail) return;
    last.test.outcome = 'failed';
    last.test.message ??= message === undefined ? null : reasonIn(message.split('\n'));
  }

  #skip({ message, type }: Attributes): void {
    const last = this.#open.at(-1);
    if (last === undefined) return;
    // node writes how a test failed that is still to be done.
    last.mayFail = type === 'todo';
    if (last.test.outcome === 'passed' || last.mayFail) last.test.outcome = 'skipped';
    last.test.message ??= firstMessage(message);
  }

  text(text: string): void {
    const [name = '', parent] = [this.#path.at(-1), this.#path.at(-2)];
    const last = this.#open.at(-1);
    if (last === undefined) return;
    if (isFailure(name) && !this.#path.some(isPrinted)) last.failure = grown(last.failure, text);
    else if (parent === 'testcase' && isPrinted(name)) last.printed = grown(last.printed, text);
  }

  close(): void {
    const depth = this.#path.length;
    const name = this.#path.pop();
    if (isSuite(name)) this.#closeSuite();
    else if (this.#open.at(-1)?.depth === depth) this.#end();
  }

  #end(): void {
    const ended = this.#open.pop();
    if (ended === undefined) return;
    const { test, classname, failure, printed } = ended;
    const lines = failure.split('\n');
    if (test.outcome === 'failed') {
      test.message ??= reasonIn(lines);
      if (test.line === null) Object.assign(test, placeOf(lines, classname) ?? {});
    }
    test.output = firstLines([...lines, ...printed.split('\n')]);
    this.cases.push(test);
    const suite = this.#suites.at(-1);
    if (ended.tells && suite !== undefined) suite.told += 1;
  }
}

function decoderFor(bytes: Buffer): Result<TextDecoder, string> {
  const head = bytes.toString('latin1', 0, 200);
  const wide = /^\xff\xfe|^<\0/.test(head)
    ? 'utf-16le'
    : /^\xfe\xff|^\0</.test(head)
      ? 'utf-16be'
      : undefined;
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding=["']([\w.:-]+)["']/.exec(head)?.[1];
  const label = wide ?? declared ?? 'utf-8';
  try {
    return ok(new TextDecoder(label));
  } catch {
    return err(`its encoding ${label} is not known`);
  }
}

/**
 * XML knows no control characters, and characters beyond the first 65,536 only as a whole. Runners write them all the same,
 * the latter in two halves.
 *
 * @param name of an entity
 */
function looseCharacter(name: string): string | undefined {
  const code = /^#(?:x[\da-f]+|\d+)$/i.test(name) ? Number(`0${name.slice(1)}`) : Number.NaN;
  return code <= 0xffff ? String.fromCharCode(code) : undefined;
}

/**
 * @param stop once it is aborted, no more is read
 * @returns what it holds, or why it cannot be read
 */
export async function readJunit(bytes: Buffer, stop?: AbortSignal): Promise<Result<JunitReport, string>> {
  const decoder = decoderFor(bytes);
  if (!decoder.ok) return decoder;
  const reading = new Reading();
  const parser = sax.parser(true);
  const entities = { get: (known: object, name: string) => Reflect.get(known, name) ?? looseCharacter(name) };
  Object.assign(parser, { ENTITIES: new Proxy(Object(Reflect.get(parser, 'ENTITIES')), entities) });
  parser.onopentag = ({ name, attributes }) => reading.open(name, lowered(attributes as Attributes));
  parser.ontext = (text) => reading.text(text);
  parser.oncdata = (text) => reading.text(text);
  parser.onclosetag = () => reading.close();
  parser.onerror = (error) => {
    const [what = ''] = error.message.split('\n');
    reading.trouble ??= `line ${parser.line + 1}: ${what.slice(0, 120)}`;
  };
  try {
    for (let at = 0; at < bytes.length && reading.trouble === undefined; at += TURN) {
      parser.write(decoder.value.decode(bytes.subarray(at, at + TURN), { stream: true }));
      await turn();
      if (stop?.aborted === true) reading.trouble ??= LATE;
    }
    if (reading.trouble === undefined) parser.close();
  } catch (error) {
    reading.trouble ??= (error as Error).message.split('\n', 1)[0] ?? '';
  }
  if (reading.trouble === undefined && !reading.hasBegun) return err('it is empty');
  if (reading.trouble !== undefined) return err(reading.trouble);
  const { cases, saysFailed, isPytest } = reading;
  return ok({ cases, saysFailed, isPytest });
}
