/** The page of a large run: how long it takes to draw, how large it is, and how long a browser needs to open it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { number, parseOptions } from '../scripts/options.ts';
import type { Stamped } from '../src/core/event.ts';
import { assetsIn } from '../src/report/html/assets.ts';
import { recordHtml } from '../src/report/html/recorder.ts';
import { advance, INITIAL_STATE } from '../src/report/state.ts';
import { frameOf } from '../src/report/terminal/frame.ts';
import { createPaint } from '../src/text/paint.ts';
import { type OpenPage, TestBrowser } from '../test/rig/browser.ts';
import { LOGS, largeRun } from '../test/rig/large-run.ts';
import { here } from './suite.ts';

const COMMAND = {
  usage: 'bench/report [options]',
  summary: 'what the page of a large run costs',
  options: {
    components: number('components of the run', 1000),
    seconds: number('seconds of load, each of which is an event', 3600),
    log: number('KiB that each component prints', 4, 0),
    rounds: number('how often each is measured', 5),
  },
};

/** In thousands of bytes: what the page of any run may come to, without logs. */
const MOST_KB = 400;
/** What any page may take to be opened. */
const MOST_MS = 1000;
/** How often the live view is drawn, the most of a core that it may take in percent, and how many frames are measured. */
const FRAMES_A_SECOND = 10;
const MOST_SHARE = 1;
const FRAMES = 200;

const ASSETS = assetsIn(pathToFileURL(`${here('../dist/html')}/`));

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** In milliseconds of CPU. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Once it is warm, in milliseconds of CPU for each; of a run whose components have all begun and none has ended. */
async function cpuOfFrames(events: readonly Stamped[]): Promise<number> {
  const begun = events.filter(({ type }) => type === 'run-started' || type === 'component-started');
  const state = begun.reduce(advance, INITIAL_STATE);
  const paint = createPaint(false);
  const draw = (frames: number): void => {
    for (let at = 0; at < frames; at += 1) frameOf(state, at, { rows: 23, columns: 79 }, paint);
  };
  draw(FRAMES);
  return (await cpuOf(() => draw(FRAMES))) / FRAMES;
}

/** In the browser, whose types are not known here. */
const OPENING = `(async () => {
  await new Promise(requestAnimationFrame);
  await new Promise((done) => setTimeout(done));
  const [navigation] = performance.getEntriesByType('navigation');
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return { loaded: navigation?.loadEventEnd ?? 0, painted: paint?.startTime ?? 0 };
})()`;

/** From the beginning of the navigation to the end of the load, and to the first paint, in milliseconds. */
const openingOf = ({ page }: OpenPage): Promise<{ loaded: number; painted: number }> =>
  page.evaluate(OPENING);

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Writes the log of each component. */
function writeLogs(folder: string, components: number, kib: number): void {
  const logs = join(folder, LOGS);
  mkdirSync(logs, { recursive: true });
  const line = '\u001b[32mok\u001b[0m  something has happened at last, and took 12 ms\n';
  const text = line.repeat(Math.ceil((kib * 1024) / line.length));
  for (let index = 0; index < components; index++)
    writeFileSync(join(logs, `component-${index + 1}.log`), text);
}

/** Draws the page of a run, and opens it. */
async function measurePage(events: readonly Stamped[], file: string, rounds: number) {
  const drawn = [];
  let text = '';
  for (let round = 0; round < rounds; round++) {
    const recorder = recordHtml(ASSETS);
    for (const event of events) recorder.take(event);
    drawn.push(
      await cpuOf(async () => {
        text = await recorder.draw();
      }),
    );
  }
  writeFileSync(file, text);
  await using browser = await TestBrowser.start();
  const opened = [];
  for (let round = 0; round < rounds; round++) {
    await using page = await browser.open(file);
    opened.push(await openingOf(page));
  }
  return {
    ...{ drawnMs: median(drawn), kb: Buffer.byteLength(text) / 1000 },
    loadedMs: median(opened.map(({ loaded }) => loaded)),
    paintedMs: median(opened.map(({ painted }) => painted)),
  };
}

async function main(): Promise<void> {
  const parsed = parseOptions(COMMAND, process.argv.slice(2));
  if (parsed === undefined) return;
  const { rounds, log, ...size } = parsed.options;
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-bench-report-'));
  const tell = async (events: readonly Stamped[], what: string, mostKb: number | undefined) => {
    const { drawnMs, kb, loadedMs, paintedMs } = await measurePage(events, join(folder, 'r.html'), rounds);
    const holds = (value: number, most: number, unit: string): string =>
      `${value <= most ? 'holds' : 'MISSED'}: at most ${most} ${unit}`;
    print(`${what}: drawn in ${drawnMs.toFixed(0)} ms of CPU`);
    print(`  ${kb.toFixed(0)} KB${mostKb === undefined ? '' : `; ${holds(kb, mostKb, 'KB')}`}`);
    print(
      `  opened in ${loadedMs.toFixed(0)} ms, first paint after ${paintedMs.toFixed(0)} ms; ${holds(loadedMs, MOST_MS, 'ms')}`,
    );
  };
  try {
    const events = largeRun(size, folder);
    print(`${size.components} components, ${size.seconds} s of load: ${events.length} events`);
    const fold = [];
    for (let round = 0; round < rounds; round++)
      fold.push(await cpuOf(() => events.reduce(advance, INITIAL_STATE)));
    print(`to fold them into the state of a run: ${median(fold).toFixed(0)} ms of CPU`);
    const frameMs = await cpuOfFrames(events);
    const share = (frameMs * FRAMES_A_SECOND) / 10;
    print(
      `a frame of the live view while all run: ${frameMs.toFixed(2)} ms of CPU, ${share.toFixed(1)} % of a core; ${share < MOST_SHARE ? 'holds' : 'MISSED'}: less than ${MOST_SHARE} %`,
    );
    await tell(events, 'its page', MOST_KB);
    if (log === 0) return;
    writeLogs(folder, size.components, log);
    await tell(events, `its page, with ${log} KiB of each log`, undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
