// Loaded into Shakedown itself: has an exception come out of nowhere, as a bug would.
process.on('SIGUSR2', () => {
  throw new Error('thrown by the chaos harness');
});
