/** The report to look at, in a real browser. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '../../src/core/event.ts';
import type { FindingOf } from '../../src/core/finding.ts';
import type { TestCase } from '../../src/core/test-results.ts';
import { type Look, type OpenPage, TestBrowser } from '../rig/browser.ts';
import { drawHtml } from '../rig/html.ts';
import { largeRun } from '../rig/large-run.ts';
import { Rig } from '../rig/rig.ts';
import {
  begin,
  end,
  finished,
  found,
  PROOF,
  REFUSED,
  RUNS,
  ready,
  stamp,
  started,
  step,
} from '../unit/report/runs.ts';

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

test('a thousand components and an hour of load make a small page', async () => {
  const page = await drawHtml(largeRun({ components: 1000, seconds: 3600 }, folder));
  expect(Buffer.byteLength(page)).toBeLessThan(400_000);
});

test('a log keeps its colours, which are put on when it is opened, and can be read without scripts', async () => {
  const [begun, ...rest] = begin('a');
  const logFile = join(folder, 'run/logs/colours.log');
  mkdirSync(join(folder, 'run/logs'), { recursive: true });
  writeFileSync(logFile, '\n\u001b[31mred\u001b[0m and \u001b[1;32mgreen\u001b[0m\n<b>plain</b>\n');
  const run = [
    started([{ name: 'a', kind: 'command' }], { runDir: join(folder, 'run') }),
    ...(begun?.type === 'component-started' ? [{ ...begun, logFile }] : []),
    ...[...rest, ...step('a', 'a', 0), end('a', 'passed'), finished('passed', 0)],
  ];
  const text = '\nred and green\n<b>plain</b>\n';
  await using opened = await open(run);
  const log = opened.page.locator('#c1 pre');
  expect(await log.locator('span').count()).toBe(0);
  await opened.page.locator('#c1 summary').first().click();
  await opened.page.locator('#c1 .log summary').click();
  await log.locator('span').first().waitFor();
  expect(
    await log.evaluate((pre) => [...pre.children].map((each) => [each.className, each.textContent])),
  ).toEqual([
    ['t1', 'red'],
    ['t2 bold', 'green'],
  ]);
  expect(await log.textContent()).toBe(text);
  expect(opened.complaints).toEqual([]);
  await using plain = await open(run, { scripts: false });
  expect(await plain.page.locator('#c1 pre').textContent()).toBe(text);
});

test('verdict and causes are the first that is said', async () => {
  await using page = await open(RUNS.FAILED);
  const hero = await page.page.locator('.hero').textContent();
  expect(hero).toContain('FAILED 0 passed, 2 failed, 2 skipped');
  expect(hero).toMatch(/\nthread: .*\nhttp: /);
});

test('what is searched for is found in names and logs, and shown', async () => {
  await using opened = await open(runOf('needle'));
  const { page } = opened;
  const shown = (): Promise<number> => page.locator('.parts > li:visible').count();
  expect(await shown()).toBe(3);
  await page.getByRole('searchbox').fill('setup');
  await page.getByText('1 of 3').waitFor();
  expect(await shown()).toBe(1);
  await page.getByRole('searchbox').fill('<== nothing');
  await page.getByText('0 of 3').waitFor();
  await page.getByRole('searchbox').fill('==> NEEDLE');
  await page.getByText('3 of 3').waitFor();
  expect(await page.locator('.log pre:visible').count()).toBe(4);
  expect(await page.evaluate('CSS.highlights.get("found").size')).toBe(4);
  expect(await opened.audit()).toEqual([]);
  await page.getByRole('searchbox').fill('');
  await page.locator('.log pre').first().waitFor({ state: 'hidden' });
  expect(await shown()).toBe(3);
  // What a link leads to is opened.
  await page.locator('.finding h3 a').first().click();
  await page.locator('#c1 .body').waitFor();
  expect(opened.complaints).toEqual([]);
});

const HOSTILE = [
  '<script>document.hit = 1</script>',
  '"><img src=x onerror="document.hit=1">',
  "' onfocus='document.hit=1' autofocus='",
  '</pre></details></section></main><iframe src="https://example.com/">',
  '</script><script>document.hit = 1</script>',
  '</style><style>body { display: none }</style>',
  '<!-- --!> <![CDATA[ ]]>',
  '\0\u0007\u001b]0;title\u0007\u202etxet\u2066\ud800\ufffe',
  '<a href="javascript:document.hit=1">{{x}} ${document.hit=1}',
  '::error::',
  'x\r\ny\u2028z',
].join(' ');

/** A run of which every text is this one, with a log that holds it and a line of 10 MB. */
function runOf(text: string): RunEvent[] {
  const name = `a ${text}`;
  const runDir = join(folder, 'run');
  mkdirSync(join(runDir, 'logs'), { recursive: true });
  writeFileSync(
    join(runDir, 'logs/a.log'),
    `==> ${text} <==\n${text}\n${text.repeat(10)}\n${text[0]?.repeat(1e7)}\n`,
  );
  const finding: FindingOf<'exit-code'> = {
    ...{ code: 'exit-code' as const, exitCode: 1, signal: text, step: text, message: text, hint: text },
    ...{ evidence: [text, text], meanwhile: [{ step: text, message: text }] },
  };
  const test: TestCase = {
    ...{ name: text, suite: text, outcome: 'failed' as const, durationMs: 1, file: text, line: 1 },
    ...{ message: text, output: [text] },
  };
  const [begun, ...rest] = begin(name);
  const logFile = join(runDir, 'logs/a.log');
  return [
    started([{ name, kind: 'command' }], { suite: text, root: `/${text}`, runDir, version: text }),
    { type: 'setup-started', step: text },
    { type: 'setup-finished', step: text, outcome: 'failed', durationMs: 1, logFile, findings: [finding] },
    { type: 'shared-started', shared: text, kind: 'service', logFile },
    { type: 'shared-finished', shared: text, outcome: 'failed', durationMs: 1, findings: [finding] },
    ...(begun?.type === 'component-started' ? [{ ...begun, logFile }] : []),
    ...rest,
    found(name, finding),
    { type: 'component-retrying', component: name, attempt: 1, attempts: 2 },
    ...(begun?.type === 'component-started' ? [{ ...begun, logFile, attempt: 2 }] : []),
    ready(name, text, 1, 1),
    ...step(name, text, 1),
    {
      ...{ type: 'tests-finished', component: name, attempt: 1 },
      tests: {
        ...{ format: 'tap', from: text, isComplete: true, left: 0 },
        ...{ counts: { passed: 0, failed: 1, skipped: 1 }, cases: [test, { ...test, outcome: 'skipped' }] },
      },
    },
    found(name, finding, 2),
    end(name, 'failed', { attempts: 2 }),
    { type: 'run-note', finding },
    finished('failed', 1),
  ];
}

