/** Every command that a document shows is run, and does what the document says. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutPostgres } from '../rig/postgres.ts';
import { isThorough } from '../rig/thorough.ts';
import {
  type Block,
  blocksOf,
  comparable,
  DOCUMENTS,
  LIMIT,
  matchesShown,
  ROOT,
  runScript,
  toScript,
  writeShims,
} from './blocks.ts';

/** What no test can run, line by line, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm ci': 'replaces the packages that this very test uses; CI begins with it',
  'npm test': 'this is a part of it',
  'npm run check': 'CI runs it by itself',
  'npm pack': 'CI packs, installs and uses the package in scripts/check-package.ts',
  'npm install --save-dev ../shakedown/shakedown-0.1.0.tgz': 'the same',
  'npm install --global ../shakedown/shakedown-0.1.0.tgz': 'would install it on this machine',
  'npm run chaos -- --trials 2000 --seed 20261124':
    'takes half an hour; CI runs 120 trials, and 40 as an ordinary user',
  'npx shakedown --config examples/api-postgres/shakedown.container.config.ts':
    'fetches an image; test/e2e/api-postgres.test.ts runs it with one of its own, where nothing is left out',
  'npx shakedown up': 'goes on until somebody quits; test/e2e/up.test.ts runs it',
  'npx shakedown watch': 'the same; test/e2e/watch.test.ts',
  'bench/ownership': 'takes minutes, and measures a machine that should do nothing else',
  'bench/run': 'takes minutes, and measures a machine that should do nothing else',
  'bench/checks': 'measures a machine that should do nothing else',
  'bench/services': 'takes minutes, and installs what it compares with',
  'bench/prove': 'measures a machine that should do nothing else',
  'bench/load': 'the same, and sends load with programs that it installs',
  'bench/sessions': 'the same',
  'bench/streams': 'the same, and needs 20,000 descriptors',
};
/** What only `npm run test:all` runs: it takes long, and is rarely red where the rest is not. */
const SELDOM: Readonly<Record<string, string>> = {
  'npx shakedown --dir examples/http-server/integration':
    'the same with a fault is run, and CI runs the example by itself',
  'EXAMPLE_BREAK=server-500 npx shakedown --dir examples/http-server/integration # exit 1':
    'test/e2e/http-server-example.test.ts breaks it in this way, and in others',
  'npx shakedown --config examples/api-postgres/shakedown.config.ts':
    'CI runs all of test/e2e/api-postgres.test.ts, which begins with it',
  'EXAMPLE_BREAK=migration npx shakedown --config examples/api-postgres/shakedown.config.ts # exit 1':
    'the same',
  'npx shakedown --config examples/http-server/shakedown.config.ts http typestubs':
    'test/e2e/proofs.test.ts proves both, which begins with a run of them without a fault',
  'npx shakedown load "http://localhost:$(cat port)/" --find-rate \'p99 < 100ms\' --from 100 --to 800 --duration 1s':
    'waits for half a minute; a shorter search of the same document is run, and what is found test/unit/load/capacity.test.ts shows',
  'export function slug(title) {':
    'what is wrong once in so many calls test/e2e/checks/threads.test.ts finds',
  "sed -i '/% 5000/d' slug.mjs": 'that sound twins pass, the same shows',
  'rm words.json': 'what a first use leaves half done test/e2e/checks/init.test.ts finds',
  'npx shakedown new --har session.har': 'test/e2e/new-har.test.ts runs what is written from a recording',
  'shakedown prove --fault status-500 --fault wrong-value --fault reset # exit 1':
    'test/e2e/prove.test.ts proves a client that notices as little',
  "cat > shop/package.json <<'END'":
    'test/e2e/new-projects.test.ts has the same project; the README begins with `new` as well',
};
const isLeftToAll = ({ content }: Block): boolean =>
  !isThorough && content.split('\n').some((line) => line in SELDOM);

const isNotRun = (line: string): boolean => line in NOT_RUN;

/** What a document needs that not every machine has: why its commands are not run. */
const LACKING: Readonly<Record<string, string | undefined>> = {
  'examples/api-postgres/README.md': withoutPostgres(),
};

/** A tutorial begins with nothing and goes on in one folder; the others speak of the project. */
const isTutorial = (document: string): boolean => document.startsWith('docs/');
const EMPTY_FOLDER = 'in-an-empty-folder';

/** What the reader's own project holds where a block is about that: a note of the block, and files. */
const PROJECTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [EMPTY_FOLDER]: {},
  'in-a-node-project': {
    'package.json':
      '{ "name": "shop", "type": "module", "scripts": { "start": "node server.js", "test": "node test.js" } }\n',
    'server.js': `import { createServer } from 'node:http';
createServer((request, response) => response.end('{"ok":true}')).listen(process.env.PORT ?? 3000);
`,
    'test.js': `import assert from 'node:assert';
assert.equal(JSON.parse('{"total":5}').total, 5);
`,
  },
  'in-a-python-project': {
    'shop/__init__.py': 'def total(prices):\n    return sum(prices)\n',
    'integration/thread': `#!/usr/bin/env python3
import sys, threading
sys.path.insert(0, "..")
from shop import total
threads = [threading.Thread(target=total, args=([1, 2],)) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("done")
`,
  },
};

/** What the reader has installed, of what this project has as well. */
const INSTALLED: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  'docs/streams.md': { NODE_PATH: join(ROOT, 'node_modules') },
};

const all = DOCUMENTS.map((document) => ({ document, blocks: blocksOf(document) }));
const shell = all.flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'sh'));
const isLeftOut = ({ content }: Block): boolean => content.split('\n').every(isNotRun);

