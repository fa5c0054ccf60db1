/** In a workflow of GitHub, the one place through which output passes: nothing but our own commands is obeyed. */
import { StringDecoder } from 'node:string_decoder';
import { CommandGuard } from '../core/workflow-command.ts';

interface Guarded {
  readonly guard: CommandGuard;
  /** Past the guard. */
  readonly write: (text: string) => void;
}

const guarded = new Map<NodeJS.WritableStream, Guarded>();

type Callback = (error?: Error | null) => void;

/** Guards a stream from now on. */
function guardStream(stream: NodeJS.WriteStream): void {
  if (guarded.has(stream)) return;
  const write = stream.write.bind(stream);
  const guard = new CommandGuard();
  const decoder = new StringDecoder('utf8');
  guarded.set(stream, { guard, write });
  stream.write = (chunk: Uint8Array | string, encoding?: BufferEncoding | Callback, done?: Callback) => {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    return write(guard.pass(text), typeof encoding === 'function' ? encoding : done);
  };
}

/** Guards all that this process prints from now on. */
export function guardOutput(): void {
  guardStream(process.stdout);
  guardStream(process.stderr);
}

/** What may be written to standard output by other means than its stream. */
export const guardedOutput = (text: string): string => guarded.get(process.stdout)?.guard.pass(text) ?? text;

/** Issues a command of our own, on a line of its own. */
export function issue(command: string, stream: NodeJS.WritableStream): void {
  const known = guarded.get(stream);
  if (known === undefined) stream.write(`${command}\n`);
  else known.write(`${known.guard.isAtStart ? '' : known.guard.pass('\n')}${command}\n`);
}

/** Whether this is a step of a workflow. */
export const isInWorkflow = (env: NodeJS.ProcessEnv): boolean => env.GITHUB_ACTIONS === 'true';
