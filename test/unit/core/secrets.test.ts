import { describe, expect, test } from 'vitest';
import { nextOfKind } from '../../../src/core/near-misses.ts';
import { soundsSecret } from '../../../src/core/secret-places.ts';
import { MASK, Secrets } from '../../../src/core/secrets.ts';
import { SecretMask } from '../../../src/process/output/mask.ts';
import fc from '../../rig/fast-check.ts';

const knowing = (data: unknown, names: readonly string[] = []): Secrets => {
  const secrets = new Secrets();
  secrets.name(names);
  secrets.learn(data);
  return secrets;
};

describe('a name', () => {
  test.each([
    ...[
      'CI_TOKEN',
      'GITHUB_TOKEN',
      'NPM_AUTH',
      'dbPassword',
      'DB_PASSWORD',
      'DB_PWD',
      'MYSQL_PASS',
      'x-api-key',
    ],
    ...[
      'API_KEY',
      'APIKEY',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_ACCESS_KEY_ID',
      'SIGNING_KEY',
      'CLIENT_SECRET',
      '--token',
    ],
    ...[
      'Authorization',
      'Proxy-Authorization',
      'Cookie',
      'Set-Cookie',
      'GOOGLE_CREDENTIALS',
      'npm_config__authToken',
      'PGPASSWORD',
      'mysqlpassword',
      'X-CSRF',
      'xsrf',
    ],
  ])('%s sounds secret', (name) => {
    expect(soundsSecret(name)).toBe(true);
  });

  test.each([
    ...[
      'PATH',
      'PWD',
      'OLDPWD',
      'HOME',
      'KEY',
      'SORT_KEY',
      'MONKEY',
      'KEYBOARD',
      'PASSENGERS',
      'COMPASS',
      'AUTHOR',
    ],
    ...[
      'SSH_AUTH_SOCK',
      'TOKEN_FILE',
      'SECRET_NAME',
      'TOKEN_URL',
      'PASSWORD_MIN_LENGTH',
      'XDG_SESSION_ID',
      'GIT_ASKPASS',
      'PGPASSFILE',
    ],
  ])('%s does not', (name) => {
    expect(soundsSecret(name)).toBe(false);
  });
});

describe('a value', () => {
  test.each([
    '1',
    'true',
    'debug',
    '8001',
    '1234567',
    'postgres',
    'Password',
    '$TOKEN',
    `\${{ secrets.X }}`,
    'short',
    '',
  ])('%j is too common or too short to be looked for', (value) => {
    const secrets = knowing({ env: { CI_TOKEN: value } });
    expect(secrets.forms.size).toBe(0);
    expect(secrets.conceal(`it is ${value} here`)).toBe(`it is ${value} here`);
  });

  test('is masked beside its name in an environment whatever it is', () => {
    expect(new Secrets().concealAll({ env: { CI_TOKEN: '1', PORT: '1' }, count: '1' })).toEqual({
      env: { CI_TOKEN: MASK, PORT: '1' },
      count: '1',
    });
  });

  test('is masked in what was shown before it was known', () => {
    const secrets = new Secrets();
    const shown = (): string => secrets.conceal('open sesam with DOOR=kitchen8');
    expect([shown(), shown()]).toEqual(['open sesam with DOOR=kitchen8', 'open sesam with DOOR=kitchen8']);
    secrets.name(['DOOR']);
    expect(shown()).toBe(`open sesam with DOOR=${MASK}`);
    secrets.learn({ env: { DOOR: 'sesam' } });
    expect(shown()).toBe(`open ${MASK} with DOOR=${MASK}`);
  });

  test('of a variable that a person named may be shorter', () => {
    const secrets = knowing({ env: { DOOR: 'sesam' } }, ['DOOR']);
    expect(secrets.conceal('open sesam')).toBe(`open ${MASK}`);
  });
});

