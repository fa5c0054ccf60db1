/** Stands for a database: takes connections once it has started up, and tells whether it has been migrated. */
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const STARTS_UP_IN = 300;
let isMigrated = false;
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (asked) => {
    if (String(asked) === 'migrate') isMigrated = true;
    socket.end(isMigrated ? 'migrated' : 'empty');
  });
});
await delay(STARTS_UP_IN);
server.listen(Number(process.env.DB_PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit());
