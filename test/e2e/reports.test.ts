/** Reports for machines, and what stays under `.shakedown/`. */
import { chmodSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Stamped } from '../../src/core/event.ts';
import { type JsonReport, Rig } from '../rig/rig.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const events = (text: string): Stamped[] => {
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Stamped);
};

const FORMATS = ['ndjson', 'json', 'junit'] as const;

/** What a report in this format must be, whatever it tells. Returns the verdict that it tells, if it names one. */
function expectWellFormed(format: (typeof FORMATS)[number], text: string): void {
  if (format === 'json') expect(JSON.parse(text)).toMatchObject({ version: 1 });
  else if (format === 'ndjson') expect(events(text).at(-1)?.type).toBe('run-finished');
  else expect(elements(text)[0]?.name).toBe('testsuites');
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly parents: readonly string[];
}

const unescapeXml = (text: string): string =>
  text
    .replaceAll('&#10;', '\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');

/** The elements of a small XML document, which must be well-formed: closed in order, with nothing bare in between. */
function elements(xml: string): Element[] {
  expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/);
  const found: Element[] = [];
  const open: string[] = [];
  let rest = xml.slice(xml.indexOf('?>') + 2);
  for (;;) {
    const match = /^([^<]*)<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>/.exec(rest);
    if (match === null) break;
    const [all, text = '', closes, name = '', attributes = '', isEmpty] = match;
    expect(`${text}${attributes}`).not.toMatch(/&(?!(?:amp|lt|gt|quot|#10);)/);
    if (closes === '/') expect(open.pop()).toBe(name);
    else {
      const pairs = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        unescapeXml(value),
      ]);
      found.push({ name, attributes: Object.fromEntries(pairs), parents: [...open] });
      if (isEmpty !== '/') open.push(name);
    }
    rest = rest.slice(all.length);
  }
  expect(rest.trim()).toBe('');
  expect(open).toEqual([]);
  return found;
}

describe('--report json', () => {
  test('holds the whole run under the names that users build on', async () => {
    await using rig = await Rig.create();
    const server = rig.command();
    const client = rig.command();
    const port = await rig.freePort();
    rig.config({
      components: {
        first: { kind: 'command', run: 'echo fine' },
        http: { kind: 'http', server: { run: server.line, port }, client: client.line },
        broken: { kind: 'command', run: ['sh', '-c', 'echo "it is broken" >&2; exit 3'] },
        last: { kind: 'command', run: 'true' },
      },
    });
    const before = Date.now();
    const run = rig.start(['--report', 'json=report.json']);
    const serving = await server.invocation();
    await serving.listen(port);
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(1);
    const report = rig.report();
    expect(report).toMatchObject({
      version: 1,
      suite: 'shakedown.config.json',
      durationMs: expect.any(Number),
      verdict: 'failed',
      exitCode: 1,
      ownership: { tier: expect.stringMatching(/./) },
    });
    const startedAt = Date.parse(report.startedAt);
    expect(startedAt).toBeGreaterThanOrEqual(before - 1);
    expect(startedAt).toBeLessThanOrEqual(Date.now());
    const [first, http, broken, last] = report.components;
    expect(report.components).toHaveLength(4);
    const common = { durationMs: expect.any(Number), flaky: false, findings: [] };
    expect(first).toMatchObject({
      ...common,
      name: 'first',
      kind: 'command',
      verdict: 'passed',
      steps: [{ name: 'first', command: 'echo fine', exitCode: 0 }],
      services: [],
    });
    expect(http).toMatchObject({
      ...common,
      name: 'http',
      kind: 'http',
      verdict: 'passed',
      steps: [{ name: 'client', exitCode: 0 }],
      services: [{ name: 'server', pid: serving.pid, port, readyAfterMs: expect.any(Number) }],
    });
    expect(broken).toMatchObject({
      ...common,
      name: 'broken',
      kind: 'command',
      verdict: 'failed',
      findings: [
        {
          code: 'exit-code',
          message: 'broken exited with code 3: it is broken',
          evidence: ['it is broken'],
          exitCode: 3,
        },
      ],
      steps: [{ name: 'broken', exitCode: 3 }],
    });
    expect(last).toMatchObject({
      ...common,
      name: 'last',
      kind: 'command',
      verdict: 'skipped',
      skipped: 'broken failed',
      logFile: null,
    });
    expect(rig.read(first?.logFile ?? '')).toContain('fine\n');
    expect(rig.read(broken?.logFile ?? '')).toContain('it is broken\n');
  });
});

