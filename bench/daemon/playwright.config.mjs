export default {
  testMatch: 'trial.spec.mjs',
  reporter: 'line',
  timeout: 60_000,
  webServer: {
    command: `./http ${process.env.BENCH_HTTP}`,
    url: `http://127.0.0.1:${process.env.PORT}/`,
    reuseExistingServer: false,
  },
};
