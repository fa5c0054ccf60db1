/** The live view of `shakedown up` on a terminal. */
import { describe, expect, test } from 'vitest';
import { hasProcessTable, readProcess } from '../../src/process/system/proc.ts';
import { type FakeCommand, type Invocation, Rig, type ShakedownRun } from '../rig/rig.ts';

const LONG = { timeout: 100_000 };
const PLAIN = { NO_COLOR: '1' };
const SIZE = { rows: 30, columns: 100 };
const CTRL_C = '\x03';
const CTRL_Z = '\x1a';

async function serve(command: FakeCommand): Promise<Invocation> {
  const invocation = await command.invocation();
  await invocation.listen(Number(invocation.env.PORT));
  return invocation;
}

/** Whether the cursor is shown and long lines are wrapped, after all that a terminal was sent. */
function isSane(sent: string): boolean {
  const last = (on: string, off: string): boolean => sent.lastIndexOf(on) >= sent.lastIndexOf(off);
  return last('\x1b[?25h', '\x1b[?25l') && last('\x1b[?7h', '\x1b[?7l');
}

/** Two services that are up in a terminal. */
async function up(rig: Rig, options: { env?: NodeJS.ProcessEnv; script?: (program: string) => string } = {}) {
  const [db, api] = [rig.command(), rig.command()];
  rig.config({
    services: {
      db: { run: db.line, port: 0 },
      api: { run: api.line, port: 0, needs: ['db'], ready: { http: '/' } },
    },
    components: { any: { kind: 'command', run: 'true' } },
  });
  const run = rig.startInTerminal(['up'], { ...PLAIN, ...options.env }, SIZE, options.script);
  const database = await serve(db);
  const server = await serve(api);
  await run.output(/ready at http:/);
  return { run, db, api, database, server };
}

/** Resolves when what has come since matches. */
async function next(run: ShakedownRun, pattern: RegExp, from: number): Promise<void> {
  await expect.poll(() => pattern.test(run.stdout.slice(from)), LONG).toBe(true);
}

describe('shakedown up on a terminal', () => {
  test('r restarts one on its port, and what needs it goes on; q ends all and leaves the terminal as it was', async () => {
    await using rig = await Rig.create();
    const { run, db, database, server } = await up(rig);
    expect(run.stdout).toContain(`● db 127.0.0.1:${database.env.PORT}`);
    run.type('r');
    await run.output(/restart which\?/);
    const from = run.stdout.length;
    run.type('1');
    await database.gone;
    const again = await serve(db);
    expect(again.env.PORT).toBe(database.env.PORT);
    expect(rig.exists('.shakedown/latest/logs/db.2.log')).toBe(true);
    await next(run, /⚙ db .*ready at/, from);
    await server.print('still here\n');
    await run.output(/api \| still here/);
    run.type('q');
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toMatch(/ENDED {2}2 services/);
    expect(stdout).toMatch(/ {2}QUIT stopping .*; repeat it to kill at once/);
    expect(stdout).not.toContain('SIGINT');
    expect(isSane(stdout)).toBe(true);
    expect(rig.alive()).toEqual([]);
  });

  test('one that has died stays down until somebody starts it again; then all is well', async () => {
    await using rig = await Rig.create();
    const { run, api, server } = await up(rig);
    await server.print('Error: no space left\n');
    await server.exit(7);
    await run.output(/✗ api .*no space left/);
    run.type('s2');
    const from = run.stdout.length;
    await serve(api);
    await next(run, /● api http:/, from);
    run.type(CTRL_C);
    expect((await run.exit()).code).toBe(0);
  });

  test('s stops one', async () => {
    await using rig = await Rig.create();
    const { run, database, server } = await up(rig);
    run.type('s2');
    await server.gone;
    await run.output(/○ api .*stopped/);
    expect(rig.alive()).toEqual([database.pid]);
    run.type(CTRL_C);
    expect((await run.exit()).code).toBe(0);
  });

  test('Ctrl-C twice kills what is left', async () => {
    await using rig = await Rig.create();
    const { run, server } = await up(rig);
    await server.ignore('SIGTERM');
    run.type(CTRL_C);
    await server.signal('SIGTERM');
    const insist = setInterval(() => run.type(CTRL_C), 10);
    await run.output(/again: killing what is left/);
    clearInterval(insist);
    const { code, stdout } = await run.exit();
    expect(code).toBe(130);
    expect(isSane(stdout)).toBe(true);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(hasProcessTable)('Ctrl-Z stops all, and `fg` has it go on with its keys', async () => {
    await using rig = await Rig.create();
    const script = (program: string): string =>
      `set -m; ${program}; echo "stopped with $?"; read -r line; fg; echo "ended with $?"`;
    const { run, server } = await up(rig, { script });
    run.type(CTRL_Z);
    await run.output(/stopped with 1\d\d/);
    await expect.poll(() => readProcess(server.pid)?.state, LONG).toBe('T');
    const from = run.stdout.length;
    run.type('go on\n');
    await next(run, /● api http:/, from);
    run.type('q');
    await run.output(/ended with 0/);
    await run.exit();
    expect(rig.alive()).toEqual([]);
  });

  test('what services print cannot take over the terminal, and colours are of our own', async () => {
    await using rig = await Rig.create();
    const { run, server } = await up(rig, { env: { NO_COLOR: '', FORCE_COLOR: '1' } });
    await server.print('\x1b[2J\x1b]0;owned\x07\x1b[31mred\x1b[0m text\n');
    await run.output(/ red text/);
    expect(run.stdout).toContain('\x1b[35mapi |\x1b[39m red text');
    expect(run.stdout).not.toContain('\x1b[2J');
    expect(run.stdout).not.toContain('owned');
    run.type('q');
    expect((await run.exit()).code).toBe(0);
  });
});
