/** What takes long is said to be SLOW; what runs into its time limit is looked at, and asked where it stands, before it is ended. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { findProgram } from '../../src/files/find-program.ts';
import { Rig } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf, JSON_REPORT } from '../rig/services.ts';

const has = (program: string): boolean => findProgram(program, process.env.PATH) !== undefined;

describe('SLOW', () => {
  test('is said once, while it goes on; a pass stays a pass', async () => {
    await using rig = await Rig.create();
    const [command, quick] = [rig.command(), rig.command()];
    rig.config({
      components: {
        thread: { kind: 'command', run: command.line, slow: '50ms', timeout: '1h' },
        quick: { kind: 'command', run: quick.line },
      },
    });
    const run = rig.start([...JSON_REPORT]);
    const thread = await command.invocation();
    await run.output(/SLOW thread has been running for 50 ms; it will be stopped after 1h 00m/);
    await thread.exit(0);
    await (await quick.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout.match(/SLOW/g)).toHaveLength(1);
    expect(rig.report().components.map(({ name, slow, verdict }) => [name, slow, verdict])).toEqual([
      ['thread', true, 'passed'],
      ['quick', false, 'passed'],
    ]);
    const said = run.journal().filter(({ type }) => type === 'component-slow');
    expect(said).toMatchObject([{ component: 'thread', afterMs: 50, limitMs: 3_600_000 }]);
  });

  test('is said before the time limit, at half of it unless it is told', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: command.line } } });
    const run = rig.start(['--timeout', '400ms']);
    await run.exit();
    const types = run.journal().map(({ type }) => type);
    expect(run.journal().find(({ type }) => type === 'component-slow')).toMatchObject({ afterMs: 200 });
    expect(types.indexOf('component-slow')).toBeLessThan(types.indexOf('finding'));
  });

  test.runIf(isThorough)('is not said of what is being ended already', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    rig.config({
      components: { thread: { kind: 'command', run: command.line, slow: '1s', timeout: '1h' } },
    });
    const run = rig.start([]);
    const thread = await command.invocation();
    await thread.ignore('SIGTERM');
    run.kill('SIGINT');
    await thread.signal('SIGTERM');
    // Killed after five seconds of grace, long after it would have been slow.
    await thread.gone;
    expect((await run.exit()).stdout).not.toContain('SLOW');
  });
});

describe('at a time limit', () => {
  test('the finding holds the tree of all that ran', async () => {
    await using rig = await Rig.create();
    const [command, child, daemon] = [rig.command(), rig.command(), rig.command()];
    // Three programs have to start before that, on a busy machine too.
    rig.config({ components: { thread: { kind: 'command', run: command.line, timeout: '10s' } } });
    const run = rig.start([...JSON_REPORT]);
    const thread = await command.invocation();
    const childPid = await thread.child(child);
    const daemonPid = await (await child.invocation()).daemon(daemon);
    await daemon.invocation();
    await thread.print('the last that it said\n');
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);

    const finding = findingOf(componentOf(rig.report(), 'thread'), 'timeout');
    expect(finding).toMatchObject({ limitMs: 10_000, evidence: ['the last that it said'], stacks: [] });
    const { running } = finding;
    expect(running.map(({ pid }) => pid)).toEqual([thread.pid, childPid, daemonPid]);
    expect(running.map(({ parent }) => parent)).toEqual([expect.any(Number), thread.pid, childPid]);
    for (const each of running) {
      expect(each.command).toContain('agent.mjs');
      expect(['running', 'sleeping']).toContain(each.state);
      expect(each.cpuMs).toBeGreaterThan(0);
      expect(each.ageMs).toBeGreaterThan(0);
      expect(each.ageMs).toBeLessThan(60_000);
    }
    const tree = stdout.split('\n').filter((line) => / {6}│ .*\(pid \d+\): /.test(line));
    expect(tree.map((line) => /^ *│( *)/.exec(line)?.[1]?.length)).toEqual([3, 5, 7]);
    expect(rig.alive()).toEqual([]);
  });

  test('what is not known to answer hears of SIGTERM alone', async () => {
    await using rig = await Rig.create();
    const command = rig.command();
    rig.config({ components: { thread: { kind: 'command', run: command.line, timeout: '2s' } } });
    const run = rig.start([...JSON_REPORT]);
    const thread = await command.invocation();
    const heard: string[] = [];
    for (const signal of ['SIGQUIT', 'SIGABRT', 'SIGUSR2', 'SIGINT', 'SIGTERM'] as const) {
      await thread.ignore(signal);
      void thread.signal(signal).then(() => heard.push(signal));
    }
    await thread.signal('SIGTERM');
    await thread.print('');
    expect(heard).toEqual(['SIGTERM']);
    await thread.exit(0);
    await run.exit();
    expect(findingOf(componentOf(rig.report(), 'thread'), 'timeout').stacks).toEqual([]);
  });
});

/** The sources of programs that hang, each in a function called `stuck`. */
const PYTHON = `
import threading
lock = threading.Lock()
lock.acquire()
def stuck():
    lock.acquire()
threading.Thread(target=stuck, daemon=True).start()
print("up", flush=True)
stuck()
`;

const PYTHON_SERVER = `
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/job":
            self.stuck()
        self.send_response(200)
        self.end_headers()
    def stuck(self):
        import threading
        threading.Event().wait()
    def log_message(self, *args):
        pass
import os
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`;

import { isThorough } from '../rig/thorough.ts';

