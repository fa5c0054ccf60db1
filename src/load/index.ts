/** The face of the load engine: nothing outside reaches past it. How a load is told is `report/`, how it is written `options/`. */
export type { Behaviour, Comparison, FromServers, ToServers, Truth, TruthCheck } from './doctor/truth.ts';
export { TRUTH_CHECKS } from './doctor/truth.ts';
export { resolveTarget } from './engine/resolve.ts';
export { runLoad } from './engine/run.ts';
