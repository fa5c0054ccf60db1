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
  const [finding] = errorFindings([{ where: 'typescript 5.9 node16', complaints: twice }], {
    ...{ folder: `${folder}/scratch`, typed, sample: null, negative: new Map() },
  });
  rmSync(folder, { recursive: true });
  expect(finding).toMatchObject({ code: 'type-error', errors: [{ where: ['typescript 5.9 node16'] }] });
});