/** The elements of a page with the names of their attributes, but where it is scrolled to; of a log only what its text is in. */
const SHAPE = `(() => {
  const shape = (element) => [
    element.tagName,
    ...[...element.attributes].map(({ name }) => name).filter((name) => name !== 'aria-current'),
    ...(element.matches('.log pre') ? [] : [...element.children].map(shape)),
  ];
  return JSON.stringify(shape(document.documentElement));
})()`;
/** Once they are open. */
const IN_LOGS = `(async () => {
  for (const details of document.querySelectorAll('details')) details.open = true;
  while (document.querySelector('[data-looks]') !== null) await new Promise(requestAnimationFrame);
  return [...new Set([...document.querySelectorAll('.log pre *')].map(({ tagName }) => tagName))].join();
})()`;

test('whatever a component is called, says and prints is text: nothing of the page changes', async () => {
  const shapes: unknown[] = [];
  for (const text of ['harmless', HOSTILE]) {
    await using page = await open(runOf(text));
    expect(page.requests).toEqual([]);
    expect(page.complaints).toEqual([]);
    expect(await page.page.evaluate('document.hit')).toBeUndefined();
    expect(await page.page.locator('.finding').count()).toBe(4);
    shapes.push(await page.page.evaluate(SHAPE));
    expect(await page.page.evaluate(IN_LOGS)).toBe('SPAN');
    expect(await page.page.evaluate('document.hit')).toBeUndefined();
    const data = await page.page.locator('#shakedown-data').textContent();
    expect((JSON.parse(data ?? '') as { suite: string }).suite).toBe(text);
  }
  expect(shapes[1]).toBe(shapes[0]);
});

test('a run that was killed is shown as far as it came, with its log', async () => {
  await using rig = await Rig.create();
  const stuck = rig.command();
  rig.config({
    components: {
      done: { kind: 'command', run: 'echo it is well' },
      stuck: { kind: 'command', run: stuck.line },
    },
  });
  const run = rig.start(['--report', 'html=cut.html']);
  const invocation = await stuck.invocation();
  await invocation.print('so far\n');
  // It is in the log once Shakedown has read it.
  while (!rig.read('.shakedown/latest/logs/stuck.log').includes('so far'))
    await new Promise((resolve) => setTimeout(resolve, 10));
  run.kill('SIGKILL');
  await run.exit();
  await invocation.gone;
  const { code, stdout } = await rig.run(['show']);
  expect(code).toBe(0);
  const file = stdout.trim();
  expect(file).toMatch(/\/\.shakedown\/runs\/[\w-]+\/report\.html$/);
  await using past = await browser.open(file);
  expect(await past.page.locator('.hero').textContent()).toContain('CUT SHORT 1 of 2 components had ended');
  await past.page.locator('#c2 summary').first().click();
  await past.page.locator('#c2 .log summary').click();
  expect(await past.page.locator('#c2 .log pre').textContent()).toContain('so far');
  expect(past.complaints).toEqual([]);
  // What the report itself says that was begun with the run.
  await using cut = await browser.open(join(rig.dir, 'cut.html'));
  expect(await cut.page.locator('.hero').textContent()).toContain(
    'The run did not finish: Shakedown was killed',
  );
});
