/** What compilers refuse, told once for each whose fault it is. Pure, but for the real paths of folders. */
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { TypedPackage } from '../../consumer/typed-package.ts';
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { isTypeOfOtherRuntime, otherRuntime } from '../common/other-runtimes.ts';
import { shortFile } from './compare.ts';
import { type Complaint, missingModule, missingType, packageOfFile } from './diagnostics.ts';
import type { TypeErrors } from './findings.ts';
import { isForTheStrict } from './strictness.ts';

export interface CheckedFiles {
  /** Absolute path of their folder. */
  readonly folder: string;
  readonly typed: TypedPackage;
  /** Names of the files that must not type-check, each with its name in messages. */
  readonly negative: ReadonlyMap<string, string>;
  /** The sample's name in messages; null: the files are generated. */
  readonly sample: string | null;
}

/** What one compiler with one setting has said. */
export interface Complained {
  /** `typescript 5.7.3 node16` */
  readonly where: string;
  /** Of the compiler. */
  readonly version: string;
  readonly complaints: readonly Complaint[];
}

/** That the types of a peer are not there: those who use it have them, or `@types/…` of it. */
function isForPeer(complaint: Complaint, { peers }: TypedPackage): boolean {
  const lacking = missingModule(complaint);
  return lacking !== undefined && peers.includes(lacking);
}

/**
 * @param others all complaints of the same compiler
 * @returns whether it may come of the types of a peer not being there: in a file that needs them, or about a global that they declare
 */
export function followsFromPeer(
  complaint: Complaint,
  others: readonly Complaint[],
  typed: TypedPackage,
): boolean {
  const ofPeers = others.filter((other) => isForPeer(other, typed));
  if (ofPeers.length === 0) return false;
  return missingType(complaint) !== undefined || ofPeers.some(({ file }) => file === complaint.file);
}

/** Whose fault a complaint is; null: nobody's, since a generated file may import what does not exist. */
function culpritOf(
  complaint: Complaint,
  others: readonly Complaint[],
  material: CheckedFiles,
): { name: string; isForeign: boolean } | null {
  const { typed, sample, folder } = material;
  const { file } = complaint;
  if (file === null) return { name: typed.name, isForeign: true };
  if (file.startsWith(`${folder}/`)) return sample === null ? null : { name: sample, isForeign: false };
  const isOwn = file.startsWith(`${realpathSync(typed.folder)}/`) && packageOfFile(file) === typed.name;
  if (!isOwn) return { name: packageOfFile(file) ?? 'typescript', isForeign: true };
  const lacking = missingModule(complaint);
  const isForOthers =
    (lacking !== undefined && otherRuntime(lacking) !== undefined) ||
    isTypeOfOtherRuntime(missingType(complaint) ?? '') ||
    followsFromPeer(complaint, others, typed);
  return { name: typed.name, isForeign: isForOthers };
}

type Listed = TypeErrors['errors'][number];

const EVIDENCE = 8;

/** @returns one for each culprit */
export function errorFindings(checked: readonly Complained[], material: CheckedFiles): Finding[] {
  const groups = new Map<string, { isForeign: boolean; name: string; errors: Map<string, Listed> }>();
  for (const { where, complaints } of checked) {
    for (const complaint of complaints) {
      if (complaint.file !== null && material.negative.has(basename(complaint.file))) continue;
      const culprit = culpritOf(complaint, complaints, material);
      if (culprit === null) continue;
      const { name, isForeign } = culprit;
      const group = groups.get(`${name} ${isForeign}`) ?? { name, isForeign, errors: new Map() };
      groups.set(`${name} ${isForeign}`, group);
      const file = nameOfFile(complaint.file, material);
      const key = `${file}:${complaint.line} ${complaint.number}`;
      const known = group.errors.get(key);
      const { line, number, text } = complaint;
      // A line may have several of one sort.
      const places = [...new Set([...(known?.where ?? []), where])];
      group.errors.set(key, { file, line, number, text, where: places });
    }
  }
  return [...groups.values()].map(({ name, isForeign, errors }) =>
    errorFinding(name, isForeign, [...errors.values()], checked),
  );
}

interface Versions {
  readonly refusing: readonly string[];
  readonly others: readonly string[];
}

function versionsOf(errors: readonly Listed[], checked: readonly Complained[]): Versions {
  const places = new Set(errors.flatMap(({ where }) => where));
  const all = new Set(checked.map(({ version }) => version));
  const refusing = new Set(checked.filter(({ where }) => places.has(where)).map(({ version }) => version));
  return { refusing: [...refusing], others: [...all].filter((each) => !refusing.has(each)) };
}

function nameOfFile(file: string | null, { folder, sample }: CheckedFiles): string {
  if (file === null) return '(no file)';
  if (file.startsWith(`${folder}/`)) return `${sample ?? ''} as ${basename(file)}`;
  return shortFile(file);
}

function errorFinding(
  culprit: string,
  isForeign: boolean,
  errors: readonly Listed[],
  checked: readonly Complained[],
): Finding {
  const [first] = errors;
  const { refusing, others } = versionsOf(errors, checked);
  const isEverywhere = others.length === 0;
  const versions = isEverywhere
    ? ''
    : ` with TypeScript ${refusing.join(' and ')}, but does with ${others.join(' and ')}`;
  const place = first === undefined ? '' : `${first.file}${first.line === null ? '' : `:${first.line}`}`;
  const many = errors.length === 1 ? '' : `, and ${errors.length - 1} more`;
  const show = ({ file, line, number, text, where }: Listed): string =>
    `${file}${line === null ? '' : `:${line}`}: ${number}: ${text} [${where.length === checked.length ? 'everywhere' : where.join(', ')}]`;
  return {
    code: isForeign ? 'foreign-type-error' : 'type-error',
    message: `${isForTheStrict({ errors }) ? 'without skipLibCheck, ' : ''}${culprit} does not type-check${versions}: ${place}: ${first?.number}: ${first?.text}${many}`,
    evidence: firstFew(errors.map(show), EVIDENCE),
    hint: isForeign
      ? 'not a mistake of the package under test, but of one that it, or something it needs, installs'
      : isForTheStrict({ errors })
        ? 'most consumers set skipLibCheck, and see nothing of it; all others cannot compile'
        : 'these are sources, which skipLibCheck does not leave out: ship declarations instead',
    culprit,
    ...(isEverywhere ? {} : { onlyWith: refusing }),
    errors,
  };
}
