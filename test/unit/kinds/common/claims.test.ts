/** Faults that break one claim of a component, and no other. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command, Component, Expectation } from '../../../../src/core/suite.ts';
import { EXPECT_SUCCESS } from '../../../../src/core/suite.ts';
import { claimFaults, withoutFault } from '../../../../src/kinds/common/claims.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../../dist/harness-claims.js');
const OUTPUT = { type: 'regex', source: '^ok', flags: '' } as const;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'claims-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A command as a fault has it, run by the program of the build. */
function run(command: Command): { stdout: string; stderr: string; status: number | null } {
  if (command.type === 'shell') throw new Error('it must be wrapped');
  const [node, , ...rest] = command.argv;
  const { stdout, stderr, status } = spawnSync(node, [PROGRAM, ...rest], { encoding: 'utf8' });
  return { stdout, stderr, status };
}

const faultsOf = (expected: Partial<Expectation>, line = 'echo ok; echo no >&2; echo ok; exit 3') => {
  const command: Command = { type: 'shell', line };
  const put = (changed: Command): Component => ({ command: changed }) as unknown as Component;
  return claimFaults({ expect: { ...EXPECT_SUCCESS, ...expected }, command, checker: 'client', put });
};

function apply(expected: Partial<Expectation>, line?: string) {
  const [fault] = faultsOf(expected, line).faults;
  if (fault === undefined) throw new Error('there is no fault');
  const own = mkdtempSync(join(folder, 'trial-'));
  const { command } = fault.sabotage(own) as unknown as { command: Command };
  return {
    fault,
    ...run(command),
    reach: fault.reach({ findings: [], events: [], durationMs: 0, folder: own }),
  };
}

describe('a command whose claim is broken', () => {
  test('runs as ever in the control', () => {
    const command: Command = { type: 'shell', line: 'printf "a\\n\\377b"; printf c >&2; exit 4' };
    const wrapped = withoutFault({ command }, folder);
    expect(run(wrapped)).toMatchObject({ stderr: 'c', status: 4 });
    expect(run(wrapped).stdout).toBe('a\n\ufffdb');
  });

  test('prints an empty line in place of what is expected', () => {
    const { stdout, stderr, status, reach, fault } = apply({ output: [OUTPUT] });
    expect({ stdout, stderr, status }).toEqual({ stdout: '\n\n', stderr: 'no\n', status: 3 });
    expect(reach).toEqual({ changed: 2, of: null, unit: 'line' });
    expect(fault.isNoticed({ code: 'missing-output', message: '', pattern: '/^ok/' })).toBe(true);
    expect(fault.isNoticed({ code: 'missing-output', message: '', pattern: '/else/' })).toBe(false);
  });

  test('prints what is forbidden', () => {
    const { stdout, status, reach } = apply({ forbid: [{ type: 'text', text: 'panic: (x)' }] });
    expect(stdout).toBe('ok\nok\npanic: (x)\n');
    expect({ status, changed: reach.changed }).toEqual({ status: 3, changed: 1 });
  });

  test('exits with a code that is not accepted', () => {
    expect(apply({ exitCodes: [0, 1, 3] })).toMatchObject({ status: 2, stdout: 'ok\nok\n' });
  });

  test('that it exits with 0, as any must, is no claim', () => {
    expect(faultsOf({}).faults).toEqual([]);
  });
});
