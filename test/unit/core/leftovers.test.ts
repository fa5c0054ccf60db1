import { expect, test } from 'vitest';
import { leftBehind, notEnded, showProcesses, sightings } from '../../../src/core/leftovers.ts';

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ pid: index + 1, command: 'sleep 1', ageMs: 5 }));

test('of many processes the first few are named, and the rest is counted', () => {
  expect(showProcesses(many(1))).toBe('sleep 1 (pid 1)');
  expect(showProcesses(many(6))).toMatch(/\(pid 6\)$/);
  expect(showProcesses(many(2000))).toMatch(/\(pid 4\), sleep 1 \(pid 5\) and 1,995 more$/);
  const { processes, count } = sightings(many(2000));
  expect([processes.length, count]).toEqual([20, 2000]);
  const { message } = leftBehind('thread', many(2000), 'config');
  expect(message).toMatch(/^thread has ended and left 2,000 processes behind: sleep 1 \(pid 1\), /);
  expect(message.length).toBeLessThan(250);
});

test.each([
  [
    'config',
    /; if it is a helper that is meant to outlive it, allow it with leave: \["helper"\] in the config$/,
  ],
  [
    'convention',
    /allow it with leave: \["helper"\] in a config, which `shakedown new` writes for these scripts$/,
  ],
  ['none', /^they were stopped; a script must stop, or wait for, what it starts$/],
  ['package', /^they were stopped; loading a package, .* must leave nothing running: [^:]*program$/],
] as const)('what is advised of a process that was left: %s', (source, hint) => {
  expect(leftBehind('init', [{ pid: 7, command: 'helper', ageMs: 5 }], source).hint).toMatch(hint);
});

test('who could not be ended is told apart, by the reason', () => {
  const [one, two] = many(3);
  if (one === undefined || two === undefined) throw new Error('there are three');
  const findings = notEnded(
    'thread',
    [
      { ...one, obstacle: 'stuck' },
      { ...two, obstacle: 'not-permitted' },
    ],
    'thread',
  );
  expect(findings.map(({ message }) => message)).toEqual([
    'thread left 1 process that could not be stopped, because it runs as another user: sleep 1 (pid 2)',
    'thread left 1 process that could not be stopped, because the kernel does not let it go: it is frozen, or waiting for a device: sleep 1 (pid 1)',
  ]);
  expect(findings[0]).toMatchObject({
    count: 1,
    processes: [{ pid: 2 }],
    hint: expect.stringContaining('sudo kill 2'),
  });
  expect(findings.map(({ hint }) => hint).join()).not.toMatch(/were stopped/);
  expect(notEnded('thread', [])).toEqual([]);
});
