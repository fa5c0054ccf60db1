/** What a trial makes of a proposal. */
import { expect, test } from 'vitest';
import { propose } from '../../../src/starter/propose/index.ts';
import { type Answer, adapt, settle, type Tried } from '../../../src/starter/tried.ts';
import { ASKS, NOTHING, node, OWN, SERVES } from './facts.ts';

const served = (signs: typeof ASKS) =>
  propose({
    ...NOTHING,
    node: node({
      scripts: { start: 'node server.js' },
      server: { ...SERVES, paths: ['/health'] },
      tests: [{ name: 'test', text: 'node --test', signs }],
    }),
  });

const ready = (...statuses: (number | null)[]): Tried => ({
  type: 'ready',
  port: 40_000,
  afterMs: 10,
  isKilled: false,
  answers: statuses.map((status, index): Answer => ({ path: ['/', '/health'][index] ?? '', status })),
});

const httpOf = (tried: Tried, signs = ASKS) => adapt(served(signs), 'http', tried).suite.components.http;

test.each([
  [[200, 200], { http: '/' }],
  [[302, 200], { http: '/' }],
  [[404, 200], { http: '/health' }],
  [[404, 503], undefined],
  [[null, null], undefined],
])('a server that answered %j is ready by what it was seen to answer', (statuses, condition) => {
  expect(httpOf(ready(...statuses))).toMatchObject({ server: { run: 'npm start', port: 0 } });
  expect((httpOf(ready(...statuses)) as { server: { ready?: object } }).server.ready).toEqual(condition);
});

test.each([
  [[200, 200], { path: '/', expect: { status: 200 } }],
  [[302, 200], { path: '/health', expect: { status: 200 } }],
  [[302, 404], { path: '/', expect: { status: 302 } }],
  [[404, 500], { path: '/', expect: { status: 404 } }],
])('the built-in client asks for what answered %j', (statuses, client) => {
  expect(httpOf(ready(...statuses), OWN)).toMatchObject({ client });
});

test('where no path answers well, that is written beside the client', () => {
  const { comments } = adapt(served(OWN), 'http', ready(404, 404));
  expect(comments['components.http.client']).toContain('No path was found that succeeds');
});

test('a server that listens elsewhere has that port', () => {
  const { suite, comments } = adapt(served(ASKS), 'http', { type: 'elsewhere', port: 5000 });
  expect(suite.components.http).toMatchObject({ server: { port: 5000 } });
  expect(comments['components.http.server']).toContain('listens on port 5000');
});

test('of a failure nothing is learned', () => {
  const finding = { code: 'not-ready', step: 'server', message: 'x', waitedMs: 1 } as const;
  expect(adapt(served(ASKS), 'http', { type: 'failed', finding, logFile: null })).toEqual(served(ASKS));
});

test('what took too long to try is written with a note, or only runs when named', () => {
  const proposal = served(OWN);
  expect(settle(proposal, 'test', { type: 'unfinished' }, '60 s').notes).toEqual([
    '"test" was not tried to its end: it took more than 60 s',
  ]);
  const extra = settle({ ...proposal, extras: ['test'] }, 'test', { type: 'unfinished' }, '60 s');
  expect(extra.notes).toEqual([]);
  expect(extra.suite.components.test).toMatchObject({ onlyWhenNamed: true });
  expect(extra.comments['components.test']).toContain('took more than 60 s');
});