describe('--report ndjson', () => {
  test('is every event, numbered without gaps, one JSON text a line', async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    rig.config({
      setup: ['true'],
      components: {
        thread: { kind: 'command', run: thread.line, retries: 1 },
        after: { kind: 'command', run: 'true' },
      },
    });
    const run = rig.start(['--report', 'ndjson=events.ndjson']);
    const first = await thread.invocation();
    await first.print('a line\n');
    await first.exit(1);
    await (await thread.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    const stream = events(rig.read('events.ndjson'));
    expect(stream.map(({ seq }) => seq)).toEqual(stream.map((_, index) => index));
    const times = stream.map(({ elapsedMs }) => elapsedMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const types = stream.map(({ type }) => type).filter((type) => type !== 'output');
    expect(types).toEqual([
      'run-started',
      'setup-started',
      'process-started',
      'step-finished',
      'setup-finished',
      'component-started',
      'process-started',
      'step-finished',
      'finding',
      'component-retrying',
      'component-started',
      'process-started',
      'step-finished',
      'component-finished',
      'component-started',
      'process-started',
      'step-finished',
      'component-finished',
      'run-finished',
    ]);
    // The journal is the same stream without the lines that were only shown.
    expect(run.journal()).toEqual(stream.filter(({ type }) => type !== 'output'));
  });

  test('is written as things happen', async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    const run = rig.start(['--report', 'ndjson=events.ndjson']);
    const invocation = await thread.invocation();
    expect(events(rig.read('events.ndjson')).map(({ type }) => type)).toContain('component-started');
    await invocation.exit(0);
    await run.exit();
  });
});

describe('--report junit', () => {
  test('has a case for each component, and tells of failures in words', async () => {
    await using rig = await Rig.create();
    const nasty = 'printf \'<b> & "q" \\001\\377 ]]>\\n\'; exit 1';
    rig.config({
      setup: [{ run: 'true', name: 'prepare' }],
      components: {
        good: { kind: 'command', run: 'true' },
        bad: { kind: 'command', run: nasty },
        unreached: { kind: 'command', run: 'true', needs: ['bad'] },
      },
    });
    const { code } = await rig.run(['--keep-going', '--report', 'junit=report.xml']);
    expect(code).toBe(1);
    const all = elements(rig.read('report.xml'));
    const suites = all.filter(({ name }) => name === 'testsuites' || name === 'testsuite');
    expect(suites).toHaveLength(2);
    for (const { attributes } of suites)
      expect(attributes).toMatchObject({ tests: '4', failures: '1', errors: '0' });
    expect(suites.map(({ attributes }) => attributes.skipped)).toEqual([undefined, '1']);
    const cases = all.filter(({ name }) => name === 'testcase');
    expect(cases.map(({ attributes }) => [attributes.classname, attributes.name])).toEqual([
      ['shakedown.config.json', 'setup: prepare'],
      ['shakedown.config.json', 'good'],
      ['shakedown.config.json', 'bad'],
      ['shakedown.config.json', 'unreached'],
    ]);
    for (const { attributes } of cases) expect(attributes.time).toMatch(/^\d+\.\d{3}$/);
    const [failure] = all.filter(({ name }) => name === 'failure');
    expect(failure?.parents).toEqual(['testsuites', 'testsuite', 'testcase']);
    expect(failure?.attributes.type).toBe('exit-code');
    expect(failure?.attributes.message).toContain('bad exited with code 1: <b> & "q"');
    expect(all.find(({ name }) => name === 'skipped')?.attributes.message).toContain('it needs bad');
  });

  test('a setup that fails is a failed case', async () => {
    await using rig = await Rig.create();
    rig.config({
      setup: [{ run: 'exit 7', name: 'prepare' }],
      components: { a: { kind: 'command', run: 'true' } },
    });
    expect((await rig.run(['--report', 'junit=report.xml'])).code).toBe(1);
    const all = elements(rig.read('report.xml'));
    expect(all[1]?.attributes).toMatchObject({ tests: '2', failures: '1', skipped: '1' });
    expect(all.find(({ name }) => name === 'failure')?.attributes.message).toContain('exited with code 7');
  });
});

