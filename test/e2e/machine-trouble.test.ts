/** What the machine lacks is not held against the suite, nor taken for a bug: inconclusive, with what to raise. */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findProgram } from '../../src/files/find-program.ts';
import { CLI, Rig, ShakedownRun } from '../rig/rig.ts';
import { codesOf, componentOf, JSON_REPORT } from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const isRoot = process.getuid?.() === 0;

/** Runs the real program under limits that a shell sets. */
async function limited(rig: Rig, limits: string, args: readonly string[]) {
  const argv = ['sh', '-c', `${limits}; exec "$@"`, 'limited', process.execPath, CLI, ...args] as const;
  return new ShakedownRun(args, rig.dir, { ...process.env, NO_COLOR: '1' }, [...argv]).exit();
}

const TRUE = { kind: 'command', run: 'true' };

describe('too few open files', () => {
  test('for a load: what could not be sent makes it inconclusive', async () => {
    await using rig = await Rig.create();
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const args = ['load', url, '--requests', '1000', '--connections', '300', '--threshold', 'errors == 0'];
    const { code, stdout, stderr } = await limited(rig, 'ulimit -n 100', [...args, '--json']);
    server.closeAllConnections();
    server.close();
    expect(code, stderr).toBe(3);
    const result = JSON.parse(stdout);
    expect(result.verdict).toBe('inconclusive');
    expect(result.counts.byFailure.machine).toBe(result.counts.failed);
    expect(result.counts.completed).toBeGreaterThan(0);
    const codes = result.findings.map((finding: { code: string }) => finding.code);
    expect(codes).toEqual(expect.arrayContaining(['machine-trouble', 'threshold-undecided']));
    expect(codes).not.toContain('threshold');
    expect(stderr).toContain('raise `ulimit -n`');
  });

  test.for(inTurn([20, 23, 26, 29], 2))('for a run, that may have %i', async (files) => {
    await using rig = await Rig.create();
    rig.config({ components: { one: TRUE, two: TRUE } });
    const { code, stdout, stderr } = await limited(rig, `ulimit -n ${files}`, ['--ownership', 'finders']);
    expect([0, 3], `${stdout}${stderr}`).toContain(code);
    expect(`${stdout}${stderr}`).not.toMatch(/FAILED|bug in Shakedown|^\s+at /m);
    if (code === 3) expect(`${stdout}${stderr}`).toContain('raise `ulimit -n`');
  });
});

/** A network of its own, in which a client has eight ports to connect from. */
const FEW_PORTS = [
  'unshare',
  '--net',
  'sh',
  '-c',
  [
    // Its loopback interface is down at first; IFF_UP | IFF_RUNNING by SIOCSIFFLAGS.
    `python3 -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 0x41))'`,
    "echo '40000 40007' > /proc/sys/net/ipv4/ip_local_port_range",
    'exec "$@"',
  ].join(' && '),
  'few-ports',
] as const;
const hasFewPorts =
  isRoot && spawnSync(FEW_PORTS[0], [...FEW_PORTS.slice(1), 'true'], { stdio: 'ignore' }).status === 0;

describe.runIf(hasFewPorts)('too few ports, as root where a network of its own may be made', () => {
  test('for a load: what could not be sent makes it inconclusive', async () => {
    await using rig = await Rig.create();
    const args = ['load', 'http://127.0.0.1:8080/', '--requests', '500', '--connections', '20', '--json'];
    rig.write(
      'inside.mjs',
      `import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
const server = createServer((_, response) => response.end('ok')).listen(8080, '127.0.0.1', () => {
  const load = spawn(process.execPath, ${JSON.stringify([CLI, ...args])}, { stdio: 'inherit' });
  load.on('exit', (code) => process.exit(code ?? 9));
});
`,
    );
    const argv: [string, ...string[]] = [...FEW_PORTS, process.execPath, 'inside.mjs'];
    const { code, stdout, stderr } = await new ShakedownRun([], rig.dir, { ...process.env }, argv).exit();
    expect(code, stderr).toBe(3);
    const { verdict, counts, findings } = JSON.parse(stdout);
    expect(verdict).toBe('inconclusive');
    expect(counts.completed).toBeGreaterThan(0);
    expect(counts.byFailure.machine).toBeGreaterThan(0);
    expect(counts.byFailure.machine).toBe(counts.failed);
    expect(findings[0]).toMatchObject({ code: 'machine-trouble' });
    expect(findings[0].message).toContain('EADDRNOTAVAIL');
    expect(stderr).toContain('net.ipv4.ip_local_port_range');
  });
});

describe('no folder to write to', () => {
  const NOWHERE = '/proc/nowhere';

  const commands = [
    ['run', 0],
    ['load http://127.0.0.1:1/ --requests 1', 1],
    ['doctor', 0],
    ['list', 0],
  ] as const;
  test.for(inTurn(commands, 2))('for temporary files: %s', async ([words, code]) => {
    await using rig = await Rig.create();
    rig.write('shakedown.config.ts', `export default { components: { one: ${JSON.stringify(TRUE)} } };`);
    const done = await rig.run(words.split(' '), { TMPDIR: NOWHERE });
    expect(done.code, done.stderr).toBe(code);
    expect(done.stderr).not.toContain('bug in Shakedown');
  });

  const homes = [
    ['that may not be written to', NOWHERE],
    ['that is none', ''],
  ] as const;
  test.for(inTurn(homes))('for the cache, with a HOME %s', async ([, home]) => {
    await using rig = await Rig.create();
    rig.write('package.json', JSON.stringify({ name: 'some', version: '1.0.0', main: 'main.js' }));
    rig.write('main.js', '');
    const env = { HOME: home, XDG_CACHE_HOME: '' };
    const { code, stdout, stderr } = await rig.run(['package', '.', '--report', 'junit=junit.xml'], env);
    expect(code, `${stdout}${stderr}`).toBe(3);
    expect(stdout).toContain('set HOME or XDG_CACHE_HOME');
    expect(rig.read('junit.xml')).toContain('errors="1"');
    expect(`${stdout}${stderr}`).not.toContain('bug in Shakedown');
  });
});

