/** Several share a folder: runs within runs, containers, other users. None harms another, and none believes a stranger. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/core/clock.ts';
import { tryTiers } from '../../src/process/ownership/tiers/choose.ts';
import { DisposableRun, processesWith } from '../rig/processes.ts';
import { CLI, Rig } from '../rig/rig.ts';
import { componentOf, findingOf, httpSuite, JSON_REPORT } from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const permitted = (await tryTiers(new Clock())).filter((report) => report.permitted).map(({ tier }) => tier);
const isRoot = process.getuid?.() === 0;
const STRANGER = 54_321;

const folderElsewhere = (stdout: string): string => /logs are in (\S+)/.exec(stdout)?.[1] ?? '';

/** The state of projects elsewhere goes with the rig. */
const ownTemp = (rig: Rig): NodeJS.ProcessEnv => ({
  TMPDIR: join(rig.dir, 'tmp'),
  XDG_STATE_HOME: join(rig.dir, 'home'),
});

describe('a run within a run, in the same folder', () => {
  test.for(inTurn(permitted, 3))('%s: neither ends, removes or hides anything of the other', async (tier) => {
    await using rig = await Rig.create();
    const inner = rig.command();
    rig.write('inner.json', JSON.stringify({ components: { inner: { kind: 'command', run: inner.line } } }));
    const outer = rig.command();
    const line = `${process.execPath} ${CLI} --config inner.json && ${outer.line}`;
    const { server, port } = await httpSuite(rig, { client: line });
    const run = rig.start(['--ownership', tier, ...JSON_REPORT]);
    const serving = await server.invocation();
    await serving.listen(port);
    await (await inner.invocation()).exit(0);
    // The inner run is over, and the outer one goes on.
    const caller = await outer.invocation();
    expect(new Set(rig.alive())).toEqual(new Set([serving.pid, caller.pid]));
    await caller.exit(0);
    const { code, stdout } = await run.exit();
    expect(stdout).toContain('PASSED');
    expect(code).toBe(0);
    expect(rig.report().notes).toEqual([]);
    expect(rig.read('.shakedown/latest/logs/http.log')).toContain('PASSED  1 passed');
    expect(readdirSync(join(rig.dir, '.shakedown/runs'))).toHaveLength(2);
  });
});

describe.runIf(isRoot && permitted.includes('pid-namespace'))('a run in another container', () => {
  const CONTAINER = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--'] as const;
  const program = [process.execPath, CLI];

  test.runIf(isThorough)('sees that one outside lives, and leaves it alone', async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    const run = rig.start([]);
    const invocation = await thread.invocation();
    await using sweep = new DisposableRun([], rig.dir, process.env, [...CONTAINER, ...program, 'sweep']);
    const { stdout, code } = await sweep.exit();
    expect(stdout).toMatch(/^run \S+ is still running: left alone\nnothing was left by earlier runs\n$/);
    expect(code).toBe(0);
    await invocation.exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test('is left alone as long as it lives, and not longer', async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    await using run = new DisposableRun([], rig.dir, process.env, [...CONTAINER, ...program]);
    const invocation = await thread.invocation();
    const alive = await rig.run(['sweep']);
    expect(alive.stdout).toMatch(
      /^run \S+ is still running: left alone\nnothing was left by earlier runs\n$/,
    );
    expect(rig.alive()).toEqual([invocation.pid]);
    run.kill('SIGKILL');
    await run.exit();
    await invocation.gone;
    await expect.poll(() => processesWith(rig.dir), { timeout: 20_000 }).toEqual([]);
    expect((await rig.run(['sweep'])).stdout).toBe('nothing was left by earlier runs\n');
    const [folder = ''] = readdirSync(join(rig.dir, '.shakedown/runs'));
    expect(readdirSync(join(rig.dir, '.shakedown/runs', folder)).sort()).toEqual(['journal.ndjson', 'logs']);
  });

  test('that cannot be judged is left alone, and said', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { thread: { kind: 'command', run: 'true' } } });
    const id = '20260101-000000-abcdef';
    const path = join(rig.dir, '.shakedown/runs', id);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const facts = {
      run: id,
      pid: 1,
      startTicks: 1,
      boot: 'b',
      machine: null,
      pidNamespace: 'x',
      group: null,
    };
    writeFileSync(join(path, 'runner.json'), JSON.stringify(facts));
    for (const args of [['sweep'], [...JSON_REPORT]]) {
      const { stdout, code } = await rig.run(args);
      expect(stdout).toContain(`run ${id}`);
      expect(stdout).toContain('left alone');
      expect(stdout).toContain(`rm -r ${path}`);
      expect(code).toBe(0);
      expect(readdirSync(path)).toEqual(['runner.json']);
    }
    expect(findingOf({ findings: rig.report().notes }, 'not-believed').hint).toContain('rm -r');
  });
});

