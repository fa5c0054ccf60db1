/** What each byte of a stream of messages is part of, however the stream is cut. */
import { describe, expect, test } from 'vitest';
import { MALFORMED } from '../../../src/http1/bytes.ts';
import type { HeadReader } from '../../../src/http1/head.ts';
import { bodyOfRequest, bodyOfResponse, MessageReader, PIECE } from '../../../src/http1/message.ts';
import { RequestHeadReader } from '../../../src/http1/request-head.ts';
import { ResponseHeadReader } from '../../../src/http1/response-head.ts';
import fc from '../../rig/fast-check.ts';

interface Read {
  readonly head: string;
  readonly body: string;
}

/** Reads a stream that arrives in parts; all that was read, and what is wrong. */
function read<Head extends HeadReader>(reader: MessageReader<Head>, parts: readonly Buffer[]) {
  const messages: Read[] = [];
  let head = '';
  let body = '';
  let seen = 0;
  for (const part of parts) {
    // What is read is at its place in a larger buffer, as with a shared one.
    const buffer = Buffer.concat([Buffer.from('xyz'), part, Buffer.from('\r\n\r\n')]);
    const to = 3 + part.length;
    for (let at = 3; at < to; ) {
      const next = reader.next(buffer, at, to);
      if (next === MALFORMED) return { messages, error: reader.error, seen: seen + at - 3 };
      expect(next).toBeGreaterThan(at);
      expect(next).toBeLessThanOrEqual(to);
      if (reader.piece === PIECE.head) head = reader.headBytes.toString('latin1');
      if (reader.piece === PIECE.data) body += buffer.toString('latin1', at, next);
      if (reader.isEnd) {
        messages.push({ head, body });
        body = '';
      }
      at = next;
    }
    seen += part.length;
  }
  return { messages, error: undefined, seen };
}

const requests = (): MessageReader<RequestHeadReader> =>
  new MessageReader(new RequestHeadReader(), bodyOfRequest, true);
const responses = (method = 'GET'): MessageReader<ResponseHeadReader> =>
  new MessageReader(new ResponseHeadReader(), (head) => bodyOfResponse(head, method));

const chunked = (body: string, size: number, trailers: string): string => {
  const chunks = body.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
  return `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n${trailers}\r\n`;
};

const message = (first: fc.Arbitrary<string>) =>
  fc
    .record({
      first,
      body: fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', ' ', '{'), maxLength: 80 }),
      size: fc.integer({ min: 1, max: 30 }),
      form: fc.constantFrom('length', 'chunked', 'trailers'),
    })
    .map(({ first: line, body, size, form }) => {
      const isChunked = form !== 'length';
      const field = isChunked ? 'Transfer-Encoding: chunked' : `content-length:  ${body.length}`;
      const head = `${line}\r\nX-A: b\r\n${field}\r\n\r\n`;
      const trailers = form === 'trailers' ? 'X-Sum: 1\r\nX-End: 2\r\n' : '';
      return { head, body, bytes: head + (isChunked ? chunked(body, size, trailers) : body) };
    });

function cut(text: string, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((each) => each % (text.length + 1)))].sort((a, b) => a - b);
  return [...at, text.length].map((to, index) => Buffer.from(text.slice(at[index - 1] ?? 0, to), 'latin1'));
}

const cuts = fc.array(fc.nat(2000), { maxLength: 12 });

describe('messages are read as they were written, however they are cut', () => {
  test('requests', () => {
    const first = fc.constantFrom('GET / HTTP/1.1', 'POST /a?b=c HTTP/1.0', 'PUT http://x/y HTTP/1.1');
    const any = fc.array(
      message(first).filter(({ bytes }) => !/HTTP\/1\.0[\s\S]*chunked/.test(bytes)),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(any, cuts, (all, where) => {
        const { messages, error } = read(requests(), cut(all.map(({ bytes }) => bytes).join(''), where));
        expect(error).toBeUndefined();
        expect(messages).toEqual(all.map(({ head, body }) => ({ head, body })));
      }),
    );
  });

  test('responses', () => {
    const first = fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 500 ', 'HTTP/1.1 404');
    fc.assert(
      fc.property(fc.array(message(first), { maxLength: 5 }), cuts, (all, where) => {
        const { messages, error } = read(responses(), cut(all.map(({ bytes }) => bytes).join(''), where));
        expect(error).toBeUndefined();
        expect(messages).toEqual(all.map(({ head, body }) => ({ head, body })));
      }),
    );
  });

  test('what is no message is refused at the same place', () => {
    const any = fc.string({
      unit: fc.constantFrom('GET', ' ', '/', 'HTTP/1.1', '\r\n', ':', 'a', '5', '\x00'),
    });
    fc.assert(
      fc.property(any, cuts, (text, where) => {
        const whole = read(requests(), [Buffer.from(text, 'latin1')]);
        const parts = read(requests(), cut(text, where));
        expect(parts.messages).toEqual(whole.messages);
        expect(parts.error).toBe(whole.error);
      }),
    );
  });
});

describe('what follows a head', () => {
  const body = (head: string, method = 'GET'): string => {
    const reader = responses(method);
    const bytes = Buffer.from(`${head}\r\n\r\n`);
    reader.next(bytes, 0, bytes.length);
    return reader.body;
  };

  test.each([
    ['HTTP/1.1 200 OK\r\ncontent-length: 3', 'GET', 'fixed'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 3', 'HEAD', 'none'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 0', 'GET', 'none'],
    ['HTTP/1.1 204 No Content', 'GET', 'none'],
    ['HTTP/1.1 304 Not Modified\r\ncontent-length: 3', 'GET', 'none'],
    ['HTTP/1.1 100 Continue', 'POST', 'interim'],
    ['HTTP/1.1 103 Early Hints', 'GET', 'interim'],
    ['HTTP/1.1 101 Switching Protocols\r\nupgrade: x', 'GET', 'tunnel'],
    ['HTTP/1.1 200 OK', 'CONNECT', 'tunnel'],
    ['HTTP/1.1 407 No', 'CONNECT', 'until-close'],
    ['HTTP/1.1 200 OK', 'GET', 'until-close'],
    ['HTTP/1.0 200 OK', 'GET', 'until-close'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked', 'GET', 'chunked'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip', 'GET', 'until-close'],
  ])('%j to %s: %s', (head, method, expected) => {
    expect(body(head, method)).toBe(expected);
  });

  test('a request with a coding that is not chunked has no end that can be told', () => {
    const reader = requests();
    const bytes = Buffer.from('POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\nabc');
    reader.next(bytes, 0, bytes.length);
    expect(reader.body).toBe('unknown');
  });

  test('empty lines before a request are none of it', () => {
    const { messages } = read(requests(), [Buffer.from('\r\n\r\nGET / HTTP/1.1\r\n\r\n')]);
    expect(messages).toEqual([{ head: 'GET / HTTP/1.1\r\n\r\n', body: '' }]);
  });
});
