/** What is seldom on a page, in a real browser: earlier runs, WebSockets, streams of events, and the search of a rate. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoadPlots } from '../../src/report/html/plotted/plot-data.ts';
import { type OpenPage, TestBrowser } from '../rig/browser.ts';
import { drawHtml } from '../rig/html.ts';
import { stamp } from '../unit/report/runs.ts';
import { SECTIONS } from '../unit/report/sections.ts';

let browser: TestBrowser;
let folder: string;
let open: OpenPage;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shakedown-sections-'));
  const file = join(folder, 'report.html');
  writeFileSync(file, await drawHtml(stamp(SECTIONS)));
  browser = await TestBrowser.start();
  open = await browser.open(file);
  for (const place of await open.page.locator('.plots').all()) {
    await place.scrollIntoViewIfNeeded();
    await place.locator('canvas').first().waitFor();
  }
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const loadOf = (name: string): Locator =>
  open.page.locator('details.load', { has: open.page.getByRole('heading', { name }) });
const titlesOf = (name: string): Promise<string[]> =>
  loadOf(name).locator('[data-plots=time] .plot-title').allTextContents();

test('it has every section, and everybody can read it in light and dark, on a phone and on paper', async () => {
  const { page } = open;
  expect(await page.locator('main > section').evaluateAll((all) => all.map(({ id }) => id))).toEqual([
    ...['findings', 'timeline', 'load', 'grids', 'history', 'components', 'around', 'data'],
  ]);
  const looks = [
    { media: 'screen', colorScheme: 'light', width: 1280 },
    { media: 'screen', colorScheme: 'dark', width: 390 },
    // Whoever prints from a dark page wants no dark paper.
    { media: 'print', colorScheme: 'dark', width: 900 },
  ] as const;
  for (const { width, ...look } of looks) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia(look);
    expect(await open.audit(), look.media).toEqual([]);
    expect(await page.locator('body').evaluate((body) => body.scrollWidth - body.clientWidth)).toBe(0);
  }
  const paper = await page.evaluate('getComputedStyle(document.body).backgroundColor');
  expect(paper).toBe('rgb(255, 255, 255)');
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
  expect([open.requests, open.complaints]).toEqual([[], []]);
});

test('earlier runs are drawn beside this one: how long all took, and the figures of loads', async () => {
  const { page } = open;
  const history = page.locator('#history');
  expect(await history.locator('.past-runs').textContent()).toBe('The whole run:  20.00 s');
  expect(await history.locator('.past-runs rect').count()).toBe(7);
  expect(await history.locator('.past-runs rect.failed').count()).toBe(2);
  const rows = await history
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent?.trim())));
  expect(rows).toEqual([
    ['chat', '2 of 7', '6.00 s', '500/s', '49.5 ms'],
    ['parser', '2 of 7', '150 ms', '', ''],
    ['plain', '1 of 7', '150 ms', '', ''],
  ]);
  expect(
    await history.getByRole('img', { name: /^Rate of chat, oldest first: 500\/s, 490\/s, / }).count(),
  ).toBe(1);
  // The longest is as high as there is room, and each bar is seen.
  const heights = await history
    .locator('tbody tr')
    .first()
    .locator('td:nth-child(3) rect')
    .evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().height));
  expect(Math.max(...heights)).toBeCloseTo(24, 0);
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(1);
});

test('of WebSockets and of streams the connections are drawn and told', async () => {
  expect(await titlesOf('chat')).toEqual([
    ...[
      'Rate of messages',
      'Response time',
      'Errors',
      'In flight',
      'Open connections',
      'Connections lost',
      'Received',
    ],
  ]);
  expect(await titlesOf('feed')).toContain('Rate of streams');
  const facts = loadOf('chat').locator('.load-facts');
  expect(await facts.textContent()).toContain(
    '12 opened, 1 could not be opened, 3 ended, 2 lost (1006: 2), 10 open',
  );
  expect(await loadOf('feed').locator('.load-facts').textContent()).toContain('streams');
  const group = loadOf('chat').locator('[data-plots=time]');
  const control = group.getByRole('slider', { name: 'Moment of the load' });
  await control.focus();
  await open.page.keyboard.press('Home');
  for (let second = 0; second < 3; second += 1) await open.page.keyboard.press('ArrowRight');
  expect(await control.getAttribute('aria-valuetext')).toMatch(/^at 3\.5 s: .*open 13, lost 2\/s, .*503\/s$/);
});

test('of a search every rate is told, and those that did not hold are marked', async () => {
  const rows = await loadOf('capacity')
    .locator('tr', { hasText: /held/ })
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent).join(' | ')));
  expect(rows[2]).toBe('300/s | ✗did not hold | held 0 of 1 time | p99 15.0 ms');
  const plots: LoadPlots[] = JSON.parse((await open.page.locator('#load-plots').textContent()) ?? '');
  expect(plots[2]?.bands.map(({ kind, fromMs }) => [kind, fromMs])).toEqual([
    ['lost', 4000],
    ['limited', 6000],
  ]);
  expect(await loadOf('capacity').locator('summary .said').first().textContent()).toContain(
    '200/s holds, 300/s does not',
  );
});
