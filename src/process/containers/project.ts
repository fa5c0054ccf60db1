/**
 * What a project of Compose consists of, as an engine knows it. The file says nothing of the run, and is not to be changed: so the run
 * makes a volume with the name of the project, which bears its labels, before anything else, and removes it last.
 */
import type { Reply } from './ask.ts';
import type { Engine } from './engine.ts';

const PROJECT_LABEL = 'com.docker.compose.project';

/** What each kind is listed by, and removed; in an order in which they can be. */
export const PROJECT_LISTS = [
  {
    ...{ what: 'container', list: ['ps', '--all'], name: '{{.Names}}' },
    remove: ['rm', '--force', '--volumes'],
  },
  {
    ...{ what: 'network', list: ['network', 'ls'], name: '{{.Name}}' },
    remove: ['network', 'rm'],
  },
  {
    ...{ what: 'volume', list: ['volume', 'ls'], name: '{{.Name}}' },
    remove: ['volume', 'rm'],
  },
] as const;

/** Restricts a list to a project. */
export const ofProject = (name: string): readonly [string, string] => [
  '--filter',
  `label=${PROJECT_LABEL}=${name}`,
];

/** How the volume that stands for a project is removed, and shown. */
export const projectMark = (name: string): readonly [readonly string[], readonly string[]] => [
  ['volume', 'rm', name],
  ['volume', 'inspect', name],
];

/** @returns why the volume that stands for a project could not be removed; undefined if it is gone */
export async function removeMark(name: string, engine: Engine): Promise<string | undefined> {
  const { code, complaint } = await engine.ask(projectMark(name)[0]);
  return code === 0 || /no such volume/i.test(complaint) ? undefined : complaint;
}

const wordsOf = ({ out }: Reply): string[] => out.split('\n').filter((line) => line !== '');

/** Compose names the images that it builds after the project: version 2 like the first, version 1 like the second. */
const imagesOf = (name: string) => ({
  list: [
    ...['images', '--format', '{{.Repository}}:{{.Tag}}'],
    ...['-', '_'].flatMap((mark) => ['--filter', `reference=${name}${mark}*`]),
  ],
  remove: ['rmi'],
});

/** Removes a project without its file, and images that were built for it. @returns why it could not; undefined if it is gone */
export async function removeProject(name: string, engine: Engine): Promise<string | undefined> {
  const parts = PROJECT_LISTS.map(({ list, remove }) => ({
    list: [...list, '--quiet', ...ofProject(name)],
    remove,
  }));
  for (const { list, remove } of [...parts, imagesOf(name)]) {
    const found = wordsOf(await engine.ask(list));
    if (found.length === 0) continue;
    const { code, complaint } = await engine.ask([...remove, ...found]);
    if (code !== 0) return complaint;
  }
  return removeMark(name, engine);
}
