/** Servers of HTTP/2 that do what servers do, or should not: whatever it is, a run ends, and with the right verdict. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadPlan, LoadRequest, LoadResult } from '../../../src/core/load.ts';
import { ms } from '../../../src/core/units.ts';
import { selfSigned } from '../../rig/certificates.ts';
import { hasTurn } from '../../rig/thorough.ts';
import { closed, forMs, forRequests, get, open, planFor, send } from './plans.ts';

/** Each server meets both models of a load in turn; all of them, where nothing is left out. */
const modelsOf = (index: number): LoadPlan['model'][] =>
  [closed(2), open(500, 2)].filter((_, model) => hasTurn(index + model, 2));

const HOST = join(import.meta.dirname, '../../fixtures/hostile-http2/host.mjs');
const REQUESTS = 50;
const MOST_MEMORY = 150 * 1024 * 1024;
/** How long somebody waits where an answer is to come, and where none is. */
const LONG = { connect: ms(20_000), response: ms(20_000) };
const SHORT = { connect: ms(300), response: ms(300) };

const post: LoadRequest = {
  ...get('/'),
  name: 'POST /',
  method: 'POST',
  body: { encoding: 'utf8', content: 'x'.repeat(1000) },
};

let host: ChildProcess;
let ports: Record<string, number> = {};

beforeAll(async () => {
  const [CERT, KEY] = selfSigned();
  host = spawn(process.execPath, [HOST], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, CERT, KEY },
  });
  let text = '';
  for await (const chunk of host.stdout ?? []) {
    text += chunk;
    if (text.endsWith('\n')) break;
  }
  ports = JSON.parse(text);
});

afterAll(async () => {
  host.stdin?.end();
  if (host.exitCode === null) await once(host, 'exit');
});

/** The most memory that this process has had since the last time that it was asked, in bytes. */
function peakMemory(): number {
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  writeFileSync('/proc/self/clear_refs', '5');
  return peak;
}

async function loadOn(server: string, more: Partial<LoadPlan> = {}): Promise<LoadResult> {
  const scheme = server.endsWith('over TLS') ? 'https' : 'http';
  const url = `${scheme}://127.0.0.1:${ports[server]}/`;
  peakMemory();
  const before = process.memoryUsage.rss();
  const result = await send(url, {
    protocol: 'http2',
    pipelining: 10,
    model: closed(2),
    limit: forRequests(REQUESTS),
    timeouts: LONG,
    tls: { ...planFor(url).tls, verify: false },
    ...more,
  });
  expect(peakMemory() - before).toBeLessThan(MOST_MEMORY);
  return result;
}

/** What is found of the server. That the machine is busy, and so the generator, is not. */
const findingsOf = ({ findings }: LoadResult) =>
  findings.filter(({ code }) => code !== 'generator-saturated');

describe('a server that is in order, however odd, has no failure:', () => {
  const odd = [
    'goaway-after-ten',
    'goaway-after-ten over TLS',
    'goaway-announced',
    'goaway-each-request',
    'goaway-calm-after-three',
    'refuses-every-other',
    'refuses-above-three',
    'resets-the-answered',
    'settings-late',
    'settings-one-stream',
    'settings-no-stream-at-first',
    'settings-fewer-streams',
    'settings-not-acknowledged',
    'informational-first',
    'trailers-last',
    'noise-between',
    'ping-each-frame',
    'byte-by-byte',
    'thousand-headers',
  ];
  test.each(odd.map((server, index) => ({ server, index })))('$server', async ({ server, index }) => {
    for (const model of modelsOf(index)) {
      const result = await loadOn(server, { model });
      expect(findingsOf(result), JSON.stringify(result.failures)).toEqual([]);
      expect(result.counts).toMatchObject({ scheduled: REQUESTS, completed: REQUESTS });
      expect(result.latencyUs.sendLag?.count).toBe(REQUESTS);
      expect(result.latencyUs.service?.count).toBe(REQUESTS);
    }
  });

  test('answers-before-the-body', async () => {
    const { counts } = await loadOn('answers-before-the-body', { requests: [post] });
    expect(counts).toMatchObject({ scheduled: REQUESTS, completed: REQUESTS });
  });
});

