/** Reaches the server of Temporal that flags name. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { JoinWords } from '../../core/join.ts';
import type { Result } from '../../core/result.ts';
import type { Joined } from '../../distributed/join.ts';
import type { Program } from '../flags.ts';
import { flagOf } from '../load-flags.ts';

export async function joinByFlags(flags: JoinWords, { cwd }: Program): Promise<Result<Joined, Diagnostic[]>> {
  const { joinServer } = await import('../../distributed/join.ts');
  return joinServer(flags, { nameOf: (word) => flagOf(['agents', word]), folder: cwd, env: process.env });
}
