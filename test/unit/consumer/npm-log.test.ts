/** What npm was waiting for is read from its log. */
import { expect, test } from 'vitest';
import { awaitedIn } from '../../../src/consumer/npm-log.ts';

const LOOKING_UP = [
  '13 silly fetch manifest on@file:package.tgz',
  '14 silly fetch manifest ok@1',
  '15 silly packumentCache full:http://127.0.0.1:4999/ok cache-miss',
  '16 http fetch GET 200 http://127.0.0.1:4999/ok 43ms (cache miss)',
  '18 silly placeDep ROOT ok@1.0.0 OK for:  want: 1',
  '19 silly fetch manifest @a/kept@^2',
  '20 http cache https://registry.example/@a%2fkept 2ms (cache hit)',
];

test.each<[string, string[], readonly string[], string[]]>([
  ['an answer', [...LOOKING_UP, '21 silly fetch manifest @b/stuck@^1'], [], ['@b/stuck']],
  ['a tarball', [...LOOKING_UP, '22 silly reify moves {}'], [], ['ok@1.0.0']],
  [
    'a tarball of a package inside of another',
    [...LOOKING_UP, '22 silly placeDep node_modules/ok in@3.0.0 OK for: ok@1.0.0 want: *'],
    ['node_modules/ok'],
    ['in@3.0.0'],
  ],
  ['nothing', LOOKING_UP, ['node_modules/ok'], []],
])('it was waiting for %s', (_, lines, there, awaited) => {
  expect(awaitedIn(lines, (folder) => there.includes(folder))).toEqual(awaited);
});