interface Case {
  readonly server: string;
  readonly says: RegExp;
  readonly code?: 'protocol-error' | 'request-failed';
  readonly kind?: string;
  readonly plan?: Partial<LoadPlan>;
}

const REFUSED = /was not processed: the server refused it \d times/;
const NOT_HTTP2 = /was not sent: the server does not speak HTTP\/2/;
const MALFORMED = /was answered with something other than an HTTP\/2 response: /;
const RESET = /was cut off: its stream was reset/;
const VIOLATED = /was answered with something other than (?:an )?HTTP\/2/;
const FLOODED = /was cut off: the server floods the connection with/;
const HANGS = /had no answer within 300 ms/;
const CLOSED = /was not answered: the server closed the connection/;
const NEVER_OPEN =
  /was not sent: (the server closed the connection before it sent any HTTP\/2|connect ECONNRESET)/;

/** As many as are sent at a time: who is refused again and again is asked later and later. */
const AT_A_TIME = forRequests(20);

const waits = (server: string, says = HANGS, plan: Partial<LoadPlan> = {}): Case => ({
  server,
  says,
  kind: 'timeout',
  code: 'request-failed',
  plan: { timeouts: { ...LONG, response: ms(300) }, limit: AT_A_TIME, ...plan },
});
const breaks = (server: string, says: RegExp, kind = 'cut-off'): Case => ({
  server,
  says,
  kind,
  code: kind === 'protocol' ? 'protocol-error' : 'request-failed',
  plan: { limit: AT_A_TIME },
});

