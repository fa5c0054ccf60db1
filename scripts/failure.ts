/** The picture of a failure in README.md: what the program prints, in colours, drawn as an SVG. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const CLI = resolve(import.meta.dirname, '../dist/cli.js');

/** A server that crashes while its client is using it, and a script that hides a crash behind exit code 0. */
const PROJECT = {
  'server.mjs': `import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.url === '/orders/7') throw new Error('order 7 has no items');
  response.end('ok');
}).listen(process.env.PORT);
`,
  'client.mjs': `const answer = await fetch(\`http://localhost:\${process.env.PORT}/orders/7\`);
console.log(await answer.json());
`,
  'import.sh': `node -e 'Promise.reject(new Error("3 rows are missing"))'
echo done
`,
  'shakedown.config.mjs': `import { command, defineSuite, http } from 'shakedown';
export default defineSuite({
  components: {
    parser: command('true'),
    orders: http({ server: { run: 'node server.mjs', port: 0, ready: { http: '/' } }, client: 'node client.mjs' }),
    import: command('sh import.sh'),
  },
});
`,
};

export interface Failure {
  /** What Shakedown prints, in colours. */
  readonly output: string;
  /** Its page. */
  readonly page: string;
}

/** Runs that project. @returns what comes of it; where it lies on this machine does not show */
export async function failure(): Promise<Failure> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'shakedown-failure-')));
  try {
    for (const [name, content] of Object.entries(PROJECT)) writeFileSync(join(folder, name), content);
    const { NO_COLOR: _, ...env } = process.env;
    const options = {
      cwd: folder,
      env: { ...env, FORCE_COLOR: '1', NODE_OPTIONS: '--stack-trace-limit=1' },
    };
    const output = await new Promise<string>((done) => {
      execFile(
        process.execPath,
        [CLI, '--keep-going', '--report', 'html=report.html'],
        options,
        (_error, stdout) => done(stdout),
      );
    });
    const shown = (text: string): string =>
      text.replaceAll(folder, '/shop').replace(/Node\.js v[\d.]+/g, 'Node.js v20');
    return {
      // Who only runs it has no page.
      output: shown(output).replace(/^.*\bpage: .*\n/m, ''),
      page: shown(readFileSync(join(folder, 'report.html'), 'utf8')),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const COLUMN = 7.8;
const LINE = 18;
const MARGIN = 14;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPE = /(\u001b\[\d+m)/;

const FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
const COLOURS: Readonly<Record<number, string>> = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  36: '#79c0ff',
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What the escape sequences up to here have switched on. */
interface Style {
  bold: boolean;
  dim: boolean;
  colour: string | null;
}

function apply(style: Style, code: number): void {
  if (code === 1) style.bold = true;
  else if (code === 2) style.dim = true;
  else if (code === 22) style.bold = style.dim = false;
  else if (code === 39) style.colour = null;
  else style.colour = COLOURS[code] ?? style.colour;
}

function span(text: string, { bold, dim, colour }: Style): string {
  const weight = bold ? ' font-weight="bold"' : '';
  const fill = colour ?? (dim ? '#8b949e' : null);
  const paint = fill === null ? '' : ` fill="${fill}"`;
  return weight + paint === '' ? escaped(text) : `<tspan${weight}${paint}>${escaped(text)}</tspan>`;
}

/** A line as spans of one style each. */
function drawLine(line: string): string {
  const style: Style = { bold: false, dim: false, colour: null };
  return line
    .split(ESCAPE)
    .map((piece) => {
      const code = ESCAPE.test(piece) ? /\d+/.exec(piece)?.[0] : undefined;
      if (code === undefined) return piece === '' ? '' : span(piece, style);
      apply(style, Number(code));
      return '';
    })
    .join('');
}

/**
 * @param output text with escape sequences for colours and weight
 * @returns an SVG of a dark terminal that shows it
 */
export function drawTerminal(output: string): string {
  const lines = output.trimEnd().split('\n');
  const columns = Math.max(...lines.map((line) => stripVTControlCharacters(line).length));
  const width = Math.ceil(columns * COLUMN) + 2 * MARGIN;
  const height = lines.length * LINE + 2 * MARGIN;
  const texts = lines.map(
    (line, index) =>
      `<text x="${MARGIN}" y="${MARGIN + LINE * index + 13}" xml:space="preserve">${drawLine(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<title>A run of Shakedown in a terminal</title>',
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="${FONT}" font-size="13" fill="#e6edf3">`,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** @returns the lines of text in a picture made by `drawTerminal` */
export const linesOf = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, line = '']) =>
    line
      .replace(/<[^>]+>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
  );

/** @returns the same lines without a picture */
export const plainLines = (output: string): string[] =>
  linesOf(drawTerminal(stripVTControlCharacters(output)));
