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

/** What a file of results holds. */
export interface JunitReport {
  readonly cases: Draft[];
  /** How many tests failed, by its cases and by those sums of its suites that tell of more. */
  readonly saysFailed: number;
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

/** @returns 0 for what is no plain number: nothing may cancel what the other sums say */
const many = (text = ''): number => (/^\d{1,9}$/.test(text) ? Number(text) : 0);

/** @returns `kept` as far as it may grow; what is beyond that costs nothing */
const grown = (kept: string, text: string): string =>
  kept.length >= MOST_TEXT ? kept : kept + text.slice(0, MOST_TEXT - kept.length);

const isSuite = (name: string | undefined): boolean => name === 'testsuite' || name === 'testsuites';
const isFailure = (name: string | undefined): boolean => name === 'failure' || name === 'error';

/** Prefixes of namespaces are chosen freely. */
const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

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
  readonly test: Draft;
  readonly classname: string;
  failure: string;
  printed: string;
  /** Whether it tells of a failure, be that allowed or not. */
  tells: boolean;
}

class Reading {
  readonly cases: Draft[] = [];
  readonly #path: string[] = [];
  /** From the outside in; the first is the whole document. */
  readonly #suites: Suite[] = [{ title: '', sum: 0, told: 0, more: 0 }];
  #case: Case | undefined;
  #mayFail = false;
  /** Why it cannot be read. */
  trouble: string | undefined;
  hasBegun = false;

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
    const parent = this.#path.at(-1);
    this.#path.push(name);
    if (isSuite(name)) this.#suite(name === 'testsuite' ? attributes.name : '', attributes);
    else if (name === 'testcase') this.#begin(attributes);
    else if (parent === 'testcase' && this.#case !== undefined) this.#part(this.#case, name, attributes);
    else if (isSuite(parent) && isFailure(name)) this.#failSuite(name, attributes);
  }

  #suite(title = '', { failures, errors }: Attributes): void {
    this.#suites.push({ title, sum: many(failures) + many(errors), told: 0, more: 0 });
  }

  #closeSuite(): void {
    const suite = this.#suites.pop();
    const outer = this.#suites.at(-1);
    if (suite === undefined || outer === undefined) return;
    outer.told += suite.told;
    outer.more += Math.max(suite.more, suite.sum - suite.told);
  }

  /** What fails as a whole, such as by its setup, is told as one more test. */
  #failSuite(name: string, attributes: Attributes): void {
    this.#begin({ name: 'the whole suite' });
    if (this.#case !== undefined) this.#part(this.#case, name, attributes);
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
    const own =
      whole === title || NAMELESS.has(whole)
        ? this.#suites.flatMap((each) => (NAMELESS.has(each.title) ? [] : each.title)).join(' › ')
        : whole;
    this.#mayFail = false;
    const at = Number(line);
    const said = (words: ReadonlySet<string>): boolean =>
      words.has(status.toLowerCase()) || words.has(result.toLowerCase());
    const test = draft({
      name: title,
      suite: own,
      outcome: said(FAILED) ? 'failed' : said(NOT_RUN) ? 'skipped' : 'passed',
      durationMs: seconds(time),
      file: file === undefined || file === '' ? null : file,
      line: file !== undefined && Number.isInteger(at) && at > 0 ? at : null,
    });
    this.#case = { test, classname: whole, failure: '', printed: '', tells: test.outcome === 'failed' };
  }

  #part(of: Case, name: string, { message, type }: Attributes): void {
    const { test } = of;
    if (isFailure(name)) {
      of.tells = true;
      if (this.#mayFail) return;
      test.outcome = 'failed';
      test.message ??= message === undefined ? null : reasonIn(message.split('\n'));
    } else if (name === 'skipped') {
      // node writes how a test failed that is still to be done.
      this.#mayFail = type === 'todo';
      if (test.outcome === 'passed' || this.#mayFail) test.outcome = 'skipped';
      test.message ??= firstMessage(message);
    }
  }

  text(text: string): void {
    const [name, parent] = [this.#path.at(-1), this.#path.at(-2)];
    if (this.#case === undefined) return;
    if (isFailure(name) && (parent === 'testcase' || isSuite(parent)))
      this.#case.failure = grown(this.#case.failure, text);
    else if (parent === 'testcase' && (name === 'system-out' || name === 'system-err'))
      this.#case.printed = grown(this.#case.printed, text);
  }

  close(): void {
    const name = this.#path.pop();
    if (isSuite(name)) this.#closeSuite();
    else if (name === 'testcase' || (isFailure(name) && isSuite(this.#path.at(-1)))) this.#end();
  }

  #end(): void {
    if (this.#case === undefined) return;
    const { test, classname, failure, printed } = this.#case;
    const lines = failure.split('\n');
    if (test.outcome === 'failed') {
      test.message ??= reasonIn(lines);
      if (test.line === null) Object.assign(test, placeOf(lines, classname) ?? {});
    }
    test.output = firstLines([...lines, ...printed.split('\n')]);
    this.cases.push(test);
    const suite = this.#suites.at(-1);
    if (this.#case.tells && suite !== undefined) suite.told += 1;
    this.#case = undefined;
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
  parser.onopentag = ({ name, attributes }) => reading.open(name, attributes as Attributes);
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
  return ok({ cases: reading.cases, saysFailed: reading.saysFailed });
}
