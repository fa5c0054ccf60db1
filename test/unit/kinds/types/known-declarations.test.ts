/** The search for what a package declares, with a fake in place of its program: it is made once for an installation. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TypedPackage } from '../../../../src/consumer/typed-package.ts';
import { type Found, findExports } from '../../../../src/kinds/types/exports.ts';
import type { Declared, DeclaredResult } from '../../../../src/kinds/types/protocol.ts';
import type { RunDirectory } from '../../../../src/store/run-directory.ts';
import { FakeAttempt } from '../../../rig/fake-context.ts';

const NONE: Declared = { type: 'none' };
const SAID: DeclaredResult = [{ import: NONE, require: NONE, bundler: NONE }];

let dir: string;
let consumer: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'known-declarations-'));
  consumer = join(dir, 'consumer');
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'consumer.json'), '{}');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Looked extends Found {
  readonly isAsked: boolean;
}

/** @param exitCode of the program, if it is started */
async function look({ exitCode = 0, isChanged = false } = {}): Promise<Looked> {
  const attempt = new FakeAttempt();
  const env = { XDG_CACHE_HOME: join(dir, 'cache'), PATH: process.env.PATH ?? '' };
  const directory = { path: dir, run: 'run' } as RunDirectory;
  const typed: TypedPackage = {
    ...{ consumer, folder: consumer, name: 'a', loaded: { name: 'a', folder: consumer } },
    ...{ hasTypes: true, declarations: null, peers: [], oldest: null, total: 1 },
    entries: [{ specifier: 'a', subpath: '.', isMain: true, loads: [] }],
  };
  const api = { folder: dir, version: '5.9.3', typeRoot: dir };
  let isAsked = false;
  const asked = attempt.processes.started('try.1/declarations').then((program) => {
    isAsked = true;
    writeFileSync(join(dir, 'try.1-declared.result.json'), JSON.stringify(SAID));
    program.finish(exitCode);
  });
  const found = findExports(typed, api, isChanged, { ...attempt.context, env, directory });
  await Promise.race([asked, found]);
  return { ...(await found), isAsked };
}

test('what a package declares is known the next time, as long as it stays as it was installed', async () => {
  const first = await look();
  expect(first).toMatchObject({ isAsked: true, findings: [], entries: [{ declared: SAID[0] }] });
  expect(await look()).toEqual({ ...first, isAsked: false });
  utimesSync(join(consumer, 'consumer.json'), 1, 1);
  expect((await look()).isAsked).toBe(true);
});

test('a search that has failed is made again, and so is each of declarations that a trial has changed', async () => {
  expect((await look({ exitCode: 1 })).findings).toMatchObject([{ code: 'exit-code' }]);
  expect((await look()).isAsked).toBe(true);
  expect((await look({ isChanged: true })).isAsked).toBe(true);
});
