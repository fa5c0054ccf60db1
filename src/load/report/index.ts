/** The face of what tells a load at length. Every run loads the brief one (`brief.ts`), and none of this. */
export { CSV_HEAD, csvLine } from './csv.ts';
export { formatCount, formatTime } from './format.ts';
export { loadFrame, progressLine, progressText } from './frame.ts';
export { hlogHead, hlogLines } from './hlog.ts';
export { loadJson } from './json.ts';
export { loadText, measureText } from './text.ts';
