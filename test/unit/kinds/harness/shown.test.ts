/** What importers see of modules that do not want to be looked at. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { OwnFiles } from '../../../../src/kinds/common/harness/faults/own-files.ts';
import { Record } from '../../../../src/kinds/common/harness/faults/record.ts';
import { Shown } from '../../../../src/kinds/common/harness/faults/shown.ts';

const folder = mkdtempSync(join(tmpdir(), 'shown-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const no = (): never => {
  throw new Error('do not look');
};

test('what throws when it is looked at stays as it is, and is told', () => {
  const orders = { change: 'none', runtime: 'node', modules: [], folder } as const;
  const shown = new Shown(orders, new Record(folder), new OwnFiles([], undefined));
  const shy = new Proxy(() => 7, { get: no, ownKeys: no, getPrototypeOf: no, getOwnPropertyDescriptor: no });
  const { proxy: gone, revoke } = Proxy.revocable(() => 7, {});
  revoke();
  for (const value of [shy, gone]) {
    expect(shown.member(value, 'evil', 'export')).toBe(value);
    expect(shown.exports(value, 'evil')).toBe(value);
  }
  const [file = ''] = readdirSync(folder);
  expect(readFileSync(join(folder, file), 'utf8')).toContain('"name":"export","reason":"it throws');
  const plain = shown.member({ shy, fine: () => 8 }, 'evil', 'object') as {
    shy: () => number;
    fine: () => number;
  };
  expect(plain.shy).toBe(shy);
  expect(plain.fine()).toBe(8);
});
