// Its web servers have no order but that of the list, and no tasks: the migration goes before the API.
const { DB_PORT, API_PORT } = process.env;
const gracefulShutdown = { signal: 'SIGTERM', timeout: 2000 };

export default {
  testDir: '.',
  workers: 1,
  reporter: 'line',
  outputDir: `${process.env.BENCH_RECORDS}/results`,
  webServer: [
    { command: 'node ../db.mjs', port: Number(DB_PORT), gracefulShutdown },
    {
      command: 'node ../migrate.mjs && exec node ../api.mjs',
      url: `http://127.0.0.1:${API_PORT}/health`,
      gracefulShutdown,
    },
  ],
};
