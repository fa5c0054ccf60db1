/** Packs a folder as its package manager would for publishing. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { headline } from '../core/headline.ts';
import { err, ok, type Result } from '../core/result.ts';
import { findProgram } from '../files/find-program.ts';
import { readJson } from '../files/read-json.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { describeExit } from '../process/system/exit.ts';
import type { ConsumerFailure } from './failure.ts';
import type { Manifest } from './installed-package.ts';
import { runNpm } from './npm.ts';
import { editionOf, findPacker, type Packer, type PackerName, type YarnEdition } from './packer.ts';
import { EVIDENCE_LINES, runTool, type ToolCall } from './run-tool.ts';

type PackCall = Omit<ToolCall, 'args'>;

/** Packs into a folder that is empty. */
type PackArgs = (folder: string) => readonly string[];

const inFile =
  (option: string): PackArgs =>
  (folder) => ['pack', option, join(folder, 'package.tgz')];

const PACK_YARN: Readonly<Record<YarnEdition, PackArgs>> = {
  classic: inFile('--filename'),
  berry: inFile('--out'),
};

const PACK: Readonly<Record<Exclude<PackerName, 'npm' | 'yarn'>, PackArgs>> = {
  pnpm: (folder) => ['pack', '--pack-destination', folder],
  bun: (folder) => ['pm', 'pack', '--destination', folder],
};

const YARNS: Readonly<Record<YarnEdition, string>> = { classic: 'Yarn 1', berry: 'Yarn since 2' };

/** What a package manager is called in npm's registry; Yarn since 2 has the package of another name. */
function packageOf({ name, edition, version }: Packer): string {
  const own = name === 'yarn' && edition === 'berry' ? '@yarnpkg/cli-dist' : name;
  return version === null ? own : `${own}@${version}`;
}

/** How to get it: Corepack, where that is installed, provides pnpm and Yarn in the version that the project names. */
function howToInstall(packer: Packer, { env }: CommandContext): string {
  const hasCorepack = packer.name !== 'bun' && findProgram('corepack', env.PATH) !== undefined;
  const install = `npm install --global ${packageOf(packer)}`;
  return hasCorepack
    ? `install it: corepack enable ${packer.name} (or ${install})`
    : `install it: ${install}`;
}

/**
 * Looks for the file that was made instead of reading the output, since scripts of the package print into that.
 *
 * @param by what has packed, as a command
 */
function packedIn(
  folder: string,
  { failing }: PackCall,
  by: string,
  lines: readonly string[],
): Result<string, ConsumerFailure> {
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (name !== undefined) return ok(join(folder, name));
  return err({
    blame: 'package',
    message: `${failing}: ${by} made no tarball`,
    evidence: lines.slice(-6),
    hint: `run \`${by}\` in its folder to see more`,
  });
}

/** A new folder, as others may be packing under the same name. */
const emptyFolder = ({ directory }: CommandContext): string => mkdtempSync(join(directory.path, 'packed-'));

/** @param what arguments of `npm pack` */
export async function packByNpm(
  call: PackCall,
  what: readonly string[],
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const folder = emptyFolder(context);
  const done = await runNpm({ ...call, args: ['pack', ...what, '--pack-destination', folder] }, context);
  return done.ok ? packedIn(folder, call, 'npm pack', done.value) : done;
}

