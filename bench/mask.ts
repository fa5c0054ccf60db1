/** The mask in front of a log: CPU time for each byte, of ordinary output and of the worst. */
import { number, parseOptions } from '../scripts/options.ts';
import { Secrets } from '../src/core/secrets.ts';
import { SecretMask } from '../src/process/output/mask.ts';

const COMMAND = {
  usage: 'bench/mask [options]',
  summary: 'what it costs to mask the output of components',
  options: {
    megabytes: number('of each kind of output', 32),
    rounds: number('how often each is measured', 3),
    secrets: number('how many secrets are known', 10),
  },
};

const CHUNK = 64 * 1024;
const SECRET_BYTES = 32;
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** The same ones each time. */
const randomText = (seed: number): string =>
  Array.from(
    { length: SECRET_BYTES },
    (_, at) => LETTERS[(seed * seed * 29 + seed * at * 3 + at * at * 7 + at * 13) % 62],
  ).join('');

const OUTPUTS: Readonly<Record<string, (secret: string) => string>> = {
  'plain lines': () => 'ok  something has happened at last, and took 12 ms\n',
  'Windows line ends': () => 'ok  something has happened at last, and took 12 ms\r\n',
  'other scripts': () => 'ок  что-то наконец произошло — заняло 12 мс 終わりました\n',
  'coloured lines': () =>
    '\u001b[32mok\u001b[0m  something has \u001b[1mhappened\u001b[22m at last, and took 12 ms\n',
  'each letter coloured': () =>
    `${[...'something has happened'].map((each) => `\u001b[32m${each}`).join('')}\n`,
  'a secret, coloured': (secret) => `${[...secret].map((each) => `\u001b[32m${each}`).join('')}\n`,
  'a secret but for its end': (secret) =>
    `${[...secret.slice(0, -1)].map((each) => `\u001b[32m${each}`).join('')}\n`,
  'nothing to see': () => '\u0000\u200b\b',
  'sequences without end': () => '\u001b]',
};

/** In nanoseconds of CPU for each byte. */
function costOf(text: string, megabytes: number, secrets: Secrets): number {
  const chunk = Buffer.from(text.repeat(Math.ceil(CHUNK / Buffer.byteLength(text)))).subarray(0, CHUNK);
  const mask = new SecretMask(secrets, () => {});
  const chunks = Math.ceil((megabytes * 1e6) / CHUNK);
  const before = process.cpuUsage();
  for (let at = 0; at < chunks; at += 1) mask.push(chunk);
  mask.end();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (chunks * CHUNK);
}

function main(): void {
  const parsed = parseOptions(COMMAND, process.argv.slice(2));
  if (parsed === undefined) return;
  const { megabytes, rounds, secrets: count } = parsed.options;
  const values = Array.from({ length: count }, (_, at) => randomText(at + 1));
  const secrets = new Secrets();
  secrets.learnEnvironment(Object.fromEntries(values.map((value, at) => [`API_TOKEN_${at}`, value])));
  for (const [name, textOf] of Object.entries(OUTPUTS)) {
    const text = textOf(values[0] ?? '');
    const costs = Array.from({ length: rounds }, () => costOf(text, megabytes, secrets));
    process.stdout.write(
      `${name.padEnd(26)} ${Math.min(...costs)
        .toFixed(2)
        .padStart(7)} ns of CPU a byte\n`,
    );
  }
}

main();
