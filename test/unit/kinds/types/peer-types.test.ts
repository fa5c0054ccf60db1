/** Errors in declarations that only those see who lack the types of a peer. */
import { expect, test } from 'vitest';
import type { TypedPackage } from '../../../../src/consumer/typed-package.ts';
import type { Complaint } from '../../../../src/kinds/types/diagnostics.ts';
import { followsFromPeer } from '../../../../src/kinds/types/matrix.ts';

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