describe('secrets are learned', () => {
  const value = 'c4nary-V';
  test.each<[string, unknown]>([
    ['from an environment', { env: { CI_TOKEN: value } }],
    ['from the environment of a service', { components: { a: { server: { env: { DB_PASSWORD: value } } } } }],
    ['from headers', { headers: { 'X-Api-Key': value } }],
    ['from headers with several values', { headers: { 'X-Api-Key': ['one', value] } }],
    ['from headers as pairs', { headers: [['authorization', `Bearer ${value}`]] }],
    [
      'from basic authentication',
      { headers: { Authorization: `Basic ${Buffer.from(`me:${value}`).toString('base64')}` } },
    ],
    ['from cookies', { headers: { Cookie: `theme=dark; sid=${value}` } }],
    ['from options', { bearer: value }],
    ['from a user with a password', { user: `me:${value}` }],
    ['from the words of a command', { run: ['login', '--password', value] }],
    ['from a word of a command', { run: ['login', `--password=${value}`] }],
    ['from a line', { run: `API_KEY=${value} node server.js` }],
    ['from a line with quotes', { run: `export API_KEY="${value}"` }],
    ['from an option in a line', { run: `login --token ${value}` }],
    ['from a header in a line', { run: `curl -H 'Authorization: Bearer ${value}' http://localhost/` }],
    ['from a URL', { DATABASE: `postgres://me:${value}@localhost/db` }],
    ['from arguments', ['load', 'http://localhost/', '--user', `me:${value}`]],
  ])('%s', (_, data) => {
    expect(knowing(data).conceal(`<${value}>`)).toBe(`<${MASK}>`);
  });

  test('which is what others are told of', () => {
    const told: string[] = [];
    const secrets = knowing({ env: { A_TOKEN: 'first-one' } });
    secrets.onValue((each) => told.push(each));
    secrets.learn({ env: { B_TOKEN: 'second-one', C_TOKEN: 'first-one' } });
    expect(told).toEqual(['first-one', 'second-one']);
  });
});

describe('a secret is concealed', () => {
  const value = `it's "a/b" \\ c`;
  const secrets = knowing({ env: { CI_TOKEN: value } });
  test.each([
    ['as it is', value],
    ['in JSON', JSON.stringify(value).slice(1, -1)],
    ['in a URL', encodeURIComponent(value)],
    ['in a shell', value.replaceAll("'", "'\\''")],
  ])('%s', (_, form) => {
    expect(secrets.conceal(`x ${form} y`)).toBe(`x ${MASK} y`);
  });

  test('line by line, if it has several', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\n-----END PRIVATE KEY-----\n';
    const known = knowing({ tls: { key } });
    expect(known.conceal('  kqhkiG9w0BAQ')).toBe(`  ${MASK}`);
    expect(known.conceal(key.trim())).toBe(MASK);
  });

  test('where it was cut', () => {
    const known = knowing({ env: { CI_TOKEN: 'abcdefghijkl' } });
    expect(known.conceal('it is abcdefg…')).toBe(`it is ${MASK}…`);
    expect(known.conceal('it is abcdefg … efghijkl --x')).toBe(`it is ${MASK} … ${MASK} --x`);
    expect(known.conceal('it is abcdef', true)).toBe(`it is ${MASK}`);
    expect(known.conceal('it is abcdef')).toBe('it is abcdef');
  });

  test('with another that overlaps it', () => {
    const known = knowing({ env: { A_TOKEN: 'abcdefgh', B_TOKEN: 'efghijkl' } });
    expect(known.conceal('-abcdefghijkl-')).toBe(`-${MASK}-`);
  });

  test('where only secrets stand, known or not', () => {
    const none = new Secrets();
    expect(none.conceal('redis://:pa55word@localhost/1 and http://localhost/')).toBe(
      `redis://:${MASK}@localhost/1 and http://localhost/`,
    );
    expect(none.conceal('> Authorization: Bearer abc.def')).toBe(`> Authorization: Bearer ${MASK}`);
    expect(none.conceal('set-cookie: sid=1; Path=/')).toBe(`set-cookie: ${MASK}`);
    expect(none.conceal("curl -H 'cookie:sid=1'")).toBe(`curl -H 'cookie:${MASK}'`);
    expect(none.conceal("write 'cookie:sid', or")).toBe("write 'cookie:sid', or");
    expect(none.conceal('sh --password=s3cr3t! --verbose')).toBe(`sh --password=${MASK} --verbose`);
    expect(none.conceal('{"apiKey": "0123abcd"}')).toBe(`{"apiKey": "${MASK}"}`);
  });

  test.each([
    ['a cookie in quotes', 'Cookie: a=b; sid="two words"; c=d', `Cookie: ${MASK}`],
    ['a value in quotes', 'DB_PASSWORD="two words, & more" next', `DB_PASSWORD="${MASK}" next`],
    ['JSON in JSON', '"{\\"password\\":\\"two words\\"}"', `"{\\"password\\":\\"${MASK}\\"}"`],
    [
      'a value after another sign',
      'url=http://a/?access_token=0123abcd&b=c',
      `url=http://a/?access_token=${MASK}&b=c`,
    ],
    ['a hash of Ruby', '{"token"=>"zz99-zz99"}', `{"token"=>"${MASK}"}`],
    [
      'a list',
      '{"tokens": ["zz99-zz99", "a b-a b"], "a": ["b"]}',
      `{"tokens": ["${MASK}", "${MASK}"], "a": ["b"]}`,
    ],
    ['a header of Vault', 'X-Vault-Token: hvs.zz99', `X-Vault-Token: ${MASK}`],
    ['a header of GitLab', 'PRIVATE-TOKEN: zz99-zz99', `PRIVATE-TOKEN: ${MASK}`],
    ['a header of AWS', 'x-amz-security-token: zz99/zz99', `x-amz-security-token: ${MASK}`],
    ['a key of Stripe', 'STRIPE_KEY=zz99-zz99', `STRIPE_KEY=${MASK}`],
    ['a personal access token', 'GH_PAT=zz99-zz99', `GH_PAT=${MASK}`],
    ['a password with an @', 'redis://me:pa@ss@host/', `redis://me:${MASK}@host/`],
  ])('%s', (_, text, shown) => {
    expect(new Secrets().conceal(text)).toBe(shown);
  });

  const B = '0123456789abcdefghijklmnopqrstuvwxyz';
  test.each([
    `ghp_${B}`,
    `github_pat_${B}`,
    `glpat-${B}`,
    `npm_${B}`,
    `sk_live_${B}`,
    `rk_live_${B}`,
    `xoxb-${B}`,
    'AKIA0123456789ABCDEF',
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${B}`,
  ])('by its form, whatever it is called: %s', (value) => {
    expect(new Secrets().conceal(`it is ${value}.`)).toBe(`it is ${MASK}.`);
    // What a log is searched for.
    expect([...knowing({ env: { THING: value } }).forms]).toContain(value);
  });

  test('whole where another that is known is a part of it, and the other way round', () => {
    const known = knowing({
      env: { CI_TOKEN: 'abcdef', CONNECTION_SECRET: 'at=x;password=letmein1;to=zz9-zz9' },
    });
    expect(known.conceal('API_TOKEN=abcdef-ghijkl')).toBe(`API_TOKEN=${MASK}`);
    expect(known.conceal('is at=x;password=letmein1;to=zz9-zz9')).toBe(`is ${MASK}`);
  });

  test.each([
    ['with API_TOKEN=abc', `with API_TOKEN=${MASK}`],
    ['to redis://me:pass', `to redis://${MASK}`],
    ['Authorization: Bea', `Authorization: ${MASK}`],
    ['to http://localhost:80/', 'to http://localhost:80/'],
  ])('where more may come: %s', (text, shown) => {
    expect(new Secrets().conceal(text, true)).toBe(shown);
  });

  test('and nothing else', () => {
    const plain = 'Unexpected token: } at server.js:12, retries=3, p99 < 50ms, --port 8001, a://b:c';
    expect(new Secrets().conceal(plain)).toBe(plain);
  });

  test('whatever stands around it, in any data', () => {
    const known = knowing({ env: { CI_TOKEN: 'c4nary-V' } });
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), (data, before, after) => {
        const shown = JSON.stringify(known.concealAll({ data, text: [`${before}c4nary-V${after}`] }));
        expect(shown).not.toContain('c4nary-V');
      }),
    );
  });
});

