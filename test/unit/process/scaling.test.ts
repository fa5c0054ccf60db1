/** What a look costs is counted in files that are opened, which no busy machine changes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { ms } from '../../../src/core/units.ts';
import { ComponentLog } from '../../../src/process/output/log.ts';
import { PipeSource } from '../../../src/process/output/pipe-source.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import { arrivalsSince, takeCensus } from '../../../src/process/ownership/crowd.ts';
import { ProcessFinder } from '../../../src/process/ownership/finder.ts';
import { Owner } from '../../../src/process/ownership/owner.ts';
import { terminate } from '../../../src/process/ownership/terminate.ts';
import { MARKS_ONLY } from '../../../src/process/ownership/tiers/marks-only.ts';
import type { Enclosure } from '../../../src/process/ownership/tiers/tier.ts';
import { handledSignals } from '../../../src/process/service/stop.ts';
import {
  isHelper,
  noteHelpers,
  registerChild,
  registerGroup,
  registerHelpers,
  registerWrapper,
} from '../../../src/process/system/children.ts';
import {
  allPids,
  canSignal,
  childrenOf,
  environmentOf,
  namespaceOf,
  type ProcessId,
  type ProcessInfo,
  readProcess,
} from '../../../src/process/system/proc.ts';
import { RunDirectory } from '../../../src/store/run-directory.ts';
import { inState } from '../../../src/store/state-folder.ts';

const opened = vi.hoisted(() => ({
  count: 0,
  paths: new Set<unknown>(),
  lists: 0,
  listed: new Set<string>(),
  links: 0,
  lastPid: '',
}));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    openSync: (...args: Parameters<typeof real.openSync>) => {
      opened.count += 1;
      opened.paths.add(args[0]);
      const isTold = args[0] === '/proc/sys/kernel/ns_last_pid' && opened.lastPid !== '';
      return isTold ? real.openSync(opened.lastPid, 'r') : real.openSync(...args);
    },
    readlinkSync: (...args: Parameters<typeof real.readlinkSync>) => {
      opened.links += 1;
      return real.readlinkSync(...args);
    },
    readdirSync: (path: string, ...rest: []) => {
      if (path.endsWith('/fd')) {
        opened.lists += 1;
        opened.listed.add(path);
      }
      return real.readdirSync(path, ...rest);
    },
  };
});

const hasPython = spawnSync('python3', ['-c', '']).status === 0;

/** Processes that lead a session each; they sleep, or have ended and nobody takes note of it. */
const FAMILY = `
import os, sys, time
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.read(0, 1) if sys.argv[2] == 'live' else None
        os._exit(0)
    print(pid)
print('all', flush=True)
os.read(0, 1)
`;

