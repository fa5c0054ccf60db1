/** The public face of the load engine: nothing outside imports past it. Its reports are in `report/`, its options in `options/`. */
export type { Behaviour, Comparison, FromServers, ToServers, Truth, TruthCheck } from './doctor/truth.ts';
export { TRUTH_CHECKS } from './doctor/truth.ts';
export { resolveTarget } from './engine/resolve.ts';
export type { Departing, LoadHost } from './engine/run.ts';
export { runLoad } from './engine/start.ts';
