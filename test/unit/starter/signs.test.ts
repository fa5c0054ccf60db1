/** What sources give away: real lines of real frameworks. */
import { describe, expect, test } from 'vitest';
import { portSign, serverSigns, testSigns } from '../../../src/starter/look/signs.ts';

describe('the port of a server', () => {
  test.each([
    ['app.listen(process.env.PORT || 3000)', { type: 'variable', name: 'PORT' }],
    ['const { PORT = 3000 } = process.env;\napp.listen(PORT)', { type: 'variable', name: 'PORT' }],
    ["server.listen(process.env['HTTP_PORT'])", { type: 'variable', name: 'HTTP_PORT' }],
    ['listen(process.env.DB_PORT, process.env.PORT)', { type: 'variable', name: 'PORT' }],
    ['port = int(os.environ.get("PORT", "8000"))', { type: 'variable', name: 'PORT' }],
    ['port = os.environ["APP_PORT"]', { type: 'variable', name: 'APP_PORT' }],
    ['port := os.Getenv("PORT")', { type: 'variable', name: 'PORT' }],
    ['let port = env::var("PORT").unwrap();', { type: 'variable', name: 'PORT' }],
    ['app.listen(3000, () => {})', { type: 'fixed', port: 3000 }],
    ['await app.listen({ port: 8080 })', { type: 'fixed', port: 8080 }],
    ['const port = 4000;\napp.listen(port)', { type: 'fixed', port: 4000 }],
    ['app.run(host="0.0.0.0", port=5001)', { type: 'fixed', port: 5001 }],
    ['http.ListenAndServe(":8080", nil)', { type: 'fixed', port: 8080 }],
    ['TcpListener::bind("127.0.0.1:7878")', { type: 'fixed', port: 7878 }],
    ['SocketAddr::from(([127, 0, 0, 1], 3001))', { type: 'fixed', port: 3001 }],
    ['HTTPServer(("", 8000), Handler)', { type: 'fixed', port: 8000 }],
    ['addr := flag.String("addr", ":8080", "where")', { type: 'flag', flag: '-addr :' }],
    ['port := flag.Int("port", 8080, "where")', { type: 'flag', flag: '-port ' }],
    ['parser.add_argument("--port", type=int, default=8000)', { type: 'flag', flag: '--port ' }],
    ['port = int(sys.argv[1])', { type: 'flag', flag: '' }],
    ['app.listen(config.get("http"))', { type: 'unknown' }],
  ])('%s', (line, sign) => {
    expect(portSign(line)).toEqual(sign);
  });

  test('is looked for where the server is, and in what it may be told by', () => {
    const config = { path: 'src/config.ts', text: 'export const port = Number(process.env.PORT ?? 3000);' };
    const server = { path: 'src/server.ts', text: "import { port } from './config';\napp.listen(port)" };
    expect(serverSigns([config, server])).toMatchObject({
      serves: true,
      port: { type: 'variable', name: 'PORT' },
    });
    expect(serverSigns([config])).toMatchObject({ serves: false });
  });
});

test('paths that GET is answered on, those that are made for asking first', () => {
  const text = `
    app.get('/users/list', list); app.get('/healthz', health); app.post('/users', add);
    @app.get("/items")
    router.HandleFunc("/ping", ping)
    if (request.url === '/hello') answer()
    app.get('/users/:id', one)
    if self.path == "/mine": pass
    path("words/", words)
    if line.starts_with("GET /raw ") {}`;
  const { paths } = serverSigns([{ path: 'server', text }]);
  expect(paths.slice(0, 2).sort()).toEqual(['/healthz', '/ping']);
  expect(paths).toEqual(expect.arrayContaining(['/items', '/hello', '/mine', '/words/', '/raw']));
  expect(paths.join()).not.toContain(':');
});

describe('a test', () => {
  const signs = (text: string) => testSigns([{ path: 'test/a.test.js', text }]);

  test.each([
    ['const r = await fetch(`http://localhost:${process.env.PORT}/`)', { variable: null, port: null }],
    ["axios.get('http://localhost:3000/users')", { variable: null, port: 3000 }],
    ["fetch((process.env.BASE_URL ?? 'http://localhost:3000') + '/x')", { variable: 'BASE_URL', port: null }],
    ['urlopen(f"http://127.0.0.1:{os.environ[\'PORT\']}/hello")', { variable: null, port: null }],
    ['http.Get("http://localhost:8080/hello")', { variable: null, port: 8080 }],
    ['curl --fail http://localhost:$PORT/hello', { variable: null, port: null }],
    [
      "import request from 'supertest';\nrequest('http://localhost:3000').get('/')",
      { variable: null, port: 3000 },
    ],
    [
      "import request from 'supertest';\nrequest(process.env.API_URL).get('/')",
      { variable: 'API_URL', port: null },
    ],
  ])('that asks needs a server: %s', (line, told) => {
    expect(signs(line)).toMatchObject({ needsServer: true, because: 'test/a.test.js', ...told });
  });

  test.each([
    "const request = require('supertest'); request(app).get('/').expect(200)",
    "await app.inject({ url: '/' }); process.env.PORT",
    'const server = app.listen(0); fetch(`http://localhost:${server.address().port}`)',
    'client = TestClient(app)\nclient.get("http://localhost:8000/")',
    'client = app.test_client()',
    'server := httptest.NewServer(handler)',
    "const child = spawn('node', ['server.js'], { env: { PORT: 3000 } }); fetch('http://localhost:3000')",
    "nock('http://localhost:3000').get('/').reply(200)",
    'node server.js & sleep 1; curl http://localhost:3000',
    "connect('postgres://user:password@localhost:5432/test')",
    'process.env.DATABASE_URL',
    'assert.equal(double(21), 42)',
  ])('that starts its own, or asks nobody, needs none: %s', (line) => {
    expect(signs(line).needsServer).toBe(false);
  });

  test('whose helper starts the server needs none', () => {
    const helper = { path: 'test/helpers/server.js', text: 'export const url = await start(app.listen(0))' };
    const asking = {
      path: 'test/a.test.js',
      text: "import { url } from './helpers/server.js';\nfetch(process.env.BASE_URL ?? url)",
    };
    expect(testSigns([helper, asking]).needsServer).toBe(false);
    expect(testSigns([asking]).needsServer).toBe(true);
  });

  test('for which a server is started before all of them needs none', () => {
    const asking = { path: 'test/a.test.js', text: "fetch('http://localhost:3000')" };
    const line = { path: 'script test', text: "start-server-and-test start 3000 'node --test'" };
    expect(testSigns([asking], [line]).needsServer).toBe(false);
  });

  test('that asks beside others that do not makes all of them need one', () => {
    const own = { path: 'test/own.test.js', text: "request(app).get('/') // supertest" };
    const asking = { path: 'test/a.test.js', text: "fetch('http://localhost:3000')" };
    expect(testSigns([own, asking])).toMatchObject({ needsServer: true, startsOwn: true, port: 3000 });
  });
});
