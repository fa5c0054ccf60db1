/** Builds a load plan from the command line, or lists everything that is wrong with it. */
import { availableParallelism } from 'node:os';
import type { Diagnostic } from '../core/diagnostic.ts';
import { parseExactJson } from '../core/exact-json.ts';
import type { LoadPlan } from '../core/load.ts';
import { err, ok, type Result } from '../core/result.ts';
import { parseDuration } from '../core/units.ts';
import { toDuration } from '../kinds/common/duration.ts';
import type { Problem } from '../kinds/common/problem.ts';
import { buildLoadPlan, type LoadDefaults, type WordsBesideUrl } from '../load/options/index.ts';
import type { LoadExpectOptions, LoadRequestOptions, LoadStageOptions } from '../load/options/options.ts';
import { COMMAND_DEFAULTS, METHOD, MOST } from '../load/options/words.ts';
import { flagOf, type LoadFlags, wordsAsSaid } from './load-flags.ts';

/** Runs need not repeat each other, so the seed is random. */
const defaults = (): LoadDefaults => ({
  limit: { type: 'duration', duration: toDuration(COMMAND_DEFAULTS.duration) },
  workers: Math.min(COMMAND_DEFAULTS.mostWorkers, Math.max(1, Math.floor(availableParallelism() / 2))),
  seed: Math.floor(Math.random() * 2 ** 32),
});

/** What is wrong; mistakes in an option that several requests share are reported once. */
class Complaints {
  readonly all: Diagnostic[] = [];

  add(diagnostic: Diagnostic): void {
    if (!this.all.some(({ message }) => message === diagnostic.message)) this.all.push(diagnostic);
  }

  say(message: string, hint: string): undefined {
    this.add({ message, hint });
    return undefined;
  }

  readonly tell = ({ path, message, hint, within }: Problem): void => {
    const location = within && {
      file: flagOf(path),
      line: 1,
      column: within.offset + 1,
      length: within.length,
      text: within.text,
    };
    this.add({
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(location === undefined ? {} : { location }),
    });
  };
}

/** `10s:50` goes from the current level to 50 in ten seconds, `10s:20-50` from 20. With `/s` it is a rate. */
const STAGE = /^([\d.a-z]+):(?:([\d.]+)(?:\/s)?-)?([\d.]+)(\/s)?$/;

interface Stages {
  readonly isRate: boolean;
  readonly stages: readonly LoadStageOptions[];
}

function parseStages(text: string, complaints: Complaints): Stages | undefined {
  const accepted =
    'stages are written as 10s:50,1m:50,5s:0 (connections) or 10s:100/s,1m:100/s-500/s (a rate)';
  const kinds = new Set<boolean>();
  const stages: LoadStageOptions[] = [];
  for (const part of text.split(',')) {
    const [, duration = '', from, to = '', perSecond] = STAGE.exec(part.trim()) ?? [];
    const parsed = parseDuration(duration);
    if (duration === '' || !(Number(to) <= MOST && Number(from ?? 0) <= MOST))
      return complaints.say(`--stages: "${part}" is not a stage`, accepted);
    if (!parsed.ok) return complaints.say(`--stages: ${parsed.error}`, accepted);
    kinds.add(perSecond !== undefined);
    stages.push({ duration, to: Number(to), ...(from === undefined ? {} : { from: Number(from) }) });
  }
  if (kinds.size > 1) return complaints.say('--stages mixes connections and rates', accepted);
  return { isRate: kinds.has(true), stages };
}

/** The levels of stages show by themselves whether they are rates. */
function toStages(flags: LoadFlags, complaints: Complaints): Pick<WordsBesideUrl, 'stages' | 'rate'> {
  const { rate } = flags;
  const own = rate === undefined ? {} : { rate };
  const parsed = flags.stages === undefined ? undefined : parseStages(flags.stages, complaints);
  if (parsed === undefined) return own;
  const { isRate, stages } = parsed;
  if (!isRate && rate !== undefined)
    complaints.say(
      '--rate and --stages of connections contradict each other',
      'write the levels of the stages as rates: 10s:100/s',
    );
  const [first] = stages;
  return { stages, ...(isRate ? { rate: rate ?? first?.from ?? first?.to ?? 0 } : {}) };
}

