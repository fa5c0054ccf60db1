/** 64-bit FNV-1a (Fowler, Noll, Vo), to tell names apart. Loading `node:crypto` would cost more than everything else here. */
export function hash64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
