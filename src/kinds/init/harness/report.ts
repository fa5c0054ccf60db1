/** Rewrites the report at each step, so that it tells how far a process got that crashes. */
import { renameSync, writeFileSync } from 'node:fs';
import { type InitReport, NOTHING_DONE, REPORT_VARIABLE } from '../protocol.ts';

const path = process.env[REPORT_VARIABLE];
let report: InitReport = NOTHING_DONE;

/** Updates the report; does nothing when none was asked for, as when a user runs the program by hand. */
export function tell(news: Partial<InitReport>): void {
  report = { ...report, ...news };
  if (path === undefined) return;
  writeFileSync(`${path}.part`, JSON.stringify(report));
  renameSync(`${path}.part`, path);
}
