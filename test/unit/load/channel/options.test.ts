/** What a load on open connections may be told, and what it is made of. */
import { describe, expect, test } from 'vitest';
import type { LoadPlan } from '../../../../src/core/load.ts';
import type { Problem } from '../../../../src/kinds/common/problem.ts';
import {
  buildLoad,
  buildLoadPlan,
  nameInConfig,
  type WordsBesideUrl,
} from '../../../../src/load/options/index.ts';

type Options = Omit<Parameters<typeof buildLoad>[0], 'kind'>;

function complaints(options: Options, thresholds: readonly string[] = []): string[] {
  const told: string[] = [];
  const tell = ({ message, hint = '' }: Problem): void => {
    told.push(`${message}: ${hint}`);
  };
  const origin = { nameOf: nameInConfig, folder: '/', tell };
  buildLoad({ kind: 'load', ...options }, { texts: thresholds, tell }, origin);
  return told;
}

function planOf(url: string, words: WordsBesideUrl = {}): LoadPlan {
  const tell = (problem: Problem): never => {
    throw new Error(JSON.stringify(problem));
  };
  const plan = buildLoadPlan(url, words, [], { nameOf: nameInConfig, folder: '/', tell });
  if (plan === undefined) throw new Error('no plan');
  return plan;
}

describe('a URL', () => {
  test('with ws:// opens WebSockets at its path', () => {
    const plan = planOf('ws://localhost:8001/feed?x=1', { send: 'hi', subprotocol: 'a, b' });
    expect(plan.target.url).toBe('http://localhost:8001/feed?x=1');
    expect(plan.requests[0]).toMatchObject({ name: 'WebSocket /feed?x=1', method: 'GET', body: null });
    expect(plan.channel).toEqual({
      type: 'websocket',
      subprotocols: ['a', 'b'],
      messages: { send: { encoding: 'utf8', content: 'hi' }, answer: null, checks: [] },
    });
    expect(plan).toMatchObject({ pipelining: 1, limit: { type: 'requests', requests: 1000 } });
  });

  test('with wss:// does so over TLS; at a rate, many messages may wait', () => {
    const plan = planOf('wss://localhost/', { send: 'hi', rate: 5 });
    expect(plan.target.url).toBe('https://localhost/');
    expect(plan.pipelining).toBe(1000);
  });

  test('of a stream of events', () => {
    const plan = planOf('http://localhost:8001/events', { sse: true, expect: { body: 'x', status: 200 } });
    expect(plan.channel).toEqual({
      type: 'sse',
      checks: [{ type: 'body', match: { type: 'contains', text: 'x' } }],
    });
    expect(plan.requests[0]).toMatchObject({
      name: 'GET /events',
      headers: [['Accept', 'text/event-stream']],
      checks: [{ type: 'status', ranges: [{ from: 200, to: 200 }] }],
    });
    // It may never end.
    expect(plan.limit).toEqual({ type: 'duration', duration: 10_000 });
  });
});

test('a text with a place for a value tells which message is answered; the others are checks', () => {
  const { channel } = planOf('ws://localhost/', {
    send: '{{counter}}',
    expect: { body: ['ok', 'n={{counter}};'], headers: { 'x-node': true } },
  });
  expect(channel).toMatchObject({
    messages: {
      answer: { type: 'contains', text: 'n={{counter}};' },
      checks: [{ type: 'body', match: { type: 'contains', text: 'ok' } }],
    },
  });
});

test.for<[string, Options, string]>([
  [
    'requests',
    { websocket: '/', path: '/x' },
    '`websocket` and `path` contradict each other: a WebSocket sends messages, not requests',
  ],
  ['a body', { websocket: '/', body: 'x' }, '`websocket` and `body` contradict each other'],
  ['both', { websocket: '/', sse: '/' }, '`websocket` and `sse` contradict each other'],
  [
    'a mix of streams',
    { sse: '/', mix: [{ path: '/' }] },
    '`sse` and `mix` contradict each other: each stream is one response',
  ],
  ['steps', { websocket: '/', steps: [{ get: '/' }] }, '`websocket` and `steps` contradict each other'],
  ['users', { sse: '/', users: 3 }, '`sse` and `users` contradict each other'],
  [
    'a status',
    { websocket: '/', send: 'x', expect: { status: 200 } },
    '`expect.status`: what opens a WebSocket is always 101',
  ],
  ['HTTP/2', { sse: '/', http2: true }, '`sse` and `http2` contradict each other'],
  [
    'no connections that are kept',
    { sse: '/', keepAlive: false },
    '`keepAlive`: a connection of this load stays open by its nature',
  ],
  ['a message without a WebSocket', { send: 'x' }, '`send` needs a WebSocket: open one with `websocket`'],
  ['a message to a stream', { sse: '/', send: 'x' }, '`send` needs a WebSocket: open one with `websocket`'],
  [
    'a subprotocol with a blank',
    { websocket: '/', subprotocol: 'json, a b' },
    '`subprotocol`: "a b" cannot be offered: it is no name of a subprotocol: write names without blanks, separated by commas, such as graphql-ws,json',
  ],
  [
    'a subprotocol twice',
    { websocket: '/', subprotocol: 'json,json' },
    '`subprotocol`: "json" cannot be offered: it is there twice: write names without blanks, separated by commas, such as graphql-ws,json',
  ],
  [
    'a rate of nothing',
    { websocket: '/', rate: 5 },
    '`rate` has no meaning where WebSockets are only kept open: say what to send with `send`',
  ],
  ['a number of nothing', { websocket: '/', requests: 5 }, '`requests` has no meaning'],
  [
    'an answer to nothing',
    { websocket: '/', expect: { body: 'x' } },
    '`expect` is about answers, and nothing is sent: give `send`',
  ],
  [
    'a warm-up of streams',
    { sse: '/', warmup: '1s' },
    '`warmup`: a stream that begins in the warm-up would never count',
  ],
  [
    'two values',
    { websocket: '/', send: '{{counter}}', expect: { body: ['{{counter}}', '<{{counter}}>'] } },
    '`expect.body`: more than one text has a place for a value',
  ],
  [
    'a value that is not there',
    { websocket: '/', send: '{{id}}' },
    '{{id}} names no column: there is no `data`',
  ],
  [
    'a value of the answer alone',
    { websocket: '/', send: 'x', expect: { exactBody: '{{id}}' } },
    '{{id}} names no column',
  ],
  ['a file that is not there', { websocket: '/', send: { file: 'none' } }, '`send`: none cannot be read'],
  [
    'a condition of another sort',
    { websocket: '/', send: 'x', abortOn: ['sse.lost > 3'] },
    '"sse.lost > 3" is about a stream of events, and this load has none: open one with `sse`',
  ],
])('%s: refused', ([, options, message]) => {
  expect(complaints(options).join('\n')).toContain(message);
});

test('a threshold about WebSockets needs one', () => {
  expect(complaints({}, ['ws.latency.p99 < 50ms'])).toEqual([
    '"ws.latency.p99 < 50ms" is about WebSockets, and this load has none: open one with `websocket`',
  ]);
  expect(complaints({ websocket: '/', send: 'x' }, ['ws.latency.p99 < 50ms', 'ws.close.1006 == 0'])).toEqual(
    [],
  );
});
