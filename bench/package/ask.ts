/** Fetches packages for the oracles, and asks them, each for so long. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { here } from '../suite.ts';
import type { Subject } from './packages.ts';
import { type Objection, type OracleName, type Silence, type Testimony, together } from './testimony.ts';

const run = promisify(execFile);

const PROGRAM = here('./package/oracle-program.ts');
const ORACLE_NAMES: readonly OracleName[] = ['attw', 'publint'];
const MAX_ANSWER_BYTES = 16_000_000;
const FETCH_MS = 120_000;

/** Fetched by npm, as by anybody. Returns the path of the tarball, in a new folder within this one. */
export async function fetchTarball(spec: string, within: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = mkdtempSync(join(within, 'tarball-'));
  const words = ['pack', spec, '--silent', '--pack-destination', folder];
  await run('npm', words, { env, timeout: FETCH_MS });
  const [file = ''] = readdirSync(folder);
  return join(folder, file);
}

/** Why one has not answered, in the first line of what it said last. */
function silenceOf(error: unknown, seconds: number): string {
  const { killed, stderr = '' } = error as { readonly killed?: boolean; readonly stderr?: string };
  if (killed === true) return `no answer in ${seconds} s`;
  const line = stderr.split('\n').find((each) => /^\w*Error\b/.test(each));
  return line ?? 'it has failed';
}

async function ask(
  oracle: OracleName,
  tarballs: readonly string[],
  seconds: number,
): Promise<{ readonly objections: readonly Objection[] } | { readonly silent: Silence }> {
  // It computes without a pause, so it hears no signal that could be handled.
  const limits = { timeout: seconds * 1000, killSignal: 'SIGKILL', maxBuffer: MAX_ANSWER_BYTES } as const;
  try {
    const { stdout } = await run(process.execPath, ['--import', 'tsx', PROGRAM, oracle, ...tarballs], {
      ...limits,
      cwd: here('..'),
    });
    return { objections: JSON.parse(stdout) as Objection[] };
  } catch (error) {
    return { silent: { oracle, because: silenceOf(error, seconds) } };
  }
}

/**
 * @param specs each is asked about; for a workspace, they are several
 * @param seconds how long an oracle may take for each
 * @throws when one cannot be fetched
 */
export async function askOracles(
  { describes }: Subject,
  specs: readonly string[],
  seconds: number,
  env: NodeJS.ProcessEnv,
): Promise<Testimony> {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  const objections: Objection[] = [];
  const silent: Silence[] = [];
  try {
    for (const spec of specs) {
      const tarballs = [await fetchTarball(spec, folder, env)];
      if (describes !== undefined) tarballs.push(await fetchTarball(describes, folder, env));
      for (const oracle of ORACLE_NAMES) {
        const answer = await ask(oracle, tarballs, seconds);
        if ('silent' in answer) silent.push(answer.silent);
        else objections.push(...answer.objections);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { objections: together(objections), silent };
}
