/** What the keys mean while services are held. Pure. */

export type Action = 'restart' | 'toggle';

/** Between keys: one may have asked for something of a service that is yet to be chosen. */
export type Asked =
  | { readonly type: 'nothing' }
  | { readonly type: 'choose'; readonly action: Action; readonly at: number };

export type Order =
  | { readonly type: Action; readonly name: string }
  | { readonly type: 'quit' }
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals };

export interface Pressed {
  readonly asked: Asked;
  readonly order?: Order;
}

const NOTHING: Asked = { type: 'nothing' };

export const QUIT = 'q';
/** In raw mode the terminal leaves these to us. */
const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = {
  '\x03': 'SIGINT',
  '\x1a': 'SIGTSTP',
  '\x1c': 'SIGQUIT',
};
const ACTIONS: Readonly<Record<string, Action>> = { r: 'restart', R: 'restart', s: 'toggle', S: 'toggle' };
const STEPS: Readonly<Record<string, number>> = {
  ...{ '\x1b[C': 1, '\x1b[B': 1, '\t': 1, '\x1bOC': 1, '\x1bOB': 1 },
  ...{ '\x1b[D': -1, '\x1b[A': -1, '\x1bOD': -1, '\x1bOA': -1 },
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are what it matches
const KEY = /\x1b\[[\d;]*[A-Za-z~]|\x1bO[A-Z]|[\s\S]/gu;

/** @param input what a terminal sends; several keys may come at once */
export const keysOf = (input: string): string[] => input.match(KEY) ?? [];

/**
 * @param names of the services, of which there is at least one
 */
export function press(key: string, asked: Asked, names: readonly string[]): Pressed {
  if (key === QUIT || key === QUIT.toUpperCase()) return { asked: NOTHING, order: { type: 'quit' } };
  const signal = SIGNALS[key];
  if (signal !== undefined) return { asked: NOTHING, order: { type: 'signal', signal } };
  const action = ACTIONS[key];
  if (action !== undefined) return ask(action, names);
  if (asked.type === 'nothing') return { asked };
  const step = STEPS[key];
  if (step !== undefined) {
    const at = (asked.at + step + names.length) % names.length;
    return { asked: { ...asked, at } };
  }
  const isChosen = key === '\r' || key === '\n';
  const index = isChosen ? asked.at : /^[1-9]$/.test(key) ? Number(key) - 1 : -1;
  const name = names[index];
  return name === undefined ? { asked: NOTHING } : { asked: NOTHING, order: { type: asked.action, name } };
}

/** Where there is only one, that is the one. */
function ask(action: Action, names: readonly string[]): Pressed {
  const [only] = names;
  if (names.length === 1 && only !== undefined)
    return { asked: NOTHING, order: { type: action, name: only } };
  return { asked: { type: 'choose', action, at: 0 } };
}
