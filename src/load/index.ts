/** The public face of the load engine: nothing outside imports past it. Its reports are in `report/`, its options in `options/`. */
export type { Behaviour, Comparison, FromServers, ToServers, Truth, TruthCheck } from './doctor/truth.ts';
export { TRUTH_CHECKS } from './doctor/truth.ts';
export type { AgentFate } from './engine/agents.ts';
export type { Bounds, Told } from './engine/apart.ts';
export type { MergedCircumstances } from './engine/merged.ts';
export { judgeMerged, measuredAtAbort, refusedLoad, timedWindowsOf, windowsOf } from './engine/merged.ts';
export { resolveTarget } from './engine/resolve.ts';
export type { Departing, LoadHost } from './engine/run.ts';
export type { PreparedShare, ShareHost } from './engine/share.ts';
export { prepareShare } from './engine/share.ts';
export { runLoad } from './engine/start.ts';
export type { LoadPart, LoadReport } from './merge/index.ts';
export { mergeReports } from './merge/index.ts';
