/** How long it takes to try a package that was tried before, which is what somebody waits for who mends it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHAKEDOWN } from '../suite.ts';

interface Subject {
  readonly name: string;
  /** Seconds that it may take, on a machine with two cores that does nothing else. */
  readonly mostSeconds: number;
}

/** Releases that stay as they are: a small one in JavaScript with declarations, and an extension module in Rust. */
export const SUBJECTS: readonly Subject[] = [
  { name: 'p-limit@6.2.0', mostSeconds: 10 },
  { name: 'pypi:orjson@3.10.18', mostSeconds: 20 },
];

export interface PackageCost {
  readonly seconds: number;
  /** Of each component; they are tried side by side. */
  readonly parts: Readonly<Record<string, number>>;
}

interface Report {
  readonly components: readonly { readonly name: string; readonly durationMs: number }[];
}

async function tryOnce(name: string, folder: string): Promise<PackageCost> {
  const report = join(folder, 'report.json');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [SHAKEDOWN, 'package', name, '--report', `json=${report}`], {
    cwd: folder,
    stdio: 'ignore',
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  const seconds = (performance.now() - startedAt) / 1000;
  if (code !== 0) throw new Error(`shakedown package ${name} exited with ${code}: see ${folder}`);
  const { components } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  return {
    seconds,
    parts: Object.fromEntries(components.map((each) => [each.name, each.durationMs / 1000])),
  };
}

/** Tries it once to install it, and then as often as is asked for. */
export async function measurePackage({ name }: Subject, rounds: number): Promise<PackageCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'package-cost-'));
  await tryOnce(name, folder);
  const costs: PackageCost[] = [];
  for (let round = 0; round < rounds; round++) costs.push(await tryOnce(name, folder));
  rmSync(folder, { recursive: true, force: true });
  return costs;
}