describe('a server that answers nothing has failed:', () => {
  const failing = [
    breaks('goaway-to-all', REFUSED),
    breaks('goaway-to-all-with-error', REFUSED),
    breaks('goaway-with-settings', REFUSED),
    breaks('refuses-all', REFUSED),
    breaks('goaway-before-settings', NOT_HTTP2, 'protocol'),
    breaks('goaway-under-way', /was cut off: the server ended the connection \(INTERNAL_ERROR\)/),
    breaks('goaway-flood', FLOODED, 'protocol'),
    breaks('closes-at-once', NEVER_OPEN, 'connect'),
    breaks('resets-at-once', NEVER_OPEN, 'connect'),
    breaks('half-closes-at-once', NEVER_OPEN, 'connect'),
    breaks('closes-after-settings', CLOSED),
    breaks('half-closes-under-way', CLOSED),
    breaks('half-closes-within', CLOSED),
    breaks('resets-under-way', /was cut off: the connection broke|the server closed the connection/),
    breaks('resets-all', RESET),
    breaks('resets-within', RESET),
    breaks('resets-within-without-error', RESET),
    breaks('refuses-within', RESET),
    breaks('reset-flood', RESET),
    breaks('settings-flood', /floods the connection with SETTINGS frames/, 'protocol'),
    breaks('settings-flood-at-once', /floods the connection with SETTINGS frames/, 'protocol'),
    breaks('ping-flood', /floods the connection with PING frames/, 'protocol'),
    breaks('ping-flood-unread', /floods the connection with PING frames/, 'protocol'),
    breaks('ping-flood-with-data', /floods the connection with PING frames/, 'protocol'),
    breaks('settings-flood-with-data', /floods the connection with SETTINGS frames/, 'protocol'),
    breaks('pings-unread-with-data', /with PING frames and does not read the answers/, 'protocol'),
    breaks('settings-unread-with-data', /with SETTINGS frames and does not read the answers/, 'protocol'),
    breaks('altsvc-flood', FLOODED, 'protocol'),
    breaks('origin-flood', FLOODED, 'protocol'),
    breaks('origin-flood over TLS', FLOODED, 'protocol'),
    breaks('informational-flood', /announce another one \(1xx\)/, 'protocol'),
    breaks('priority-flood', FLOODED, 'protocol'),
    breaks('unknown-flood', FLOODED, 'protocol'),
    breaks('empty-data-flood', FLOODED, 'protocol'),
    breaks('continuation-flood', FLOODED, 'protocol'),
    breaks('http1-answer', /the server does not speak HTTP\/2: it answers in HTTP\/1/, 'protocol'),
    breaks('http1-answer-and-silence', NOT_HTTP2, 'protocol'),
    breaks('http1-later', VIOLATED, 'protocol'),
    breaks('garbage', NOT_HTTP2, 'protocol'),
    breaks('frame-too-large', VIOLATED, 'protocol'),
    breaks('answer-to-nobody', VIOLATED, 'protocol'),
    breaks('push-unasked', VIOLATED, 'protocol'),
    breaks('window-overflow', VIOLATED, 'protocol'),
    breaks('data-on-no-stream', VIOLATED, 'protocol'),
    breaks('hpack-garbage', VIOLATED, 'protocol'),
    breaks('hpack-bomb', VIOLATED, 'protocol'),
    breaks('data-before-headers', MALFORMED, 'protocol'),
    breaks('no-status', MALFORMED, 'protocol'),
    breaks('status-of-letters', MALFORMED, 'protocol'),
    breaks('status-zero', MALFORMED, 'protocol'),
    breaks('upper-case-header', MALFORMED, 'protocol'),
    breaks('connection-header', MALFORMED, 'protocol'),
    breaks('length-too-long', MALFORMED, 'protocol'),
    breaks('length-too-short', MALFORMED, 'protocol'),
    breaks('ends-without-body', MALFORMED, 'protocol'),
    waits('goaway-and-silence'),
    waits('hangs-all'),
    waits('data-flood'),
    waits('settings-never', /was not connected within 300 ms/, { timeouts: SHORT }),
    waits('settings-no-stream', /was not (?:sent|connected) within/, { timeouts: SHORT }),
    waits('settings-no-window', HANGS, { requests: [post] }),
  ];
  const cases = failing.map((one, index) => ({ ...one, index }));
  test.each(cases)('$server', async ({ server, says, kind, code, plan, index }) => {
    for (const model of modelsOf(index)) {
      const result = await loadOn(server, { model, ...plan });
      expect(result.verdict).toBe('failed');
      const codes = findingsOf(result).map((finding) => finding.code);
      expect(codes.slice(0, 2)).toEqual(['zero-work', code]);
      expect(result.counts.completed).toBe(0);
      expect([...new Set(result.failures.map((failure) => failure.kind))]).toEqual([kind]);
      expect(result.failures[0]?.message).toMatch(says);
    }
  });

  // What the machine is slow at decides which of the two is seen first.
  test.each(['window-flood', 'http1-answer over TLS'])('%s, one way or another', async (server) => {
    const result = await loadOn(server, { timeouts: SHORT });
    expect(result.verdict).toBe('failed');
    expect(result.counts.completed).toBe(0);
    expect(result.counts.failed + result.counts.timedOut).toBeGreaterThan(0);
  });
});

test('a server that refuses for ever is given up', async () => {
  const result = await loadOn('refuses-all', {
    limit: forMs(3_600_000),
    timeouts: { ...LONG, connect: ms(1000) },
  });
  expect(result).toMatchObject({ verdict: 'failed', ended: 'unreachable', counts: { completed: 0 } });
});

describe('a server that answers some', () => {
  test('and whose last answer comes with an error has answered that one', async () => {
    const { counts, failures } = await loadOn('answers-and-errs');
    expect(counts.completed).toBeGreaterThan(0);
    expect(counts.completed + counts.failed).toBe(REQUESTS);
    expect(failures[0]?.message).toMatch(/was cut off: the server ended the connection \(INTERNAL_ERROR\)/);
  });

  test('and never one of them has not answered that one', async () => {
    const { counts, verdict } = await loadOn('hangs-one', { timeouts: { ...LONG, response: ms(1000) } });
    expect(verdict).toBe('failed');
    expect(counts.completed).toBeGreaterThan(0);
    expect(counts.timedOut).toBeGreaterThanOrEqual(2);
    expect(counts.completed + counts.timedOut).toBe(REQUESTS);
  });
});