async function family(
  count: number,
  kind: 'live' | 'dead',
): Promise<{ pids: number[]; end: () => Promise<void> }> {
  const parent = spawn('python3', ['-c', FAMILY, String(count), kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of parent.stdout) {
    printed += chunk;
    if (printed.endsWith('all\n')) break;
  }
  const pids = printed.split('\n').slice(0, count).map(Number);
  if (kind === 'dead')
    for (const pid of pids) while (readProcess(pid)?.state !== 'Z') await new Promise(setImmediate);
  const end = async (): Promise<void> => {
    parent.stdin.end();
    await once(parent, 'exit');
  };
  return { pids, end };
}

/** So many files are opened by something. */
function opens(work: () => unknown): number {
  const before = opened.count;
  work();
  return opened.count - before;
}

const COUNT = 200;
const MARKS = { cookie: 'SHAKEDOWN_TRIAL_SCALING=', lease: '/nowhere' };

test.runIf(process.platform === 'linux' && hasPython).each(['dead', 'live'] as const)(
  'groups by the hundred that are %s are looked for in one pass',
  async (kind) => {
    const { pids, end } = await family(COUNT, kind);
    try {
      const finder = new ProcessFinder(MARKS);
      for (const pid of pids)
        finder.adopt({ pid, startTicks: readProcess(pid)?.startTicks ?? 0, leadsGroup: true });
      expect(finder.mayBeEmpty()).toBe(kind === 'dead');
      const inAll =
        opens(() => finder.mayBeEmpty()) + opens(() => finder.scan()) + opens(() => finder.scan());
      // Some for each process on the machine; a pass for each group would be the square of that.
      expect(inAll).toBeLessThan((COUNT * COUNT) / 2);
      expect(finder.scan()).toHaveLength(kind === 'live' ? COUNT : 0);
    } finally {
      await end();
    }
  },
);

test.runIf(process.platform === 'linux' && hasPython)(
  'owners by the hundred end what is theirs in looks that they share',
  async () => {
    const { pids, end } = await family(COUNT, 'live');
    try {
      const idOf = (pid: number): ProcessId => ({ pid, startTicks: readProcess(pid)?.startTicks ?? 0 });
      const finders = pids.map((pid) => {
        const finder = new ProcessFinder({ ...MARKS, cookie: `SHAKEDOWN_TRIAL_SCALING=${pid}` });
        finder.adopt({ ...idOf(pid), leadsGroup: true });
        return finder;
      });
      const all = allPids().size;
      const before = opened.count;
      const endings = await Promise.all(
        finders.map((finder) => terminate(finder, ms(30_000), 'scaling', new Clock())),
      );
      expect(endings.every(({ killed }) => killed.length === 0)).toBe(true);
      // Each alone would look four times at everybody.
      expect(opened.count - before).toBeLessThan(COUNT * all);
    } finally {
      await end();
    }
  },
);

test.runIf(process.platform === 'linux' && hasPython)(
  'what processes bear is not read again at each look',
  async () => {
    const { end } = await family(COUNT, 'live');
    try {
      const finder = new ProcessFinder(MARKS);
      const readAtOneLook = (): number => {
        opened.lists = 0;
        finder.scan();
        return opened.lists;
      };
      expect(readAtOneLook()).toBeGreaterThanOrEqual(COUNT);
      // Of those that were only just started, it is.
      await vi.waitUntil(() => readAtOneLook() < COUNT / 4, { timeout: 60_000, interval: 1 });
      // Nor is it believed for ever.
      await vi.waitUntil(() => readAtOneLook() >= COUNT, { timeout: 60_000, interval: 1 });
    } finally {
      await end();
    }
  },
);

/** Whatever is started in it has a shell around it that waits. */
const wrapping = (enclosure: Enclosure): Enclosure => ({
  ...enclosure,
  placeFor: (owner) => ({
    ...enclosure.placeFor(owner),
    enter: (argv) => ({ argv: ['/bin/sh', '-c', '"$@"; :', 'wrapper', ...argv], isWrapper: true }),
  }),
});

test.runIf(process.platform === 'linux' && hasPython)(
  'the command behind a wrapper is found without a look at everybody',
  async () => {
    const { end } = await family(COUNT, 'live');
    const root = fs.mkdtempSync(join(tmpdir(), 'scaling-'));
    onTestFinished(() => fs.rmSync(root, { recursive: true, force: true }));
    const directory = inState(root, (state) => RunDirectory.create(state, '20260105-024534-abcdef')).value;
    const pipes = new PipeSource(directory.leases);
    const enclosure = wrapping(await MARKS_ONLY.open('c'));
    const owner = new Owner({ component: 'c', directory, pipes, enclosure, clock: new Clock() }, 'c');
    try {
      const sink = { speaker: 'c', log: new ComponentLog('/dev/null'), scanner: new OutputScanner([]) };
      const command = { type: 'argv', argv: ['/bin/sleep', '600'] } as const;
      const started = await owner.spawn(command, { cwd: root, env: {}, sink });
      if (!started.ok) throw new Error(started.error.message);
      const { value } = started;
      const child = await vi.waitUntil(() => childrenOf(value.pid)[0]?.pid, { timeout: 60_000, interval: 1 });
      let found: number | undefined;
      expect(
        opens(() => {
          found = owner.pidOf(value);
        }),
      ).toBeLessThan(COUNT / 4);
      expect(found).toBe(child);
      await owner.end(ms(0));
      // The pid of the wrapper may be somebody else's from now on.
      expect(owner.pidOf(value)).toBe(value.pid);
    } finally {
      await pipes.close();
      await end();
    }
  },
);

test.runIf(process.platform === 'linux')('in which namespace a process is, is read once', () => {
  const { pid, startTicks } = readProcess(process.pid) as ProcessInfo;
  opened.links = 0;
  const found = namespaceOf({ pid, startTicks });
  expect(found).toMatch(/^pid:/);
  expect(namespaceOf({ pid, startTicks })).toBe(found);
  expect(opened.links).toBe(1);
  expect(namespaceOf({ pid: 2 ** 30, startTicks })).toBe('');
});

test.runIf(process.platform === 'linux')(
  'what is asked of one process is read once, through one buffer',
  () => {
    expect(opens(() => handledSignals(process.pid))).toBe(1);
    // `readFileSync`, whose opening is not counted, makes a buffer of 64 KiB each time.
    expect(opens(() => environmentOf(process.pid))).toBe(1);
  },
);

test.runIf(process.platform === 'linux')(
  'helpers that end with their leader are nobody’s, so nobody looks at what they bear',
  async () => {
    const line = 'sleep 600 & echo up; wait';
    const leader = spawn('/bin/sh', ['-c', line], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const { pid = 0 } = leader;
    await once(leader.stdout, 'data');
    const child = childrenOf(pid)[0]?.pid ?? 0;
    const seen = (): boolean[] => [pid, child].map((each) => takeCensus(0).crowd.get(each) !== undefined);
    const exited = once(leader, 'exit');
    try {
      expect(seen()).toEqual([true, true]);
      registerHelpers(leader);
      expect(seen()).toEqual([false, false]);
      leader.kill('SIGKILL');
      await exited;
      // From now on the number may be that of somebody else's group.
      expect(seen()).toEqual([false, true]);
    } finally {
      process.kill(-pid, 'SIGKILL');
      await exited;
    }
  },
);

test.runIf(process.platform === 'linux').each([
  { what: 'a command', register: registerChild, isChildRead: true },
  { what: 'a wrapper', register: registerWrapper, isChildRead: false },
])(
  'what bears the marks of whoever has started it is not read by other owners: $what',
  async ({ register, isChildRead }) => {
    const line = 'sleep 600 & echo up; wait';
    const shell = spawn('/bin/sh', ['-c', line], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const { pid = 0 } = shell;
    await once(shell.stdout, 'data');
    const exited = once(shell, 'exit');
    const child = childrenOf(pid)[0]?.pid ?? 0;
    const readBy = (finder: ProcessFinder): boolean[] => {
      opened.listed.clear();
      finder.scan();
      return [pid, child].map((each) => opened.listed.has(`/proc/${each}/fd`));
    };
    try {
      register(shell);
      expect(readBy(new ProcessFinder(MARKS, { isOwners: true }))).toEqual([false, isChildRead]);
      // The one that the run has at its end trusts nobody.
      expect(readBy(new ProcessFinder(MARKS))[0]).toBe(true);
    } finally {
      process.kill(-pid, 'SIGKILL');
      await exited;
    }
  },
);

test.runIf(process.platform === 'linux' && hasPython)(
  'those who are too old to belong are read once a second, and when pids have begun anew',
  async () => {
    const { pids, end } = await family(COUNT, 'live');
    const folder = fs.mkdtempSync(join(tmpdir(), 'scaling-'));
    opened.lastPid = join(folder, 'last');
    const now = performance.now();
    /** Others on this machine come and go: how many of the family are read. */
    const readAfter = (ms: number): number => {
      vi.spyOn(performance, 'now').mockReturnValue(now + ms);
      opened.paths.clear();
      takeCensus(2 ** 40);
      return pids.filter((pid) => opened.paths.has(`/proc/${pid}/stat`)).length;
    };
    const readAt = (ms: number, last: string): number => {
      fs.writeFileSync(opened.lastPid, last);
      return readAfter(ms);
    };
    try {
      expect(readAt(0, '1000\n')).toBe(COUNT);
      expect(readAt(900, '1000\n')).toBe(0);
      expect(readAt(950, '1300\n')).toBe(0);
      expect(readAt(960, '400\n')).toBe(COUNT);
      expect(readAt(970, '400\n')).toBe(0);
      expect(readAt(2000, '400\n')).toBe(COUNT);
      // Where it is not told, they are believed hardly longer than a look takes.
      fs.rmSync(folder, { recursive: true });
      expect([4000, 4010, 4100].map(readAfter)).toEqual([COUNT, 0, COUNT]);
    } finally {
      vi.restoreAllMocks();
      opened.lastPid = '';
      fs.rmSync(folder, { recursive: true, force: true });
      await end();
    }
  },
);

test.runIf(process.platform === 'linux')('helpers that are noted are not even read', async () => {
  const helper = spawn('sleep', ['600'], { stdio: 'ignore' });
  const { pid = 0 } = helper;
  try {
    const before = allPids();
    const finds = (): boolean[] => [
      takeCensus(0).crowd.get(pid) !== undefined,
      arrivalsSince(new Set([...before].filter((each) => each !== pid))).crowd.get(pid) !== undefined,
    ];
    expect(finds()).toEqual([true, true]);
    const forget = noteHelpers([pid]);
    expect(finds()).toEqual([false, false]);
    forget();
    expect(finds()).toEqual([true, true]);
  } finally {
    helper.kill('SIGKILL');
    await once(helper, 'exit');
  }
});

test.runIf(process.platform === 'linux')('a group of helpers is forgotten once nobody is in it', async () => {
  const start = (line: string) =>
    registerGroup(spawn('/bin/sh', ['-c', line], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] }));
  const of = (group: number | undefined) => ({
    ...(readProcess(process.pid) as ProcessInfo),
    group: group ?? 0,
  });
  const alone = start('exit 0');
  await once(alone, 'exit');
  expect(isHelper(of(alone.pid))).toBe(false);
  const withHelper = start('sleep 600 & echo up');
  await once(withHelper, 'exit');
  expect(isHelper(of(withHelper.pid))).toBe(true);
  process.kill(-(withHelper.pid ?? 0), 'SIGKILL');
  await vi.waitUntil(() => !canSignal(-(withHelper.pid ?? 0)), { timeout: 60_000, interval: 1 });
  await once(start('exit 0'), 'exit');
  expect(isHelper(of(withHelper.pid))).toBe(false);
});
