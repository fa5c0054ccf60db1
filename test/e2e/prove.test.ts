/** `shakedown prove` from the outside. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

interface Report {
  readonly verdict: string;
  readonly components: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly findings: readonly { readonly code: string; readonly message: string }[];
    readonly trial?: { readonly fault: string; readonly judgement: { readonly isRemembered?: true } | null };
  }[];
  readonly proof?: { readonly badge: string };
}

const SERVER = `require('node:http').createServer((request, response) => response.end('ok')).listen(process.env.PORT)`;

/** A service, and a client that only asks whether it is there. */
const HTTP = {
  kind: 'http',
  server: { run: ['node', '-e', SERVER], port: 0 },
  client: 'curl --silent --show-error --fail http://127.0.0.1:$PORT/',
} as const;

async function prove(rig: Rig, ...args: string[]) {
  const { code, stdout, stderr } = await rig.run(['prove', '--json', ...args]);
  return { code, stderr, report: JSON.parse(stdout) as Report };
}

const codes = ({ components }: Report): Record<string, string[]> =>
  Object.fromEntries(components.map(({ name, findings }) => [name, findings.map(({ code }) => code)]));

describe('before any fault', () => {
  test('what does not pass as it is cannot be proved', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { http: { ...HTTP, client: 'exit 3' } } });
    const { code, report } = await prove(rig);
    expect(code).toBe(1);
    expect(codes(report)).toEqual({ http: ['exit-code'] });
  });

  test('a component with nothing to sabotage is not green', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: { db: { ...HTTP, server: { run: 'sleep 60', ready: { exec: 'true' } }, client: 'true' } },
    });
    const { code, report } = await prove(rig);
    expect(code).toBe(3);
    expect(codes(report)).toEqual({ db: [], 'db~control': ['nothing-to-sabotage'] });
  });
});

describe('bad input', () => {
  test.each([
    [['--fault', 'stats-500'], 'did you mean "status-500"? there are status-500, wrong-value'],
    [['--fault', 'nonsense'], 'there are status-500, wrong-value'],
    [['--budget', 'long'], 'duration'],
    [['nobody'], 'there is no component "nobody"'],
  ])('%s', async (args, hint) => {
    await using rig = await Rig.create();
    rig.config({ components: { http: HTTP } });
    const { code, stderr } = await rig.run(['prove', ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(hint) });
    expect(rig.exists('.shakedown')).toBe(false);
  });

  test.runIf(isThorough)(
    'a fault that no component can have is not proved by silence; spaces around one do not matter',
    async () => {
      await using rig = await Rig.create();
      rig.config({ components: { a: { kind: 'command', run: 'echo made', expect: { output: 'made' } } } });
      const slip = await rig.run(['prove', '--fault', 'foo expected-output']);
      expect(slip.code).toBe(2);
      expect(slip.stdout).toContain(
        '--fault asks for the fault "foo expected-output", and there is none: it was not tried',
      );
      expect((await rig.run(['prove', '--fault', '  expected-output '])).stdout).toContain('PROVED  1 of 1');
    },
  );

  test('faults that a config names are known, and a reason is one', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: { http: { ...HTTP, prove: { demand: ['slw'], ignore: { 'status-600': 'x' } } } },
    });
    const { code, stderr } = await rig.run(['prove']);
    expect(code).toBe(2);
    expect(stderr).toContain('prove.demand of http: there is no fault "slw"');
    expect(stderr).toContain('prove.ignore of http: there is no fault "status-600"');
    rig.config({ components: { http: { ...HTTP, prove: { ignore: { slow: ' ' } } } } });
    const refused = await rig.run(['prove']);
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('must be the reason'),
    });
  });
});

describe('a claim', () => {
  test('is proved by breaking it, and found out if it claims nothing', async () => {
    await using rig = await Rig.create();
    const say = (output: object | string) => ({ kind: 'command', run: 'echo yes', expect: { output } });
    rig.config({ components: { good: say('yes'), bad: say({ regex: 'y*' }) } });
    const { code, report } = await prove(rig);
    expect(code).toBe(1);
    expect(codes(report)).toMatchObject({
      'good~yes-expected-output': [],
      'bad~y-expected-output': ['blind'],
    });
    expect(report.proof?.badge).toBe('proved 1/2');
  });
});

