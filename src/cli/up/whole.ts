import type { RunState } from '../../report/state.ts';

/** Whether all that are held are ready, or done. */
export const isWhole = ({ holds, shared }: RunState): boolean =>
  (holds ?? []).every((name) =>
    shared.some((each) => each.name === name && ['ready', 'done', 'cached'].includes(each.progress)),
  );
