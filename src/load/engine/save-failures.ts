/** Writes failed requests into a folder: one readable file each, and an index in JSON lines. */
import { chmodSync, closeSync, existsSync, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURE_FOLDER, failureFile, INDEX, INDEX_START, MOST_SAVED } from '../../core/failure-files.ts';
import { toJson, visibleText } from '../../core/harmless.ts';
import type { LoadFailure } from '../../core/load.ts';
import { secrets } from '../../core/secrets.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { foreignIn } from '../../files/own-folder.ts';
import { writeNew } from '../../files/write-new.ts';

/** What was saved, and what went wrong. */
export interface Saved {
  readonly files: number;
  readonly trouble?: string;
}

/** A failure for a person: what is wrong, then what was sent and what came back. */
export function failureText({ message, request, response, body, captured }: LoadFailure): string {
  const part = (title: string, text: string | null): string[] =>
    text === null || text.trim() === '' ? [] : ['', `--- ${title}`, text.trimEnd()];
  const values = Object.entries(captured ?? {}).map(([name, value]) => `${name}: ${value}`);
  return visibleText(
    [
      message,
      ...part('request', request),
      ...part('response', response),
      ...part('body', body),
      ...part('captured values', values.join('\n')),
      '',
    ].join('\n'),
  );
}

/** Empties the folder of what an earlier run has saved. It is for its owner only, as are files of requests. */
function prepare(folder: string): void {
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder)) if (FAILURE_FOLDER.isOurs(name)) unlinkSync(join(folder, name));
}

function write(folder: string, failures: readonly LoadFailure[], target: string): Saved {
  let files = 0;
  let index: number | undefined;
  try {
    prepare(folder);
    // First, since without it the folder would not be known as ours.
    index = openSync(join(folder, INDEX), 'wx', 0o600);
    writeSync(index, `${INDEX_START},"target":${toJson(secrets.conceal(target))}}\n`);
    for (const failure of failures.slice(0, MOST_SAVED)) {
      const { kind, name, message } = failure;
      const file = failureFile(files + 1, kind, name);
      writeNew(join(folder, file), failureText(failure));
      writeSync(index, `${toJson({ file, kind, name, message })}\n`);
      files += 1;
    }
    return { files };
  } catch (error) {
    return { files, trouble: (error as Error).message };
  } finally {
    if (index !== undefined) closeSync(index);
  }
}

/**
 * Saves failures, in place of those that an earlier run has saved there.
 *
 * @param failures without secrets
 * @returns how many were saved; trouble, such as a full disk, is told and not thrown
 */
export function saveFailures(folder: string, failures: readonly LoadFailure[], target: string): Saved {
  if (failures.length === 0 && !existsSync(folder)) return { files: 0 };
  try {
    // Before it is looked at: once it is ours, nobody else can put a link in its place.
    makeFolder(folder);
  } catch (error) {
    return { files: 0, trouble: (error as Error).message };
  }
  const foreign = foreignIn(folder, FAILURE_FOLDER);
  return foreign === undefined ? write(folder, failures, target) : { files: 0, trouble: `it ${foreign}` };
}
