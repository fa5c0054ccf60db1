/** Its public face. */
export { fitted, leastSize, precisionOf } from './fit.ts';
export { mergeReports } from './merge.ts';
export type { LoadPart, LoadReport, PartReport } from './report.ts';
