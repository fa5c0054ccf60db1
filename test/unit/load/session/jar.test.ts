/** The cookies of a user, against tough-cookie. */
import { CookieJar } from 'tough-cookie';
import { describe, expect, test } from 'vitest';
import { Jar, originOf } from '../../../../src/load/engine/session/jar.ts';
import fc from '../../../rig/fast-check.ts';
import { shareOf } from '../../../rig/thorough.ts';

/** tough-cookie reads cookies by the clock of the machine. */
const NOW = Date.now();

interface Set {
  readonly line: string;
  readonly target: string;
}

/** What tough-cookie sends to a path after responses have set cookies. */
function bySpec(url: string, sets: readonly Set[], target: string): string {
  const jar = new CookieJar();
  for (const { line, target } of sets)
    jar.setCookieSync(line, new URL(target, url).href, { now: new Date(NOW), ignoreError: true });
  return jar.getCookieStringSync(new URL(target, url).href);
}

function byUs(url: string, sets: readonly Set[], target: string): string {
  const jar = new Jar(originOf(new URL(url)));
  for (const { line, target } of sets) jar.set(line, target, NOW);
  return jar.header(target, NOW);
}

const target = fc.constantFrom('/', '/a', '/a/', '/a/b', '/a/bc', '/a/b/c?x=1/2', '/b?y=/a');
const attribute = fc.constantFrom(
  ...['', 'HttpOnly', 'Secure', 'secure=no', 'SameSite=Lax', 'Path=/', 'path=/a', 'Path=/a/', 'Path=/a/b'],
  ...['Path=a', 'Path=', 'Domain=', 'Domain=shop.example.com', 'domain=.Example.com', 'Domain=example.com'],
  ...['Domain=com', 'Domain=other.com', 'Domain=hop.example.com', 'Domain=a.shop.example.com'],
  ...['Max-Age=0', 'Max-Age=-1', 'max-age=3600', 'Max-Age=soon', 'Max-Age=', 'Unknown=1', '=x'],
  ...['Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'Expires=Thu, 01-Jan-1970 00:00:00 GMT'],
  ...['Expires=Wed, 01 Jan 2070 00:00:00 GMT', 'Expires=never'],
);
const line = fc
  .tuple(
    fc.constantFrom('a', 'b', 'sid', '__Host-h', '__Secure-s', ''),
    fc.constantFrom('=', ' = ', ''),
    fc.constantFrom('1', '2', 'x y', '"q"', 'a=b', '', 'é'),
    fc.array(attribute, { maxLength: 4 }),
    fc.constantFrom(';', '; ', ' ;'),
  )
  .map(([name, equals, value, attributes, separator]) =>
    [name + equals + value, ...attributes].join(separator),
  );

describe('a jar sends what tough-cookie would', () => {
  test.for([
    'https://shop.example.com',
    'http://shop.example.com',
    'http://localhost:3000',
    'http://127.0.0.1',
  ])('to %s', (url) => {
    fc.assert(
      fc.property(fc.array(fc.record({ line, target }), { maxLength: 12 }), target, (sets, to) => {
        const [sent, right] = [byUs(url, sets, to), bySpec(url, sets, to)];
        expect(sent.split('; ').sort()).toEqual(right.split('; ').sort());
        // One that expires and comes again is a new one to us, as to browsers.
        if (!sets.some((set) => /expires|max-age/i.test(set.line))) expect(sent).toBe(right);
      }),
      { numRuns: shareOf(3000) },
    );
  });
});

const jar = (url = 'http://localhost/') => new Jar(originOf(new URL(url)));

test('a cookie that expires is sent until then', () => {
  const cookies = jar();
  cookies.set('a=1; Max-Age=10', '/', NOW);
  cookies.set('b=2', '/', NOW);
  expect(cookies.header('/', NOW + 9_999)).toBe('a=1; b=2');
  expect(cookies.header('/', NOW + 10_000)).toBe('b=2');
  expect(cookies.value('a')).toBeUndefined();
});

test('a server that sets cookies without end fills no memory', () => {
  const cookies = jar();
  for (let i = 0; i < 1000; i += 1) cookies.set(`c${i}=${'x'.repeat(1000)}`, '/', NOW);
  cookies.set(`huge=${'x'.repeat(5000)}`, '/', NOW);
  const sent = cookies.header('/', NOW);
  expect(sent.split('; ')).toHaveLength(50);
  expect(sent.endsWith(`c999=${'x'.repeat(1000)}`)).toBe(true);
  expect(cookies.value('huge')).toBeUndefined();
});

test('a cookie cannot bring a header of its own', () => {
  const cookies = jar();
  for (const line of ['a=1\r\nX-Evil: 1', 'b\0=1', 'c=\u{1f36a}']) cookies.set(line, '/', NOW);
  expect(cookies.header('/', NOW)).toBe('');
});

test('the host is the one of the Host header, if requests have their own', () => {
  const cookies = new Jar(originOf(new URL('http://127.0.0.1:8080'), 'shop.example.com:8080'));
  cookies.set('a=1; Domain=example.com', '/', NOW);
  cookies.set('b=1; Domain=127.0.0.1', '/', NOW);
  expect(cookies.header('/', NOW)).toBe('a=1');
});
