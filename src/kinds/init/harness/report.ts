/** Writes the report of a process, anew at each step, so that it tells how far a process has come that crashes. */
import { renameSync, writeFileSync } from 'node:fs';
import { type InitReport, NOTHING_DONE, REPORT_VARIABLE } from '../protocol.ts';

const path = process.env[REPORT_VARIABLE];
let report: InitReport = NOTHING_DONE;

/** Adds what is new. Where nobody asked for a report, as when a person tries it by hand, nothing is written. */
export function tell(news: Partial<InitReport>): void {
  report = { ...report, ...news };
  if (path === undefined) return;
  writeFileSync(`${path}.part`, JSON.stringify(report));
  renameSync(`${path}.part`, path);
}
