/** The part of the terminal below the logs: what is up, and what the keys do. */
import type { SharedState } from '../../report/shared-state.ts';
import type { RunState } from '../../report/state.ts';
import type { Paint } from '../../text/paint.ts';
import type { Asked } from './keys.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPIN_EVERY = 100;
const GAP = '   ';
const WAITING = '·';
const MARKS = {
  ...{ ready: '●', done: '✓', cached: '✓', ended: '○', failed: '✗' },
} as const satisfies Record<Exclude<SharedState['progress'], 'starting'>, string>;

export interface Frame {
  readonly names: readonly string[];
  readonly asked: Asked;
  readonly elapsedMs: number;
  /** The width of the terminal. */
  readonly columns: number;
  /** Whether keys are read. */
  readonly hasKeys: boolean;
}

/** Text, and how wide it is without its colours. */
interface Piece {
  readonly text: string;
  readonly width: number;
}

function pieceOf(
  name: string,
  index: number,
  { shared, holds }: RunState,
  frame: Frame,
  paint: Paint,
): Piece {
  const known = shared.find((each) => each.name === name);
  const progress = known?.progress;
  const tint = { ready: paint.good, failed: paint.bad, starting: paint.warn };
  const color = tint[progress as keyof typeof tint] ?? paint.dim;
  const spinner = SPINNER[Math.floor(frame.elapsedMs / SPIN_EVERY) % SPINNER.length] ?? '';
  const mark = progress === undefined ? WAITING : progress === 'starting' ? spinner : MARKS[progress];
  const isHeld = holds?.includes(name) === true;
  const address = progress === 'ready' && isHeld ? (known?.ready?.address ?? '') : '';
  const { asked } = frame;
  const isMarked = asked.type === 'choose' && asked.at === index;
  const key = asked.type === 'choose' && index < 9 ? `${index + 1} ` : '';
  const label = `${key}${name}`;
  return {
    text: `${color(mark)} ${isMarked ? paint.bold(`[${label}]`) : label}${address === '' ? '' : ` ${paint.dim(address)}`}`,
    width: 2 + label.length + (isMarked ? 2 : 0) + (address === '' ? 0 : address.length + 1),
  };
}

/** As many pieces in each line as fit, but at least one. */
function inLines(pieces: readonly Piece[], columns: number): string[] {
  const lines: { text: string; width: number }[] = [];
  for (const { text, width } of pieces) {
    const last = lines.at(-1);
    if (last === undefined || last.width + GAP.length + width > columns) lines.push({ text, width });
    else {
      last.text += `${GAP}${text}`;
      last.width += GAP.length + width;
    }
  }
  return lines.map(({ text }) => `  ${text}`);
}

function help({ asked }: Frame, state: RunState): string {
  if (state.interrupted !== null) return 'Ctrl-C again kills what is left';
  if (asked.type === 'nothing') return 'r restart · s stop or start · q quit';
  const what = asked.action === 'restart' ? 'restart' : 'stop or start';
  return `${what} which? digit, or ← → Enter · Esc`;
}

/** @returns its lines; the screen truncates those that are too wide */
export function heldFrame(state: RunState, frame: Frame, paint: Paint): string[] {
  const pieces = frame.names.map((name, index) => pieceOf(name, index, state, frame, paint));
  const lines = inLines(pieces, Math.max(1, frame.columns - 3));
  return frame.hasKeys ? [...lines, `  ${paint.dim(help(frame, state))}`] : lines;
}