describe('where reports go', () => {
  const suite = { components: { thread: { kind: 'command', run: 'echo from the script' } } };

  test.each(FORMATS)('%s alone on standard output; the terminal’s goes to standard error', async (format) => {
    await using rig = await Rig.create();
    rig.config(suite);
    const { code, stdout, stderr } = await rig.run(['--report', format]);
    expect(code).toBe(0);
    expectWellFormed(format, stdout);
    expect(stderr).toContain('PASSED  1 passed');
    expect(stdout).not.toContain('PASSED');
  });

  test('all of them at once, to files in folders that do not exist yet', async () => {
    await using rig = await Rig.create();
    rig.config(suite);
    const args = FORMATS.flatMap((format) => ['--report', `${format}=out/${format}/report`]);
    const { code, stdout, stderr } = await rig.run([...args, '--report', 'terminal']);
    expect(code).toBe(0);
    for (const format of FORMATS) expectWellFormed(format, rig.read(`out/${format}/report`));
    expect(stdout).toContain('PASSED  1 passed');
    expect(stderr).toBe('');
  });

  test('the same format may be written twice, to a file and to standard output', async () => {
    await using rig = await Rig.create();
    rig.config(suite);
    const { code, stdout } = await rig.run(['--report', 'json', '--report', 'json=report.json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(rig.report());
  });

  test('two on standard output are refused before anything runs', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: command.line } } });
    const { code, stdout, stderr } = await rig.run(['--report', 'json', '--report', 'ndjson']);
    expect(code).toBe(2);
    expect(stderr).toContain('only one report can go to standard output, but you asked for json and ndjson');
    expect(stderr).toContain('--report ndjson=FILE');
    expect(stdout).toBe('');
    expect(command.unasked).toBe(0);
  });

  test('two in one file are refused before anything runs', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: command.line } } });
    const { code, stderr } = await rig.run(['--report', 'json=same', '--report', 'ndjson=./same']);
    expect(code).toBe(2);
    expect(stderr).toContain('the reports json and ndjson would both be written to');
    expect(command.unasked).toBe(0);
    expect(rig.exists('same')).toBe(false);
  });
});

describe('a report that fails does not lose the verdict', () => {
  const lost = FORMATS.flatMap((format) => [
    { format, script: 'true', verdict: 'PASSED', expected: 3 },
    { format, script: 'exit 1', verdict: 'FAILED', expected: 1 },
  ]);
  test.each(inTurn(lost, 3))(
    '$format, on a device that is full; the script is `$script`',
    async ({ format, script, verdict, expected }) => {
      await using rig = await Rig.create();
      rig.config({ components: { thread: { kind: 'command', run: script } } });
      const args = ['--report', `${format}=/dev/full`, '--report', 'json=report.json'];
      const { code, stdout, stderr } = await rig.run(args);
      expect(code).toBe(expected);
      expect(stdout).toContain(verdict);
      expect(stderr).toContain('the report in /dev/full is not complete');
      expect(stderr).toMatch(/ENOSPC.*\n {2}free some space: /);
      expect(rig.report().verdict).toBe(verdict.toLowerCase());
    },
  );

  test('nor does a reader of standard output that has gone', async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    const run = rig.start(['--report', 'json']);
    const invocation = await thread.invocation();
    run.child.stdout?.destroy();
    await invocation.exit(0);
    const { code, stderr } = await run.exit();
    expect(code).toBe(0);
    expect(stderr).toContain('the report in standard output is not complete');
    expect(stderr).toContain('PASSED');
  });

  test('nor does a reader of the terminal’s lines that has gone', async () => {
    await using rig = await Rig.create();
    const thread = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    const run = rig.start([]);
    const invocation = await thread.invocation();
    run.child.stdout?.destroy();
    await invocation.exit(7);
    expect((await run.exit()).code).toBe(1);
  });
});

