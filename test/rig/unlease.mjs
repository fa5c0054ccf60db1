// Starts a command in the background, in a session of its own and with this one's environment, but without the files
// that this one was given; and ends.
import { spawn } from 'node:child_process';
import { closeSync, readdirSync, readlinkSync } from 'node:fs';

for (const fd of readdirSync('/proc/self/fd')) {
  try {
    // The pipe of its output comes from the same folder.
    if (Number(fd) > 2 && readlinkSync(`/proc/self/fd/${fd}`).includes('/leases/')) closeSync(Number(fd));
  } catch {
    // The descriptor with which the folder was read.
  }
}
const [program, ...args] = process.argv.slice(2);
spawn(program, args, { detached: true, stdio: 'ignore' }).unref();