/** What another user may have put where Shakedown keeps its own. */
const PLANTED: readonly {
  readonly what: string;
  readonly plant: (rig: Rig) => void;
  /** Of the hint: what to do about the folder. */
  readonly wayOut: string;
}[] = [
  {
    what: 'belongs to somebody else',
    plant: (rig) => chownSync(join(rig.dir, '.shakedown'), STRANGER, STRANGER),
    wayOut: 'rm -r',
  },
  {
    what: 'can be written to by everybody',
    plant: (rig) => chmodSync(join(rig.dir, '.shakedown'), 0o777),
    wayOut: 'chmod 700',
  },
];

describe('a folder .shakedown that is not ours', () => {
  /** With a cache that has `true` be another program, and a killed run that names an innocent. */
  async function planted(rig: Rig, plant: (rig: Rig) => void): Promise<void> {
    rig.write('input', '1');
    rig.config({
      setup: [{ name: 's', run: 'true', inputs: ['input'] }],
      components: { thread: { kind: 'command', run: 'tool' } },
    });
    rig.script('good/tool', 'echo the right tool');
    rig.script('evil/tool', 'echo "the wrong tool"; exit 1');
    const first = await rig.run([], {
      ...ownTemp(rig),
      PATH: `${join(rig.dir, 'good')}:${process.env.PATH}`,
    });
    expect(first.code).toBe(0);
    const cache = join(rig.dir, '.shakedown/cache');
    const [file = ''] = readdirSync(cache);
    const entry = JSON.parse(rig.read(`.shakedown/cache/${file}`));
    entry.exported = { PATH: `${join(rig.dir, 'evil')}:/usr/bin:/bin` };
    writeFileSync(join(cache, file), JSON.stringify(entry));
    plant(rig);
  }

  test.skipIf(!isRoot).for(PLANTED)(
    'since it $what: nothing in it is used, the run goes on elsewhere, and `sweep` refuses',
    async ({ plant, wayOut }) => {
      await using rig = await Rig.create();
      await planted(rig, plant);
      const before = readdirSync(join(rig.dir, '.shakedown/runs'));
      const env = { ...ownTemp(rig), PATH: `${join(rig.dir, 'good')}:${process.env.PATH}` };
      const { code, stdout } = await rig.run([...JSON_REPORT], env);
      expect(stdout).toContain('nothing in it is used');
      expect(code).toBe(0);
      const note = findingOf({ findings: rig.report().notes }, 'not-believed');
      expect(rig.report().notes.filter(({ code }) => code === 'not-believed')).toHaveLength(1);
      expect(note.message).toContain(join(rig.dir, '.shakedown'));
      expect(note.hint).toContain(`${wayOut} ${join(rig.dir, '.shakedown')}`);
      expect(componentOf(rig.report(), 'thread').verdict).toBe('passed');
      expect(folderElsewhere(stdout)).toMatch(join(rig.dir, 'tmp/shakedown-'));
      expect(readdirSync(join(rig.dir, '.shakedown/runs'))).toEqual(before);
      const sweep = await rig.run(['sweep'], ownTemp(rig));
      expect(sweep.code).toBe(2);
      expect(sweep.stderr).toContain('nothing in it is used');
      expect(sweep.stderr).toContain(`${wayOut} ${join(rig.dir, '.shakedown')}`);
    },
  );

  test('since its `runs` is a link: what that leads to stays', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { thread: { kind: 'command', run: 'true' } } });
    mkdirSync(join(rig.dir, '.shakedown'), { mode: 0o700 });
    const names = Array.from({ length: 25 }, (_, at) => `20260101-0000${at + 10}-thesis`);
    for (const name of names) rig.write(`documents/${name}/journal.ndjson`, 'precious');
    symlinkSync(join(rig.dir, 'documents'), join(rig.dir, '.shakedown/runs'));
    const { code, stdout } = await rig.run([], ownTemp(rig));
    expect(code).toBe(0);
    expect(stdout).toContain(`${join(rig.dir, '.shakedown/runs')} is a link`);
    expect(readdirSync(join(rig.dir, 'documents'))).toEqual(names);
  });
});

