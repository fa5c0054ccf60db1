/** Whether a run lives is told by what its pid means here, by its sign of life, or not at all. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasProcessTable, readProcess } from '../../../src/process/system/proc.ts';
import { lifeOf, openSign, type Whereabouts, whereabouts } from '../../../src/store/life.ts';

let dir: string;
let sign: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'life-'));
  sign = join(dir, 'alive');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const HERE: Whereabouts = { boot: 'b1', machine: 'm1', pidNamespace: 'pid:[1]' };
const self = { pid: process.pid, startTicks: readProcess(process.pid)?.startTicks ?? 0 };
const gone = { ...self, startTicks: self.startTicks - 1 };
const makeSign = (): void => {
  expect(spawnSync('mkfifo', [sign]).status).toBe(0);
};

describe.runIf(hasProcessTable)('a run', () => {
  test('of the same namespace is known by its pid and start time, whatever its sign says', () => {
    expect(lifeOf({ ...self, ...HERE }, sign, HERE)).toBe('alive');
    expect(lifeOf({ ...gone, ...HERE }, sign, HERE)).toBe('dead');
    makeSign();
    expect(lifeOf({ ...self, ...HERE }, sign, HERE)).toBe('alive');
    const fd = openSign(sign);
    expect(lifeOf({ ...gone, ...HERE }, sign, HERE)).toBe('dead');
    closeSync(fd);
  });

  test('whose process is there but cannot be seen, as with hidepid, is known by its sign of life', () => {
    // Pid 0 stands for whoever asks: it can be signalled, and /proc does not have it.
    const unseen = { ...HERE, pid: 0, startTicks: 1 };
    expect(lifeOf(unseen, sign, HERE)).toBe('unknown');
    makeSign();
    const fd = openSign(sign);
    expect(lifeOf(unseen, sign, HERE)).toBe('alive');
    closeSync(fd);
    expect(lifeOf(unseen, sign, HERE)).toBe('dead');
  });

  describe('of another PID namespace', () => {
    // Its pid and start time are those of somebody who lives here: that means nothing.
    const runner = { ...self, ...HERE, pidNamespace: 'pid:[2]' };

    test('is known by its sign of life', () => {
      makeSign();
      const fd = openSign(sign);
      expect(lifeOf(runner, sign, HERE)).toBe('alive');
      expect(lifeOf({ ...gone, ...HERE, pidNamespace: 'pid:[2]' }, sign, HERE)).toBe('alive');
      closeSync(fd);
      expect(lifeOf(runner, sign, HERE)).toBe('dead');
    });

    test('is not judged without one', () => {
      expect(lifeOf(runner, sign, HERE)).toBe('unknown');
      expect(lifeOf({ ...runner, pidNamespace: null }, sign, HERE)).toBe('unknown');
      expect(lifeOf({ ...self, ...HERE }, sign, { ...HERE, pidNamespace: null })).toBe('unknown');
    });

    test('is dead as soon as its process is, however it ended', async () => {
      makeSign();
      const script = `require('fs').openSync(${JSON.stringify(sign)}, 'r+'); console.log('open'); setInterval(() => {}, 1e6)`;
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      expect(lifeOf(runner, sign, HERE)).toBe('alive');
      child.kill('SIGSTOP');
      expect(lifeOf(runner, sign, HERE)).toBe('alive');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(lifeOf(runner, sign, HERE)).toBe('dead');
    });
  });

  test('of before the machine was started anew is dead', () => {
    writeFileSync(sign, '');
    expect(lifeOf({ ...self, ...HERE, boot: 'b0' }, sign, HERE)).toBe('dead');
  });

  test('of another machine is not judged, nor one of which too little is known', () => {
    const elsewhere = { ...self, ...HERE, boot: 'b0' };
    expect(lifeOf({ ...elsewhere, machine: 'm2' }, sign, HERE)).toBe('unknown');
    expect(lifeOf({ ...elsewhere, machine: null }, sign, { ...HERE, machine: null })).toBe('unknown');
    // As written by a version that knew of no namespaces.
    expect(lifeOf(self as typeof self & Whereabouts, sign, HERE)).toBe('unknown');
  });

  test('of this very process lives', () => {
    const here = whereabouts();
    expect(here.boot).toMatch(/^[0-9a-f-]{36}$/);
    expect(here.pidNamespace).toMatch(/^pid:\[\d+\]$/);
    expect(lifeOf({ ...self, ...here }, sign, here)).toBe('alive');
  });
});
