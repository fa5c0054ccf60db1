import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOfName, parseTriedSpec } from '../../../src/cli/tried-package.ts';

test('who names a package, and has a folder of that name at hand, is told how to name the folder', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'namesake-'));
  try {
    for (const name of ['mine', 'plain']) mkdirSync(join(cwd, name));
    writeFileSync(join(cwd, 'mine', 'package.json'), '{"name":"mine","version":"1.0.0"}');
    const told = (text: string): string | undefined => {
      const spec = parseTriedSpec(text, cwd);
      return spec.ok ? folderOfName(text, spec.value, cwd) : undefined;
    };
    expect(told('mine')).toBe('./mine');
    for (const text of ['./mine', 'mine@1.0.0', 'plain', 'other', 'pypi:mine'])
      expect(told(text)).toBeUndefined();
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});
