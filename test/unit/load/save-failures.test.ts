/** Failed requests in files: what is in them, what is not, and what happens to a folder that is not ours. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FAILURE_FOLDER, failureFile, MOST_SAVED, SAVED_PART } from '../../../src/core/failure-files.ts';
import type { LoadFailure } from '../../../src/core/load.ts';
import { foreignIn } from '../../../src/files/own-folder.ts';
import * as files from '../../../src/files/write-new.ts';
import type { Problem } from '../../../src/kinds/common/problem.ts';
import { KeptFailures } from '../../../src/load/engine/measure/failures.ts';
import { saveFailures } from '../../../src/load/engine/save-failures.ts';
import { nameInConfig } from '../../../src/load/options/mistakes.ts';
import { buildLoadPlan } from '../../../src/load/options/plan.ts';
import { forRequests, get, httpServer, send } from './plans.ts';

vi.mock(import('../../../src/files/write-new.ts'), { spy: true });

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shakedown-failures-'));
  folder = join(root, 'new', 'failures');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

const failure = (more: Partial<LoadFailure> = {}): LoadFailure => ({
  kind: 'check',
  name: 'create',
  message: 'create answered 500, expected 200–299',
  request: 'POST /orders HTTP/1.1\nHost: a\n\n{"n":1}',
  response: 'HTTP/1.1 500 Oops',
  body: 'no luck',
  captured: null,
  ...more,
});
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
const many = (count: number): LoadFailure[] => Array.from({ length: count }, () => failure());

describe('a load', () => {
  test('saves its failures without the secrets in them, whole, and fewer of them in the result', async () => {
    await using server = await httpServer((_, response) => {
      response.writeHead(500, { 'Set-Cookie': 'sid=Zq8kf02mXyP1; HttpOnly' });
      response.end(`{"access_token":"tok3n-Ab12Cd34Ef"}${'long '.repeat(500)}end`);
    });
    const request = {
      ...get('/'),
      headers: [
        ['Authorization', 'Bearer h1dden-Kj72bQw9'],
        ['Cookie', 'session=Xk29fjw01nQz'],
      ] as const,
    };
    const named = { ...request, name: 'create' };
    const { failures, saved, findings } = await send(server.url, {
      limit: forRequests(40),
      requests: [named, { ...request, name: 'read' }],
      saveFailures: folder,
    });
    expect(saved).toEqual({ folder, files: 40 });
    const codes = findings.map(({ code }) => code);
    // On a busy machine it is told as well that the load was late.
    expect(codes.filter((code) => code !== 'generator-saturated')).toEqual(['unexpected-response']);
    // Three of each name.
    expect(failures.map(({ name }) => name).sort()).toEqual([
      ...['create', 'create', 'create', 'read', 'read', 'read'],
    ]);
    expect(Math.max(...failures.map(({ body }) => body?.length ?? 0))).toBeLessThanOrEqual(400);
    const names = readdirSync(folder).sort();
    expect(names).toHaveLength(41);
    const all = names.map(text).join('\n') + JSON.stringify(failures);
    for (const secret of ['h1dden', 'Xk29', 'Zq8k', 'tok3n']) expect(all).not.toContain(secret);
    const [first = ''] = names;
    expect(first).toMatch(/^0001-check-(?:create|read)\.txt$/);
    expect(text(first)).toMatch(
      /^(?:create|read) answered 500, expected 200–299\n\n--- request\nGET \/ HTTP\/1\.1\n/,
    );
    expect(text(first)).toMatch(
      /\n--- response\nHTTP\/1\.1 500 Internal Server Error\n[\s\S]*\n--- body\n.*end\n$/,
    );
    const index = text('index.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(index).toHaveLength(41);
    expect(index[1]).toMatchObject({ file: first, kind: 'check', name: expect.any(String) });
    if (process.platform !== 'win32') {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
  });
});

describe('what was saved', () => {
  test('has the captured values, and is replaced by the next run', () => {
    const captured = { id: '17', note: 'a\u001b[31m' };
    expect(saveFailures(folder, [failure({ captured }), failure()], 'http://a/')).toEqual({ files: 2 });
    expect(text('0001-check-create.txt')).toContain('\n--- captured values\nid: 17\n');
    expect(text('0001-check-create.txt')).not.toContain('\u001b');
    expect(saveFailures(folder, [failure({ name: 'other' })], 'http://a/')).toEqual({ files: 1 });
    expect(readdirSync(folder).sort()).toEqual(['0001-check-other.txt', 'index.jsonl']);
    expect(saveFailures(folder, [], 'http://a/')).toEqual({ files: 0 });
    expect(readdirSync(folder)).toEqual(['index.jsonl']);
  });

  test('is nothing where nothing failed', () => {
    expect(saveFailures(folder, [], 'http://a/')).toEqual({ files: 0 });
    expect(existsSync(folder)).toBe(false);
  });

  test('is no more than so many', () => {
    expect(saveFailures(folder, many(MOST_SAVED + 5), 'http://a/')).toEqual({ files: MOST_SAVED });
  });

  test.each(['../../etc/x', 'a\nb', '\u0000', '.', '<script>', 'x'.repeat(500), 'CON', 'ü/ö', '-rf', ''])(
    'under the name %j is in a file of the folder',
    (name) => {
      expect(failureFile(1, 'check', name)).toMatch(/^0001-check[\w.-]{0,60}\.txt$/);
      saveFailures(folder, [failure({ name, message: `${name} is wrong` })], 'http://a/');
      expect(foreignIn(folder, FAILURE_FOLDER)).toBeUndefined();
      expect(readdirSync(folder)).toHaveLength(2);
      expect(text('index.jsonl').trimEnd().split('\n')).toHaveLength(2);
    },
  );

  test('is as much as the disk holds, and that is told', () => {
    vi.mocked(files.writeNew).mockImplementation((path, content) => {
      if (path.includes('0003'))
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      writeFileSync(path, content);
    });
    expect(saveFailures(folder, many(5), 'http://a/')).toEqual({
      files: 2,
      trouble: 'ENOSPC: no space left on device',
    });
    expect(text('index.jsonl').trimEnd().split('\n')).toHaveLength(3);
  });
});

describe('a folder', () => {
  const elsewhere = (): string => join(root, 'elsewhere');
  test.each<[string, () => void, RegExp]>([
    ['that is a link', () => symlinkSync(root, join(root, 'f')), /is a link/],
    ['that is a file', () => writeFileSync(join(root, 'f'), ''), /is no folder/],
    [
      'of another user',
      () => {
        mkdirSync(join(root, 'f'));
        vi.spyOn(process as Required<typeof process>, 'geteuid').mockReturnValue(statSync(root).uid + 1);
      },
      /belongs to another user/,
    ],
    ['with other files', () => put('notes.txt', 'x'), /holds other things, such as notes.txt/],
    [
      'with a folder',
      () => mkdirSync(join(root, 'f', '0001-check-a.txt'), { recursive: true }),
      /holds other things/,
    ],
    ['with an index of somebody else', () => put('index.jsonl', '{"mine":1}'), /holds other things/],
    ['with files like ours, and no index', () => put('0001-check-a.txt', ''), /holds other things/],
    [
      'with a planted link',
      () => {
        saveFailures(join(root, 'f'), many(1), 'http://a/');
        writeFileSync(elsewhere(), 'precious');
        symlinkSync(elsewhere(), join(root, 'f', '0002-check-create.txt'));
      },
      /holds other things, such as 0002-check-create.txt/,
    ],
  ])('%s is left as it is', (_, make, why) => {
    make();
    const path = join(root, 'f');
    expect(foreignIn(path, FAILURE_FOLDER)).toMatch(why);
    expect(saveFailures(path, many(3), 'http://a/')).toMatchObject({
      files: 0,
      trouble: expect.stringMatching(why),
    });
    if (existsSync(elsewhere())) expect(readFileSync(elsewhere(), 'utf8')).toBe('precious');
  });

  test('that holds other things is a mistake ahead of the run', () => {
    put('notes.txt', 'x');
    const problems: Problem[] = [];
    const origin = { nameOf: nameInConfig, folder: root, tell: (problem: Problem) => problems.push(problem) };
    buildLoadPlan('http://a/', { saveFailures: 'f' }, [], origin);
    expect(problems).toEqual([
      {
        path: ['saveFailures'],
        message: '`saveFailures`: f holds other things, such as notes.txt',
        hint: expect.stringContaining('name a new folder'),
      },
    ]);
  });

  function put(name: string, content: string): void {
    mkdirSync(join(root, 'f'));
    writeFileSync(join(root, 'f', name), content);
  }
});

describe('in memory', () => {
  const raw = (name: string, size: number) => ({
    ...{ kind: 'check' as const, name, message: 'm', captured: null },
    ...{ request: 'r', head: 'h', body: Buffer.alloc(size, 'x') },
  });
  const keepAll = (kept: KeptFailures, failures: readonly ReturnType<typeof raw>[]): number => {
    for (const each of failures) if (kept.wants(each)) kept.keep(each);
    return kept.all.length;
  };

  test('are the first three of each name, and a hundred at most', () => {
    const names = Array.from({ length: 10 }, (_, index) => raw(`n${index % 2}`, 1));
    expect(keepAll(new KeptFailures(false), names)).toBe(6);
    const different = Array.from({ length: 500 }, (_, index) => raw(`n${index}`, 1));
    expect(keepAll(new KeptFailures(false), different)).toBe(100);
  });

  test('to be saved, are as many as fit into 16 MB, and the first of other names all the same', () => {
    const kept = new KeptFailures(true);
    const big = Array.from({ length: MOST_SAVED + 500 }, () => raw('a', 10 * SAVED_PART));
    keepAll(kept, big);
    expect(kept.all).toHaveLength(1000);
    expect(kept.all[0]?.body).toHaveLength(SAVED_PART);
    expect(keepAll(kept, [raw('b', 1)])).toBe(1001);
  });
});
