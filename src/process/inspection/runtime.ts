/** Detects a process's runtime, and the signal that makes it dump its threads' stacks. */
import { closeSync, openSync, readlinkSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { Runtime } from '../../core/snapshot.ts';
import { dispositionOf } from '../system/proc.ts';

export interface Convention {
  readonly runtime: Runtime;
  readonly signal: NodeJS.Signals;
}

/**
 * How to ask a process for its stacks; undefined unless it is known to answer, since the signal could mean anything.
 * The name alone is not enough: it must have a handler for that signal.
 *
 * - Python dumps its threads on SIGABRT when `faulthandler` is enabled, and dies of it. A program with a handler for
 *   SIGTERM would lose its graceful shutdown, so it is not asked.
 * - The JVM answers SIGQUIT, and goes on.
 * - A Go program dumps its goroutines on SIGQUIT, and exits.
 */
export function conventionOf(pid: number): Convention | undefined {
  let program: string;
  try {
    program = basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return undefined;
  }
  if (/^python\d?(?:\.\d+)?[dmt]*$/.test(program)) {
    const wouldJustDie = dispositionOf(pid, 'SIGTERM') === 'default';
    return wouldJustDie && dispositionOf(pid, 'SIGABRT') === 'caught'
      ? { runtime: 'python', signal: 'SIGABRT' }
      : undefined;
  }
  if (dispositionOf(pid, 'SIGQUIT') !== 'caught') return undefined;
  if (program === 'java') return { runtime: 'java', signal: 'SIGQUIT' };
  return isGoProgram(`/proc/${pid}/exe`) ? { runtime: 'go', signal: 'SIGQUIT' } : undefined;
}

const ELF_64_LITTLE_ENDIAN = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const HEADER_LENGTH = 64;
const LONGEST_NAMES = 1024 * 1024;

/** Whether an executable has the section with the Go linker's build info, which even stripped ones keep. */
export function isGoProgram(path: string): boolean {
  return sectionNames(path)?.includes('\0.go.buildinfo\0') ?? false;
}

/** The table of section names of an ELF file, NUL-separated; undefined for any other file. */
function sectionNames(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  const read = (at: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
  };
  try {
    const header = read(0, HEADER_LENGTH);
    if (!header.subarray(0, ELF_64_LITTLE_ENDIAN.length).equals(ELF_64_LITTLE_ENDIAN)) return undefined;
    // e_shoff, e_shentsize and e_shstrndx; then sh_offset and sh_size of the section that holds the names.
    const entry =
      Number(header.readBigUInt64LE(0x28)) + header.readUInt16LE(0x3a) * header.readUInt16LE(0x3e);
    const section = read(entry, HEADER_LENGTH);
    const length = Math.min(LONGEST_NAMES, Number(section.readBigUInt64LE(0x20)));
    return read(Number(section.readBigUInt64LE(0x18)), length).toString('latin1');
  } catch {
    // Truncated, or without sections.
    return undefined;
  } finally {
    closeSync(fd);
  }
}
