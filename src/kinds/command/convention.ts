import { join } from 'node:path';
import { interpreterLine } from '../../files/runnable.ts';
import { runtimeOf } from '../common/unheard.ts';
import type { BuildByConvention } from '../kind.ts';
import { buildCommand } from './build.ts';

/** An executable that passes or fails. */
export const commandOf: BuildByConvention = ({ file, dir, isWatched }, base, scope) => ({
  ...buildCommand({ kind: 'command', run: [`./${file}`] }, base, scope),
  watched: isWatched ? runtimeOf(interpreterLine(join(dir, file))) : null,
});
