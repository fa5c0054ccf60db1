// Two processes, each of which starts the other anew when it has gone. Ends by itself after a while.
// Called as: respawn.mjs MARK [PARTNER]
import { spawn } from 'node:child_process';

const [mark, partner] = process.argv.slice(2);
let other = Number(partner ?? 0);
const start = () => {
  const child = spawn(process.execPath, [process.argv[1], mark, String(process.pid)], {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  other = child.pid;
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
setInterval(() => {
  try {
    process.kill(other, 0);
  } catch {
    start();
  }
}, 5);
setTimeout(() => process.exit(), 30_000);
if (partner === undefined) start();
