/** Reads the words of a config, and what is said of them, from the types in each `options.ts`. */
import { readFileSync } from 'node:fs';
import { type ParseResult, parse } from '@babel/parser';
import { CONFIG_KINDS } from '../src/kinds/index.ts';

/** One option of an interface. */
export interface OptionText {
  readonly name: string;
  /** As TypeScript writes it, without `readonly`. */
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** An interface, or a type with a name. */
export interface TypeText {
  readonly name: string;
  readonly description: string;
  /** Names of the interfaces that it extends. */
  readonly parents: readonly string[];
  /** Its own options; empty for a type that is no interface. */
  readonly options: readonly OptionText[];
  /** What a type that is no interface stands for. */
  readonly meaning: string | undefined;
}

export type OptionTexts = ReadonlyMap<string, TypeText>;

type Statement = ParseResult['program']['body'][number];
type ExportedDeclaration = NonNullable<Extract<Statement, { type: 'ExportNamedDeclaration' }>['declaration']>;
type InterfaceDeclaration = Extract<ExportedDeclaration, { type: 'TSInterfaceDeclaration' }>;
interface Commented {
  readonly leadingComments?: readonly { readonly value: string }[] | null | undefined;
}
interface Placed {
  readonly start?: number | null | undefined;
  readonly end?: number | null | undefined;
}

/** From the whole to its parts. */
const FILES = [
  'config/options',
  'config/container-options',
  'kinds/common/options',
  ...CONFIG_KINDS.flatMap((kind) => [
    `kinds/${kind}/options`,
    ...(kind === 'http'
      ? [
          'kinds/common/fault-options',
          'load/options/options',
          'load/options/find-rate-options',
          'load/options/agents-options',
        ]
      : []),
  ]),
  'kinds/common/service-options',
  'kinds/common/words',
];

/** The text of the doc comment right before a node. */
function commentOf(node: Commented, what: string): string {
  const comment = node.leadingComments?.at(-1)?.value;
  if (comment === undefined || !comment.startsWith('*')) throw new Error(`${what} has no doc comment`);
  return comment
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trimEnd())
    .join(' ')
    .trim();
}

class Reader {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  /** A type as it is written, on one line and without what only the compiler needs. */
  #typeText(node: Placed): string {
    return this.#source
      .slice(node.start ?? 0, node.end ?? 0)
      .replace(/\s+/g, ' ')
      .replace(/\breadonly /g, '')
      .replace(/\bReadonly<(Record<[^<>]+>)>/g, '$1')
      .replace(/^\| /, '')
      .trim();
  }

  #options(declaration: InterfaceDeclaration): OptionText[] {
    return declaration.body.body.map((member) => {
      if (member.type !== 'TSPropertySignature' || member.key.type !== 'Identifier' || !member.typeAnnotation)
        throw new Error(`${declaration.id.name} has a member that is no option`);
      const { name } = member.key;
      return {
        name,
        type: this.#typeText(member.typeAnnotation.typeAnnotation),
        required: member.optional !== true,
        description: commentOf(member, `${declaration.id.name}.${name}`),
      };
    });
  }

  read(statement: Statement): TypeText | undefined {
    if (statement.type !== 'ExportNamedDeclaration') return undefined;
    const { declaration } = statement;
    if (declaration?.type === 'TSInterfaceDeclaration') {
      return {
        name: declaration.id.name,
        description: commentOf(statement, declaration.id.name),
        parents: (declaration.extends ?? []).map((parent) => this.#typeText(parent)),
        options: this.#options(declaration),
        meaning: undefined,
      };
    }
    if (declaration?.type === 'TSTypeAliasDeclaration') {
      return {
        name: declaration.id.name,
        description: commentOf(statement, declaration.id.name),
        parents: [],
        options: [],
        meaning: this.#typeText(declaration.typeAnnotation),
      };
    }
    return undefined;
  }
}

/** @param source the text of a module that exports interfaces and types, each with a doc comment */
export function parseOptionTexts(source: string): OptionTexts {
  const reader = new Reader(source);
  const { program } = parse(source, { sourceType: 'module', plugins: ['typescript'] });
  const found = program.body.flatMap((statement) => reader.read(statement) ?? []);
  return new Map(found.map((text) => [text.name, text]));
}

/** The words of a config, by the name of their type, in the order of the reference. */
export const readOptionTexts = (): OptionTexts =>
  new Map(FILES.flatMap((file) => [...parseOptionTexts(readFileSync(`src/${file}.ts`, 'utf8'))]));

/** The kinds of components, each with the options that mark it. */
export const kindsOf = (texts: OptionTexts): (readonly [kind: string, options: TypeText])[] =>
  CONFIG_KINDS.map((kind) => {
    const isMark = ({ name, type }: OptionText): boolean => name === 'kind' && type === `'${kind}'`;
    const options = [...texts.values()].find((text) => text.options.some(isMark));
    if (options === undefined) throw new Error(`no options are marked as those of the kind ${kind}`);
    return [kind, options];
  });

/** The options of an interface, inherited ones included. */
export function allOptions(texts: OptionTexts, name: string): OptionText[] {
  const text = texts.get(name);
  if (text === undefined) throw new Error(`there is no type ${name}`);
  return [...text.options, ...text.parents.flatMap((parent) => allOptions(texts, parent))];
}