test('mkfifo that is not installed: copies of a program cannot be released together', async () => {
  await using rig = await Rig.create();
  const bin = join(rig.dir, 'bin');
  mkdirSync(bin);
  for (const name of ['sh', 'echo', 'env'])
    symlinkSync(findProgram(name, process.env.PATH) ?? '', join(bin, name));
  rig.config({
    components: { copies: { kind: 'threads', run: ['echo', 'hi'], copies: 2 }, after: TRUE },
  });
  const { code, stdout } = await rig.run(['--ownership', 'finders', ...JSON_REPORT], { PATH: bin });
  expect(code, stdout).toBe(3);
  const report = rig.report();
  expect(codesOf(componentOf(report, 'copies'))).toEqual(['machine-trouble']);
  expect(stdout).toContain('mkfifo is not installed');
  expect(componentOf(report, 'after').verdict).toBe('passed');
});

describe('a full disk', () => {
  test('a report that cannot be written is told, and a run without it is no success', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { one: TRUE } });
    for (const format of ['json', 'junit', 'ndjson']) {
      const { code, stderr } = await rig.run(['--report', `${format}=/dev/full`]);
      expect(code).toBe(3);
      expect(stderr).toMatch(
        /^shakedown: the report in \/dev\/full is not complete: ENOSPC.*\n {2}free some space: .*\n$/,
      );
    }
  });

  test.runIf(isThorough && isRoot)('beneath the folder of runs', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    const setup = [{ name: 'prepare', run: 'true', inputs: ['shakedown.config.json'] }];
    rig.config({ setup, components: { thread: { kind: 'command', run: command.line }, after: TRUE } });
    const disk = join(rig.dir, '.shakedown');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,nr_inodes=64', 'full', disk]);
    try {
      const run = rig.start([...JSON_REPORT]);
      const thread = await command.invocation();
      fill(disk);
      await thread.exit(0);
      const { code, stdout, stderr } = await run.exit();
      expect([0, 3], `${stdout}${stderr}`).toContain(code);
      expect(componentOf(rig.report(), 'thread').verdict).toBe('passed');
      expect(`${stdout}${stderr}`).not.toContain('bug in Shakedown');
      rig.config({ components: { after: TRUE } });
      const again = await rig.run([]);
      expect([0, 3], `${again.stdout}${again.stderr}`).toContain(again.code);
    } finally {
      execFileSync('umount', ['--lazy', disk]);
    }
  });
});

/** Leaves room for not one byte, and not one file. */
function fill(disk: string): void {
  const untilRefused = (step: (count: number) => void): void => {
    try {
      for (let count = 0; count < 1000; count++) step(count);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  };
  untilRefused((count) => writeFileSync(join(disk, `block-${count}`), Buffer.alloc(4096)));
  untilRefused((count) => writeFileSync(join(disk, `file-${count}`), ''));
  expect(readdirSync(disk).length).toBeGreaterThan(10);
}

describe('standard output that cannot be written is told', () => {
  const FULL = 'exec >/dev/full';

  test.for(inTurn(['list --json', 'plan --json', 'doctor --json']))(
    'and a result that is lost is no success: %s',
    async (words) => {
      await using rig = await Rig.create();
      rig.config({ components: { one: TRUE } });
      const { code, stderr } = await limited(rig, FULL, words.split(' '));
      expect(stderr).toContain('shakedown: standard output could not be written: ENOSPC: no space left');
      expect(code).toBe(3);
    },
  );

  test('so is that of a load, which keeps what else it has against the target', async () => {
    await using rig = await Rig.create();
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const good = await limited(rig, FULL, ['load', url, '--requests', '5', '--json']);
    server.closeAllConnections();
    server.close();
    expect(good.stderr).toContain('standard output could not be written: ENOSPC');
    expect(good.code).toBe(3);
    const bad = await limited(rig, FULL, ['load', 'http://127.0.0.1:1/', '--requests', '1', '--json']);
    expect(bad.code).toBe(1);
  });

  test('a run keeps its verdict', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { one: TRUE } });
    const { code, stderr } = await limited(rig, FULL, []);
    expect(stderr).toContain('standard output could not be written: ENOSPC');
    expect(code).toBe(0);
  });

  test('a reader that has gone is none of that', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { one: TRUE } });
    const closed = 'exec 1> >(exec true)';
    const argv = ['bash', '-c', `${closed}; wait $!; exec "$@"`, 'bash', process.execPath, CLI] as const;
    const args = ['list', '--json'];
    const run = new ShakedownRun(args, rig.dir, { ...process.env }, [...argv, ...args]);
    const { code, stderr } = await run.exit();
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});
