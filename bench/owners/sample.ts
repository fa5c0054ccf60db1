/**
 * One sample, as JSON on standard output: `sample.js KIND SUBJECT NUMBER`. In a process of its own, as a run has one:
 * code that has run a hundred times is faster than a user ever sees it. And bundled as the program is, since whatever
 * translates TypeScript as it is loaded takes its part of the CPU.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ComponentLog } from '../../src/process/output/log.ts';
import { Owner } from '../../src/process/ownership/owner.ts';
import { median } from '../result.ts';
import {
  ENVIRONMENT,
  type HolderName,
  living,
  openHolder,
  ownCpuMs,
  spawnOptions,
  untilLiving,
} from './holders.ts';
import type { IdleSample, SpawnSample, TeardownSample } from './result.ts';
import { open, type Tier } from './tiers.ts';

/** For a tree that was just started to come to rest. */
const REST = 500;

/** The bench was interrupted: what is held is still to be ended. */
const interruption = new AbortController();
process.once('SIGTERM', () => interruption.abort());

const wait = (ms: number): Promise<void> => delay(ms, undefined, { signal: interruption.signal });

async function teardown(name: HolderName, count: number): Promise<TeardownSample> {
  const holder = await openHolder(name);
  try {
    await holder.start(count);
    await untilLiving(count);
    await wait(REST);
    const cpuBefore = holder.cpuMs();
    const from = performance.now();
    const tookMs = await holder.end();
    const cpuMs = holder.cpuMs() - cpuBefore;
    const left = living();
    await untilLiving(0);
    return { tookMs, cpuMs, living: left, goneMs: left === 0 ? tookMs : performance.now() - from };
  } finally {
    await holder.close();
  }
}

const LIVING = 100;

async function idle(name: HolderName, seconds: number): Promise<IdleSample> {
  const holder = await openHolder(name);
  try {
    await holder.start(LIVING);
    await untilLiving(LIVING);
    const cpuBefore = holder.cpuMs();
    const from = performance.now();
    await wait(seconds * 1000);
    const share = (holder.cpuMs() - cpuBefore) / (performance.now() - from);
    if (living() !== LIVING) throw new Error('the tree has changed meanwhile');
    return { cpuPercent: share * 100 };
  } finally {
    await holder.close();
  }
}

const PROGRAM = '/bin/true';

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
}

async function plainStart(): Promise<Start> {
  const cpuBefore = ownCpuMs();
  const from = performance.now();
  const child = spawn(PROGRAM, { cwd: '/', env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
  await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  const ms = performance.now() - from;
  return { ms, cpuMs: ownCpuMs() - cpuBefore };
}

/** Starts of either kind by turns. */
async function spawnPairs(tier: Tier, pairs: number): Promise<SpawnSample> {
  const { context, tierMs, enclosureMs, close } = await open(tier);
  const log = new ComponentLog(join(context.directory.logs, 'true.log'));
  const ownedStart = async (index: number): Promise<Start & { wholeMs: number }> => {
    const cpuBefore = ownCpuMs();
    const begin = performance.now();
    const owner = new Owner(context, `true-${index}`);
    const from = performance.now();
    const started = await owner.spawn({ type: 'argv', argv: [PROGRAM] }, spawnOptions(log));
    if (!started.ok) throw new Error(started.error.message);
    await started.value.exited;
    const ms = performance.now() - from;
    const cpuMs = ownCpuMs() - cpuBefore;
    const left = await owner.leftovers();
    await owner.release();
    if (left !== undefined) throw new Error(`${PROGRAM} left processes`);
    return { ms, cpuMs, wholeMs: performance.now() - begin };
  };
  const plain: Start[] = [];
  const owned: (Start & { wholeMs: number })[] = [];
  for (let index = 0; index < pairs; index++) {
    interruption.signal.throwIfAborted();
    if (index % 2 === 0) plain.push(await plainStart());
    owned.push(await ownedStart(index));
    if (index % 2 === 1) plain.push(await plainStart());
    // Names of pipes are made ahead, while a command runs. One that runs for a millisecond leaves no time for that.
    await wait(BETWEEN_PAIRS);
  }
  log.close();
  const closedMs = await close();
  const medianOf = <S>(all: readonly S[], pick: (one: S) => number): number => median(all.map(pick));
  const extra = owned.map(({ ms }, index) => ms - (plain[index]?.ms ?? Number.NaN));
  return {
    plainMs: medianOf(plain, ({ ms }) => ms),
    ownedMs: medianOf(owned, ({ ms }) => ms),
    extraMs: median(extra),
    meanExtraMs: extra.reduce((sum, ms) => sum + ms, 0) / extra.length,
    firstExtraMs: extra[0] ?? Number.NaN,
    plainCpuMs: medianOf(plain, ({ cpuMs }) => cpuMs),
    ownedCpuMs: medianOf(owned, ({ cpuMs }) => cpuMs),
    wholeMs: medianOf(owned, ({ wholeMs }) => wholeMs),
    tierMs,
    enclosureMs: enclosureMs + closedMs,
  };
}

const BETWEEN_PAIRS = 10;

const [kind, subject, number] = process.argv.slice(2);
const sampling: Record<string, () => Promise<unknown>> = {
  teardown: () => teardown(subject as HolderName, Number(number)),
  idle: () => idle(subject as HolderName, Number(number)),
  spawn: () => spawnPairs(subject as Tier, Number(number)),
};
const sample = sampling[kind ?? ''];
if (sample === undefined) throw new Error(`sample.ts ${Object.keys(sampling).join('|')} SUBJECT NUMBER`);
process.stdout.write(`${JSON.stringify(await sample())}\n`);
