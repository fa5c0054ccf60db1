/**
 * spawn.mjs N [chain]: what it costs to spawn so many processes at all. Each says that it is up; when all are, they are ended and
 * waited for. In a chain each waits for the one before, and they are ended in reverse order.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const [count, shape] = process.argv.slice(2);
const start = async () => {
  const child = spawn('/bin/sh', ['-c', 'echo up; exec sleep 600'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
};
const end = async (child) => {
  const closed = once(child, 'close');
  child.kill();
  await closed;
};

if (shape === 'chain') {
  const children = [];
  for (let n = 0; n < Number(count); n++) children.push(await start());
  for (const child of children.reverse()) await end(child);
} else {
  const children = await Promise.all(Array.from({ length: Number(count) }, start));
  await Promise.all(children.map(end));
}
