/** An install that hangs is told with the script that had not ended. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { strangersShell } from '../../../src/consumer/environment.ts';
import { explainStopped } from '../../../src/consumer/install-scripts.ts';

test('the script that had not ended is named; none, and npm itself was waiting; other failures are as they are', () => {
  const folder = mkdtempSync(join(tmpdir(), "it's scripts-"));
  try {
    const record = join(folder, 'scripts.txt');
    const shell = join(folder, 'shell.sh');
    const base = { PATH: process.env.PATH ?? '' };
    writeFileSync(shell, strangersShell(base, record));
    chmodSync(shell, 0o700);
    const script = (name: string, command: string) => {
      const env = { ...base, npm_package_name: name, npm_lifecycle_event: 'postinstall' };
      execFileSync(shell, ['-c', command], { env });
    };
    const stopped = { blame: 'stopped', message: 'it cannot be installed: it was stopped' } as const;
    script('@a/done', 'exit 0');
    expect(() => script('b', 'exit 3')).toThrow(expect.objectContaining({ status: 3 }));
    expect(explainStopped(stopped, record, [])).toMatchObject({
      message: stopped.message,
      hint: expect.stringContaining('npm itself'),
    });
    expect(explainStopped(stopped, record, ['a', 'b', 'c', 'd', 'e']).message).toBe(
      'it cannot be installed: it was stopped: npm was waiting for a, b, c and 2 more',
    );
    // Ends its shell, as whoever ends an installation does.
    expect(() => script('esbuild', 'kill -9 $PPID')).toThrow();
    expect(explainStopped(stopped, record, ['a']).message).toBe(
      'it cannot be installed: it was stopped: the postinstall script of esbuild had not ended',
    );
    const other = { blame: 'package', message: 'x' } as const;
    expect(explainStopped(other, record, [])).toBe(other);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
