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
  /** How many tests failed, by the sum that it begins with. */
  readonly saysFailed: number;
}

/** How much of a text is kept while it is read. */
const MOST_TEXT = 64 * 1024;
const DEEPEST = 100;
/** After how many characters everybody else has a turn. */
const TURN = 256 * 1024;
/** The class that some write for every test, and the suites that have no name of their own. */
const NAMELESS = new Set(['test', 'undefined', 'pytest', '']);
const NOT_RUN = new Set(['disabled', 'notrun', 'skipped', 'suppressed', 'ignored']);

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

/** The file of a test is rather the one that its class is named after than that of a library of assertions. */
function placeOf(lines: readonly string[], classname: string): Pick<Draft, 'file' | 'line'> | undefined {
  const places = placesIn(lines);
  const parts = new Set(classname.split(/[./\\:$]/));
  return places.find(({ file }) => parts.has(basename(file ?? '').replace(/\.\w+$/, ''))) ?? places[0];
}

class Reading {
  readonly cases: Draft[] = [];
  readonly #path: string[] = [];
  readonly #suites: string[] = [];
  /** By the sums of the outermost element that has some. */
  #sums: { readonly depth: number; failed: number } | undefined;
  #case: { readonly test: Draft; readonly classname: string; failure: string; printed: string } | undefined;
  #mayFail = false;
  /** Why it cannot be read. */
  trouble: string | undefined;
  hasBegun = false;

  get saysFailed(): number {
    return this.#sums?.failed ?? 0;
  }

  open(name: string, attributes: Attributes): void {
    const depth = this.#path.length;
    this.hasBegun = true;
    if (depth === 0 && name !== 'testsuites' && name !== 'testsuite')
      this.trouble ??= `it is no JUnit XML: it begins with <${name.slice(0, 40)}>`;
    if (depth > DEEPEST || this.cases.length > MOST_TESTS)
      this.trouble ??=
        depth > DEEPEST ? 'its elements are nested too deeply' : `it has more than ${MOST_TESTS} tests`;
    const parent = this.#path.at(-1);
    this.#path.push(name);
    if (name === 'testsuites' || name === 'testsuite') this.#suite(name, attributes, depth);
    else if (name === 'testcase') this.#begin(attributes);
    else if (parent === 'testcase' && this.#case !== undefined) this.#part(this.#case, name, attributes);
  }

  #suite(name: string, { name: title = '', failures, errors }: Attributes, depth: number): void {
    if (name === 'testsuite') this.#suites.push(title);
    if (failures === undefined && errors === undefined) return;
    this.#sums ??= { depth, failed: 0 };
    if (this.#sums.depth === depth) this.#sums.failed += (Number(failures) || 0) + (Number(errors) || 0);
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
        ? this.#suites.filter((each) => !NAMELESS.has(each)).join(' › ')
        : whole;
    this.#mayFail = false;
    const at = Number(line);
    const test = draft({
      name: title,
      suite: own,
      outcome: NOT_RUN.has(status.toLowerCase()) || NOT_RUN.has(result.toLowerCase()) ? 'skipped' : 'passed',
      durationMs: seconds(time),
      file: file === undefined || file === '' ? null : file,
      line: file !== undefined && Number.isInteger(at) && at > 0 ? at : null,
    });
    this.#case = { test, classname: whole, failure: '', printed: '' };
  }

  #part({ test }: { readonly test: Draft }, name: string, { message, type }: Attributes): void {
    if (name === 'failure' || name === 'error') {
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
    if (this.#case === undefined || parent !== 'testcase') return;
    if (name === 'failure' || name === 'error')
      this.#case.failure = (this.#case.failure + text).slice(0, MOST_TEXT);
    else if (name === 'system-out' || name === 'system-err')
      this.#case.printed = (this.#case.printed + text).slice(0, MOST_TEXT);
  }

  close(): void {
    const name = this.#path.pop();
    if (name === 'testsuite') this.#suites.pop();
    if (name !== 'testcase' || this.#case === undefined) return;
    const { test, classname, failure, printed } = this.#case;
    const lines = failure.split('\n');
    if (test.outcome === 'failed') {
      test.message ??= reasonIn(lines);
      if (test.line === null) Object.assign(test, placeOf(lines, classname) ?? {});
    }
    test.output = firstLines([...lines, ...printed.split('\n')]);
    this.cases.push(test);
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

/** @returns what it holds, or why it cannot be read */
export async function readJunit(bytes: Buffer): Promise<Result<JunitReport, string>> {
  const decoder = decoderFor(bytes);
  if (!decoder.ok) return decoder;
  const reading = new Reading();
  const parser = sax.parser(true);
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
    }
    if (reading.trouble === undefined) parser.close();
  } catch (error) {
    reading.trouble ??= (error as Error).message.split('\n', 1)[0] ?? '';
  }
  if (reading.trouble === undefined && !reading.hasBegun) return err('it is empty');
  if (reading.trouble !== undefined) return err(reading.trouble);
  return ok({ cases: reading.cases, saysFailed: reading.saysFailed });
}