describe('the logs', () => {
  const logOf = (rig: Rig, name: string): Buffer =>
    readFileSync(join(rig.dir, '.shakedown/latest/logs', name));
  const head = (step: string): string => `==> ${step} <==\n`;

  test('hold what was printed byte for byte, whatever it is', async () => {
    await using rig = await Rig.create();
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const bytes = Buffer.concat([
      every,
      Buffer.from('caf\xe9 \xff\xfe\n', 'latin1'),
      Buffer.from('progress 1%\rprogress 100%\r\n'),
      Buffer.alloc(300_000, 'x'),
      Buffer.from('\n€\u{1f600}\n no newline at the end'),
    ]);
    rig.write('bytes', bytes);
    rig.config({ components: { thread: { kind: 'command', run: 'cat bytes' } } });
    const { code } = await rig.run([]);
    expect(code).toBe(0);
    const log = logOf(rig, 'thread.log');
    expect(log.subarray(0, head('thread').length).toString()).toBe(head('thread'));
    expect(log.subarray(head('thread').length).equals(bytes)).toBe(true);
  });

  test('keep both streams in the order in which they were written', async () => {
    await using rig = await Rig.create();
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`);
    const script = lines.map((line, index) => `echo ${line}${index % 2 === 0 ? '' : ' >&2'}`).join('\n');
    rig.config({ components: { thread: { kind: 'command', run: script } } });
    expect((await rig.run([])).code).toBe(0);
    expect(logOf(rig, 'thread.log').toString()).toBe(`${head('thread')}${lines.join('\n')}\n`);
  });

  test.runIf(isThorough)('are complete for a large output', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { thread: { kind: 'command', run: 'seq 1 400000' } } });
    expect((await rig.run([])).code).toBe(0);
    const lines = logOf(rig, 'thread.log').toString().slice(head('thread').length).split('\n');
    expect(lines).toHaveLength(400_001);
    expect(lines.every((line, index) => line === (index === 400_000 ? '' : String(index + 1)))).toBe(true);
  });

  test('say who speaks, where several do', async () => {
    await using rig = await Rig.create();
    const server = rig.command();
    const client = rig.command();
    const port = await rig.freePort();
    rig.config({
      components: { http: { kind: 'http', server: { run: server.line, port }, client: client.line } },
    });
    const run = rig.start([]);
    const serving = await server.invocation();
    await serving.print('listening\n');
    await serving.listen(port);
    const asking = await client.invocation();
    await asking.print('asked\n');
    await asking.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(logOf(rig, 'http.log').toString()).toBe(`${head('server')}listening\n\n${head('client')}asked\n`);
  });

  test('of every attempt are kept', async () => {
    await using rig = await Rig.create();
    const script = 'test -e again && { echo second; exit 0; }; touch again; echo first; exit 1';
    rig.config({ components: { thread: { kind: 'command', run: script, retries: 1 } } });
    expect((await rig.run([])).code).toBe(0);
    expect(logOf(rig, 'thread.log').toString()).toContain('first\n');
    expect(logOf(rig, 'thread.2.log').toString()).toContain('second\n');
  });
});

describe('the folder .shakedown', () => {
  const runsOf = (rig: Rig): string[] => readdirSync(join(rig.dir, '.shakedown/runs')).sort();

  test.runIf(isThorough)(
    'keeps the last ten runs, names the latest, and keeps itself out of git',
    async () => {
      await using rig = await Rig.create();
      rig.config({ components: { thread: { kind: 'command', run: 'echo $RUN' } } });
      // Those of nine runs, as any run leaves them.
      const ids = Array.from({ length: 9 }, (_, index) => `20260101-00000${index}-abcdef`);
      for (const id of ids)
        for (const file of ['journal.ndjson', 'logs/thread.log'])
          rig.write(`.shakedown/runs/${id}/${file}`, '{}\n');
      chmodSync(join(rig.dir, '.shakedown'), 0o700);
      for (let index = 0; index < 3; index++) {
        const { code, stdout } = await rig.run(['--report', 'json'], { RUN: `run ${index}` });
        expect(code).toBe(0);
        const { run } = JSON.parse(stdout) as JsonReport & { run: string };
        ids.push(run);
        expect(realpathSync(join(rig.dir, '.shakedown/latest'))).toBe(
          realpathSync(join(rig.dir, '.shakedown/runs', run)),
        );
      }
      expect(runsOf(rig)).toEqual(ids.slice(2).sort());
      expect(rig.read('.shakedown/latest/logs/thread.log')).toContain('run 2\n');
      expect(rig.read('.shakedown/.gitignore')).toBe('*\n');
      // Nothing is left that would look like a run that was killed.
      for (const id of ids.slice(2))
        expect(readdirSync(join(rig.dir, '.shakedown/runs', id)).sort()).toEqual(['journal.ndjson', 'logs']);
    },
  );

  test('is made elsewhere when it cannot be made here, and that is said', async () => {
    await using rig = await Rig.create();
    rig.write('.shakedown', 'in the way');
    rig.write('input', '1');
    rig.config({
      setup: [{ run: 'true', inputs: ['input'] }],
      components: { thread: { kind: 'command', run: 'echo fine' } },
    });
    const { code, stdout } = await rig.run(['--report', 'json=report.json'], {
      TMPDIR: join(rig.dir, 'tmp'),
    });
    expect(stdout).toContain(`${join(rig.dir, '.shakedown')} cannot be written`);
    expect(stdout).toContain(`logs are in ${join(rig.dir, 'tmp')}`);
    expect(code).toBe(0);
    expect(rig.report().verdict).toBe('passed');
  });
});

test('a mistake in the config is in every report, and the exit code is 2', async () => {
  await using rig = await Rig.create();
  rig.config({ components: { http: { kind: 'http', server: { rn: './server', port: 0 } } } });
  const asked = FORMATS.flatMap((format) => ['--report', `${format}=reports/${format}.txt`]);
  const { code, stderr } = await rig.run(asked);
  expect(code).toBe(2);
  const said = JSON.parse(rig.read('reports/json.txt')) as { diagnostics: { message: string }[] };
  expect(said).toMatchObject({ version: 1, exitCode: 2, verdict: 'inconclusive', components: [] });
  expect(said.diagnostics.length).toBeGreaterThan(0);
  const junit = elements(rig.read('reports/junit.txt'));
  for (const { message } of said.diagnostics) {
    expect(stderr).toContain(message);
    expect(junit.map(({ attributes }) => attributes.message)).toContain(message);
  }
  expect(events(rig.read('reports/ndjson.txt'))).toMatchObject([{ type: 'run-refused', exitCode: 2 }]);
});
