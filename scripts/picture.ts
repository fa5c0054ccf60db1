/** Draws the failure that README.md shows, `docs/failure.svg`, and takes pictures of its page: `docs/report-*.png`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestBrowser } from '../test/rig/browser.ts';
import { drawTerminal, failure } from './failure.ts';
import { lookOf, withLook } from './pictured.ts';

/** In CSS pixels: from verdict to timeline, and what a phone shows first. */
const PICTURES = [
  { name: 'light', colors: 'light', width: 1000, height: 1290 },
  { name: 'phone', colors: 'dark', width: 390, height: 844 },
] as const;

const { output, page } = await failure();
writeFileSync('docs/failure.svg', drawTerminal(output));
const folder = mkdtempSync(join(tmpdir(), 'shakedown-picture-'));
try {
  const file = join(folder, 'report.html');
  writeFileSync(file, page);
  await using browser = await TestBrowser.start();
  for (const { name, ...look } of PICTURES) {
    await using opened = await browser.open(file, look);
    writeFileSync(`docs/report-${name}.png`, withLook(await opened.page.screenshot(), lookOf(page)));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
