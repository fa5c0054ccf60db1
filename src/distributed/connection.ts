/** How to reach the server: where it is, and who we are. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isLoopback } from '../core/address.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { err, ok, type Result } from '../core/result.ts';
import { secrets } from '../core/secrets.ts';
import { unbracketed } from './allowed-targets.ts';

/** As given on the command line. */
export interface JoinFlags {
  readonly join?: string | undefined;
  readonly namespace?: string | undefined;
  readonly pool?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly apiKeyEnv?: string | undefined;
  readonly apiKeyFile?: string | undefined;
}

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

/** It is no argument, since anyone who lists processes sees those. */
function readApiKey(
  { apiKeyEnv, apiKeyFile }: JoinFlags,
  folder: string,
  env: NodeJS.ProcessEnv,
): Result<string | undefined, Diagnostic> {
  if (apiKeyEnv !== undefined && apiKeyFile !== undefined)
    return err({
      message: '--api-key-env and --api-key-file contradict each other',
      hint: 'use one of them',
    });
  let key = apiKeyEnv === undefined ? undefined : env[apiKeyEnv];
  if (apiKeyEnv !== undefined && !key)
    return err({
      message: `--api-key-env ${apiKeyEnv}: that variable is not set`,
      hint: 'export it, with the key in it',
    });
  if (apiKeyFile !== undefined)
    try {
      key = readFileSync(resolve(folder, apiKeyFile), 'utf8');
    } catch (error) {
      return err({
        message: `--api-key-file: ${(error as Error).message}`,
        hint: 'name a file that you may read and that contains nothing else',
      });
    }
  const value = key?.replace(/\r?\n$/, '');
  if (value === undefined || /^[!-~]+$/.test(value)) return ok(value);
  return err({
    message: `${apiKeyFile === undefined ? `--api-key-env ${apiKeyEnv}` : `--api-key-file ${apiKeyFile}`}: that is no API key`,
    hint: 'it must contain the key, in one line, and nothing else',
  });
}

/** In characters. The server takes a thousand bytes, and answers nobody whose name is longer. */
export const LONGEST_NAME = 200;

const JOIN = /^(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i;

/**
 * @param folder what files are relative to
 * @returns how to connect; or everything that is wrong with what was given
 */
export function readJoining(
  flags: JoinFlags,
  folder: string,
  env: NodeJS.ProcessEnv,
): Result<Joining, Diagnostic[]> {
  const wrong: Diagnostic[] = [];
  const read = (flag: string, path: string | undefined): Buffer | undefined => {
    if (path === undefined) return undefined;
    try {
      return readFileSync(resolve(folder, path));
    } catch (error) {
      wrong.push({ message: `${flag}: ${(error as Error).message}`, hint: 'give a file in PEM' });
      return undefined;
    }
  };
  const { join = '', namespace = 'default', pool = 'default' } = flags;
  const [, host, port] = JOIN.exec(join) ?? [];
  if (host === undefined || Number(port) > 65_535)
    wrong.push({
      message:
        join === '' ? '--join is missing: where the server of Temporal is' : `--join "${join}" is no address`,
      hint: 'write it as HOST:PORT, such as localhost:7233',
    });
  const crt = read('--tls-cert', flags.tlsCert);
  const key = read('--tls-key', flags.tlsKey);
  const ca = read('--tls-ca', flags.tlsCa);
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined))
    wrong.push({ message: '--tls-cert and --tls-key go together', hint: 'give both, or neither' });
  const apiKey = readApiKey(flags, folder, env);
  if (!apiKey.ok) wrong.push(apiKey.error);
  else if (apiKey.value !== undefined) secrets.learn({ apiKey: apiKey.value });
  const isKnown = [flags.tlsCert, flags.apiKeyEnv, flags.apiKeyFile].some((flag) => flag !== undefined);
  if (host !== undefined && !isLoopback(unbracketed(host)) && !isKnown)
    wrong.push({
      message: `${host} is not this machine: the server must know who sends load, and nobody may listen in`,
      hint: 'give a client certificate (--tls-cert, --tls-key) or an API key (--api-key-env, --api-key-file), or join by a tunnel to localhost',
    });
  if (pool.length > LONGEST_NAME)
    wrong.push({ message: `--pool has ${pool.length} characters`, hint: `at most ${LONGEST_NAME}` });
  if (wrong.length > 0 || !apiKey.ok) return err(wrong);
  const isSecure = isKnown || ca !== undefined;
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
    message: `no server of Temporal answers at ${address}: ${message}`,
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
