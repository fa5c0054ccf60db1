/** The loads in the report to look at: what is drawn of them, and how it is reached. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stamped } from '../../src/core/event.ts';
import type { LoadSummary } from '../../src/core/load.ts';
import { decodeColumn } from '../../src/report/html/plotted/columns.ts';
import type { LoadPlots } from '../../src/report/html/plotted/plot-data.ts';
import { TestBrowser } from '../rig/browser.ts';
import { drawHtml } from '../rig/html.ts';
import { ROOT } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { componentOf, JSON_REPORT } from '../rig/services.ts';
import { windowOf } from '../unit/load/results.ts';

let browser: TestBrowser;
let rig: Rig;
/** Of a real run: the service of the first example, under a steady load. */
let report: string;

beforeAll(async () => {
  [browser, rig] = await Promise.all([TestBrowser.start(), Rig.create()]);
  rig.config({
    components: {
      steady: {
        kind: 'http',
        server: { run: join(ROOT, 'examples/http-server/integration/http'), port: 0, ready: { http: '/' } },
        client: {
          kind: 'load',
          ...{ rate: 100, connections: 4, duration: '3s', warmup: '1s' },
          mix: [{ path: '/document' }, { path: '/nothing-here', expect: { status: 404 } }],
        },
        thresholds: ['errors == 0', 'p50 < 1us'],
      },
    },
  });
  report = join(rig.dir, 'report.html');
  const { code, stdout } = await rig.run([
    ...JSON_REPORT,
    '--report',
    `html=${report}`,
    '--report',
    'terminal',
  ]);
  expect(code, stdout).not.toBe(2);
}, 60_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

const plotsIn = async (page: Page): Promise<LoadPlots[]> =>
  JSON.parse((await page.locator('#load-plots').textContent()) ?? '');

/** All plots come into sight, one group after the other. */
async function see(page: Page): Promise<Locator> {
  for (const place of await page.locator('.plots').all()) {
    await place.scrollIntoViewIfNeeded();
    await place.locator('canvas').first().waitFor();
  }
  return page.locator('.plots').first();
}

const valuesOf = (group: Locator): Promise<string[]> => group.locator('.legend .value').allTextContents();

describe('of a real run', () => {
  test('every figure is drawn: rates, times, and what the target used, on one axis', async () => {
    await using open = await browser.open(report);
    const { page } = open;
    const group = await see(page);
    expect(await group.locator('.plot-title').allTextContents()).toEqual([
      'Rate of requests',
      expect.stringMatching(/^Response time/),
      'In flight',
      'CPU of the target (of a core)',
      'Memory of the target',
      'Descriptors of the target',
    ]);
    expect(
      await group
        .locator('.legend button')
        .evaluateAll((all) => all.map((each) => each.childNodes[1]?.nodeValue)),
    ).toEqual(['due', 'answered', 'p50', 'p90', 'p99', 'max', 'in flight', 'CPU', 'memory', 'descriptors']);
    expect(await group.locator('[role=img]').nth(4).getAttribute('aria-label')).toMatch(
      /^Memory of the target, at 0\.5 s to at 3\.5 s: memory from \d+(?:\.\d+)? MB to .*A table has the same numbers\.$/,
    );
    const [load] = await plotsIn(page);
    const { load: summary } = componentOf(rig.report(), 'steady') as { load?: LoadSummary };
    const read = (column: 'due' | 'p99' | 'max') =>
      decodeColumn(load?.time?.[column] ?? { unit: 1, steps: [] });
    expect(read('due').reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBeCloseTo(400, -1);
    // The maximum of the measured seconds is that of the whole; the warm-up is no part of it.
    expect(
      Math.max(
        ...read('max')
          .slice(1)
          .map((value) => value ?? 0),
      ),
    ).toBe(summary?.latencyUs.response?.max);
    expect(load?.bands).toEqual([{ kind: 'warmup', fromMs: 0, toMs: expect.closeTo(1000, -2) }]);
    const p99 = load?.curves?.response[load.curves.oneIn.indexOf(100)];
    expect((p99 ?? 0) / (summary?.latencyUs.response?.p99 ?? 1)).toBeCloseTo(1, 2);
    expect(load?.curves?.service.length).toBe(load?.curves?.oneIn.length);
    expect(open.complaints).toEqual([]);
    expect(open.requests).toEqual([]);
  });

  test('the figures add up, thresholds and names have their tables, and all of it stays without scripts', async () => {
    await using open = await browser.open(report, { scripts: false });
    const facts = await open.page.locator('.load-facts dd').allTextContents();
    expect(facts[0]).toBe(
      '300 due = 300 completed + 0 failed + 0 timed out + 0 unanswered at the end + 0 never sent',
    );
    const cells = await open.page
      .locator('.load tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent).join(' | ')));
    expect(cells).toContain('errors == 0 | 0 | ✓held');
    expect(cells).toContainEqual(
      expect.stringMatching(/^p50 < 1us \| [\d.]+ [µm]s \| (?:✗did not hold|\?undecided)$/),
    );
    expect(cells).toContainEqual(expect.stringMatching(/^GET \/nothing-here \| \d+ \| 0 \| \d+/));
    expect(cells).toContainEqual(expect.stringMatching(/ \| 100\.00 %$/));
    const rows = await open.page.locator('.numbers tbody tr').allTextContents();
    expect(rows.length).toBeGreaterThanOrEqual(4);
    expect(rows[0]).toContain('warm-up');
  });

  test('a pointer over one plot moves the cursor of all; so do the keys of the control below, which says the values; a legend hides and shows', async () => {
    await using open = await browser.open(report);
    const { page } = open;
    const group = await see(page);
    const control = group.getByRole('slider', { name: 'Moment of the load' });
    await control.focus();
    await page.keyboard.press('Home');
    expect(await control.getAttribute('aria-valuetext')).toMatch(
      /^at 0\.5 s: due \d+\/s, answered \d+\/s, p50 .*, max .*, in flight \d+, memory .* MB, descriptors \d+$/,
    );
    // Of the first second it is not known what the target had used before.
    expect((await valuesOf(group))[7]).toBe('–');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await group.locator('output').textContent()).toBe('at 2.5 s');
    const cursors = group.locator('.u-cursor-x');
    const places = () => cursors.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().x));
    expect(new Set((await places()).map(Math.round)).size).toBe(1);

    const over = group.locator('.u-over').nth(1);
    await over.hover({ position: { x: 5, y: 20 } });
    expect(await group.locator('output').textContent()).toBe('at 0.5 s');
    expect((await valuesOf(group))[7]).toBe('–');
    expect(await control.inputValue()).toBe('0');

    const max = group.getByRole('button', { name: /^max/ });
    await max.focus();
    await page.keyboard.press('Space');
    expect(await max.getAttribute('aria-pressed')).toBe('false');
    await page.keyboard.press('Space');
    expect(await max.getAttribute('aria-pressed')).toBe('true');
  });

  test.each([
    { colors: 'light', width: 1280 },
    { colors: 'dark', width: 390 },
  ] as const)('everybody can read it: $colors, $width wide', async (look) => {
    await using open = await browser.open(report, look);
    await see(open.page);
    expect(await open.audit()).toEqual([]);
    const tooWide = await open.page.locator('body').evaluate((body) => body.scrollWidth - body.clientWidth);
    expect(tooWide).toBe(0);
    for (const caption of await open.page.locator('.figures caption').all()) {
      const box = await caption.boundingBox();
      if (box !== null) expect(box.x + box.width).toBeLessThanOrEqual(look.width);
    }
    expect(open.complaints).toEqual([]);
  });
});