function toHeaders({ header }: LoadFlags, complaints: Complaints): [string, string][] {
  return header.flatMap((line): [string, string][] => {
    const [, name = '', value = ''] = /^([^:\s]+):\s*(.*)$/s.exec(line) ?? [];
    if (name !== '') return [[name, value.trimEnd()]];
    complaints.say(`--header "${line}" is not a header`, 'write it as "Name: value"');
    return [];
  });
}

const isTyped = (headers: readonly [string, string][]): boolean =>
  headers.some(([name]) => name.toLowerCase() === 'content-type');

/** A name may occur several times. */
function byName(headers: readonly [string, string][]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

/** The body, and the headers implied by the flag that gave it. */
function toBody(
  flags: LoadFlags,
  complaints: Complaints,
): { words: Pick<WordsBesideUrl, 'body'>; headers: [string, string][] } {
  const { body, bodyFile, bodyJson } = flags;
  const given = Object.entries({ '--body': body, '--body-file': bodyFile, '--body-json': bodyJson });
  const names = given.flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length > 1)
    complaints.say(`${names.join(' and ')} contradict each other`, 'there can only be one body');
  if (body !== undefined) return { words: { body }, headers: [] };
  if (bodyFile !== undefined) return { words: { body: { file: bodyFile } }, headers: [] };
  if (bodyJson === undefined) return { words: {}, headers: [] };
  try {
    // A placeholder may stand where JSON allows none: {"id": {{id}}}.
    JSON.parse(bodyJson.replace(/\{\{[^{}]*\}\}/g, '0'));
  } catch (error) {
    complaints.say(
      `--body-json is not valid JSON: ${(error as Error).message}`,
      'write it as {"name":"value"}; in a shell between single quotes',
    );
  }
  return { words: { body: bodyJson }, headers: [['Content-Type', 'application/json']] };
}

const MIXED = /^(?:(\d+(?:\.\d+)?)\s+)?(\S+)\s+(\/(?:\{\{[^{}]*\}\}|\S)*)(?:\s+([\s\S]+))?$/;

/** One `--request`: `3 GET /a`, `1 POST /items {"name":"{{name}}"}`. */
function parseRequest(text: string, complaints: Complaints): LoadRequestOptions[] {
  const [, weight = '1', method = '', path = '', body] = MIXED.exec(text.trim()) ?? [];
  if (METHOD.test(method) && Number(weight) > 0 && Number(weight) <= MOST)
    return [{ weight: Number(weight), method, path, ...(body === undefined ? {} : { body }) }];
  complaints.say(
    `--request "${text}" is not a request`,
    'write it as "[WEIGHT] METHOD PATH [BODY]", such as "3 GET /items"',
  );
  return [];
}

function toMethod({ method }: LoadFlags, complaints: Complaints): Pick<WordsBesideUrl, 'method'> {
  if (method === undefined) return {};
  const upper = method.toUpperCase();
  if (!METHOD.test(upper)) complaints.say(`--method "${method}" is not a method`, 'write it as GET or POST');
  return { method: upper };
}

type HeaderDemand = NonNullable<LoadExpectOptions['headers']>[string];

const REGEX = /^\/(.+)\/([a-z]*)$/s;

function toRegex(text: string): { readonly regex: string; readonly flags: string } | undefined {
  const [, regex, flags = ''] = REGEX.exec(text) ?? [];
  return regex === undefined ? undefined : { regex, flags };
}

