/** A server that notes when each part of a load first asks: the number of a request says whose it is. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const parts = Number(process.argv[2]);
const rate = Number(process.argv[3]);
/** The number of requests of each part that are looked at. */
const LOOKED_AT = 10;

/** Milliseconds since 1970 less what was due before, by the number of the request: the same for all if none is late. */
const starts: number[][] = Array.from({ length: parts }, () => []);
let count = 0;

const spread = (all: readonly number[]): number => Math.max(...all) - Math.min(...all);

const server = createServer(({ url = '' }, response) => {
  if (url === '/told') {
    const skew = (nth: number): number => spread(starts.map((each) => each[nth] ?? Number.NaN));
    response.end(JSON.stringify({ count, first: skew(0), tenth: skew(LOOKED_AT - 1) }));
    return;
  }
  const number = Number(url.slice(1));
  const own = starts[number % parts];
  if (own !== undefined && own.length < LOOKED_AT)
    own.push(performance.timeOrigin + performance.now() - (number / rate) * 1000);
  count += 1;
  response.end('ok');
}).listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
