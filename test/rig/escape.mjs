// A command that phones home, and has started another one that bears no mark of the run: in a session of its own,
// with an empty environment and without the files that this one was given.
// Called as: escape.mjs AGENT SOCKET ID OTHER_ID
import { spawn } from 'node:child_process';
import { closeSync, readdirSync, readlinkSync } from 'node:fs';

const [node, , agent, socketPath, id, other] = process.argv;

for (const fd of readdirSync('/proc/self/fd')) {
  try {
    // The pipe of its output comes from the same folder.
    if (Number(fd) > 2 && readlinkSync(`/proc/self/fd/${fd}`).includes('/leases/')) closeSync(Number(fd));
  } catch {
    // The descriptor with which the folder was read.
  }
}
spawn(node, [agent, socketPath, other], { detached: true, stdio: 'ignore', env: {} }).unref();
process.argv = [node, agent, socketPath, id];
await import(agent);
