/** Proves the examples, and puts what `shakedown prove` prints into their READMEs: `npm run proof-tables`. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

const EXAMPLES = [
  { folder: 'examples/http-server', names: ['thread', 'http', 'init', 'typestubs'] },
  { folder: 'examples/orjson', names: ['thread', 'http', 'typestubs', 'init'] },
];

/** In characters: what fits in a README without scrolling. */
const WIDEST = 104;

const cut = (line: string): string =>
  line.length <= WIDEST
    ? line
    : `${line
        .slice(0, WIDEST - 2)
        .replace(/ ?…?$/, '')
        .trimEnd()} …`;

const PROGRESS = /^ {2}… /;
const BLOCK = /```text\n(?:(?!```)[\s\S])*^PROVED[\s\S]*?```/m;

for (const { folder, names } of EXAMPLES) {
  const config = join(folder, 'shakedown.config.ts');
  const { stdout, status } = spawnSync(
    process.execPath,
    ['dist/cli.js', 'prove', '--fresh', '--config', config, ...names],
    { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0) throw new Error(`${folder} is not proved:\n${stdout}`);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .filter((line) => !PROGRESS.test(line));
  const readme = join(ROOT, folder, 'README.md');
  const before = readFileSync(readme, 'utf8');
  // A function, since the output may contain what `replace` would expand.
  const after = before.replace(BLOCK, () => `\`\`\`text\n${lines.map(cut).join('\n')}\n\`\`\``);
  if (after === before && !before.includes(lines.at(-1) ?? ''))
    throw new Error(`${readme} has no block to fill`);
  writeFileSync(readme, after);
  process.stdout.write(`${readme}: ${lines.at(-1)}\n`);
}
