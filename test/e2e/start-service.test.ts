/** `startService` as a library, in the processes and threads of others: every example of the guide, and every way for those to end. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { findProgram } from '../../src/files/find-program.ts';
import { blocksOf } from '../docs/blocks.ts';
import { type FakeCommand, Rig } from '../rig/rig.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

async function libraryRig(): Promise<Rig> {
  const rig = await Rig.create();
  rig.install();
  return rig;
}

/** The files that the guide shows. */
function writeExamples(rig: Rig): void {
  for (const { language, note, content } of blocksOf('docs/library.md'))
    if (['js', 'typescript'].includes(language) && note !== '') rig.write(note, content);
}

/** A script that starts services; `options` are JavaScript. */
const starting = (options: string, then: string): string =>
  `import { startService } from 'shakedown';\nconst api = await startService(${options});\n${then}\n`;

const of = (command: FakeCommand, more = ''): string =>
  `{ name: 'api', run: ${JSON.stringify(command.line)}, port: 0${more} }`;

/** What a script prints as JSON, one value a line. */
const valuesOf = (stdout: string): unknown[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

const print = (value: string): string => `console.log(JSON.stringify(${value}));`;

/** Waits until none of the commands that phoned home is alive. */
async function untilNothingIsLeft(rig: Rig): Promise<void> {
  while (rig.alive().length > 0) await delay(20);
}

describe('every example of the guide works', () => {
  test.each(inTurn(['forks', 'threads']))('in Vitest, with its pool of %s', async (pool) => {
    await using rig = await libraryRig();
    writeExamples(rig);
    rig.link('node_modules/vitest', dirname(VITEST));
    const argv = [
      process.execPath,
      VITEST,
      'run',
      '--pool',
      pool,
      '--testTimeout',
      '300000',
      'vitest.test.ts',
    ] as const;
    const { code, stdout, stderr } = await rig.startProgram(argv).exit();
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/1 passed/);
  });

  test('in node:test', async () => {
    await using rig = await libraryRig();
    writeExamples(rig);
    const argv = [process.execPath, '--test', 'node.test.js'] as const;
    const { code, stdout } = await rig.startProgram(argv).exit();
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/pass 1\b/);
  });

  test('in a script', async () => {
    await using rig = await libraryRig();
    writeExamples(rig);
    const { code, stdout, stderr } = await rig.startScript('script.js').exit();
    expect(code, stderr).toBe(0);
    expect(stdout).toBe("true passed\n[ 'listening' ]\n");
  });
});

