/** What `agent` and `load --agents` do first: the packages of Temporal, and how to reach its server. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { JoinFlags, Joining } from '../../distributed/connection.ts';
import type { Temporal } from '../../distributed/peers.ts';
import type { Program } from '../flags.ts';

export interface Joined {
  readonly temporal: Temporal;
  readonly joining: Joining;
}

export async function joinServer(flags: JoinFlags, program: Program): Promise<Result<Joined, Diagnostic[]>> {
  const { readJoining } = await import('../../distributed/connection.ts');
  const joining = readJoining(flags, program.cwd, process.env);
  if (!joining.ok) return joining;
  const { loadTemporal } = await import('../../distributed/peers.ts');
  const temporal = await loadTemporal();
  if (!temporal.ok) return err([temporal.error]);
  return ok({ temporal: temporal.value, joining: joining.value });
}
