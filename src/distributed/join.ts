/** What everybody does first who has to do with agents: the packages of Temporal, and how to reach its server. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { JoinWords } from '../core/join.ts';
import { err, ok, type Result } from '../core/result.ts';
import { type Joining, type JoinOrigin, readJoining } from './connection.ts';
import { loadTemporal, type Temporal } from './peers.ts';

export interface Joined {
  readonly temporal: Temporal;
  readonly joining: Joining;
}

/** @returns what is needed to connect; or everything that is wrong with what was given, or what to install */
export async function joinServer(
  words: JoinWords,
  origin: JoinOrigin,
): Promise<Result<Joined, Diagnostic[]>> {
  const joining = readJoining(words, origin);
  if (!joining.ok) return joining;
  const temporal = await loadTemporal();
  return temporal.ok ? ok({ temporal: temporal.value, joining: joining.value }) : err([temporal.error]);
}
