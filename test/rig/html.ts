/** The report to look at, drawn of events that a test has made up, with the scripts and styles of the build. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Stamped } from '../../src/core/event.ts';
import { assetsIn } from '../../src/report/html/assets.ts';
import { recordHtml } from '../../src/report/html/recorder.ts';

const BUILT = pathToFileURL(`${resolve(import.meta.dirname, '../../dist/html')}/`);

export async function drawHtml(events: readonly Stamped[]): Promise<string> {
  const recorder = recordHtml(assetsIn(BUILT));
  for (const event of events) recorder.take(event);
  return recorder.draw();
}