function headerDemand(line: string, complaints: Complaints): [string, HeaderDemand][] {
  const [, name = '', value] = /^([^:\s]+)(?:\s*:\s*(.*))?$/s.exec(line) ?? [];
  if (name !== '')
    return [[name, value === undefined ? true : (toRegex(value) ?? { equals: value.replace(/^=/, '') })]];
  complaints.say(
    `--expect-header "${line}" is not a header`,
    'write it as "Name", "Name: value" or "Name: /regex/"',
  );
  return [];
}

function jsonDemand(text: string, complaints: Complaints): [string, unknown][] {
  const [, path = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  try {
    return [[path, parseExactJson(value)]];
  } catch {
    complaints.say(
      `--expect-json "${text}" cannot be read`,
      toRegex(value) === undefined
        ? 'write it as path=value, the value in JSON: user.name="Ada", items.0.id=7, .=[]'
        : `a regular expression can be held against the text of the body, by --expect-body ${value}`,
    );
    return [];
  }
}

function toExpect(flags: LoadFlags, complaints: Complaints): LoadExpectOptions {
  const exact = flags.expectBody.filter((text) => text.startsWith('='));
  if (exact.length > 1) complaints.say('--expect-body gives the whole body twice', 'use a single =TEXT');
  const headers = flags.expectHeader.flatMap((line) => headerDemand(line, complaints));
  for (const [index, [name]] of headers.entries())
    if (headers.findIndex(([other]) => other === name) !== index)
      complaints.say(`--expect-header has "${name}" twice`, 'combine them into one regular expression');
  const parts = flags.expectBody.filter((text) => !text.startsWith('='));
  const [whole] = exact;
  return {
    ...(flags.expectStatus === undefined ? {} : { status: flags.expectStatus }),
    headers: Object.fromEntries(headers),
    body: parts.map((text) => toRegex(text) ?? text),
    json: Object.fromEntries(flags.expectJson.flatMap((text) => jsonDemand(text, complaints))),
    ...(whole === undefined ? {} : { exactBody: whole.slice(1) }),
    ...(flags.expectLength === undefined ? {} : { length: flags.expectLength }),
  };
}

function toFindRate(
  { findRate, from, to }: LoadFlags,
  complaints: Complaints,
): Pick<WordsBesideUrl, 'findRate'> {
  if (findRate.length > 0)
    return {
      findRate: {
        while: findRate,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      },
    };
  for (const [flag, value] of Object.entries({ '--from': from, '--to': to }))
    if (value !== undefined)
      complaints.say(`${flag} is for a search for a rate`, "say what is to hold: --find-rate 'p99 < 50ms'");
  return {};
}

function wordsOf(flags: LoadFlags, complaints: Complaints): WordsBesideUrl {
  const body = toBody(flags, complaints);
  const headers = toHeaders(flags, complaints);
  const mix = flags.request.flatMap((text) => parseRequest(text, complaints));
  return {
    ...wordsAsSaid(flags),
    ...toStages(flags, complaints),
    ...toFindRate(flags, complaints),
    ...toMethod(flags, complaints),
    ...body.words,
    ...(flags.send === undefined ? {} : { send: flags.send }),
    sse: flags.sse,
    headers: byName([...(isTyped(headers) ? [] : body.headers), ...headers]),
    ...(mix.length === 0 ? {} : { mix }),
    expect: toExpect(flags, complaints),
  };
}

/**
 * @param url as the user wrote it
 * @param cwd what files are relative to
 * @returns the plan, with every default filled in; or everything that is wrong
 */
export function planLoad(url: string, flags: LoadFlags, cwd: string): Result<LoadPlan, Diagnostic[]> {
  const complaints = new Complaints();
  const words = wordsOf(flags, complaints);
  const origin = { nameOf: flagOf, folder: cwd, tell: complaints.tell };
  const plan = buildLoadPlan(url, words, flags.threshold, origin, defaults());
  return plan === undefined || complaints.all.length > 0 ? err(complaints.all) : ok(plan);
}