describe('what a fault has changed', () => {
  const long = Array.from({ length: 20 }, (_, at) => `Part${at}zZ9`).join('.');
  const known = ['s3cr3tvalue', 'hunter2-9zZ', long];
  const proving = (): Secrets => {
    const secrets = knowing({ env: { A_TOKEN: known[0], B_TOKEN: known[1] } });
    secrets.expectFaults();
    secrets.learn({ env: { C_TOKEN: known[2] } });
    return secrets;
  };

  test('is masked, whichever character it is, in text and in the bytes of a log', () => {
    for (const value of known)
      for (const [at, char] of [...value].entries()) {
        if (!/[a-z0-9]/i.test(char)) continue;
        const changed = value.slice(0, at) + nextOfKind(char) + value.slice(at + 1);
        const secrets = proving();
        const shown = [secrets.conceal(`key is ${changed}!`)];
        new SecretMask(secrets, (bytes) => shown.push(bytes.toString())).push(Buffer.from(`<${changed}>\n`));
        expect(shown.join('').replaceAll(MASK, '')).toBe('key is !<>\n');
      }
  });

  test('is shown otherwise, and where only a proof would change it', () => {
    expect(proving().conceal('key is s3cr3tvxxue')).toBe('key is s3cr3tvxxue');
    expect(knowing({ env: { A_TOKEN: known[0] } }).conceal('key is s3cr3tvalve')).toBe('key is s3cr3tvalve');
  });

  test('shows little of a secret that was cut', () => {
    expect(proving().conceal(`key is ${long.slice(0, 100)}`)).toMatch(/^key is (?:•••)+.{0,16}$/);
  });
});
