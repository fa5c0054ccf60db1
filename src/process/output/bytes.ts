/** Questions about a block of output that can be answered without decoding it. */
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const ESCAPE = 0x1b;
/** The first byte, in UTF-8, of a control character beyond ASCII; the second byte is in this range. */
const C1 = 0xc2;
const FIRST_C1 = 0x80;
const LAST_C1 = 0x9f;

/** If lines are shorter than this on average, looking at each byte is quicker than a call for each line. */
const SHORT_LINE = 24;
const PROBE = 1024;

/** How many line ends there are. */
export function countLineEnds(bytes: Buffer): number {
  let count = 0;
  let at = bytes.indexOf(NEWLINE);
  for (; at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) {
    count += 1;
    if (at >= PROBE && count * SHORT_LINE > at) break;
  }
  if (at === -1) return count;
  for (let index = at + 1; index < bytes.length; index += 1) if (bytes[index] === NEWLINE) count += 1;
  return count;
}

/** Whether a terminal would show something else: the bytes contain escape sequences, or overwrite themselves. */
export function needsTerminal(bytes: Buffer): boolean {
  return bytes.includes(ESCAPE) || holdsC1(bytes) || overwrites(bytes);
}

function holdsC1(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(C1); at !== -1; at = bytes.indexOf(C1, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next >= FIRST_C1 && next <= LAST_C1) return true;
  }
  return false;
}

/** A carriage return that does not merely end a line. */
function overwrites(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(CARRIAGE_RETURN); at !== -1; at = bytes.indexOf(CARRIAGE_RETURN, at + 1))
    if (bytes[at + 1] !== NEWLINE) return true;
  return false;
}
