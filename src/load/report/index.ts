/** The detailed reports of a load. Loaded only on demand, unlike `brief.ts`. */
export { agentCells, agentTrouble } from './agents.ts';
export { type CurrentLevel, levelLine, searchFrame, triedRates } from './capacity.ts';
export { CLOCKS_MEAN, channelFacts, channelTimes, UNIT_LABELS } from './channel.ts';
export { csvHead, csvLines } from './csv.ts';
export { distributionOf } from './distribution.ts';
export * from './facts.ts';
export { formatBytes, formatCount, formatRate, formatShare, formatTime, showTime } from './format.ts';
export { loadFrame, preparingText, progressLine, progressText } from './frame.ts';
export { hlogHead, hlogLines } from './hlog.ts';
export { loadJson } from './json.ts';
export { failuresOf, slowestFirst } from './names.ts';
export { percentilePoints } from './percentiles.ts';
export { loadText, measureText } from './text.ts';
export { type ToldThreshold, toldThresholds } from './thresholds.ts';
