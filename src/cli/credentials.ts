/** Credentials for `shakedown load` that are not arguments, since anyone who lists processes sees those. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { err, ok, type Result } from '../core/result.ts';
import { secrets } from '../core/secrets.ts';
import type { LoadFlags } from './load-flags.ts';

const KINDS = ['user', 'bearer'] as const;
type Kind = (typeof KINDS)[number];

function fromFile(kind: Kind, file: string, cwd: string): Result<string, Diagnostic> {
  try {
    return ok(readFileSync(resolve(cwd, file), 'utf8'));
  } catch (error) {
    return err({
      message: `--${kind}-file: ${file} cannot be read: ${(error as Error).message}`,
      hint: 'name a file that you may read and that contains nothing else',
    });
  }
}

function fromEnv(kind: Kind, name: string, env: NodeJS.ProcessEnv): Result<string, Diagnostic> {
  const value = env[name];
  if (value !== undefined) return ok(value);
  return err({
    message: `--${kind}-env: there is no environment variable ${name}`,
    hint: `export ${name}=…`,
  });
}

function credential(
  kind: Kind,
  flags: LoadFlags,
  { cwd, env }: Surroundings,
): Result<string | undefined, Diagnostic> {
  const [plain, file, variable] = [flags[kind], flags[`${kind}File`], flags[`${kind}Env`]];
  const given = [plain, file, variable].filter((each) => each !== undefined);
  if (given.length > 1)
    return err({
      message: `--${kind}, --${kind}-file and --${kind}-env contradict each other`,
      hint: 'use one of them',
    });
  if (file === undefined && variable === undefined) return ok(plain);
  const read = file === undefined ? fromEnv(kind, variable ?? '', env) : fromFile(kind, file, cwd);
  if (!read.ok) return read;
  const value = read.value.replace(/\r?\n$/, '');
  if (value !== '' && !/[\r\n]/.test(value)) return ok(value);
  const where = file === undefined ? `--${kind}-env: ${variable}` : `--${kind}-file: ${file}`;
  return err({
    message: `${where} ${value === '' ? 'is empty' : 'has more than one line'}`,
    hint:
      kind === 'user'
        ? 'it must contain NAME:PASSWORD and nothing else'
        : 'it must contain the token and nothing else',
  });
}

interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** @returns the flags as if the credentials had been arguments; they are registered as secrets */
export function withCredentials(flags: LoadFlags, around: Surroundings): Result<LoadFlags, Diagnostic[]> {
  const found: { [K in Kind]?: string } = {};
  const diagnostics: Diagnostic[] = [];
  for (const kind of KINDS) {
    const value = credential(kind, flags, around);
    if (!value.ok) diagnostics.push(value.error);
    else if (value.value !== undefined) found[kind] = value.value;
  }
  if (diagnostics.length > 0) return err(diagnostics);
  secrets.learn(found);
  return ok({ ...flags, ...found });
}
