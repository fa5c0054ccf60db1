/** Its public face. */
export { mergeReports } from './merge.ts';
export type { LoadPart, LoadReport, PartReport } from './report.ts';
