/** Patterns of a user's that never come to an end on what a server answers. In a file of their own: nothing else runs meanwhile. */
import { expect, test } from 'vitest';
import type { LoadCheck } from '../../../src/core/load.ts';
import { inTurn } from '../../rig/thorough.ts';
import { forRequests, get, OK, rawServer, send } from './plans.ts';

const matches = (source: string, flags = '') => ({ type: 'matches', source, flags }) as const;
const body = (source: string, flags?: string): LoadCheck => ({ type: 'body', match: matches(source, flags) });

const reply = (text: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(text)}\r\n${more}\r\n${text}`;
/** Doubles the steps of a repetition in a repetition with each letter. */
const HOSTILE = `${'a'.repeat(60)}b`;

const header: LoadCheck = { type: 'header', name: 'X-Kind', match: matches('^(?:a|aa)+$') };
const KIND = `X-Kind: ${'a'.repeat(100)}b\r\n`;

const SLOW: [string, LoadCheck, string][] = [
  ['/^(?:a+)+$/', body('^(?:a+)+$'), reply(HOSTILE)],
  // Grows with the square of the length.
  ['/x*y/i', body('x*y', 'i'), reply('x'.repeat(2_000_000))],
  ['/^(?:a|aa)+$/', header, reply('', KIND)],
];

test.each(inTurn(SLOW, 2))(
  '%s takes too long on an answer: it is given up, told, and blamed on nobody',
  async (pattern, check, wire) => {
    await using server = await rawServer((socket) => void socket.write(wire));
    const result = await send(server.url, { limit: forRequests(3), requests: [get('/', OK, check)] });
    expect(result.counts).toMatchObject({ scheduled: 3, completed: 3, failed: 0 });
    expect(result.findings.filter(({ code }) => code === 'slow-pattern')).toEqual([
      expect.objectContaining({
        pattern,
        message: `${pattern} took too long on a response and was given up`,
      }),
    ]);
    expect(result.verdict).toBe('inconclusive');
  },
);

test('what another check says of an answer still counts', async () => {
  const other: LoadCheck = { type: 'body', match: { type: 'contains', text: 'c' } };
  await using server = await rawServer((socket) => void socket.write(reply(HOSTILE)));
  const result = await send(server.url, {
    limit: forRequests(2),
    requests: [get('/', body('^(?:a+)+$'), other)],
  });
  expect(result.findings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['unexpected-response', 'slow-pattern']),
  );
  expect([result.verdict, result.counts.byFailure.check]).toEqual(['failed', 2]);
});