/** The project as seen from a folder of its own, so that runs of other tests are not in the way. */
function linkProject(folder: string): void {
  const own = new Set(['.git', '.shakedown']);
  for (const name of readdirSync(ROOT)) if (!own.has(name)) symlinkSync(join(ROOT, name), join(folder, name));
}

let scratch = '';
let env: NodeJS.ProcessEnv = {};
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'shakedown-docs-'));
  env = writeShims(join(scratch, 'bin'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function makeProject(note: string): string {
  const project = mkdtempSync(join(scratch, 'project-'));
  for (const [name, content] of Object.entries(PROJECTS[note] ?? {})) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), content, { mode: 0o755 });
  }
  return project;
}

describe.each(all)('$document', ({ document, blocks }) => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(scratch, 'folder-'));
    if (!isTutorial(document)) linkProject(folder);
  });

  const runnable = blocks.filter((block) => block.language === 'sh' && !isLeftOut(block));
  for (const block of runnable) {
    const lacking = LACKING[document];
    const why = lacking === undefined ? '' : ` (not run: ${lacking})`;
    const title = `line ${block.line}: ${block.content.split('\n').at(-1)}${why}`;
    const run = async (): Promise<void> => {
      const cwd = block.note === '' ? folder : makeProject(block.note);
      const { code, output } = await runScript(toScript(block.content), cwd, {
        ...env,
        ...INSTALLED[document],
      });
      expect(code, output).toBe(0);
      const next = blocks[blocks.indexOf(block) + 1];
      if (next?.language !== 'text') return;
      // When they differ, both are shown as they were compared.
      if (!matchesShown(output, next.content))
        expect(comparable(output), `${document}:${next.line}`).toEqual(comparable(next.content));
    };
    test.skipIf(lacking !== undefined || isLeftToAll(block))(title, run, LIMIT);
  }
  if (runnable.length === 0) test('shows no command to run', () => expect(runnable).toEqual([]));
});

test('a block is either run or listed with the reason why it is not', () => {
  const halves = shell.filter((block) => !isLeftOut(block) && block.content.split('\n').some(isNotRun));
  expect(halves.map(({ document, line }) => `${document}:${line}`)).toEqual([]);
});

test('the lists of what is not run hold nothing that is not there', () => {
  const lines = new Set(shell.flatMap(({ content }) => content.split('\n')));
  expect(
    Object.keys({ ...NOT_RUN, ...SELDOM }).filter((line) => !lines.has(line) && line !== 'bench/run'),
  ).toEqual([]);
});

test('commands are in blocks that are run, not in others that look like them', () => {
  const others = all
    .flatMap(({ blocks }) => blocks)
    .filter(({ language }) => ['bash', 'shell', 'console', 'zsh'].includes(language));
  expect(others).toEqual([]);
  const notes = shell.filter(({ note }) => note !== '' && !(note in PROJECTS));
  expect(notes).toEqual([]);
});

describe('blocks', () => {
  test('are read with their language, note and place', () => {
    const source = 'a\n```sh in-an-empty-folder\ntrue\n\nfalse # exit 1\n```\n```text\n```\n';
    expect(blocksOf('x.md', source)).toEqual([
      { document: 'x.md', line: 2, language: 'sh', note: EMPTY_FOLDER, content: 'true\n\nfalse # exit 1' },
      { document: 'x.md', line: 7, language: 'text', note: '', content: '' },
    ]);
    expect(() => blocksOf('x.md', '```sh\ntrue')).toThrow('x.md:1: a block that is not closed');
  });

  test.each([
    ['true', 0],
    ['false', 1],
    ['false\ntrue', 1],
    ['echo "$unset"', 2],
    ['(exit 3) # exit 3', 0],
    ['(exit 3) # exit 3\nfalse # exit 1', 0],
    ['(exit 2) # exit 3', 99],
    ['true # exit 1', 99],
    ['A=1 sh -c \'exit "$A"\' # exit 1', 0],
  ])('%j ends with %i', async (content, code) => {
    expect((await runScript(toScript(content), tmpdir(), process.env)).code).toBe(code);
  });

  test('output is the same but for what differs from run to run', () => {
    const output = [
      'shakedown 0.1.0 · integration',
      '  ✓ http        996 ms  ready after 1.20 s on port 8001',
      '  … running: http 30 s, init 12 s',
      '  SLOW init has been running for 60 s; it will be stopped after 2m 00s',
      '  warning: requests were picked up 12 ms late (p99), which is more than the target took to answer',
      '     1 thread, longest pause 40 ms: it was the bottleneck',
      '  log: .shakedown/runs/20261124-025654-nd96uox/logs/http.log (pid 77)',
      '  at a',
      '  at b',
      'PASSED  1 passed in 1m 05s',
    ].join('\n');
    const shown = [
      'shakedown 9.9.9 · integration',
      '  ✓ http       1.00 s  ready after 3 ms on port 44411',
      '     1 thread, longest pause 2 ms: not the bottleneck',
      '  log: .shakedown/runs/20300101-000000-abc/logs/…log (pid 4711)',
      '…',
      'PASSED  1 passed in 2.00 s',
    ].join('\n');
    expect(matchesShown(output, shown)).toBe(true);
    expect(matchesShown(output, shown.replace('✓', '✗'))).toBe(false);
    expect(matchesShown(output, shown.replace('…\n', ''))).toBe(false);
    expect(matchesShown(output, shown.replace('1 passed', '2 passed'))).toBe(false);
    expect(matchesShown(`${output}\nmore`, shown)).toBe(false);
    expect(matchesShown(output.replace('… running: http', '… waiting for http'), shown)).toBe(false);
  });
});
