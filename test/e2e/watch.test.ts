/** Components that run again when files change: `shakedown watch`. */
import { renameSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasProcessTable } from '../../src/process/system/proc.ts';
import { processesWith } from '../rig/processes.ts';
import { type FakeCommand, type Invocation, Rig, type ShakedownRun } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const LONG = { timeout: 100_000 };
const PLAIN = { NO_COLOR: '1' };

/** Resolves when that many rounds have ended. */
const rounds = (run: ShakedownRun, count: number): Promise<void> =>
  expect.poll(() => run.stdout.match(/waiting for changes/g)?.length ?? 0, LONG).toBe(count);

/** Changes a file in one step, as most editors do: it is never seen half written. */
function edit(rig: Rig, path: string, content: string): void {
  const draft = rig.write(`.git/draft-${path.replaceAll('/', '-')}`, content, 0o755);
  renameSync(draft, `${rig.dir}/${path}`);
}

async function serve(command: FakeCommand): Promise<Invocation> {
  const invocation = await command.invocation();
  await invocation.listen(Number(invocation.env.PORT));
  return invocation;
}

const component = (line: string, needs: string[] = []) => ({ kind: 'command', run: line, needs });

/** A service in a folder of its own, a component that uses it, and one that does not; and a round of both. */
async function watching(rig: Rig, start: (args: string[]) => ShakedownRun = (args) => rig.start(args)) {
  const api = rig.command();
  rig.write('api/server.txt', '');
  rig.write('src/a.ts', '');
  rig.script('tests/smoke.sh', 'echo $API_PORT >> "$RAN/smoke"; exit $(cat "$RAN/code")');
  rig.script('tests/lint.sh', 'echo x >> "$RAN/lint"');
  // Where nothing is watched.
  rig.write('.git/code', '0');
  rig.config({
    services: { api: { run: api.line, port: 0, cwd: 'api' } },
    env: { RAN: `${rig.dir}/.git` },
    components: { smoke: component('tests/smoke.sh', ['api']), lint: component('tests/lint.sh') },
  });
  const run = start(['watch']);
  const server = await serve(api);
  await rounds(run, 1);
  const times = (name: string): number => rig.read(`.git/${name}`).trim().split('\n').length;
  return { run, api, server, times };
}

describe('shakedown watch', () => {
  test('runs what a changed file concerns, with the services that are still up', async () => {
    await using rig = await Rig.create();
    const { run, api, server, times } = await watching(rig);
    edit(rig, 'tests/lint.sh', '#!/bin/sh\necho y >> "$RAN/lint"\n');
    await rounds(run, 2);
    expect([times('smoke'), times('lint')]).toEqual([1, 2]);
    expect(run.stdout).toContain('↻ tests/lint.sh changed');
    edit(rig, 'src/a.ts', '');
    await rounds(run, 3);
    expect([times('smoke'), times('lint')]).toEqual([2, 3]);
    expect(api.unasked).toBe(0);
    // A file in the folder of the service.
    edit(rig, 'api/server.txt', 'changed');
    await server.gone;
    await serve(api);
    await rounds(run, 4);
    expect([times('smoke'), times('lint')]).toEqual([3, 3]);
    run.kill('SIGINT');
    expect(await run.exit()).toMatchObject({ code: 0, signal: null });
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)(
    'the last verdicts are its own; a service that has died is started again',
    async () => {
      await using rig = await Rig.create();
      const { run, api, server } = await watching(rig);
      await server.exit(4);
      await run.output(/✗ api .*exited with code 4/);
      rig.write('.git/code', '3');
      edit(rig, 'src/a.ts', '');
      await serve(api);
      await rounds(run, 2);
      expect(run.stdout).toMatch(/^FAILED {2}1 passed, 1 failed/m);
      run.kill('SIGTERM');
      expect((await run.exit()).code).toBe(1);
    },
  );

  test.runIf(isThorough)('what needs a service that has died is started again with it', async () => {
    await using rig = await Rig.create();
    const [db, api] = [rig.command(), rig.command()];
    rig.script('tests/smoke.sh', 'echo x >> "$RAN/smoke"');
    rig.write('.git/code', '0');
    rig.config({
      services: {
        db: { run: db.line, port: 0, cwd: 'db' },
        migrate: { kind: 'task', run: 'echo x >> "$RAN/migrate"', needs: ['db'] },
        api: { run: api.line, port: 0, cwd: 'api', needs: ['migrate'] },
      },
      env: { RAN: `${rig.dir}/.git` },
      components: { smoke: component('tests/smoke.sh', ['api']) },
    });
    rig.write('db/.keep', '');
    rig.write('api/.keep', '');
    const run = rig.start(['watch']);
    const server = await serve(db);
    const first = await serve(api);
    await rounds(run, 1);
    await server.exit(4);
    await run.output(/✗ db .*exited with code 4/);
    edit(rig, 'tests/smoke.sh', '#!/bin/sh\necho y >> "$RAN/smoke"\n');
    await first.gone;
    await serve(db);
    await serve(api);
    await rounds(run, 2);
    expect(rig.read('.git/migrate')).toBe('x\nx\n');
    run.kill('SIGINT');
    await run.exit();
  });

  test('a changed config is read again, once it is sound', async () => {
    await using rig = await Rig.create();
    const { run, server } = await watching(rig);
    edit(rig, 'shakedown.config.json', '{ "components": { ');
    await server.gone;
    await run.output(/waiting for it to be corrected/);
    edit(rig, 'shakedown.config.json', JSON.stringify({ components: { other: component('true') } }));
    await rounds(run, 2);
    expect(run.stdout).toMatch(/✓ other /);
    run.kill('SIGINT');
    expect((await run.exit()).code).toBe(0);
  });

  test('does not go on for ever over what the components write', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { build: component('date +%N > out.txt') } });
    const run = rig.start(['watch']);
    await run.output(/out.txt changed again while the components ran: taken for their output/);
    run.kill('SIGINT');
    await run.exit();
    expect(run.stdout.match(/waiting for changes/g)).toHaveLength(2);
  });

  test('on a terminal: a all, f failed, Enter again, q quit', async () => {
    await using rig = await Rig.create();
    const { run, times } = await watching(rig, (args) => rig.startInTerminal(args, PLAIN));
    expect(run.stdout).toContain('a all · f failed · Enter again · q quit');
    run.type('a');
    await rounds(run, 2);
    rig.write('.git/code', '3');
    run.type('\r');
    await rounds(run, 3);
    run.type('f');
    await rounds(run, 4);
    expect([times('smoke'), times('lint')]).toEqual([4, 3]);
    run.type('q');
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('ending, with what is up');
    expect(stdout).not.toContain('SIGINT');
    expect(rig.alive()).toEqual([]);
  });

  test('a name that is none is a mistake', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { lint: component('true') } });
    expect(await rig.run(['watch', 'lnt'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no component "lnt"'),
    });
  });
});

test.runIf(hasProcessTable)('nothing is left when it is killed', async () => {
  await using rig = await Rig.create();
  const { run, server } = await watching(rig);
  run.kill('SIGKILL');
  await server.gone;
  await expect.poll(() => processesWith(rig.dir), LONG).toEqual([]);
});
