/** From the words of a load to its plan. Their form (`options.ts`) and what holds without them (`defaults.ts`) are loaded apart. */
export { buildLoad, type LoadDefaults } from './build.ts';
export { nameInConfig } from './mistakes.ts';
export { buildLoadPlan, type WordsBesideUrl } from './plan.ts';
export { toThresholds } from './thresholds.ts';
