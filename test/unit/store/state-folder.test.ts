/** What lies on disk is believed only if it is ours. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeOwnFolder, NotOurs, whyNotOurs } from '../../../src/store/ours.ts';
import { inState, knownStates, projectCache, type StateFolder } from '../../../src/store/state-folder.ts';

const isRoot = process.getuid?.() === 0;
/** Somebody else; there need not be a user of that number. */
const STRANGER = 54_321;

let dir: string;
let project: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'state-'));
  project = join(dir, 'project');
  mkdirSync(project);
  vi.stubEnv('TMPDIR', join(dir, 'tmp'));
  vi.stubEnv('XDG_STATE_HOME', join(dir, 'home'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

function openState(of: string): { state: StateFolder; elsewhere: Error | null } {
  const { value, elsewhere } = inState(of, (state) => state);
  return { state: value, elsewhere };
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);
const own = (...parts: string[]): string => join(project, '.shakedown', ...parts);

function make(path: string, mode = 0o700): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  return path;
}

/** Ways in which something of the name of a folder is not ours. */
const PLANTED: readonly {
  readonly what: string;
  readonly plant: (path: string) => void;
  readonly reason: RegExp;
  readonly needsRoot?: true;
}[] = [
  {
    what: 'belongs to somebody else',
    plant: (path) => chownSync(make(path), STRANGER, STRANGER),
    reason: /belongs to user 54321, and this is user 0$/,
    needsRoot: true,
  },
  {
    what: 'can be written to by everybody',
    plant: (path) => make(path, 0o777),
    reason: /is writable by others \(mode 777\)$/,
  },
  {
    what: 'can be written to by a group',
    plant: (path) => make(path, 0o770),
    reason: /is writable by others \(mode 770\)$/,
  },
  {
    what: 'is a link',
    plant: (path) => symlinkSync(make(join(dir, 'precious')), path),
    reason: /is a link$/,
  },
];
const possible = PLANTED.filter(({ needsRoot }) => isRoot || needsRoot !== true);

test('a folder is made for us alone, whatever the umask, and one that others could look into is closed', () => {
  const before = process.umask(0);
  try {
    makeOwnFolder(join(dir, 'new'));
  } finally {
    process.umask(before);
  }
  expect(modeOf(join(dir, 'new'))).toBe('700');
  makeOwnFolder(make(join(dir, 'open'), 0o755));
  expect(modeOf(join(dir, 'open'))).toBe('700');
});

test('a file in the place of a folder is no matter of trust', () => {
  writeFileSync(join(dir, 'file'), '');
  expect(() => makeOwnFolder(join(dir, 'file'))).toThrow('EEXIST');
  expect(() => makeOwnFolder(join(dir, 'nowhere/at/all'))).toThrow('ENOENT');
});

describe('what only its mode speaks against', () => {
  test.each([
    ['a folder', '700', (path: string) => make(path, 0o775)],
    ['a file', '600', (path: string) => writeFileSync(path, '')],
  ])('%s is to be made ours alone, not to be removed', (_, mode, plant) => {
    const path = join(dir, "our's");
    plant(path);
    chmodSync(path, 0o776);
    const because = whyNotOurs(path);
    const [, command = ''] = /(chmod .*)/.exec(because?.wayOut ?? '') ?? [];
    expect(command).toMatch(new RegExp(`^chmod ${mode} '`));
    expect(because?.wayOut).not.toContain('rm ');
    execFileSync('/bin/sh', ['-c', command]);
    expect(whyNotOurs(path)).toBeUndefined();
  });

  test("what is somebody else's is to be removed", () => {
    symlinkSync('/nowhere', join(dir, 'link'));
    expect(whyNotOurs(join(dir, 'link'))?.wayOut).toContain(`rm -r ${join(dir, 'link')}`);
  });
});

describe.each(possible)('what $what', ({ plant, reason }) => {
  test('is told from what is ours', () => {
    plant(join(dir, 'planted'));
    expect(whyNotOurs(join(dir, 'planted'))?.message).toMatch(reason);
    expect(() => makeOwnFolder(join(dir, 'planted'))).toThrow(NotOurs);
    expect(whyNotOurs(join(dir, 'nothing'))).toBeUndefined();
  });

  test.each(['', 'runs', 'cache'])('is not used as .shakedown/%s, and stays as it is', (part) => {
    if (part !== '') make(own());
    plant(own(part));
    const before = modeOf(own(part));
    const { state, elsewhere } = openState(project);
    expect(elsewhere).toBeInstanceOf(NotOurs);
    expect((elsewhere as NotOurs).path).toBe(join(own(), part));
    expect(elsewhere?.message).toMatch(reason);
    expect(state.path).toMatch(join(dir, 'tmp'));
    expect(modeOf(own(part))).toBe(before);
    expect(readdirSync(own(part))).toEqual([]);
    expect(() => projectCache(project)).toThrow(NotOurs);
  });

  test('is told of by whoever looks for earlier runs, who does not look into it', () => {
    make(own());
    plant(own('runs'));
    const { states, refused } = knownStates(project);
    expect(states).toEqual([]);
    expect(refused.map(({ path }) => path)).toEqual([own('runs')]);
  });

  test('is not used where the state of projects is kept elsewhere either', () => {
    writeFileSync(own(), 'in the way');
    mkdirSync(join(dir, 'tmp'));
    plant(join(dir, `tmp/shakedown-${process.geteuid?.()}`));
    const { state } = openState(project);
    expect(state.path).toMatch(join(dir, 'home/shakedown/project-'));
    expect(knownStates(project).states).toEqual([state]);
  });
});

describe('the state of a project', () => {
  test('is in its folder, closed to others, and kept out of git', () => {
    const { state, elsewhere } = openState(project);
    expect(elsewhere).toBeNull();
    expect(state.path).toBe(own());
    expect([state.path, state.runs, state.cache].map(modeOf)).toEqual(['700', '700', '700']);
    expect(modeOf(own('.gitignore'))).toBe('600');
    expect(knownStates(project)).toEqual({ states: [state], refused: [] });
  });

  test('is found again when it cannot be in its folder, apart from that of a project of the same name', () => {
    writeFileSync(own(), 'in the way');
    const { state, elsewhere } = openState(project);
    expect(elsewhere?.message).toContain('EEXIST');
    expect(openState(project).state).toEqual(state);
    expect(knownStates(project)).toEqual({ states: [state], refused: [] });
    symlinkSync(project, join(dir, 'link'));
    expect(knownStates(join(dir, 'link')).states).toEqual([state]);
    const namesake = join(dir, 'other/project');
    mkdirSync(namesake, { recursive: true });
    expect(knownStates(namesake).states).toEqual([]);
    expect(modeOf(join(state.path, '..'))).toBe('700');
  });

  test('is nowhere where nothing can be written', () => {
    writeFileSync(own(), 'in the way');
    writeFileSync(join(dir, 'tmp'), 'in the way');
    writeFileSync(join(dir, 'home'), 'in the way');
    expect(() => openState(project)).toThrow();
    expect(knownStates(project)).toEqual({ states: [], refused: [] });
  });

  test('is not made by looking for it', () => {
    expect(knownStates(project)).toEqual({ states: [], refused: [] });
    expect(existsSync(own())).toBe(false);
    expect(statSync(project).isDirectory()).toBe(true);
  });
});
