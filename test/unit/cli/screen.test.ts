/** The part of a terminal that is redrawn, as the user sees it. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { Screen } from '../../../src/cli/screen.ts';
import { Emulator, type Size } from '../../rig/emulator.ts';

function open(size: Size, env: NodeJS.ProcessEnv = {}): { terminal: Emulator; screen: Screen } {
  const terminal = new Emulator(size);
  const screen = new Screen(terminal.stream, env);
  onTestFinished(() => screen.close());
  return { terminal, screen };
}

const FRAME = ['one', 'two', 'three'];
const many = (count: number, text: string): string[] =>
  Array.from({ length: count }, (_, index) => `${text} ${index}`);

describe('a frame', () => {
  test('is below the permanent lines, and is replaced by the next', async () => {
    const { terminal, screen } = open({ rows: 10, columns: 40 });
    screen.update(['first'], FRAME);
    screen.update([], ['one more', 'two']);
    expect(await terminal.lines()).toEqual(['first', 'one more', 'two']);
    screen.update(['second'], FRAME);
    expect(await terminal.lines()).toEqual(['first', 'second', ...FRAME]);
    screen.leave();
    expect(await terminal.lines()).toEqual(['first', 'second']);
    expect(terminal.cursor).toEqual({ row: 2, column: 0 });
  });

  test('never takes more lines than there are, nor moves what is above it', async () => {
    const { terminal, screen } = open({ rows: 6, columns: 40 });
    screen.update(many(20, 'kept'), many(20, 'live'));
    screen.update([], many(20, 'again'));
    expect(await terminal.lines()).toEqual([...many(20, 'kept'), ...many(5, 'again')]);
  });

  test.each([
    ['Latin', 'x'.repeat(100)],
    ['Chinese', '測試'.repeat(30)],
    ['emoji', '🚀✅👨‍👩‍👧🇩🇪❤️'.repeat(9)],
    ['accents', 'e\u0301'.repeat(100)],
    ['tabs', 'a\tb'.repeat(30)],
    ['colours', `\x1b[31m${'測'.repeat(60)}\x1b[39m`],
  ])('cuts a line that is too wide: %s', async (_, text) => {
    const { terminal, screen } = open({ rows: 10, columns: 40 });
    screen.update(['kept'], [text, 'next']);
    screen.update([], [text, 'below']);
    const lines = await terminal.lines();
    expect(lines).toHaveLength(3);
    expect(lines[1]?.endsWith('…')).toBe(true);
    expect(lines[2]).toBe('below');
    expect(await terminal.wrapped()).toBe(0);
  });

  test('is not written again if nothing has changed', () => {
    const { terminal, screen } = open({ rows: 10, columns: 40 });
    const written: string[] = [];
    terminal.stream.write = ((text: string) => written.push(text)) as never;
    screen.update([], FRAME);
    screen.update([], FRAME);
    expect(written).toHaveLength(1);
  });
});

const SIZES: readonly Size[] = [
  { rows: 24, columns: 40 },
  { rows: 24, columns: 120 },
  { rows: 8, columns: 80 },
  { rows: 40, columns: 30 },
  { rows: 40, columns: 100 },
];

describe('a terminal that is resized', () => {
  const wide = FRAME.map((line) => `${line} ${'-'.repeat(60)}`);

  test.each(SIZES.flatMap((size) => [3, 50].map((kept) => ({ ...size, kept }))))(
    'to $columns × $rows with $kept lines above shows the frame once',
    async ({ kept, ...size }) => {
      const { terminal, screen } = open({ rows: 24, columns: 80 }, { TERM_PROGRAM: 'vscode' });
      screen.update(many(kept, 'kept'), wide);
      await terminal.resize(size);
      const lines = await terminal.lines();
      expect(lines.slice(0, kept)).toEqual(many(kept, 'kept'));
      expect(lines.slice(kept).map((line) => line.replace(/ .*/, ''))).toEqual(FRAME);
      screen.update(['said'], []);
      expect(await terminal.lines()).toEqual([...many(kept, 'kept'), 'said']);
    },
  );

  test.each([0, 3, 8, 30, 50])(
    'lower and narrower, and back, with %i lines above keeps these',
    async (kept) => {
      const { terminal, screen } = open({ rows: 24, columns: 80 }, { TERM_PROGRAM: 'vscode' });
      screen.update(many(kept, 'kept'), wide);
      await terminal.resize({ rows: 10, columns: 40 });
      await terminal.resize({ rows: 24, columns: 80 });
      expect((await terminal.lines()).map((line) => line.replace(/ -.*/, ''))).toEqual([
        ...many(kept, 'kept'),
        ...FRAME,
      ]);
      screen.update(['said'], []);
      expect(await terminal.lines()).toEqual([...many(kept, 'kept'), 'said']);
    },
  );
});