test('an hour is drawn as 600 points that say what they stand for, in a small page', async () => {
  const events = Array.from(
    { length: 3600 },
    (_, at): Stamped => ({
      ...{
        type: 'load-window',
        component: 'steady',
        step: 'client',
        limitMs: 3_600_000,
        seq: at + 2,
        elapsedMs: at * 1000,
      },
      window: windowOf(at * 1000, {
        rate: { offered: 500, achieved: 500 + Math.sin(at) * 20 },
        target: { cpuMs: at * 400, rssBytes: 5e7 + at * 1000, processes: 1, threads: 8, descriptors: 30 },
      }),
    }),
  );
  const journal = rig.read('.shakedown/latest/journal.ndjson').trimEnd().split('\n');
  const real = journal
    .map((line) => JSON.parse(line) as Stamped)
    .filter(({ type }) => type !== 'load-window' && type !== 'output');
  const at = real.findIndex(({ type }) => type === 'load-finished');
  const file = join(rig.dir, 'hour.html');
  const page = await drawHtml([...real.slice(0, at), ...events, ...real.slice(at)]);
  writeFileSync(file, page);
  expect(page.length).toBeLessThan(400_000);
  await using open = await browser.open(file);
  const group = await see(open.page);
  const [load] = await plotsIn(open.page);
  expect(load?.time?.max?.steps.length).toBe(600);
  expect(await open.page.locator('.meaning').first().textContent()).toBe(
    'Each point is up to 6.00 s: rates, errors and CPU are exact over that time; of response times, requests in flight, memory and descriptors it is the highest second.',
  );
  expect(await group.getByRole('slider').getAttribute('max')).toBe('599');
});
