/** The report to look at: one document, which needs nothing else. */
import type { Recorder } from '../reporter.ts';
import { type Assets, assetsIn } from './assets.ts';
import { drawDocument } from './document.ts';
import { openRecord } from './record.ts';

export function recordHtml(assets: Assets = assetsIn()): Recorder {
  const record = openRecord();
  return { take: record.take, draw: () => drawDocument(record.kept(), assets) };
}
