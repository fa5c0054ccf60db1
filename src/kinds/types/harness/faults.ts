/** Finds the declarations that samples in TypeScript use, and how each can be broken. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { CopiedFile, DeclarationSurvey, TypescriptSurveyJob } from '../protocol.ts';
import { Changer, muted } from './changes.ts';
import type { TsProgram, TsSourceFile, TypeScript } from './typescript-api.ts';
import { UseFinder, type Uses } from './uses.ts';

const SOURCE = /\.[cm]?tsx?$/;

/** The package that a file belongs to, by the last `node_modules` in its path. */
const packageOf = ({ fileName }: TsSourceFile): string | undefined =>
  /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(fileName)?.[1];

interface Opened {
  readonly program: TsProgram;
  /** Absolute paths of the configs that apply to it. */
  readonly configs: readonly string[];
}

function open(ts: TypeScript, { config, files }: TypescriptSurveyJob): Opened {
  const { ModuleKind, ModuleResolutionKind, ScriptTarget } = ts;
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} };
  const byDefault = {
    ...{ module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler },
    ...{ target: ScriptTarget.ESNext, strict: true },
  };
  const options =
    config === null ? undefined : ts.getParsedCommandLineOfConfigFile(config, {}, host)?.options;
  const program = ts.createProgram(
    files.map(({ path }) => path),
    options ?? byDefault,
  );
  return { program, configs: options?.configFile?.extendedSourceFiles ?? [] };
}

class Surveyor {
  readonly #ts: TypeScript;
  readonly #job: TypescriptSurveyJob;
  readonly #program: TsProgram;
  readonly #configs: readonly string[];

  constructor(ts: TypeScript, job: TypescriptSurveyJob) {
    this.#ts = ts;
    this.#job = job;
    const { program, configs } = open(ts, job);
    this.#program = program;
    this.#configs = configs;
  }

  survey(): DeclarationSurvey {
    const { modules } = this.#job;
    const named = (file: TsSourceFile): boolean => modules.includes(packageOf(file) ?? '');
    const own = (file: TsSourceFile): boolean => packageOf(file) === undefined;
    const installed = (file: TsSourceFile): boolean =>
      !['typescript', '@types/node'].includes(packageOf(file) ?? '');
    for (const belongs of modules.length > 0 ? [named] : [own, installed]) {
      const isTarget = (file: TsSourceFile): boolean => this.#mayBeTarget(file) && belongs(file);
      const uses = new UseFinder(this.#ts, this.#program, isTarget).find(this.#job.files);
      if (uses.all.size > 0) return this.#toSurvey(uses, isTarget);
    }
    return { copies: [], folders: [], uses: [], unused: [] };
  }

  /** The folders of the configs, and those with a node_modules in which something was found. */
  #folders(): string[] {
    const samples = this.#job.files.map(({ path }) => path);
    const hosts = this.#program
      .getSourceFiles()
      .flatMap(({ fileName }) => /^(.*?)\/node_modules\//.exec(fileName)?.[1] ?? [])
      .filter((host) => samples.every((sample) => sample.startsWith(`${host}/`)));
    return [...new Set([...hosts, ...this.#configs.map(dirname)])];
  }

  #mayBeTarget(file: TsSourceFile): boolean {
    const isSample = this.#job.files.some(({ path }) => path === file.fileName);
    return !isSample && SOURCE.test(file.fileName) && !this.#program.isSourceFileDefaultLibrary(file);
  }

  #toSurvey({ all, unused }: Uses, isTarget: (file: TsSourceFile) => boolean): DeclarationSurvey {
    const changer = new Changer(this.#ts, this.#program.getTypeChecker(), isTarget);
    const sources = this.#program.getSourceFiles().filter((file) => {
      // A file of the project that is reached by its path must be where the others are.
      const isNear = this.#mayBeTarget(file) && packageOf(file) === undefined;
      return isNear || isTarget(file);
    });
    return {
      copies: sources.map(
        (file): CopiedFile => ({
          file: file.fileName,
          at: null,
          muted: isTarget(file) ? muted(file) : [],
        }),
      ),
      folders: this.#folders(),
      uses: [...all.values()].map((use) => ({
        subject: use.subject,
        isMisused: use.isMisused,
        changes: changer.changesOf(use),
      })),
      unused,
    };
  }
}

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as TypescriptSurveyJob;
const ts = createRequire(import.meta.url)(job.typescript) as TypeScript;
writeFileSync(job.result, JSON.stringify(new Surveyor(ts, job).survey()));
