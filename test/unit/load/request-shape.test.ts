/** The one shape of a request, its name, and thresholds that have a name. */
import { describe, expect, test } from 'vitest';
import type { LoadClient } from '../../../src/core/load.ts';
import type { Problem } from '../../../src/kinds/common/problem.ts';
import { buildLoad } from '../../../src/load/options/build.ts';
import { nameInConfig } from '../../../src/load/options/mistakes.ts';
import type { LoadOptions, LoadRequestOptions } from '../../../src/load/options/options.ts';

function built(
  options: Partial<LoadOptions>,
  thresholds: readonly string[] = [],
): { load: LoadClient; problems: Problem[] } {
  const problems: Problem[] = [];
  const tell = (problem: Problem): void => {
    problems.push(problem);
  };
  const origin = { nameOf: nameInConfig, folder: '/', tell };
  const load = buildLoad({ kind: 'load', ...options }, { texts: thresholds, tell }, origin);
  return { load, problems };
}
const requestOf = (request: LoadRequestOptions) => built({ mix: [request] });

describe('a request', () => {
  test.each<[LoadRequestOptions, string, string, string]>([
    [{ get: '/items?page=1' }, 'GET /items', 'GET', '/items?page=1'],
    [{ delete: '/items/{{id}}' }, 'DELETE /items/{{id}}', 'DELETE', '/items/{{id}}'],
    [{ path: '/a' }, 'GET /a', 'GET', '/a'],
    [{ path: '/a', body: 'x' }, 'POST /a', 'POST', '/a'],
    [{ path: '/a', method: 'PURGE', name: 'purge' }, 'purge', 'PURGE', '/a'],
    [{ put: '/a', json: { a: 1 } }, 'PUT /a', 'PUT', '/a'],
    [{ path: '/a', json: null }, 'POST /a', 'POST', '/a'],
    [{ options: '/a b' }, 'OPTIONS /a b', 'OPTIONS', '/a%20b'],
  ])('%o is %s', (request, name, method, path) => {
    const { load } = requestOf(request);
    expect(load.requests[0]).toMatchObject({ name, method, path });
  });

  test('with a value as json has the body, and the type', () => {
    const [request] = requestOf({ post: '/', json: { id: 1 } }).load.requests;
    expect(request).toMatchObject({
      body: { encoding: 'utf8', content: '{"id":1}' },
      headers: [['Content-Type', 'application/json']],
    });
  });

  test.each<[LoadRequestOptions, RegExp]>([
    [{}, /a request needs a path/],
    [{ get: '/', post: '/' }, /`mix\[0\].get` and `mix\[0\].post` contradict/],
    [{ get: '/', path: '/' }, /`mix\[0\].get` and `mix\[0\].path` contradict/],
    [{ get: '/', method: 'GET' }, /`mix\[0\].get` and `mix\[0\].method` contradict/],
    [{ post: '/', body: 'x', json: 1 }, /`mix\[0\].body` and `mix\[0\].json` contradict/],
  ])('cannot be %o', (request, message) => {
    expect(requestOf(request).problems.map((problem) => problem.message)).toEqual([
      expect.stringMatching(message),
    ]);
  });

  test('with a place for a value that nothing gives is told by the option that has it', () => {
    const { problems } = built({ mix: [{ get: '/{{a}}' }, { post: '/', json: '{{b}}' }] });
    expect(problems.map(({ path }) => path)).toEqual([
      ['mix', 0, 'get'],
      ['mix', 1, 'json'],
    ]);
  });
});

describe('a threshold of a name', () => {
  const mix = [{ name: 'create', post: '/orders' }, { get: '/orders/{{counter}}' }];

  test('is read, whatever braces the name has itself', () => {
    const { load, problems } = built({ mix, abortOn: ['errors{create} > 10%'] }, [
      'p99{create} < 80ms',
      'status.5xx{GET /orders/{{counter}}} == 0',
    ]);
    expect(problems).toEqual([]);
    expect(load.thresholds.map(({ metric, name }) => [metric, name])).toEqual([
      ['p99', 'create'],
      ['status.5xx', 'GET /orders/{{counter}}'],
    ]);
    expect(load.abortOn[0]).toMatchObject({ metric: 'errors', name: 'create' });
  });

  test.each([
    ['p99{craete} < 80ms', 'no request is called "craete"', 'did you mean "create"?', 4, 6],
    ['p99{x} < 80ms', 'no request is called "x"', 'the names are create, GET /orders/{{counter}}', 4, 1],
    ['p99{create < 80ms', 'the name is not closed', 'write it as p99{NAME}', 3, 14],
    ['p99{ } < 80ms', 'there is no name between the braces', 'write it as p99{NAME}', 3, 10],
    [
      'target.rss.peak{create} < 1MB',
      '"target.rss.peak" is that of all requests together',
      'write it without {create}',
      15,
      14,
    ],
  ])('%s is a mistake', (text, message, hint, offset, length) => {
    expect(built({ mix }, ['p99 < 1s', text]).problems).toEqual([
      { path: ['thresholds', 1], message, hint, within: { text, offset, length } },
    ]);
  });

  test('beyond the first hundred has no numbers of its own', () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ get: `/${index}` }));
    const [problem] = built({ mix: many }, ['p99{GET /100} < 1s']).problems;
    expect(problem?.message).toBe('"GET /100" has no numbers of its own: only the first 100 names have');
  });
});
