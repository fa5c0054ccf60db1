// Leaves a process behind that holds standard output open: outliver.mjs PROGRAM…
import { spawn } from 'node:child_process';

const [program, ...args] = process.argv.slice(2);
spawn(program, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] }).unref();