describe('what was proved', () => {
  test('is remembered until a file changes', async () => {
    await using rig = await Rig.create();
    rig.config({
      components: {
        say: { kind: 'command', run: 'cat answer', expect: { output: 'yes', exitCode: [0, 2] } },
      },
    });
    rig.write('answer', 'yes');
    const remembered = async (...args: string[]): Promise<boolean> => {
      const { report } = await prove(rig, ...args);
      return report.components.some(({ trial }) => trial?.judgement?.isRemembered === true);
    };
    expect(await remembered()).toBe(false);
    expect(await remembered()).toBe(true);
    expect(await remembered('--fresh')).toBe(false);
    expect(await remembered('--fault', 'expected-output')).toBe(true);
    rig.write('answer', 'yes, indeed');
    expect(await remembered()).toBe(false);
  });

  test('is not enough for a budget that is used up, and what was left out is said', async () => {
    await using rig = await Rig.create();
    rig.config({ components: { say: { kind: 'command', run: 'echo yes', expect: { output: 'yes' } } } });
    const { code, report } = await prove(rig, '--budget', '1ms');
    expect(code).toBe(3);
    expect(codes(report)['say~yes-expected-output']).toEqual(['not-tried']);
    // Its name stands beside the message wherever that is shown.
    const findings = report.components.flatMap((component) => component.findings);
    expect(findings.map(({ message }) => message)).toEqual(['the budget was used up before its turn']);
  });
});

/** What the instruments of a proof were told and noted down, relative to its folder. */
const trialFolders = (rig: Rig): string[] => {
  const runs = join(rig.dir, '.shakedown/runs');
  return readdirSync(runs).filter((run) => existsSync(join(runs, run, 'trials')));
};

describe('cut short in the middle of a fault', () => {
  /** The baseline and the control are let through; then the client of the first fault is there. */
  async function untilTrial(rig: Rig) {
    const client = rig.command();
    const server = rig.command();
    rig.config({
      components: { http: { ...HTTP, server: { run: server.line, port: 0 }, client: client.line } },
    });
    const run = rig.start([
      'prove',
      '--fault',
      'reset',
      '--report',
      'terminal',
      '--report',
      'json=report.json',
    ]);
    const serve = async () => {
      const serving = await server.invocation();
      await serving.listen(Number(serving.env.PORT));
    };
    for (let before = 1; before <= 2; before++) {
      await serve();
      const held = await client.invocation();
      await (await fetch(`http://127.0.0.1:${held.env.PORT}/`)).text();
      await held.exit(0);
    }
    await serve();
    const held = await client.invocation();
    return { run, held };
  }

  test('by SIGKILL: nothing is left', async () => {
    await using rig = await Rig.create();
    const { run, held } = await untilTrial(rig);
    run.kill('SIGKILL');
    await run.exit();
    await held.gone;
    while (rig.alive().length > 0) await new Promise((done) => setImmediate(done));
    expect(rig.alive()).toEqual([]);
    await expect.poll(() => trialFolders(rig), { timeout: 60_000 }).toEqual([]);
  });

  test.runIf(isThorough)('by Ctrl-C: nothing is left, and the fault counts as not tried', async () => {
    await using rig = await Rig.create();
    const { run } = await untilTrial(rig);
    run.kill('SIGINT');
    const { signal, stdout } = await run.exit();
    expect(signal).toBe('SIGINT');
    expect(stdout).toMatch(/^PROVED {2}0 of 1; 1 not tried/m);
    expect(codes(rig.report() as unknown as Report)['http~reset']).toEqual(['interrupted']);
    expect(rig.alive()).toEqual([]);
    expect(trialFolders(rig)).toEqual([]);
  });
});
