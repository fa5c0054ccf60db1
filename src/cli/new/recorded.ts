/** Reads the recording that `shakedown new --har` is given. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Recorded } from '../../starter/har/propose.ts';
import { readRecording } from '../../starter/har/recording.ts';

/** In bytes: Node needs several times as much memory to parse it. */
const LARGEST = 256 * 2 ** 20;
const SMALLER = 'record less of it, or filter the requests before they are saved';

const inMiB = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** @param file as the user wrote it, relative to `cwd` */
export function readRecorded(file: string, cwd: string): Result<Recorded, Diagnostic> {
  const path = resolve(cwd, file);
  let text: string;
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return err({ message: `--har: ${file} is no file` });
    if (stat.size > LARGEST)
      return err({
        message: `--har: ${file} has ${inMiB(stat.size)}, which is more than ${inMiB(LARGEST)}`,
        hint: SMALLER,
      });
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return err({
      message: `--har: ${file} cannot be read: ${(error as Error).message}`,
      hint: 'name the file that the browser saved',
    });
  }
  const recording = readRecording(text);
  if (recording.ok) return ok({ recording: recording.value, file });
  const { message, hint } = recording.error;
  return err({ message: `--har: ${file}: ${message}`, hint });
}
