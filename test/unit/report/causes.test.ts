/** What has decided the verdict of the trial of a package: each mistake once, in the order of what it hurts. */
import { expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { consumersWho, EVERY_CONSUMER, type Harm } from '../../../src/core/harm.ts';
import { causesOf } from '../../../src/report/summary.ts';
import { begin, end, finished, fold, found, started } from './runs.ts';

const gone = (message: string, hurts: Harm, mistake?: string): Finding => ({
  ...{ code: 'cannot-load', message, hurts },
  ...(mistake === undefined ? {} : { mistake }),
});

test('what several components tell of one mistake is one cause, told by the first, and the worst comes first', () => {
  const some = consumersWho('import "a/b"');
  const state = fold([
    started([
      { name: 'entries', kind: 'entries' },
      { name: 'init', kind: 'init' },
    ] as unknown as Parameters<typeof started>[0]),
    ...begin('entries', 'entries'),
    found('entries', gone('a/b is gone', some)),
    found('entries', gone('index.js loads x', some, 'no package x')),
    end('entries', 'failed'),
    ...begin('init', 'init'),
    found('init', gone('process 1 fails', EVERY_CONSUMER, 'no package x')),
    end('init', 'failed'),
    finished('failed', 1),
  ]);
  expect(causesOf(state).map(({ name, more, cause }) => [name, more, cause.message])).toEqual([
    ['entries', 1, 'index.js loads x'],
    ['entries', 0, 'a/b is gone'],
  ]);
});

test('elsewhere it is the first that decides, and the order of components', () => {
  const plain = (message: string): Finding => ({ code: 'cannot-load', message });
  const state = fold([
    started(
      ['a', 'b'].map((name) => ({ name, kind: 'command' })) as unknown as Parameters<typeof started>[0],
    ),
    ...['a', 'b'].flatMap((name) => [
      ...begin(name),
      found(name, plain(`first of ${name}`)),
      found(name, plain(`second of ${name}`)),
      end(name, 'failed'),
    ]),
    finished('failed', 1),
  ]);
  expect(causesOf(state).map(({ name, cause }) => [name, cause.message])).toEqual([
    ['a', 'first of a'],
    ['b', 'first of b'],
  ]);
});
