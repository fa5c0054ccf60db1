import { expect, test } from 'vitest';
import { dataConverter, decodeValues, sizeOnTheWay } from '../../../src/distributed/codec.ts';

const [codec] = dataConverter.payloadCodecs ?? [];
const payloadOf = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});

test('what is encoded is smaller, and the same again', async () => {
  const value = { counts: Array.from({ length: 2000 }, (_, index) => index % 7) };
  const plain = payloadOf(value);
  const encoded = (await codec?.encode([plain])) ?? [];
  expect(encoded[0]?.data?.length).toBeLessThan(plain.data.length / 5);
  expect(await codec?.decode(encoded)).toEqual([plain]);
  expect(await decodeValues(encoded)).toEqual([value]);
  expect(await sizeOnTheWay(value)).toBe(encoded[0]?.data?.length);
});

test('what somebody else has not compressed is taken as it is', async () => {
  expect(await decodeValues([payloadOf(['plain'])])).toEqual([['plain']]);
  expect(await decodeValues(null)).toEqual([]);
});

test('what would be far too large expanded is refused', async () => {
  const { gzipSync } = await import('node:zlib');
  const bomb = {
    metadata: { encoding: Buffer.from('binary/shakedown-gzip') },
    data: gzipSync(Buffer.alloc(257 << 20), { level: 1 }),
  };
  await expect(decodeValues([bomb])).rejects.toThrow();
});
