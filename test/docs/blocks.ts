/** The fenced blocks of the documents: what is in them, and what comes of running them. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Everything that is written for a reader of the project as a whole. */
export const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.endsWith('.template.md'))
    .sort()
    .map((name) => `docs/${name}`),
  'examples/api-postgres/README.md',
];

export interface Block {
  readonly document: string;
  /** Of its first fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** What stands behind the language. */
  readonly note: string;
  readonly content: string;
}

/** The fenced blocks of a document, in order. */
export function blocksOf(
  document: string,
  source: string = readFileSync(join(ROOT, document), 'utf8'),
): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; info: string; content: string[] } | undefined;
  for (const [index, line] of source.split('\n').entries()) {
    const info = /^```(.*)$/.exec(line)?.[1];
    if (open === undefined) {
      if (info !== undefined) open = { line: index + 1, info, content: [] };
    } else if (info === '') {
      const [language = '', ...note] = open.info.split(' ');
      blocks.push({
        document,
        line: open.line,
        language,
        note: note.join(' '),
        content: open.content.join('\n'),
      });
      open = undefined;
    } else open.content.push(line);
  }
  if (open !== undefined) throw new Error(`${document}:${open.line}: a block that is not closed`);
  return blocks;
}

const EXPECTED_EXIT = /\s+# exit (\d+)$/;

/**
 * A block as a script: every line must succeed, but one that ends with `# exit N`, which must end with that code. A
 * reader may copy the block as it stands.
 */
export function toScript(content: string): string {
  const lines = content.split('\n').map((line) => {
    const code = EXPECTED_EXIT.exec(line)?.[1];
    if (code === undefined) return line;
    const command = line.replace(EXPECTED_EXIT, '');
    return `code=0; { ${command}; } || code=$?; [ "$code" = ${code} ] || { echo "exit code $code, expected ${code}"; exit 99; }`;
  });
  return ['set -eu', ...lines].join('\n');
}

/** The same for us as for a reader: `shakedown` is this project's, and colours are off, since nobody watches. */
export function writeShims(dir: string): NodeJS.ProcessEnv {
  mkdirSync(dir, { recursive: true });
  const shim = [
    '#!/bin/sh',
    '# A folder of scripts has port 8001 by default. Tests run side by side, so here it is a free one.',
    'port="--port 0"',
    'case " $* " in',
    "  *' --port '* | *' --config '* | *' --help '* | *' --version '*) port= ;;",
    "  ' list '* | ' plan '* | ' new '* | ' show '* | ' sweep '* | ' doctor '* | ' load '* | ' prove '* | ' complete '* | ' package '* | ' help '* | ' explain '*) port= ;;",
    "  *' --dir '*) ;;",
    '  *) if ls shakedown.config.* >/dev/null 2>&1; then port=; fi ;;',
    'esac',
    `exec '${process.execPath}' '${join(ROOT, 'dist/cli.js')}' "$@" $port`,
  ];
  writeFileSync(join(dir, 'shakedown'), `${shim.join('\n')}\n`);
  writeFileSync(join(dir, 'npx'), '#!/bin/sh\nexec "$@"\n');
  for (const name of ['shakedown', 'npx']) chmodSync(join(dir, name), 0o755);
  const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...inherited } = process.env;
  return { ...inherited, XDG_CACHE_HOME: join(dir, 'cache'), PATH: [dir, inherited.PATH].join(delimiter) };
}

/** A block that hangs is ended, with all that it started. On a busy machine one takes as long as it takes. */
export const LIMIT = 300_000;

/** Runs a script to its end; all that it prints, in the order in which it did. */
export async function runScript(
  script: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const child = spawn('/bin/sh', ['-c', `exec 2>&1\n${script}`], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const limit = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), LIMIT);
  try {
    return { output: await text(child.stdout), code: await exited };
  } finally {
    clearTimeout(limit);
  }
}

/** Lines that tell only that something takes long: they come on a busy machine, and on none at rest. */
const WHEN_BUSY =
  /^(?:… running: |SLOW \S+ has been running for |warning: (?:requests were picked up|a thread of the load generator was busy) )/;

/** Output without what differs from run to run: times, rates, ports, pids, run ids, the slowest request, and the widths that follow from them. */
export function comparable(output: string): string[] {
  return stripVTControlCharacters(output)
    .replace(/\d{8}-\d{6}-\w+/g, 'RUN')
    .replace(/\b\d+m \d\ds\b|\b\d+(?:\.\d+)? [mµ]?s\b/g, 'TIME')
    .replace(/\b[\d,]+ requests, [\d,.]+\/s/g, 'N requests, RATE')
    .replace(/(slowest (?:request|message|connection|stream): )[^,]+/g, '$1NAME')
    .replace(/\bit was the bottleneck$/gm, 'not the bottleneck')
    .replace(/\b(ports?|pid) \d+/g, '$1 N')
    .replace(/\bshakedown \d+\.\d+\.\d+\b/g, 'shakedown VERSION')
    .replace(/\bownership: [a-z-]+/g, 'ownership: TIER')
    .split('\n')
    .map((line) => line.replace(/ +/g, ' ').trim())
    .filter((line) => line !== '' && !WHEN_BUSY.test(line));
}

/** Whether output is what a document shows of it. There `…` stands for anything; alone on a line, for any lines. */
export function matchesShown(output: string, shown: string): boolean {
  const literal = (piece: string): string => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const pattern = comparable(shown)
    .map((line) => (/^(?:│ )?…$/.test(line) ? '(?:.*\n)*?' : `${line.split('…').map(literal).join('.*')}\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(
    comparable(output)
      .map((line) => `${line}\n`)
      .join(''),
  );
}
