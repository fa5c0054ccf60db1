/** 64 bits of FNV-1a (Fowler, Noll, Vo): tells names apart, and `node:crypto` takes longer to load than all else here. */
export function hash64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
