/** Keys while services are held, and what is shown below the logs. */
import { describe, expect, test } from 'vitest';
import { heldFrame } from '../../../src/cli/up/frame.ts';
import { type Asked, keysOf, type Order, press } from '../../../src/cli/up/keys.ts';
import type { SharedState } from '../../../src/report/shared-state.ts';
import { INITIAL_STATE, type RunState } from '../../../src/report/state.ts';
import { createPaint } from '../../../src/text/paint.ts';

/** What comes of keys that are pressed one after the other. */
function typed(input: string, names = ['db', 'api', 'web']): { orders: Order[]; asked: Asked } {
  let asked: Asked = { type: 'nothing' };
  const orders: Order[] = [];
  for (const key of keysOf(input)) {
    const pressed = press(key, asked, names);
    asked = pressed.asked;
    if (pressed.order !== undefined) orders.push(pressed.order);
  }
  return { orders, asked };
}

describe('keys', () => {
  test.each<[string, string, Order[]]>([
    ['r and a digit', 'r2', [{ type: 'restart', name: 'api' }]],
    ['s and a digit', 's1', [{ type: 'toggle', name: 'db' }]],
    ['the second by an arrow', 'r\x1b[C\r', [{ type: 'restart', name: 'api' }]],
    ['the last by an arrow back', 's\x1bOD\r', [{ type: 'toggle', name: 'web' }]],
    ['another action in between', 'rs3', [{ type: 'toggle', name: 'web' }]],
    ['Escape, and then nothing is chosen', 'r\x1b2', []],
    ['a digit that is too high', 'r9', []],
    ['a digit for nothing', '2', []],
    ['Ctrl-C', '\x03', [{ type: 'signal', signal: 'SIGINT' }]],
    ['q', 'q', [{ type: 'quit' }]],
    ['Q', 'Q', [{ type: 'quit' }]],
    ['Ctrl-Z', '\x1a', [{ type: 'signal', signal: 'SIGTSTP' }]],
    ['Ctrl-\\', '\x1c', [{ type: 'signal', signal: 'SIGQUIT' }]],
    ['letters', 'xyz', []],
  ])('%s', (_, input, orders) => {
    expect(typed(input)).toEqual({ orders, asked: { type: 'nothing' } });
  });

  test('where there is one only, nothing has to be chosen', () => {
    expect(typed('r', ['api']).orders).toEqual([{ type: 'restart', name: 'api' }]);
  });
});

const shared = (name: string, progress: SharedState['progress'], address?: string): SharedState => ({
  ...{ name, kind: 'service', progress, sinceMs: 0, durationMs: 0, lastLine: '', findings: [], logFile: '' },
  ready:
    progress === 'ready'
      ? { name, pid: 1, port: 1, sinceMs: 0, readyAfterMs: 1, ...(address === undefined ? {} : { address }) }
      : null,
});
const state = (all: SharedState[], holds = ['db', 'api', 'web']): RunState => ({
  ...INITIAL_STATE,
  holds,
  shared: all,
});
const frame = (of: RunState, asked: Asked = { type: 'nothing' }, columns = 80): string[] =>
  heldFrame(
    of,
    { names: ['db', 'api', 'web'], asked, elapsedMs: 0, columns, hasKeys: true },
    createPaint(false),
  );
const ALL = state([shared('db', 'ready', '127.0.0.1:5432'), shared('api', 'failed')]);

describe('the frame', () => {
  test('says what is up, and what the keys do', () => {
    expect(frame(ALL)).toEqual([
      '  ● db 127.0.0.1:5432   ✗ api   · web',
      '  r restart · s stop or start · q quit',
    ]);
  });

  test('numbers them while one is to be chosen', () => {
    expect(frame(ALL, { type: 'choose', action: 'restart', at: 1 })).toEqual([
      '  ● 1 db 127.0.0.1:5432   ✗ [2 api]   · 3 web',
      '  restart which? digit, or ← → Enter · Esc',
    ]);
  });

  test('has a line for each on a narrow terminal, none longer than need be', () => {
    expect(frame(ALL, { type: 'nothing' }, 20).slice(0, -1)).toEqual([
      '  ● db 127.0.0.1:5432',
      '  ✗ api   · web',
    ]);
  });
});
