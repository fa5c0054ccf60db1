/** The timeline and the matrices of a report that the real program has made, in a real browser. */
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Look, type OpenPage, TestBrowser } from '../rig/browser.ts';
import { Rig } from '../rig/rig.ts';

const LIMIT = 120_000;

const SERVER = `require('node:http').createServer((_, answer) => {
  answer.end('ok');
  setTimeout(() => process.exit(7), 50);
}).listen(process.env.PORT);
`;
/** It goes on until its server is gone. */
const CLIENT = `(async () => {
  for (;;) await fetch(\`http://localhost:\${process.env.PORT}/\`);
})();
`;
const ODD = `import { isMainThread } from 'node:worker_threads';
let calls = 0;
export const six = () => (!isMainThread && ++calls > 40 ? 7 : 6);
`;
const MAIN_ONLY = `import { isMainThread } from 'node:worker_threads';
if (!isMainThread) throw new Error('only in the main thread');
export const parse = () => 1;
`;
const SAMPLE = "const text: string = 'a';\nconsole.log(text);\n";
const WRONG = 'export const count: number = 5;\n';

let browser: TestBrowser;
let rig: Rig;

beforeAll(async () => {
  browser = await TestBrowser.start();
  rig = await Rig.create();
  symlinkSync(resolve('node_modules'), join(rig.dir, 'node_modules'));
  const files = { 'server.cjs': SERVER, 'client.cjs': CLIENT, 'odd.mjs': ODD, 'main-only.mjs': MAIN_ONLY };
  for (const [name, text] of Object.entries({ ...files, 'sample.ts': SAMPLE, 'wrong.ts': WRONG }))
    rig.write(name, text);
  const server = { run: 'node server.cjs', port: 0 };
  rig.config({
    setup: [{ run: 'true' }],
    components: {
      dying: { kind: 'http', server, client: 'node client.cjs' },
      odd: { kind: 'threads', module: './odd.mjs', workers: 2, iterations: 60 },
      starts: { kind: 'init', module: './main-only.mjs', use: 'parse', processes: 2 },
      typed: { kind: 'types', sample: './sample.ts', negative: ['./wrong.ts'] },
    },
  });
  const { code, stdout } = await rig.run(['--keep-going', '--jobs', '2', '--report', 'html=report.html']);
  expect(code, stdout).toBe(1);
}, LIMIT);
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
});

const open = (look: Look = {}): Promise<OpenPage> => browser.open(join(rig.dir, 'report.html'), look);

/** What the page says of the bar that is pointed at, or in focus. */
const detailOf = (page: Page): Promise<string | null> => page.locator('.tl-detail').textContent();
const rowOf = (page: Page, name: string): Locator =>
  page.locator('.tl-row', { has: page.locator('.tl-name', { hasText: new RegExp(`^${name}$`) }) }).first();

test.each<Look>([{}, { colors: 'dark', width: 390 }, { scripts: false }])(
  'everybody can read it: %o',
  async (look) => {
    await using opened = await open(look);
    expect([opened.requests, opened.complaints]).toEqual([[], []]);
    if (look.scripts !== false) expect(await opened.audit()).toEqual([]);
    const tooWide = await opened.page.locator('body').evaluate((body) => body.scrollWidth - body.clientWidth);
    expect(tooWide).toBe(0);
  },
);

