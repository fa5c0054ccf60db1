/** How the server is reached that agents wait at, as somebody wrote it. */
import { isLoopback, unbracketed } from './address.ts';

/** The names of files and variables, never what is in them: so this may stand in a plan. */
export interface JoinWords {
  readonly join?: string | undefined;
  readonly namespace?: string | undefined;
  readonly pool?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly apiKeyEnv?: string | undefined;
  readonly apiKeyFile?: string | undefined;
}

export type JoinWord = keyof JoinWords;

/** What a word is called where it was written: `--tls-cert`, `` `agents.tlsCert` ``. */
export type NameOfJoin = (word: JoinWord) => string;

export interface JoinMistake {
  readonly word: JoinWord;
  readonly message: string;
  readonly hint: string;
}

/** In characters. The server takes a thousand bytes, and answers nobody whose name is longer. */
export const LONGEST_NAME = 200;

const JOIN = /^(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i;

/** @returns the host of `HOST:PORT`, without brackets; undefined if it is no address */
export function hostOfJoin(join: string): string | undefined {
  const [, host, port] = JOIN.exec(join) ?? [];
  return host === undefined || Number(port) > 65_535 ? undefined : unbracketed(host);
}

/** @returns what is wrong with the words themselves, before anything is read or reached */
export function joinMistakes(words: JoinWords, nameOf: NameOfJoin): JoinMistake[] {
  const { join = '', pool = '', tlsCert, tlsKey, apiKeyEnv, apiKeyFile } = words;
  const mistakes: JoinMistake[] = [];
  const host = hostOfJoin(join);
  if (host === undefined)
    mistakes.push({
      word: 'join',
      message:
        join === ''
          ? `${nameOf('join')} is missing: where the server of Temporal is`
          : `${nameOf('join')} "${join}" is no address`,
      hint: 'write it as HOST:PORT, such as localhost:7233',
    });
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    mistakes.push({
      word: tlsCert === undefined ? 'tlsKey' : 'tlsCert',
      message: `${nameOf('tlsCert')} and ${nameOf('tlsKey')} go together`,
      hint: 'give both, or neither',
    });
  if (apiKeyEnv !== undefined && apiKeyFile !== undefined)
    mistakes.push({
      word: 'apiKeyEnv',
      message: `${nameOf('apiKeyEnv')} and ${nameOf('apiKeyFile')} contradict each other`,
      hint: 'use one of them',
    });
  if (host !== undefined && !isLoopback(host) && !isKnown(words))
    mistakes.push({
      word: 'join',
      message: `${host} is not this machine: the server must know who sends load, and nobody may listen in`,
      hint: `give a client certificate (${nameOf('tlsCert')}, ${nameOf('tlsKey')}) or an API key (${nameOf('apiKeyEnv')}, ${nameOf('apiKeyFile')}), or join by a tunnel to localhost`,
    });
  if (pool.length > LONGEST_NAME)
    mistakes.push({
      word: 'pool',
      message: `${nameOf('pool')} has ${pool.length} characters`,
      hint: `at most ${LONGEST_NAME}`,
    });
  return mistakes;
}

/** Whether they let the server know who we are. */
export const isKnown = ({ tlsCert, apiKeyEnv, apiKeyFile }: JoinWords): boolean =>
  [tlsCert, apiKeyEnv, apiKeyFile].some((word) => word !== undefined);
