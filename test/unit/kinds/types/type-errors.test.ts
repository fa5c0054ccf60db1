/** Errors in declarations: how they are told, and which of them only those see who lack the types of a peer. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TypedPackage } from '../../../../src/consumer/typed-package.ts';
import type { Complaint } from '../../../../src/kinds/types/diagnostics.ts';
import { errorFindings, followsFromPeer } from '../../../../src/kinds/types/type-errors.ts';

const about = { peers: ['react'] } as unknown as TypedPackage;
const complaint = (file: string, number: string, text: string): Complaint => ({
  file,
  line: 1,
  number,
  text,
});

const LACKING = complaint('a.d.ts', 'TS7016', "Could not find a declaration file for module 'react'.");
const GLOBAL = complaint('b.d.ts', 'TS2503', "Cannot find namespace 'JSX'.");
const SAME_FILE = complaint('a.d.ts', 'TS2344', 'Type X does not satisfy the constraint Y.');
const OTHER_FILE = complaint('b.d.ts', 'TS2344', 'Type X does not satisfy the constraint Y.');

test('what follows from the types of a peer not being there', () => {
  const all = [LACKING, GLOBAL, SAME_FILE, OTHER_FILE];
  expect(all.map((each) => followsFromPeer(each, all, about))).toEqual([true, true, true, false]);
  const own = [GLOBAL, SAME_FILE, OTHER_FILE];
  expect(own.some((each) => followsFromPeer(each, own, about))).toBe(false);
});

test('a line with two errors of a sort names each compiler once', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'types-')));
  const typed = { name: 'lib', folder: `${folder}/node_modules/lib`, peers: [] } as unknown as TypedPackage;
  mkdirSync(typed.folder, { recursive: true });
  const file = `${typed.folder}/index.d.ts`;
  const twice = ['A', 'B'].map((name) => complaint(file, 'TS2305', `No exported member ${name}.`));
  const [finding] = errorFindings([{ where: 'typescript 5.9 node16', version: '5.9', complaints: twice }], {
    ...{ folder: `${folder}/scratch`, typed, sample: null, negative: new Map() },
  });
  rmSync(folder, { recursive: true });
  expect(finding).toMatchObject({ code: 'type-error', errors: [{ where: ['typescript 5.9 node16'] }] });
});

test('the first line names the versions of TypeScript, unless all refuse it', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'types-')));
  const typed = { name: 'lib', folder: `${folder}/node_modules/lib`, peers: [] } as unknown as TypedPackage;
  mkdirSync(typed.folder, { recursive: true });
  const refused = complaint(`${typed.folder}/index.d.ts`, 'TS2344', 'Type X does not fit.');
  const told = (cells: Readonly<Record<string, boolean>>) => {
    const checked = Object.entries(cells).map(([cell, isRefused]) => ({
      ...{ where: `typescript ${cell}`, version: cell.split(' ')[0] ?? '' },
      complaints: isRefused ? [refused] : [],
    }));
    const material = { folder: `${folder}/scratch`, typed, sample: null, negative: new Map() };
    return errorFindings(checked, material).map((each) => {
      const onlyWith = each.code === 'type-error' ? each.onlyWith : null;
      return [each.message.split(': ')[0], onlyWith];
    });
  };
  expect(told({ '5.0.4 node16': true, '5.0.4 bundler': false, '5.9.3 node16': false })).toEqual([
    ['without skipLibCheck, lib does not type-check with TypeScript 5.0.4, but does with 5.9.3', ['5.0.4']],
  ]);
  expect(told({ '5.0.4 node16': true, '5.9.3 node16': false, '5.9.3 bundler': true })).toEqual([
    ['without skipLibCheck, lib does not type-check', undefined],
  ]);
  rmSync(folder, { recursive: true });
});
