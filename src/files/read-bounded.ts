/** Reads a file that others may have put there: it may tell no size, have no end, or keep whoever reads it waiting. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const PIECE = 1024 * 1024;
/** Some files of the kernel are read in multiples of a few bytes only. */
const SMALL = 4096;

/**
 * @param most in bytes
 * @param waits whether it may come by and by, as through a pipe that the user has named
 * @returns undefined if it is longer
 * @throws the file system's error, also if it would have to be waited for
 */
export function readUpTo(path: string, most: number, waits = false): Buffer | undefined {
  const fd = openSync(path, constants.O_RDONLY | (waits ? 0 : constants.O_NONBLOCK));
  try {
    const { size } = fstatSync(fd);
    if (size > most) return undefined;
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE, Math.max(size + 1, SMALL)));
      const read = readSync(fd, piece);
      if (read === 0) return Buffer.concat(pieces, length);
      length += read;
      if (length > most) return undefined;
      pieces.push(piece.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
}