describe('the timeline', () => {
  test('says of a bar what it is when somebody points at it, and nothing moves', async () => {
    await using opened = await open();
    const { page } = opened;
    const bar = rowOf(page, 'server').locator('.tl-bar.ready');
    await bar.scrollIntoViewIfNeeded();
    const before = await page.locator('.tl-body').boundingBox();
    await bar.hover();
    expect(await detailOf(page)).toMatch(
      /^dying · server · ready on port \d+: .* to .* \(.*\) · failed: exit code 7, service-died$/,
    );
    expect(await page.locator('.tl-body').boundingBox()).toEqual(before);
  });

  test('is walked through with the arrow keys, from one place in the order of Tab', async () => {
    await using opened = await open();
    const { page } = opened;
    expect(await page.locator('.tl-bar[tabindex="0"]').count()).toBe(1);
    await page.locator('.tl-bar[tabindex="0"]').focus();
    expect(await detailOf(page)).toMatch(/^setup · true: /);
    await page.keyboard.press('ArrowDown');
    expect(await page.locator(':focus').textContent()).toMatch(/^(?:dying|odd) · attempt 1: /);
    await rowOf(page, 'server').locator('.tl-bar').first().focus();
    expect(await detailOf(page)).toMatch(/^dying · server · starting: /);
    await page.keyboard.press('ArrowRight');
    expect(await detailOf(page)).toMatch(/^dying · server · ready on port/);
    await page.keyboard.press('End');
    expect(await detailOf(page)).toMatch(/^dying · server · ready on port/);
    await page.keyboard.press('ArrowDown');
    expect(await detailOf(page)).toMatch(/^dying · client: .* · failed: /);
    expect(await page.locator('.tl-bar[tabindex="0"]').count()).toBe(1);
    await expect.poll(() => page.locator('.tl-bar:focus-visible').count()).toBe(1);
  });

  test('marks the end of the service that died through all rows, before the end of its client', async () => {
    await using opened = await open();
    const { page } = opened;
    const line = await page.locator('.tl-moment.failed').boundingBox();
    const rows = await page.locator('.tl-rows').boundingBox();
    const client = await rowOf(page, 'client').locator('.tl-bar').boundingBox();
    if (line === null || rows === null || client === null) throw new Error('they are drawn');
    expect(line.height).toBeGreaterThanOrEqual(rows.height);
    expect(line.x).toBeLessThanOrEqual(client.x + client.width + 1);
    expect(await page.locator('.tl-moments').textContent()).toMatch(
      /dying server: exit code 7 while it was in use service-died/,
    );
  });
});

describe('a matrix', () => {
  const gridOf = (page: Page, name: string): Locator =>
    page.locator('.gr', { has: page.locator('.gr-title strong', { hasText: name }) }).first();

  test('has its headers as headers, and in each cell a sign and words besides its colour', async () => {
    await using opened = await open();
    const odd = gridOf(opened.page, 'odd');
    expect(await odd.locator('thead th[scope="col"]').allTextContents()).toEqual([
      ...[expect.stringContaining('how the threads end'), 'natural', 'terminate'],
      ...['process-exit', 'throw', 'rejection'],
    ]);
    expect(await odd.locator('tbody th[scope="row"]').count()).toBe(6);
    const cells = await odd.locator('.gr-cell').allTextContents();
    expect(cells).toHaveLength(30);
    for (const text of cells) expect(text).toMatch(/^(?:✗[\d,]+ wrong results?|✓[\d,]+ calls by 2 workers)$/);
    expect(await odd.locator('td.failed .mark[aria-label="failed"]').count()).toBeGreaterThan(0);
    expect(await gridOf(opened.page, 'starts').locator('td.skipped').first().textContent()).toMatch(/^○not /);
    expect(await gridOf(opened.page, 'typed').locator('td.failed').textContent()).toMatch(
      /^✗wrong\.ts must not type-check, but does$/,
    );
  });

  test('shows the detail of a cell on click, beside it: nothing moves, and Escape goes back', async () => {
    await using opened = await open();
    const { page } = opened;
    const cell = gridOf(page, 'starts').locator('td.failed .gr-cell');
    await cell.scrollIntoViewIfNeeded();
    const before = await page.locator('#components').boundingBox();
    await cell.click();
    const panel = page.locator('.gr-panel');
    expect(await panel.locator('h4').textContent()).toBe('✗in a worker alone × loaded');
    expect(await panel.locator('pre').textContent()).toContain('Error: only in the main thread');
    expect(await page.locator('#components').boundingBox()).toEqual(before);
    expect(await opened.audit()).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await panel.isVisible()).toBe(false);
    expect(await page.locator(':focus').getAttribute('href')).toBe(await cell.getAttribute('href'));
    expect([opened.requests, opened.complaints]).toEqual([[], []]);
  });

  test('is walked through with the arrow keys, and Enter shows a cell', async () => {
    await using opened = await open({ width: 390 });
    const { page } = opened;
    const cells = gridOf(page, 'odd').locator('.gr-cell');
    await cells.first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await page.locator('.gr-panel h4').textContent()).toMatch(
      /main-first, idle at the end × terminate$/,
    );
    await page.keyboard.press('Enter');
    expect(await page.locator('.gr-panel').isVisible()).toBe(false);
    expect(await gridOf(page, 'odd').locator('.gr-cell[tabindex="0"]').count()).toBe(1);
  });

  test('leads without scripts to the words of each cell below it', async () => {
    await using opened = await open({ scripts: false });
    const { page } = opened;
    const cell = gridOf(page, 'starts').locator('td.failed .gr-cell');
    await cell.click();
    const words = page.locator((await cell.getAttribute('href')) ?? '');
    expect(await words.isVisible()).toBe(true);
    expect(await words.textContent()).toContain('Error: only in the main thread');
  });
});
