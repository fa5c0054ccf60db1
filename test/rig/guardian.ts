/** Ends what a program of ours has started, however that program itself ends: even when it is killed. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { environmentNames } from '../../src/process/system/proc.ts';

/** Waits for the end of its input, which comes with the end of this process, and kills whoever bears the mark. */
const WATCH = `
trap '' INT TERM HUP
cat >/dev/null
for each in /proc/[0-9]*; do
  if tr '\\0' '\\n' <"$each/environ" | grep -q "^$1="; then kill -KILL "\${each#/proc/}"; fi
done 2>/dev/null`;

export class Guardian {
  readonly #name = `GUARDED_${randomBytes(8).toString('hex')}`;

  /** From now on all that is started by this process is guarded. */
  constructor() {
    const watcher = spawn('/bin/sh', ['-c', WATCH, 'sh', this.#name], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    // Not what keeps this process alive.
    watcher.unref();
    (watcher.stdin as unknown as { unref(): void }).unref();
    process.env[this.#name] = '1';
  }

  /** The processes that are alive and were started by this one, or by those. */
  alive(): number[] {
    return readdirSync('/proc').flatMap((name) => {
      const pid = Number(name);
      return Number.isInteger(pid) && pid !== process.pid && environmentNames(pid).includes(this.#name)
        ? [pid]
        : [];
    });
  }
}
