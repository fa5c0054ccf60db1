// Leaves a command behind that nothing gives away: with an empty environment and none of this one's files, in a
// session of its own, started by processes that have ended before anybody can have looked. Node cannot fork; Python can.
import { spawn } from 'node:child_process';

const SCRIPT = `
import os, sys
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
null = os.open('/dev/null', os.O_RDWR)
for fd in (0, 1, 2): os.dup2(null, fd)
os.closerange(3, 1024)
os.execve(sys.argv[1], sys.argv[1:], {})
`;
spawn('python3', ['-c', SCRIPT, ...process.argv.slice(2)], { detached: true, stdio: 'ignore' }).unref();