test.skipIf(!isRoot)('root makes a .shakedown of its own in the project of another user', async () => {
  await using rig = await Rig.create();
  rig.config({ components: { thread: { kind: 'command', run: 'true' } } });
  chownSync(rig.dir, STRANGER, STRANGER);
  for (let index = 0; index < 2; index++) {
    const { code } = await rig.run([...JSON_REPORT]);
    expect(code).toBe(0);
    expect(rig.report().notes).toEqual([]);
  }
  expect(lstatSync(join(rig.dir, '.shakedown')).uid).toBe(0);
});

test('nobody else can look into .shakedown, whatever the umask', async () => {
  await using rig = await Rig.create();
  rig.write('input', '1');
  const thread = rig.command();
  rig.config({
    setup: [{ run: 'echo A=1 > "$SHAKEDOWN_ENV"', inputs: ['input'] }],
    components: { thread: { kind: 'command', run: thread.line } },
  });
  const words = ['sh', '-c', 'umask 0; exec "$@"', 'sh', process.execPath, CLI] as const;
  await using run = new DisposableRun([], rig.dir, process.env, words);
  const invocation = await thread.invocation();
  const modes = readdirSync(join(rig.dir, '.shakedown'), { recursive: true, encoding: 'utf8' }).flatMap(
    (name) => {
      const stats = lstatSync(join(rig.dir, '.shakedown', name));
      if (stats.isSymbolicLink()) return [];
      return [`${stats.isDirectory() ? 'folder' : 'file'} ${(stats.mode & 0o777).toString(8)}`];
    },
  );
  expect([...new Set(modes)].sort()).toEqual(['file 600', 'folder 700']);
  expect(modes.length).toBeGreaterThan(10);
  expect((lstatSync(join(rig.dir, '.shakedown')).mode & 0o777).toString(8)).toBe('700');
  await invocation.exit(0);
  expect((await run.exit()).code).toBe(0);
});

test.runIf(isThorough)(
  'what is left of a run whose folder is elsewhere is found by `sweep` and by the next run',
  async () => {
    await using rig = await Rig.create();
    rig.write('.shakedown', 'a file in the place of a folder');
    const thread = rig.command();
    rig.config({
      components: {
        thread: { kind: 'command', run: thread.line },
        quick: { kind: 'command', run: 'true', onlyWhenNamed: true },
      },
    });
    const orphan = async () => {
      const run = rig.start(['--ownership', 'finders', 'thread'], ownTemp(rig));
      const invocation = await thread.invocation();
      // Stopped, it cannot set another watchdog.
      run.kill('SIGSTOP');
      for (const pid of processesWith('shakedown-watchdog', rig.dir)) process.kill(pid, 'SIGKILL');
      await expect.poll(() => processesWith('shakedown-watchdog', rig.dir)).toEqual([]);
      run.kill('SIGKILL');
      await run.exit();
      expect(rig.alive()).toEqual([invocation.pid]);
      return invocation;
    };
    const first = await orphan();
    const sweep = await rig.run(['sweep'], ownTemp(rig));
    expect(sweep.stdout).toContain(`stopped pid ${first.pid}`);
    await first.gone;
    const second = await orphan();
    const { stdout, code } = await rig.run(['quick', ...JSON_REPORT], ownTemp(rig));
    expect(stdout).toContain('ended 1 process that an earlier run left');
    expect(code).toBe(0);
    await second.gone;
    const path = realpathSync(join(folderElsewhere(stdout), '..'));
    expect(readdirSync(path)).toHaveLength(3);
  },
);