test('it is described, and ended with all that it started when it is stopped', async () => {
  await using rig = await libraryRig();
  const [server, helper] = [rig.command(), rig.command()];
  rig.write(
    'run.mjs',
    starting(
      of(server, ", ready: { http: '/' }, env: { GREETING: 'hello' }"),
      `${print('api')} ${print('api.lastLines(1)')} await Promise.all([api.stop(), api.stop()]); ${print("'over'")}`,
    ),
  );
  const run = rig.startScript('run.mjs');
  const invocation = await server.invocation();
  expect(invocation.env).toMatchObject({ GREETING: 'hello' });
  await invocation.daemon(helper);
  await helper.invocation();
  await invocation.print('one\ntwo\n');
  const port = await invocation.listen(Number(invocation.env.PORT));
  const { code, stdout, stderr } = await run.exit();
  const [api, lines] = valuesOf(stdout.split('\n').slice(0, 2).join('\n'));
  const url = `http://127.0.0.1:${port}`;
  expect(api).toMatchObject({ name: 'api', url, host: '127.0.0.1', port, pid: invocation.pid });
  expect(api).toMatchObject({
    env: { PORT: String(port), API_PORT: String(port), API_HOST: '127.0.0.1', API_URL: url },
  });
  const { logFile } = api as { logFile: string };
  expect(relative(rig.dir, logFile)).toMatch(/^\.shakedown\/runs\/[^/]+\/logs\/api\.log$/);
  expect(readFileSync(logFile, 'utf8')).toContain('one\ntwo\n');
  expect(lines).toEqual(['two']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(rig.alive()).toEqual([]);
});

test('one that ends before it is ready is thrown, with its last words, and nothing is left', async () => {
  await using rig = await libraryRig();
  const [server, helper] = [rig.command(), rig.command()];
  const caught = `try { await startService(${of(server)}); } catch (e) { ${print('[e.name, e.code, e.message, e.logFile !== null]')} }`;
  rig.write('run.mjs', `import { startService } from 'shakedown';\n${caught}`);
  const run = rig.startScript('run.mjs');
  const invocation = await server.invocation();
  await invocation.daemon(helper);
  await helper.invocation();
  await invocation.printError('starting\nError: no key\n');
  await invocation.exit(3);
  const { code, stdout } = await run.exit();
  expect(code).toBe(0);
  const [[name, finding, message, hasLog] = []] = valuesOf(stdout) as [unknown[]];
  expect([name, finding, hasLog]).toEqual(['ServiceError', 'not-ready', true]);
  expect(message).toMatch(/^api exited with code 3 before it was ready: Error: no key\n {2}\| starting\n/);
  expect(message).toMatch(/\n {2}log: .*api\.log$/);
  expect(rig.alive()).toEqual([]);
});

test.runIf(isThorough)('one that dies in use is told when it is stopped', async () => {
  await using rig = await libraryRig();
  const server = rig.command();
  const use = `${print("'ready'")}
    while (await fetch(api.url).then(() => true, () => false)) await new Promise((r) => setTimeout(r, 10));
    for (let lives = true; lives; ) try { process.kill(api.pid, 0); await new Promise((r) => setTimeout(r, 10)); } catch { lives = false; }
    await api.stop().catch((e) => { ${print('[e.code, e.message]')} });`;
  rig.write('run.mjs', starting(of(server), use));
  const run = rig.startScript('run.mjs');
  const invocation = await server.invocation();
  await invocation.listen(Number(invocation.env.PORT));
  await run.output(/ready/);
  await invocation.print('Error: out of cheese\n');
  await invocation.exit(7);
  const [, told] = valuesOf((await run.exit()).stdout);
  const [code, message] = told as unknown[];
  expect(code).toBe('service-died');
  expect(message).toMatch(/^api exited with code 7 while it was in use, .*: Error: out of cheese/);
});

test('mistakes in its options are those of a config, all at once', async () => {
  await using rig = await libraryRig();
  const attempts = [
    "{ run: 'x', prot: 1, needs: ['db'], port: 'y' }",
    "{ run: 'x' }",
    "{ run: 'x', port: 0, name: 'a b' }",
  ];
  const each = attempts.map(
    (options) => `await startService(${options}).catch((e) => { ${print('[e.name, e.message]')} });`,
  );
  rig.write('run.mjs', `import { startService } from 'shakedown';\n${each.join('\n')}`);
  const { stdout } = await rig.startScript('run.mjs').exit();
  const [first, second, third] = valuesOf(stdout) as string[][];
  expect(first?.[0]).toBe('TypeError');
  expect(first?.[1]?.split('\n')).toEqual([
    expect.stringMatching(/^prot: there is no option "prot" here \(did you mean "port"\?/),
    expect.stringMatching(/^needs: there is no option "needs" here/),
    expect.stringMatching(/^port: "port" must be a port/),
  ]);
  expect(second?.[1]).toMatch(/^service "service" has neither a port nor `ready`.*\(give it a port/);
  expect(third?.[1]).toMatch(/^name: "a b" cannot be the name of a service/);
});

describe('whoever has started it', () => {
  test('may end without stopping it: it does not keep a process alive, and is ended with it', async () => {
    await using rig = await libraryRig();
    const server = rig.command();
    rig.write('run.mjs', starting(of(server), print("'ready'")));
    const run = rig.startScript('run.mjs');
    const invocation = await server.invocation();
    await invocation.listen(Number(invocation.env.PORT));
    expect(await run.exit()).toMatchObject({ code: 0, stdout: '"ready"\n' });
    await invocation.gone;
  });

  test('may be killed: nothing is left, even of what has left it', async () => {
    await using rig = await libraryRig();
    const [server, helper] = [rig.command(), rig.command()];
    rig.write('run.mjs', starting(of(server), `${print("'ready'")} setInterval(() => {}, 1000);`));
    const run = rig.startScript('run.mjs');
    const invocation = await server.invocation();
    await invocation.daemon(helper);
    await helper.invocation();
    await invocation.listen(Number(invocation.env.PORT));
    await run.output(/ready/);
    run.kill('SIGKILL');
    await untilNothingIsLeft(rig);
  });

  test.each([
    ['in a namespace, if the machine permits one', {}],
    // Without `unshare` there is no namespace whose end the kernel sees to.
    ['by its marks', { tools: ['sh', 'mkfifo', 'sleep', 'env', 'cat'] }],
  ])(
    'may be a thread that is terminated while its process goes on; %s',
    async (_, { tools }: { tools?: readonly string[] }) => {
      await using rig = await libraryRig();
      const [server, other] = [rig.command(), rig.command()];
      rig.write(
        'thread.mjs',
        `import { parentPort } from 'node:worker_threads';\n${starting(of(server), "parentPort.postMessage('ready'); setInterval(() => {}, 1000);")}`,
      );
      const again = starting(of(other), `await api.stop(); ${print("'over'")}`).replace(
        /^import.*\n/,
        "const { startService } = await import('shakedown');\n",
      );
      rig.write(
        'run.mjs',
        `import { Worker } from 'node:worker_threads';
       import { once } from 'node:events';
       const worker = new Worker('./thread.mjs');
       await once(worker, 'message');
       await worker.terminate();
       ${print("'terminated'")}
       ${again}`,
      );
      for (const name of tools ?? []) rig.link(`bin/${name}`, findProgram(name, process.env.PATH) ?? '');
      const run = rig.startScript('run.mjs', tools === undefined ? {} : { PATH: join(rig.dir, 'bin') });
      const invocation = await server.invocation();
      await invocation.listen(Number(invocation.env.PORT));
      await run.output(/terminated/);
      await invocation.gone;
      // The process is still there, and can start another one.
      const second = await other.invocation();
      await second.listen(Number(second.env.PORT));
      expect(await run.exit()).toMatchObject({ code: 0, stdout: '"terminated"\n"over"\n' });
      expect(rig.alive()).toEqual([]);
    },
  );
});
