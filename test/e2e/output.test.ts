/** What a person sees: plain lines, the live view of a terminal, colours; and what output of any kind does to it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Emulator, type Size } from '../rig/emulator.ts';
import { runnerOf } from '../rig/pids.ts';
import { type Invocation, Rig } from '../rig/rig.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const ESC = '\x1b';
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;
const SPINNER = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;
const COLOR = new RegExp(`${ESC}\\[[0-9;]*m`);

const SIZE: Size = { rows: 30, columns: 100 };

/** The last thing that a program on a terminal must do: leave it as it was. */
async function expectRestored(stdout: string, size: Size = SIZE): Promise<Emulator> {
  expect(stdout.endsWith(SHOW_CURSOR)).toBe(true);
  const terminal = await Emulator.after(stdout, size);
  expect(terminal.wraps).toBe(true);
  expect(terminal.text).not.toMatch(SPINNER);
  expect(terminal.text).not.toMatch(/^ {4}then /m);
  return terminal;
}

describe('where it is no terminal', () => {
  test('plain lines: output is hidden on a pass, shown on a failure, and the summary names the cause', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: {
        good: { kind: 'command', run: 'echo not worth a look' },
        bad: { kind: 'command', run: 'echo before; echo "Error: the disk is full" >&2; exit 2' },
      },
    });
    const { code, stdout, stderr } = await rig.run([]);
    expect(code).toBe(1);
    expect(stderr).toBe('');
    expect(stdout).not.toContain(ESC);
    expect(stdout).not.toMatch(SPINNER);
    const lines = stdout.split('\n').map((line) => line.replace(/ +[\d.]+ m?s\b/, ' T'));
    expect(lines).toEqual([
      expect.stringMatching(/^shakedown \d+\.\d+\.\d+ · shakedown\.config\.json · ownership: [\w-]+$/),
      '',
      '  ✓ good T',
      '  ✗ bad T  bad exited with code 2: Error: the disk is full',
      '      │ before',
      '      │ Error: the disk is full',
      expect.stringMatching(/^ {6}log: \.shakedown\/runs\/[\w-]+\/logs\/bad\.log$/),
      '',
      'FAILED  1 passed, 1 failed in T',
      '  bad: bad exited with code 2: Error: the disk is full',
      '  more: shakedown explain exit-code',
      '',
    ]);
  });

  test('a long output that fails is cut to its end; the log has it all', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { a: { kind: 'command', run: 'seq 1 50000; exit 1' } } });
    const { stdout } = await rig.run([]);
    expect(stdout.split('\n').length).toBeLessThan(30);
    expect(stdout).toContain('│ 50000');
    expect(rig.read('.shakedown/latest/logs/a.log')).toContain('\n1\n2\n3\n');
  });

  test('control sequences of a script do not reach whoever reads', async () => {
    await using rig = await Rig.create();
    const script =
      "printf '\\033[2J\\033[31mred\\033[0m \\033]0;title\\007bell\\007 \\tTAB\\n'; echo end; exit 1";
    rig.config({ components: { a: { kind: 'command', run: script } } });
    const { stdout } = await rig.run([]);
    expect(stdout).toContain('│ red bell \tTAB');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
  });
});

describe('colours', () => {
  const suite = { components: { a: { kind: 'command', run: 'true' } } };

  const places = [
    { where: 'a pipe', env: {}, colored: false },
    { where: 'a pipe', env: { FORCE_COLOR: '1' }, colored: true },
    { where: 'a pipe', env: { FORCE_COLOR: '0' }, colored: false },
    { where: 'a pipe', env: { FORCE_COLOR: '1', NO_COLOR: '1' }, colored: false },
    { where: 'a terminal', env: {}, colored: true },
    { where: 'a terminal', env: { NO_COLOR: '1' }, colored: false },
    { where: 'a terminal', env: { NO_COLOR: '' }, colored: true },
    { where: 'a terminal', env: { FORCE_COLOR: '0' }, colored: false },
    { where: 'a terminal', env: { TERM: 'dumb' }, colored: false },
  ];
  test.each(inTurn(places, 4))('in $where with $env: $colored', async ({ where, env, colored }) => {
    await using rig = await Rig.create();
    rig.config(suite);
    const run = where === 'a pipe' ? rig.start([], env) : rig.startInTerminal([], env);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(COLOR.test(stdout)).toBe(colored);
    expect(stdout.replace(new RegExp(COLOR, 'g'), '')).toContain('PASSED  1 passed');
    if (where === 'a pipe') expect(stdout).not.toContain(HIDE_CURSOR);
  });
});

