/** Records requests as a browser does. */

import { withRecording } from '../../../../src/starter/har/propose.ts';
import { type Recording, readRecording } from '../../../../src/starter/har/recording.ts';
import type { Proposal } from '../../../../src/starter/proposal.ts';
import { configText } from '../../../../src/starter/write.ts';

export const SITE = 'http://shop.test:3000';

export interface Entry {
  readonly method?: string;
  /** A path of the site, or a whole URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: string;
  /** Fields of `postData`. */
  readonly post?: object;
  readonly status?: number;
  readonly answer?: unknown;
  readonly answerHeaders?: Readonly<Record<string, string>>;
  readonly type?: string;
  /** Fields of the entry itself. */
  readonly more?: object;
}

const fields = (headers: Readonly<Record<string, string>> = {}) =>
  Object.entries(headers).map(([name, value]) => ({ name, value }));

function postData({ json, form, post }: Entry): object | undefined {
  if (post !== undefined) return post;
  if (json !== undefined) return { mimeType: 'application/json', text: JSON.stringify(json) };
  return form === undefined ? undefined : { mimeType: 'application/x-www-form-urlencoded', text: form };
}

export function entryOf(entry: Entry, index: number): object {
  const { url, headers, status = 200, answer, answerHeaders, type } = entry;
  const data = postData(entry);
  const text =
    typeof answer === 'string' ? answer : answer === undefined ? undefined : JSON.stringify(answer);
  const mimeType = type ?? (typeof answer === 'object' ? 'application/json; charset=utf-8' : 'text/html');
  return {
    startedDateTime: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
    time: 20,
    request: {
      ...{ method: entry.method ?? (data === undefined ? 'GET' : 'POST'), httpVersion: 'HTTP/1.1' },
      url: url.startsWith('/') ? SITE + url : url,
      headers: fields(headers),
      ...(data === undefined ? {} : { postData: data }),
    },
    response: {
      ...{ status, headers: fields(answerHeaders) },
      content: { size: text?.length ?? 0, mimeType, ...(text === undefined ? {} : { text }) },
    },
    ...entry.more,
  };
}

export const har = (...entries: readonly Entry[]): string =>
  JSON.stringify({
    log: { version: '1.2', creator: { name: 'test', version: '1' }, entries: entries.map(entryOf) },
  });

export function recordingOf(...entries: readonly Entry[]): Recording {
  const recording = readRecording(har(...entries));
  if (!recording.ok) throw new Error(recording.error.message);
  return recording.value;
}

const NOTHING: Proposal = {
  suite: { components: { http: { kind: 'http', server: { run: 'npm start', port: 0 }, client: '' } } },
  ...{ comments: {}, seen: [], notes: [], questions: [], weighty: [], extras: [], lacking: null },
  trials: { http: { paths: ['/'], isLoad: true } },
};

/** What is proposed for a project whose server is `npm start`. */
export const proposalOf = (recording: Recording, env: NodeJS.ProcessEnv = {}): Proposal =>
  withRecording(NOTHING, { recording, file: 'session.har' }, env);

/** The config that is written. */
export const configOf = (...entries: readonly Entry[]): string =>
  configText(proposalOf(recordingOf(...entries)));
