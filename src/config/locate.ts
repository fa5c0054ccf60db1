/** Finds where in a config's source an option is, given its path, such as `components.http.server.port`. */
import { type ParserOptions, parse, parseExpression } from '@babel/parser';
import type { Location } from '../core/diagnostic.ts';
import type { Problem } from '../kinds/common/problem.ts';

/** The parts of a syntax tree that matter here; @babel/parser's own types cover all of JavaScript. */
interface Node {
  readonly type: string;
  readonly start?: number | null;
  readonly end?: number | null;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value;

export class ConfigSource {
  readonly #file: string;
  readonly #source: string;
  readonly #program: Node | undefined;
  readonly #root: Node | undefined;
  /** Set when the source does not parse. */
  readonly syntaxError: { readonly message: string; readonly location: Location } | undefined;

  /**
   * @param file for display; its extension determines the language
   * @param source its text
   */
  constructor(file: string, source: string) {
    this.#file = file;
    this.#source = source;
    const options: ParserOptions = { sourceType: 'module', plugins: /ts$/.test(file) ? ['typescript'] : [] };
    try {
      if (file.endsWith('.json'))
        this.#root = parseExpression(source, { strictMode: true }) as unknown as Node;
      else {
        this.#program = (parse(source, options) as unknown as { program: Node }).program;
        this.#root = this.#defaultExport();
      }
    } catch (error) {
      const { message, pos } = error as { message: string; pos?: number };
      this.syntaxError = {
        message: message.replace(/ ?\(\d+:\d+\)/, ''),
        location: this.at(pos ?? 0, (pos ?? 0) + 1),
      };
    }
  }

  /** A range of the source as a location on its first line. */
  at(start: number, end: number): Location {
    const before = this.#source.slice(0, start).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    const text = (this.#source.split('\n')[line - 1] ?? '').replace(/\r$/, '');
    return {
      file: this.#file,
      line,
      column,
      length: Math.max(1, Math.min(end - start, text.length - column + 1)),
      text,
    };
  }

  /**
   * @param atKey point at the name of the last option instead of its value
   * @param within point at this text inside the value, if it occurs there
   * @returns the place of the deepest part of the path found in the source, and whether that is all of it; undefined
   *   when nothing is found
   */
  find(
    path: readonly (string | number)[],
    atKey: boolean,
    within?: Problem['within'],
  ): { readonly location: Location; readonly isWhole: boolean } | undefined {
    let node = this.#root;
    let key: Node | undefined;
    let depth = 0;
    for (const part of path) {
      const step: { key: Node | undefined; value: Node | undefined } | undefined = this.#enter(node, part);
      if (step === undefined) break;
      depth += 1;
      key = step.key ?? key;
      node = step.value;
    }
    const target = atKey ? (key ?? node) : (node ?? key);
    if (typeof target?.start !== 'number' || typeof target.end !== 'number') return undefined;
    const isWhole = depth === path.length;
    // Between the quotes; if anything is escaped, point at the whole string.
    const start = target.start + 1;
    if (within === undefined || this.#source.slice(start, target.end - 1) !== within.text)
      return { location: this.at(target.start, target.end), isWhole };
    const from = start + within.offset;
    return { location: this.at(from, from + within.length), isWhole };
  }

  /** One step down, through builder calls and constants. */
  #enter(
    from: Node | undefined,
    part: string | number,
  ): { key: Node | undefined; value: Node | undefined } | undefined {
    const node = this.#unwrap(from);
    if (node === undefined) return undefined;
    if (node.type === 'ArrayExpression' && Array.isArray(node.elements)) {
      const element: unknown = node.elements[Number(part)];
      return isNode(element) ? { key: undefined, value: element } : undefined;
    }
    if (node.type !== 'ObjectExpression' || !Array.isArray(node.properties)) return undefined;
    // If there are duplicates, the last one counts.
    for (const property of node.properties.filter(isNode).reverse()) {
      const spread = isNode(property.argument) ? this.#enter(property.argument, part) : undefined;
      if (spread !== undefined) return spread;
      const key = property.key;
      if (!isNode(key) || (key.name ?? key.value) !== part) continue;
      return { key, value: isNode(property.value) ? property.value : property };
    }
    return undefined;
  }

  #unwrap(node: Node | undefined): Node | undefined {
    if (node === undefined) return undefined;
    if (node.type === 'CallExpression' && Array.isArray(node.arguments)) {
      const argument: unknown = node.arguments[0];
      return isNode(argument) ? this.#unwrap(argument) : undefined;
    }
    if ((node.type === 'TSAsExpression' || node.type === 'TSSatisfiesExpression') && isNode(node.expression))
      return this.#unwrap(node.expression);
    if (node.type === 'Identifier') return this.#unwrap(this.#constant(String(node.name)));
    return node;
  }

  #statements(): Node[] {
    return Array.isArray(this.#program?.body) ? this.#program.body.filter(isNode) : [];
  }

  #constant(name: string): Node | undefined {
    for (const statement of this.#statements()) {
      const declaration =
        statement.type === 'ExportNamedDeclaration' && isNode(statement.declaration)
          ? statement.declaration
          : statement;
      if (declaration.type !== 'VariableDeclaration' || !Array.isArray(declaration.declarations)) continue;
      for (const declarator of declaration.declarations.filter(isNode)) {
        if (isNode(declarator.id) && declarator.id.name === name && isNode(declarator.init))
          return declarator.init;
      }
    }
    return undefined;
  }

  #defaultExport(): Node | undefined {
    const statement = this.#statements().find((candidate) => candidate.type === 'ExportDefaultDeclaration');
    return isNode(statement?.declaration) ? statement.declaration : undefined;
  }
}
