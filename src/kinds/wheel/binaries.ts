/** Reads the extension modules, libraries and programs that a package has installed. Their bytes are untrusted. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isElf, readElf } from '../../files/elf.ts';

export interface Binary {
  /** Relative to `site-packages`. */
  readonly file: string;
  readonly bytes: number;
  /** It is for Linux, and is damaged, too large, or lacks the tables that say what it needs. */
  readonly isUnread: boolean;
  readonly debugBytes: number;
  /** Names that it needs of others, without those that it can do without. */
  readonly names: readonly string[];
  /** `GLIBC_2.17` */
  readonly versions: readonly string[];
  readonly rpaths: readonly string[];
  /** Source files in somebody's home on the machine that built it. */
  readonly sources: readonly string[];
}

const MAY_BE_BINARY = /(?:\.(?:so|pyd|dylib|dll|exe)(?:\.[\d.]+)?|(?:^|\/)[^./]+)$/;
/** Larger ones are counted, and not read. */
const LARGEST = 256 * 1024 * 1024;

/** Users of machines that nobody calls home, and of documents. */
const NOBODYS =
  /^(?:runner\w*|circleci|travis|vsts\w*|\w*administrator|build\w*|conda\w*|jenkins|gitlab\w*|docker|worker|appveyor|ci|root|user\w*|ubuntu|debian|ec2-user|vagrant|admin|public|default|example|foo|me|you|name|linuxbrew)$/i;
/** Long enough for `/home/a/b.c`. */
const LIKE_A_PATH = /[\w.+@/\\:-]{11,}/g;
const HOME = /(?:\/home|\/Users|[A-Z]:[\\/]Users)[\\/]/;
const SOURCE = /\.(?:c|cc|cpp|cxx|h|hpp|hxx|rs|pyx|pxd|f|f90|go|s|S|asm|cu|m|mm|zig)(?![\w.])/;

/** The owner of a home, if that is a person. */
export function ownerOf(path: string): string | undefined {
  const [, owner] = /^(?:\/home|\/Users|[A-Z]:[\\/]Users)[\\/](\w[\w.-]*)/.exec(path) ?? [];
  return owner === undefined || NOBODYS.test(owner) ? undefined : owner;
}

/** The source file in a home that a run of characters like those of paths holds, if any. */
function sourceIn(text: string): string | undefined {
  const path = text.slice(Math.max(0, text.search(HOME)));
  const { index, 0: ending } = SOURCE.exec(path) ?? { index: 0, 0: '' };
  const file = path.slice(0, index + ending.length);
  const isBelowHome = file.split(/[\\/]/, 4).length === 4;
  return isBelowHome && ownerOf(file) !== undefined ? file : undefined;
}

const sourcesIn = (content: Buffer): string[] => [
  ...new Set([...content.toString('latin1').matchAll(LIKE_A_PATH)].flatMap(([text]) => sourceIn(text) ?? [])),
];

async function readBinary(site: string, file: string): Promise<Binary | undefined> {
  const handle = await open(join(site, file)).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (!isElf(buffer.subarray(0, bytesRead)) && !/\.(?:pyd|dylib|dll|exe|so)$/.test(file)) return undefined;
    const content = size > LARGEST ? Buffer.alloc(0) : await handle.readFile();
    const elf = readElf(content);
    const isUnread = isElf(buffer.subarray(0, bytesRead)) && (elf === undefined || elf.isBare);
    return {
      ...{ file, bytes: size, isUnread },
      debugBytes: elf?.debugBytes ?? 0,
      names: (elf?.needs ?? []).filter(({ isWeak }) => !isWeak).map(({ name }) => name),
      versions: elf?.versions ?? [],
      rpaths: elf?.rpaths ?? [],
      sources: sourcesIn(content),
    };
  } finally {
    await handle.close();
  }
}

/** @returns those of its files that are binaries, one after the other, so that one at a time is in memory */
export async function readBinaries(
  site: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<Binary[]> {
  const found: Binary[] = [];
  for (const file of files) {
    if (signal.aborted) break;
    const binary = MAY_BE_BINARY.test(file) ? await readBinary(site, file) : undefined;
    if (binary !== undefined) found.push(binary);
  }
  return found;
}