const GO = `package main
import "fmt"
func stuck(c chan int) { <-c }
func main() { fmt.Println("up"); go func() { for { } }(); stuck(make(chan int)) }
`;

const JAVA = `public class Hang {
  static synchronized void stuck() throws Exception { Hang.class.wait(); }
  public static void main(String[] args) throws Exception {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("ended politely")));
    System.out.println("up");
    stuck();
  }
}
`;

/** A program that is to be stuck when its time is over must have come so far by then, however slow the machine. */
const LIMITS = ['2s', '10s', '60s'];

/**
 * @param run a program that says `up` when it is stuck
 * @param where what its stack holds by then: it may come so far only after it was asked
 */
async function timeoutOf(rig: Rig, run: string | readonly string[], where = '') {
  let told: { readonly stdout: string; readonly component: ReturnType<typeof componentOf> } | undefined;
  for (const timeout of LIMITS) {
    rig.config({ components: { stuck: { kind: 'command', run, timeout } } });
    const { stdout } = await rig.run([...JSON_REPORT]);
    told = { stdout, component: componentOf(rig.report(), 'stuck') };
    const isStuck = where === '' || JSON.stringify(told.component.findings).includes(where);
    if (isStuck && /^up$/m.test(rig.read('.shakedown/latest/logs/stuck.log'))) break;
  }
  if (told === undefined) throw new Error('it was not run');
  expect(codesOf(told.component)).toEqual(['timeout']);
  return { stdout: told.stdout, finding: findingOf(told.component, 'timeout') };
}

describe('a runtime is asked for its stacks', () => {
  test.skipIf(!has('python3'))('Python', async () => {
    await using rig = await Rig.create();
    rig.write('hang.py', PYTHON);
    const { stdout, finding } = await timeoutOf(rig, 'python3 hang.py');
    expect(finding.evidence).toEqual(['up']);
    expect(finding.stacks).toHaveLength(1);
    const [stack] = finding.stacks;
    expect(finding.running.map(({ pid }) => pid)).toContain(stack?.pid);
    expect(stack?.runtime).toBe('python');
    const text = stack?.lines.join('\n');
    expect(text?.match(/File ".*hang\.py", line 6 in stuck/g)).toHaveLength(2);
    expect(text).toContain('in <module>');
    expect(stdout).toMatch(/│ stacks of pid \d+ \(python\):\n {6}│ {3}Thread 0x/);
    expect(rig.read('.shakedown/latest/logs/stuck.log')).toContain('Fatal Python error: Aborted');
  });

  test.runIf(isThorough && has('python3'))(
    'a Python that handles SIGTERM is left to its polite end, one without faulthandler as well',
    async () => {
      await using rig = await Rig.create();
      const handler = `import signal, sys
def end(*_):
    print("ended politely", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
`;
      rig.write('polite.py', handler + PYTHON);
      const polite = await timeoutOf(rig, 'python3 polite.py');
      expect(polite.finding.stacks).toEqual([]);
      expect(rig.read('.shakedown/latest/logs/stuck.log')).toContain('ended politely');
      rig.write('hang.py', PYTHON);
      const mute = await timeoutOf(rig, 'PYTHONFAULTHANDLER= exec python3 hang.py');
      expect(mute.finding.stacks).toEqual([]);
    },
  );

  test.skipIf(!isThorough || !has('python3'))(
    'a service that the client waits for: it is not taken for dead',
    async () => {
      await using rig = await Rig.create();
      rig.write('server.py', PYTHON_SERVER);
      rig.config({
        components: {
          http: {
            kind: 'http',
            server: { run: 'exec python3 server.py', port: 0, ready: { http: '/' } },
            client: { kind: 'load', path: '/job', connections: 1, requests: 1, timeout: '1h' },
            // Long enough for a Python to start on a machine that is busy.
            timeout: '4s',
          },
        },
      });
      await rig.run([...JSON_REPORT]);
      const component = componentOf(rig.report());
      expect(codesOf(component)).toEqual(['timeout']);
      const { stacks } = findingOf(component, 'timeout');
      expect(stacks.map(({ runtime }) => runtime)).toEqual(['python']);
      expect(stacks[0]?.lines.join('\n')).toMatch(/server\.py", line \d+ in stuck/);
    },
  );

  test.runIf(isThorough && has('go'))('Go, also when it was stripped', async () => {
    await using rig = await Rig.create();
    rig.write('hang.go', GO);
    execFileSync('go', ['build', '-ldflags', '-s -w', '-o', 'hang', 'hang.go'], { cwd: rig.dir });
    const { finding } = await timeoutOf(rig, './hang');
    expect(finding.stacks.map(({ runtime }) => runtime)).toEqual(['go']);
    const text = finding.stacks[0]?.lines.join('\n');
    expect(text).toContain('main.stuck');
    expect(text).toContain('main.main.func1');
    expect(text).not.toContain('bgsweep');
  });

  test.runIf(isThorough && has('java'))('Java, which then has its polite end', async () => {
    await using rig = await Rig.create();
    rig.write('Hang.java', JAVA);
    const { finding } = await timeoutOf(rig, ['java', 'Hang.java'], 'at Hang.stuck(');
    expect(finding.stacks.map(({ runtime }) => runtime)).toEqual(['java']);
    const text = finding.stacks[0]?.lines.join('\n');
    expect(text).toContain('at Hang.stuck(');
    expect(text).not.toContain('"Finalizer"');
    expect(rig.read('.shakedown/latest/logs/stuck.log')).toContain('ended politely');
  });
});
