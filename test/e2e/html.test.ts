/** The report to look at, in a real browser. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '../../src/core/event.ts';
import { type Look, type OpenPage, TestBrowser } from '../rig/browser.ts';
import { drawHtml } from '../rig/html.ts';
import { PROOF, REFUSED, RUNS, stamp } from '../unit/report/runs.ts';

let browser: TestBrowser;
let folder: string;

beforeAll(async () => {
  browser = await TestBrowser.start();
  folder = mkdtempSync(join(tmpdir(), 'shakedown-html-'));
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens the report of a run. */
async function open(run: readonly RunEvent[], look: Look = {}): Promise<OpenPage> {
  const file = join(folder, 'report.html');
  writeFileSync(file, await drawHtml(stamp(run)));
  return browser.open(file, look);
}

const LOOKS: readonly Look[] = [{ colors: 'light' }, { colors: 'dark', width: 390 }, { scripts: false }];

test.each(Object.entries({ FAILED: RUNS.FAILED, PROOF, REFUSED }))(
  'the page of %s asks for nothing, complains of nothing, and everybody can read it',
  async (_, run) => {
    for (const look of LOOKS) {
      await using page = await open(run, look);
      expect(page.requests).toEqual([]);
      expect(page.complaints).toEqual([]);
      if (look.scripts !== false) expect(await page.audit()).toEqual([]);
      const tooWide = await page.page.locator('body').evaluate((body) => body.scrollWidth - body.clientWidth);
      expect(tooWide).toBe(0);
    }
  },
);

test('verdict and causes are the first that is said', async () => {
  await using page = await open(RUNS.FAILED);
  const hero = await page.page.locator('.hero').textContent();
  expect(hero).toContain('FAILED 0 passed, 2 failed, 2 skipped');
  expect(hero).toMatch(/\nthread: .*\nhttp: /);
});