/** They take the versions of neighbours from what is installed: `Run "pnpm install"`, `Run \`bun install\``. */
const ASKS_FOR_INSTALL = /\brun(?:ning)? ["`']?(?:pnpm|yarn|bun) install\b/i;

/** Runs a package manager other than npm; a failure of it is the package's, unless its project was never installed. */
async function runPacker(
  program: string,
  call: ToolCall,
  { name }: Packer,
  context: CommandContext,
): Promise<Result<readonly string[], ConsumerFailure>> {
  // Nobody is there to answer Corepack's question.
  const env = { ...context.env, COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' };
  const run = await runTool(program, call, { ...context, env });
  if (!run.ok) return run;
  const { exit, lines } = run.value;
  if (exit.code === 0) return ok(lines);
  if (lines.some((line) => ASKS_FOR_INSTALL.test(line)))
    return err({
      blame: 'machine',
      message: `${call.failing}: ${name} needs the dependencies of its project, which are not installed`,
      evidence: lines.slice(-EVIDENCE_LINES),
      hint: `run ${name} install there first`,
    });
  const cause = headline(lines);
  return err({
    blame: 'package',
    message: `${call.failing}: ${name} ${describeExit(exit)}${cause === undefined ? '' : `: ${cause}`}`,
    evidence: lines.slice(-EVIDENCE_LINES),
    hint: `its full output is in ${context.log.path}`,
  });
}

/** Asks Yarn which of the two it is here: each takes the other's options for something else. */
async function yarnArgs(
  program: string,
  call: PackCall,
  packer: Packer,
  context: CommandContext,
): Promise<Result<PackArgs, ConsumerFailure>> {
  const asked = await runPacker(program, { ...call, step: 'version', args: ['--version'] }, packer, context);
  if (!asked.ok) return asked;
  const version = asked.value.at(-1)?.trim() ?? '';
  const edition = editionOf(version);
  if (edition !== null && (packer.edition ?? edition) === edition) return ok(PACK_YARN[edition]);
  const wanted = packer.edition === null ? '' : `, not ${YARNS[packer.edition]}`;
  return err({
    blame: 'machine',
    message: `${call.failing}: ${packer.because}, and the yarn on the PATH is ${version}${wanted}`,
    hint: howToInstall(packer, context),
  });
}

/** A dependency that only a workspace understands, as it stands in package.json: `"core": "workspace:^"`. */
function workspaceOnly(path: string): string | undefined {
  const { dependencies, peerDependencies, optionalDependencies } =
    readJson<Partial<Manifest> | null>(join(path, 'package.json')) ?? {};
  const all = [dependencies, peerDependencies, optionalDependencies].flatMap((each) =>
    Object.entries(each ?? {}),
  );
  const found = all.find(([, range]) => /^(?:workspace|catalog):/.test(range));
  return found && `${JSON.stringify(found[0])}: ${JSON.stringify(found[1])}`;
}

/** npm and Yarn 1 publish it as it is. */
const leavesAsItIs = ({ name, edition }: Packer): boolean =>
  name === 'npm' || (name === 'yarn' && edition === 'classic');

async function packBy(
  packer: Packer & { readonly name: Exclude<PackerName, 'npm'> },
  call: PackCall,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const { name, because } = packer;
  const program = findProgram(name, context.env.PATH);
  if (program === undefined)
    return err({
      blame: 'machine',
      message: `${call.failing}: ${because}, and ${name} is not installed, or not on the PATH`,
      hint: howToInstall(packer, context),
    });
  const args = name === 'yarn' ? await yarnArgs(program, call, packer, context) : ok(PACK[name]);
  if (!args.ok) return args;
  const folder = emptyFolder(context);
  const words = args.value(folder);
  const done = await runPacker(program, { ...call, args: words }, packer, context);
  const by = [name, ...words.slice(0, words.indexOf('pack') + 1)].join(' ');
  return done.ok ? packedIn(folder, call, by, done.value) : done;
}

/**
 * Packs a folder as for publishing, scripts included, by the package manager that its project names.
 *
 * @param path absolute
 * @returns absolute path of a tarball in the run's folder; never one that another package manager made
 */
export async function packFolder(
  path: string,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const call = { step: 'pack', failing: `${path} cannot be packed`, cwd: path };
  const packer = findPacker(path);
  if ('unknown' in packer)
    return err({
      blame: 'machine',
      message: `${call.failing}: ${packer.because}, which Shakedown does not know`,
      hint: 'pack it yourself, and give the tarball: shakedown package ./NAME-VERSION.tgz',
    });
  const { name } = packer;
  const left = leavesAsItIs(packer) ? workspaceOnly(path) : undefined;
  if (left !== undefined)
    return err({
      blame: 'package',
      message: `${call.failing}: ${name} leaves ${left} in it, which nobody can install`,
      hint: 'publish it with a package manager that replaces that (pnpm, Yarn since 2, Bun), and name it in `packageManager`',
    });
  return name === 'npm' ? packByNpm(call, [], context) : packBy({ ...packer, name }, call, context);
}