describe('how much is said', () => {
  const suite = {
    components: {
      good: { kind: 'command', run: 'echo not worth a look' },
      bad: { kind: 'command', run: 'echo ::error::before; echo "Error: the disk is full" >&2; exit 2' },
    },
  };

  test('--quiet: nothing but the verdict, or what broke', async () => {
    await using rig = await Rig.create();
    rig.config(suite);
    const passed = await rig.run(['good', '--quiet']);
    expect(passed.stdout).toMatch(/^PASSED {2}1 passed in [^\n]+\n$/);
    const failed = await rig.run(['--quiet', '--keep-going', '--report', 'html']);
    expect(failed.code).toBe(1);
    expect(
      failed.stdout
        .replace(/[\d.]+ m?s/g, 'T')
        .replace(/log: .*/, 'log: …')
        .replace(/ +T/g, ' T'),
    ).toBe(`\
  ✗ bad T  bad exited with code 2: Error: the disk is full
      │ ::error::before
      │ Error: the disk is full
      log: …

FAILED  1 passed, 1 failed in T
  bad: bad exited with code 2: Error: the disk is full
  more: shakedown explain exit-code
`);
  });

  test('--verbose: also what is printed, by whom, and when steps start and end', async () => {
    await using rig = await Rig.create();
    rig.config(suite);
    const { code, stdout } = await rig.run(['--verbose', '--keep-going', '--report', 'html=pages/run.html']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}▸ good started, pid \d+: /m);
    expect(stdout).toMatch(/^good \| not worth a look$/m);
    expect(stdout).toMatch(/^ {2}▸ good exited with code 0 after /m);
    expect(stdout).toMatch(/^bad {2}\| ::error::before\nbad {2}\| Error: the disk is full$/m);
    expect(stdout).toMatch(/\n {2}more: [^\n]+\n {2}page: pages\/run\.html\n$/);
    expect(stdout).not.toContain('==>');
    expect(stdout).not.toMatch(/^\s*::/m);
  });

  test('both at once make no sense', async () => {
    await using rig = await Rig.create();
    rig.config(suite);
    const { code, stderr } = await rig.run(['--quiet', '--verbose']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/'--(?:quiet|verbose)' cannot be used with option '--(?:quiet|verbose)'/);
  });
});

