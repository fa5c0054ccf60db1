// Loaded into Shakedown itself: has it fail as a bug would, when the test says so by a signal that does nothing else.
if (process.argv[1]?.endsWith('cli.js')) {
  process.on('SIGWINCH', () => {
    throw new TypeError('thrown for a test\nand not in one line');
  });
  process.on('SIGCONT', () => {
    Promise.reject(new Error('rejected for a test'));
  });
  // Something that is never closed, as a bug would leave it.
  if (process.env.KEEP_OPEN !== undefined) setInterval(() => {}, 1000);
  // An answer that never comes, and that nothing keeps the process waiting for.
  if (process.env.WAIT_FOR_NOTHING !== undefined)
    require('node:dns/promises').lookup = () => new Promise(() => {});
}
