/** The detailed reports of a load. Loaded only on demand, unlike `brief.ts`. */
export { type CurrentLevel, levelLine, searchFrame } from './capacity.ts';
export { csvHead, csvLines } from './csv.ts';
export { formatCount, formatRate, formatTime, showTime } from './format.ts';
export { loadFrame, preparingText, progressLine, progressText } from './frame.ts';
export { hlogHead, hlogLines } from './hlog.ts';
export { loadJson } from './json.ts';
export { loadText, measureText } from './text.ts';
