/** How long it takes to try a small package that was tried before, which is what somebody waits for who mends it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHAKEDOWN } from '../suite.ts';

/** With declarations, so that everything but programs applies to it. */
const SMALL: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    name: 'small',
    version: '1.0.0',
    type: 'module',
    exports: { types: './index.d.ts', default: './index.js' },
  }),
  'index.js': 'export const sum = (...numbers) => numbers.reduce((a, b) => a + b, 0);\n',
  'index.d.ts': 'export declare const sum: (...numbers: number[]) => number;\n',
};

/** Seconds that it may take, on a machine that does nothing else. */
export const MOST_SECONDS = 15;

export interface PackageCost {
  readonly seconds: number;
  /** Of each component. */
  readonly parts: Readonly<Record<string, number>>;
}

interface Report {
  readonly components: readonly { readonly name: string; readonly durationMs: number }[];
}

async function tryOnce(folder: string): Promise<PackageCost> {
  const report = join(folder, 'report.json');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [SHAKEDOWN, 'package', '.', '--report', `json=${report}`], {
    cwd: folder,
    stdio: 'ignore',
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  const seconds = (performance.now() - startedAt) / 1000;
  if (code !== 0) throw new Error(`shakedown package exited with ${code}: see ${folder}`);
  const { components } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  return {
    seconds,
    parts: Object.fromEntries(components.map(({ name, durationMs }) => [name, durationMs / 1000])),
  };
}

/** Tries it once to install it, and then as often as is asked for. */
export async function measurePackage(rounds: number): Promise<PackageCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'small-package-'));
  for (const [path, content] of Object.entries(SMALL)) writeFileSync(join(folder, path), content);
  await tryOnce(folder);
  const costs: PackageCost[] = [];
  for (let round = 0; round < rounds; round++) costs.push(await tryOnce(folder));
  rmSync(folder, { recursive: true, force: true });
  return costs;
}