describe('the live view', () => {
  test('shows what runs, with its last line and what comes next, and leaves only the results', async () => {
    await using rig = await Rig.create();
    const thread = rig.executable('integration/thread');
    const init = rig.executable('integration/init');
    const run = rig.startInTerminal(['thread', 'init']);
    const first = await thread.invocation();
    await first.print('checked 3 of 7\n');
    await run.output(/checked 3 of 7/);
    const during = await Emulator.after(run.stdout, SIZE);
    expect(during.text).toMatch(/^ {2}[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] thread +[\d.]+ m?s +checked 3 of 7$/m);
    expect(during.text).toMatch(/^ {4}then init$/m);
    await first.print('checked 7 of 7\n');
    await run.output(/checked 7 of 7/);
    expect((await Emulator.after(run.stdout, SIZE)).text).not.toContain('checked 3 of 7');
    await first.exit(0);
    const second = await init.invocation();
    await run.output(/✓/);
    expect((await Emulator.after(run.stdout, SIZE)).text).toMatch(/✓.* thread/);
    await second.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    const lines = (await (await expectRestored(stdout)).lines()).map((line) =>
      line.replace(/ +[\d.]+ m?s\b.*/, ' T').trimEnd(),
    );
    expect(lines).toEqual([
      expect.stringMatching(/^shakedown \d/),
      '',
      '  ✓ thread T',
      '  ✓ init T',
      '',
      'PASSED  2 passed in T',
    ]);
  });

  test.runIf(isThorough)('names the step of a component that has several', async () => {
    await using rig = await Rig.create();
    const server = rig.command();
    const client = rig.command();
    const port = await rig.freePort();
    rig.config({
      components: { http: { kind: 'http', server: { run: server.line, port }, client: client.line } },
    });
    const run = rig.startInTerminal([]);
    const serving = await server.invocation();
    await serving.print('loading the model\n');
    await run.output(/loading the model/);
    expect((await Emulator.after(run.stdout, SIZE)).text).toMatch(/ http .* server · loading the model$/m);
    await serving.listen(port);
    const asking = await client.invocation();
    await asking.print('request 9\n');
    await run.output(/request 9/);
    expect((await Emulator.after(run.stdout, SIZE)).text).toMatch(/ http .* client · request 9$/m);
    await asking.exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test.runIf(isThorough)('shows a setup step, and every component that runs beside others', async () => {
    await using rig = await Rig.create();
    const setup = rig.command();
    const [a, b] = [rig.command(), rig.command()];
    rig.config({
      setup: [{ run: setup.line, name: 'install' }],
      components: { a: { kind: 'command', run: a.line }, b: { kind: 'command', run: b.line } },
    });
    const run = rig.startInTerminal(['--jobs', '2']);
    const preparing = await setup.invocation();
    await preparing.print('fetching\n');
    await run.output(/fetching/);
    expect((await Emulator.after(run.stdout, SIZE)).text).toMatch(/ setup .* install · fetching$/m);
    await preparing.exit(0);
    const [first, second] = [await a.invocation(), await b.invocation()];
    await first.print('one\n');
    await run.output(/ one/);
    await second.print('two\n');
    await run.output(/ two/);
    expect((await Emulator.after(run.stdout, SIZE)).text).toMatch(/ a .* one\n.* b .* two$/m);
    await first.exit(0);
    await second.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    await expectRestored(stdout);
  });

  test('leaves the output of a failure, and the cause in the summary', async () => {
    await using rig = await Rig.create();
    const a = rig.command();
    rig.config({ components: { a: { kind: 'command', run: a.line } } });
    const run = rig.startInTerminal([]);
    const invocation = await a.invocation();
    await invocation.print(`${ESC}[2J${ESC}[5Aclever\nValueError: no\n`);
    await invocation.exit(1);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    const { text } = await expectRestored(stdout);
    expect(text).toContain('      │ clever\n      │ ValueError: no\n');
    expect(text).toContain('FAILED  0 passed, 1 failed');
    expect(text).toContain('  a: a exited with code 1: ValueError: no');
  });

  test('is taken away when it is interrupted, too', async () => {
    await using rig = await Rig.create();
    const a = rig.command();
    rig.config({ components: { a: { kind: 'command', run: a.line } } });
    const run = rig.startInTerminal([]);
    const invocation = await a.invocation();
    process.kill(runnerOf(invocation.pid), 'SIGTERM');
    const { stdout } = await run.exit();
    expect((await expectRestored(stdout)).text).toContain('a was interrupted by SIGTERM');
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)('cuts a line that is too wide instead of wrapping it', async () => {
    await using rig = await Rig.create();
    const size = { rows: 10, columns: 40 };
    const a = rig.command();
    rig.config({ components: { a: { kind: 'command', run: a.line } } });
    const run = rig.startInTerminal([], {}, size);
    const invocation = await a.invocation();
    await invocation.print(`begin ${'x'.repeat(200)}!\n`);
    await run.output(/begin x+/);
    const shown = (await (await Emulator.after(run.stdout, size)).lines()).filter((line) =>
      line.includes('x'),
    );
    expect(shown).toEqual([expect.stringMatching(/ a .* begin x+$/)]);
    await invocation.exit(0);
    await expectRestored((await run.exit()).stdout, size);
  });

  test('never outgrows the terminal, however much runs', async () => {
    await using rig = await Rig.create();
    const size = { rows: 6, columns: 80 };
    const all = Array.from({ length: 9 }, () => rig.command());
    const entries = all.map((fake, index) => [`c${index}`, { kind: 'command', run: fake.line }]);
    rig.config({ components: Object.fromEntries(entries) });
    const run = rig.startInTerminal(['--jobs', '9'], {}, size);
    const invocations = await Promise.all(all.map((fake) => fake.invocation()));
    for (const [index, invocation] of invocations.entries()) {
      await invocation.print(`line of ${index}\n`);
      await invocation.exit(0);
    }
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    const { text } = await expectRestored(stdout, size);
    expect(text.match(/✓/g)).toHaveLength(9);
  });

  test('keeps to the terminal when that becomes smaller, whatever is printed', async () => {
    await using rig = await Rig.create();
    const before = { rows: 24, columns: 80 };
    const after = { rows: 10, columns: 40 };
    const all = [rig.command(), rig.command(), rig.command()];
    const entries = all.map((fake, index) => [`c${index}`, { kind: 'command', run: fake.line }]);
    rig.config({ components: Object.fromEntries(entries) });
    const run = rig.startInTerminal(['--jobs', '3'], { TERM_PROGRAM: 'vscode' }, before);
    const invocations = await Promise.all(all.map((fake) => fake.invocation()));
    for (const each of invocations) await each.print(`begin ${'🚀測'.repeat(40)}\n`);
    for (const index of all.keys()) await run.output(new RegExp(` c${index} .* begin`));
    const terminal = await Emulator.after(run.stdout, before);
    const fed = run.stdout.length;
    expect(await terminal.lines()).toHaveLength(5);
    const runner = runnerOf(invocations[0]?.pid ?? 0);
    const tty = readlinkSync(`/proc/${runner}/fd/1`);
    await terminal.resize(after);
    execFileSync('stty', ['-F', tty, 'rows', `${after.rows}`, 'cols', `${after.columns}`]);
    for (const each of invocations) await each.print('end\n');
    for (const index of all.keys()) await run.output(new RegExp(` c${index} .* end`));
    terminal.feed(run.stdout.slice(fed));
    const lines = await terminal.lines();
    expect(lines.filter((line) => SPINNER.test(line))).toHaveLength(3);
    expect(lines.filter((line) => line.includes('begin'))).toEqual([]);
    for (const each of invocations) await each.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toContain('PASSED');
  });

  test.runIf(isThorough)('works on a terminal that does not tell its size', async () => {
    await using rig = await Rig.create();
    const [a, b] = [rig.command(), rig.command()];
    rig.config({
      components: { a: { kind: 'command', run: a.line }, b: { kind: 'command', run: b.line } },
    });
    const run = rig.startInTerminal(['--jobs', '2'], {}, { rows: 0, columns: 0 });
    const [first, second] = [await a.invocation(), await b.invocation()];
    await second.print('from the second\n');
    await run.output(/from the second/);
    await first.exit(0);
    await second.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    await expectRestored(stdout);
  });

  const terminals = [
    { env: { CI: 'true' }, live: false },
    { env: { CI: '1' }, live: false },
    { env: { CI: 'false' }, live: true },
    { env: { CI: '' }, live: true },
    { env: { TERM: 'dumb' }, live: false },
    { env: { NO_COLOR: '1' }, live: true },
  ];
  test.each(inTurn(terminals, 2))('on a terminal with $env: $live', async ({ env, live }) => {
    await using rig = await Rig.create();
    const a = rig.command();
    rig.config({ components: { a: { kind: 'command', run: a.line } } });
    const run = rig.startInTerminal([], env);
    await (await a.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout.includes(HIDE_CURSOR)).toBe(live);
    expect(SPINNER.test(stdout)).toBe(live);
    expect(stdout.includes(`${ESC}[J`)).toBe(live);
    expect(stdout.replace(new RegExp(COLOR, 'g'), '')).toContain('PASSED  1 passed');
  });
});

describe('what scripts print', () => {
  test('progress by carriage returns is one line, the last state of it', async () => {
    await using rig = await Rig.create();
    const a = rig.command();
    rig.config({ components: { a: { kind: 'command', run: a.line } } });
    const run = rig.startInTerminal([]);
    const invocation = await a.invocation();
    await invocation.print('loading   1%\rloading  50%\r');
    await run.output(/loading {2}50%/);
    expect((await Emulator.after(run.stdout, SIZE)).text).toMatch(/ a .* loading {2}50%$/m);
    await invocation.print('loading 100%\r\nthen it broke\n');
    await invocation.exit(1);
    const { text } = await expectRestored((await run.exit()).stdout);
    expect(text).toContain('      │ loading 100%\n      │ then it broke\n');
    expect(text).not.toMatch(/loading +(?:1|50)%/);
  });

  test('the last line of a run that goes on for long is in the event stream', async () => {
    await using rig = await Rig.create();
    const a = rig.command();
    rig.config({ components: { a: { kind: 'command', run: a.line } } });
    const run = rig.start(['--report', 'ndjson']);
    const invocation = await a.invocation();
    await invocation.print('10%\r20%\r30%');
    await run.output(/"type":"output","component":"a","step":"a","lastLine":"30%"/);
    await invocation.exit(0);
    expect((await run.exit()).code).toBe(0);
  });

  test('/dev/stdout and /dev/stderr can be opened by name', async () => {
    await using rig = await Rig.create();
    rig.script(
      'integration/thread',
      'set -e',
      'echo one > /dev/stderr',
      'echo two >> /dev/stderr',
      'echo three > /dev/stdout',
      'echo four | tee /dev/stderr',
    );
    const { code, stdout } = await rig.run(['thread']);
    expect(stdout).toContain('PASSED');
    expect(code).toBe(0);
    const log = rig.read('.shakedown/latest/logs/thread.log');
    for (const word of ['one', 'two', 'three', 'four\nfour']) expect(log).toContain(`${word}\n`);
  });

  test.runIf(isThorough)('and so they can where many start at once', async () => {
    await using rig = await Rig.create();
    const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
    const entries = names.map((name) => [name, { kind: 'command', run: `echo ${name} > /dev/stderr` }]);
    rig.config({ components: Object.fromEntries(entries) });
    const { code, stdout } = await rig.run(['--jobs', '20', '--keep-going']);
    expect(stdout).toContain('PASSED  20 passed');
    expect(code).toBe(0);
  });

  const floods = [
    {
      what: 'lines',
      print: 'yes "a line like so many others, of an ordinary length, say" | head -c 200000000',
    },
    { what: 'one endless line', print: "tr '\\0' x < /dev/zero | head -c 200000000" },
  ];
  test.each(inTurn(floods))('200 MB of it, $what, do not grow the program', async ({ print }) => {
    await using rig = await Rig.create();
    const a = rig.command();
    rig.config({ components: { a: { kind: 'command', run: `${print}; ${a.line}` } } });
    const run = rig.start([]);
    const invocation: Invocation = await a.invocation();
    const status = readFileSync(`/proc/${run.pid}/status`, 'latin1');
    const peakKilobytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
    expect(peakKilobytes).toBeGreaterThan(10_000);
    expect(peakKilobytes).toBeLessThanOrEqual(120_000);
    await invocation.exit(0);
    expect((await run.exit()).code).toBe(0);
  });
});
