/** What importers see of a module: stand-ins for its functions and the methods of its classes. The module keeps its own. */
import { types } from 'node:util';
import { isBuiltinClass, isBuiltinPrototype } from './builtins.ts';
import { type Callable, callerOf, isStandIn, markStandIn, unmasked } from './calls.ts';
import type { Orders } from './orders.ts';
import type { OwnFiles } from './own-files.ts';
import type { Record } from './record.ts';
import { Side } from './side.ts';

type Properties = { [key: string | symbol]: unknown };

/** How deep functions may lie in the objects that a module exports. */
const DEEPEST = 2;

/** A getter as compilers write it for an export: without side effects, it returns a variable or another module's export. */
const PASSING_ON =
  /^(?:function ?\w* ?\( ?\)|get ?\w*\( ?\)|\( ?\) ?=>) ?\{? ?(?:return )?[\w$]+(?:\.[\w$]+|\[[\w$'"]+\])? ?;? ?\}?$/;

const sourceOf = (getter: () => unknown): string =>
  Function.prototype.toString.call(getter).trim().replace(/\s+/g, ' ');

const isFunction = (value: unknown): value is Callable => typeof value === 'function';

function isClass(value: Callable): boolean {
  if (/^class\b/.test(Function.prototype.toString.call(value))) return true;
  const prototype: unknown = value.prototype;
  return (
    typeof prototype === 'object' && prototype !== null && Object.getOwnPropertyNames(prototype).length > 1
  );
}

function isPlain(value: unknown): value is Properties {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const isFixed = (property: PropertyDescriptor | undefined): boolean =>
  property !== undefined &&
  property.configurable === false &&
  'value' in property &&
  property.writable === false;

/** Reads a property without side effects on the module. */
function peek(owner: object, key: string): unknown {
  const property = Object.getOwnPropertyDescriptor(owner, key);
  if (property === undefined || 'value' in property) return property?.value;
  try {
    const isHarmless = property.get !== undefined && PASSING_ON.test(sourceOf(property.get));
    return isHarmless ? Reflect.get(owner, key) : undefined;
  } catch {
    // The variable has no value yet.
    return undefined;
  }
}

const keysOf = (value: object): string[] =>
  Object.getOwnPropertyNames(value).filter((key) => !key.startsWith('_'));

const OF_FUNCTIONS = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);

export class Shown {
  readonly #orders: Orders;
  readonly #record: Record;
  readonly #files: OwnFiles;
  /** Null: all are hooked. */
  readonly #targets: ReadonlySet<string> | null;
  readonly #known = new WeakMap<object, object>();
  readonly #names = new WeakMap<object, (module: string, name: string) => void>();
  /** They update what importers see, after calls. */
  readonly #refreshers: (() => void)[] = [];

  constructor(orders: Orders, record: Record, files: OwnFiles) {
    this.#orders = orders;
    this.#record = record;
    this.#files = files;
    const target = 'function' in orders ? orders.function : null;
    this.#targets =
      target && new Set([target, ...target.aliases].map(({ module, name }) => `${module}\0${name}`));
  }

  /** @param refresh called after each call of a function of the module */
  onCalls(refresh: () => void): void {
    this.#refreshers.push(refresh);
  }

  /** @param value the exports of a CommonJS module or an addon, or the namespace of another that was required */
  exports(value: unknown, module: string): unknown {
    const shown = this.#orAsItIs(value, module, null, () => this.#exports(value, module));
    this.#record.announce();
    return shown;
  }

  /** Proxies may throw at any look; the program that imports one must not notice that it was looked at. */
  #orAsItIs(value: unknown, module: string, name: string | null, show: () => unknown): unknown {
    try {
      return show();
    } catch {
      this.#record.unhookable(module, name, 'it throws when it is looked at');
      return value;
    }
  }

  #exports(value: unknown, module: string): unknown {
    if (isFunction(value)) return this.member(value, module, 'default');
    if (isPlain(value)) return this.#object(value, module, '', 0);
    // One object for all, with the methods of its class.
    if (typeof value === 'object' && value !== null && !types.isProxy(value))
      this.#methods(Object.getPrototypeOf(value) as object, module, 'default');
    return value;
  }

  /** @param name where an importer finds it in the module */
  member(value: unknown, module: string, name: string, depth = 0): unknown {
    return this.#orAsItIs(value, module, name, () => this.#member(value, module, name, depth));
  }

  #member(value: unknown, module: string, name: string, depth: number): unknown {
    if (isFunction(value)) {
      const own = name === 'default' && /^[A-Za-z$][\w$]*$/.test(value.name) ? value.name : name;
      if (isStandIn(value)) return value;
      if (!isClass(value)) return this.#function(value, module, own);
      if (!isBuiltinClass(value)) this.#class(value, module, own);
      return value;
    }
    const isOfFunctions =
      depth < DEEPEST && isPlain(value) && keysOf(value).some((key) => isFunction(peek(value, key)));
    return isOfFunctions && !isStandIn(value as object)
      ? this.#object(value as Properties, module, `${name}.`, depth + 1)
      : value;
  }

  #isTarget = (module: string, name: string): boolean =>
    this.#targets === null || this.#targets.has(`${module}\0${name}`);

  #caller(raw: Callable, module: string, name: string) {
    const cell = this.#record.cell();
    cell.name(module, name);
    this.#names.set(raw, (...names) => cell.name(...names));
    const after = (): void => {
      for (const refresh of this.#refreshers) refresh();
    };
    const target = 'function' in this.#orders ? this.#orders.function : null;
    return callerOf(raw, cell, this.#orders, target && `${target.module} ${target.name}`, after);
  }

  #function(raw: Callable, module: string, name: string): unknown {
    this.#names.get(raw)?.(module, name);
    const known = this.#known.get(raw);
    if (known !== undefined) return known;
    const members = keysOf(raw).filter((key) => !OF_FUNCTIONS.has(key) && isFunction(peek(raw, key)));
    if (!this.#isTarget(module, name) && members.length === 0) return raw;
    const call = this.#isTarget(module, name)
      ? this.#caller(raw, module, name)
      : (self: unknown, args: unknown[]) => Reflect.apply(raw, self, args);
    const standIn: Callable = new Proxy(raw, {
      apply: (_, self, args: unknown[]) => call(unmasked(self), args.map(unmasked)),
      construct: (target, args: unknown[], made) =>
        Reflect.construct(target, args.map(unmasked), made === standIn ? target : made) as object,
      ...(members.length === 0 ? {} : this.#handler(raw, module, '', 0)),
    });
    this.#known.set(raw, standIn);
    markStandIn(standIn, raw);
    for (const key of members) this.member(peek(raw, key), module, key);
    return standIn;
  }

  #object(raw: Properties, module: string, prefix: string, depth: number): unknown {
    const known = this.#known.get(raw);
    if (known !== undefined) return known;
    for (const key of keysOf(raw)) this.member(peek(raw, key), module, prefix + key, depth);
    const isAnyFixed = Object.values(Object.getOwnPropertyDescriptors(raw)).some(isFixed);
    const standIn = new Proxy(isAnyFixed ? loosened(raw) : raw, this.#handler(raw, module, prefix, depth));
    this.#known.set(raw, standIn);
    markStandIn(standIn, raw);
    return standIn;
  }

  #handler(raw: object, module: string, prefix: string, depth: number): ProxyHandler<Properties & Callable> {
    const seen = new Map<string | symbol, { value: unknown; shown: unknown }>();
    const show = (target: object, key: string, value: unknown): unknown => {
      const isOfFunction = typeof raw === 'function' && OF_FUNCTIONS.has(key);
      if (key.startsWith('_') || isOfFunction || isFixed(Object.getOwnPropertyDescriptor(target, key)))
        return value;
      return this.member(value, module, prefix + key, depth);
    };
    return {
      get: (target, key) => {
        const value: unknown = Reflect.get(raw, key);
        if (typeof key === 'symbol' || (typeof value !== 'function' && typeof value !== 'object'))
          return value;
        const last = seen.get(key);
        if (last !== undefined && last.value === value) return last.shown;
        const shown = show(target, key, value);
        seen.set(key, { value, shown });
        return shown;
      },
      set: (_, key, value) => Reflect.set(raw, key, unmasked(value)),
    };
  }

  #class(kind: Callable, module: string, name: string): void {
    this.#methods(kind.prototype as object | undefined, module, name);
    for (const key of keysOf(kind)) {
      const value = peek(kind, key);
      if (!OF_FUNCTIONS.has(key) && isFunction(value) && value !== kind)
        this.#method(kind, key, module, `${name}.${key}`);
    }
  }

  #methods(prototype: object | null | undefined, module: string, name: string): void {
    if (prototype === null || prototype === undefined || isBuiltinPrototype(prototype)) return;
    for (const key of keysOf(prototype)) {
      if (key !== 'constructor' && isFunction(Object.getOwnPropertyDescriptor(prototype, key)?.value))
        this.#method(prototype, key, module, `${name}.${key}`);
    }
  }

  #method(owner: object, key: string, module: string, name: string): void {
    const property = Object.getOwnPropertyDescriptor(owner, key);
    const raw: unknown = unmasked(property?.value);
    if (property === undefined || !isFunction(raw) || isClass(raw)) return;
    this.#names.get(raw)?.(module, name);
    if (raw !== property.value || this.#names.has(raw) || !this.#isTarget(module, name)) return;
    if (property.configurable !== true) {
      this.#record.unhookable(module, name, 'it is fixed in its class: not configurable');
      return;
    }
    const call = this.#caller(raw, module, name);
    const side = new Side(this.#files);
    const standIn = new Proxy(raw, {
      apply: (_, self, args: unknown[]) =>
        side.isInside() ? Reflect.apply(raw, self, args) : call(self, args.map(unmasked)),
    });
    markStandIn(standIn, raw);
    Object.defineProperty(owner, key, { ...property, value: standIn });
  }
}

/** The same properties, none of them fixed: a proxy must not return other values for fixed ones. */
function loosened(raw: Properties): Properties {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(raw)).map(([key, property]) => [
    key,
    { ...property, configurable: true, ...('value' in property ? { writable: true } : {}) },
  ]);
  return Object.create(
    Object.getPrototypeOf(raw) as object | null,
    Object.fromEntries(properties),
  ) as Properties;
}
