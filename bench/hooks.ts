/** What the hook of `prove` costs a call of a function that does nothing, next to a plain call. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { number, parseOptions } from '../scripts/options.ts';
import type { ModuleFault } from '../src/core/module-fault.ts';
import { faultEnvironment, HOOKS } from '../src/kinds/common/module-fault.ts';
import { load, thisMachine } from './rounds.ts';

const COMMAND = {
  usage: 'bench/hooks [options]',
  summary: 'what the hook of a module costs a call',
  options: {
    rounds: number('rounds of each measurement', 7),
    calls: number('calls in each round', 1_000_000),
  },
};

const parsed = parseOptions(COMMAND, process.argv.slice(2));
if (parsed === undefined) process.exit();
const { rounds, calls } = parsed.options;
const before = load();

const BUILT = resolve(import.meta.dirname, '../dist/harness/faults');

/** Each prints the nanoseconds of a call: of an exported function, and of a method. */
const PROGRAMS = {
  python: `import sys, time, noop
def measured(call):
    calls, start = range(${calls}), time.process_time_ns()
    for _ in calls: call()
    return (time.process_time_ns() - start) / ${calls}
print(measured(noop.noop), measured(noop.Noop().noop), measured(lambda: noop.noop()))`,
  node: `import { noop, Noop } from './noop.mjs';
const object = new Noop();
const measured = (call) => {
  for (let n = 0; n < 1e5; n++) call();
  const start = process.cpuUsage();
  for (let n = 0; n < ${calls}; n++) call();
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / ${calls};
};
console.log(measured(() => noop()), measured(() => object.noop()), measured(() => noop()));`,
} as const;

const folder = mkdtempSync(join(tmpdir(), 'shakedown-bench-hooks-'));
writeFileSync(join(folder, 'noop.py'), 'def noop(): pass\nclass Noop:\n    def noop(self): pass\n');
writeFileSync(join(folder, 'noop.mjs'), 'export function noop() {}\nexport class Noop { noop() {} }\n');

function environment(runtime: 'python' | 'node'): NodeJS.ProcessEnv {
  const modules = [
    { name: 'noop', folder: runtime === 'node' ? folder : null, entries: [join(folder, 'noop.mjs')] },
  ];
  const fault: ModuleFault = { runtime, modules, change: 'none' };
  const env = faultEnvironment(fault, {}, join(folder, 'records'));
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replaceAll(HOOKS, BUILT)]),
  );
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

function measure(runtime: 'python' | 'node', isHooked: boolean): number[] {
  const argv = runtime === 'python' ? ['python3', 'bench.py'] : [process.execPath, 'bench.mjs'];
  const [program = '', ...args] = argv;
  const env = { ...process.env, ...(isHooked ? environment(runtime) : {}) };
  const samples = Array.from({ length: rounds }, () =>
    execFileSync(program, args, { cwd: folder, env, encoding: 'utf8' }).trim().split(' ').map(Number),
  );
  return [0, 1].map((at) => median(samples.map((sample) => sample[at] ?? 0)));
}

writeFileSync(join(folder, 'bench.py'), PROGRAMS.python);
writeFileSync(join(folder, 'bench.mjs'), PROGRAMS.node);
process.stdout.write(`Nanoseconds of CPU time a call; medians of ${rounds}\n`);
process.stdout.write(`${''.padEnd(20)}plain    hooked     added\n`);
for (const runtime of ['python', 'node'] as const) {
  const plain = measure(runtime, false);
  const hooked = measure(runtime, true);
  for (const [at, what] of ['function', 'method'].entries()) {
    const [a = 0, b = 0] = [plain[at], hooked[at]];
    const cells = [a, b, b - a].map((value) => value.toFixed(0).padStart(9));
    process.stdout.write(`${`${runtime}, ${what}`.padEnd(16)}${cells.join(' ')}\n`);
  }
}
rmSync(folder, { recursive: true });
process.stdout.write(`${JSON.stringify(thisMachine(before))}\n`);
