/** Turns the options of a load into its plan. Their schema (`options.ts`) is loaded separately. */
export { toAgents } from './agents.ts';
export { buildLoad, type LoadDefaults } from './build.ts';
export { nameInConfig } from './mistakes.ts';
export { buildLoadPlan, type WordsBesideUrl } from './plan.ts';
