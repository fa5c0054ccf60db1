import type { BuildByConvention } from '../kind.ts';
import { buildCommand } from './build.ts';

/** An executable that passes or fails. */
export const commandOf: BuildByConvention = ({ file }, base, scope) =>
  buildCommand({ kind: 'command', run: [`./${file}`] }, base, scope);
