/** How to reach the server: where it is, and who we are. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { isKnown, type JoinWords, joinMistakes, type NameOfJoin } from '../core/join.ts';
import { err, ok, type Result } from '../core/result.ts';
import { secrets } from '../core/secrets.ts';

/** What both kinds of connection of the SDK take. */
export interface Joining {
  readonly address: string;
  readonly namespace: string;
  readonly pool: string;
  readonly tls?: {
    readonly serverRootCACertificate?: Buffer;
    readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
  };
  readonly apiKey?: string;
}

/** Where words were written, and what their files are relative to. */
export interface JoinOrigin {
  readonly nameOf: NameOfJoin;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** It is no argument, since anyone who lists processes sees those. */
function readApiKey(
  { apiKeyEnv, apiKeyFile }: JoinWords,
  { nameOf, folder, env }: JoinOrigin,
): Result<string | undefined, Diagnostic> {
  let key = apiKeyEnv === undefined ? undefined : env[apiKeyEnv];
  if (apiKeyEnv !== undefined && !key)
    return err({
      message: `${nameOf('apiKeyEnv')} ${apiKeyEnv}: that variable is not set`,
      hint: 'export it, with the key in it',
    });
  if (apiKeyFile !== undefined)
    try {
      key = readFileSync(resolve(folder, apiKeyFile), 'utf8');
    } catch (error) {
      return err({
        message: `${nameOf('apiKeyFile')}: ${(error as Error).message}`,
        hint: 'name a file that you may read and that contains nothing else',
      });
    }
  const value = key?.replace(/\r?\n$/, '');
  if (value === undefined || /^[!-~]+$/.test(value)) return ok(value);
  const where =
    apiKeyFile === undefined
      ? `${nameOf('apiKeyEnv')} ${apiKeyEnv}`
      : `${nameOf('apiKeyFile')} ${apiKeyFile}`;
  return err({
    message: `${where}: that is no API key`,
    hint: 'it must contain the key, in one line, and nothing else',
  });
}

/** @returns how to connect; or everything that is wrong with what was given */
export function readJoining(words: JoinWords, origin: JoinOrigin): Result<Joining, Diagnostic[]> {
  const { nameOf, folder } = origin;
  const wrong: Diagnostic[] = joinMistakes(words, nameOf).map(({ message, hint }) => ({ message, hint }));
  const read = (word: 'tlsCert' | 'tlsKey' | 'tlsCa'): Buffer | undefined => {
    const path = words[word];
    if (path === undefined) return undefined;
    try {
      return readFileSync(resolve(folder, path));
    } catch (error) {
      wrong.push({ message: `${nameOf(word)}: ${(error as Error).message}`, hint: 'give a file in PEM' });
      return undefined;
    }
  };
  const { join = '', namespace = 'default', pool = 'default' } = words;
  const crt = read('tlsCert');
  const key = read('tlsKey');
  const ca = read('tlsCa');
  const apiKey = readApiKey(words, origin);
  if (!apiKey.ok) wrong.push(apiKey.error);
  else if (apiKey.value !== undefined) secrets.learn({ apiKey: apiKey.value });
  if (wrong.length > 0 || !apiKey.ok) return err(wrong);
  const isSecure = isKnown(words) || ca !== undefined;
  return ok({
    ...{ address: join, namespace, pool },
    ...(isSecure
      ? {
          tls: {
            ...(ca === undefined ? {} : { serverRootCACertificate: ca }),
            ...(crt === undefined || key === undefined ? {} : { clientCertPair: { crt, key } }),
          },
        }
      : {}),
    ...(apiKey.value === undefined ? {} : { apiKey: apiKey.value }),
  });
}

/** What the system has said, within all that the SDK puts around it. */
const innermost = (message: string): string => /\bmessage: "([^"]+)"/.exec(message)?.[1] ?? message;

/** Why a server cannot be reached, or has no place for us. */
export function unreachable({ address, namespace }: Joining, error: unknown): Diagnostic {
  const { message } = error as Error;
  if (
    message.includes(`Namespace ${namespace} is not found`) ||
    message.includes(`Namespace ${namespace} was not found`)
  )
    return {
      message: `the server at ${address} has no namespace "${namespace}"`,
      hint: 'give one that it has as --namespace, or create it: temporal operator namespace create',
    };
  return {
    message: `no server of Temporal answers at ${address}: ${innermost(message)}`,
    hint: 'start one, for instance: shakedown cluster dev',
  };
}

/** Why a server that answers begins no run. */
export function notBegun(error: unknown): Diagnostic {
  const { message, cause } = error as Error & { readonly cause?: { readonly details?: string } };
  return {
    message: `the server does not begin the run: ${cause?.details ?? message}`,
    hint: 'nothing was sent to agents; change what it names, or its limits',
  };
}

const NOT_FOUND = 5;

/** Why there is no joining a run. @param command which has named the run */
export function notAttached(id: string, error: unknown, command: string): Diagnostic {
  const { code, message } = error as Error & { readonly code?: unknown };
  return {
    message: `--attach ${id}: ${code === NOT_FOUND ? 'the server knows no such run' : message}`,
    hint: `give the run as \`${command}\` has named it, and the --join and --namespace that it was begun with`,
  };
}
