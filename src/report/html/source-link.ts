/** Links to places in the source: in the repository where a workflow of GitHub wrote the page, else on this machine. */
import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { visible } from '../../core/harmless.ts';
import type { Place } from '../../core/place.ts';
import { html, type Markup } from './markup.ts';

const isWithin = (path: string): boolean => path !== '' && !path.startsWith('..') && !isAbsolute(path);

type Environment = Readonly<Record<string, string | undefined>>;

/** The address of a file at the commit that is checked out; undefined outside of a workflow, or for other files. */
function inRepository(path: string, line: number, env: Environment): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name, GITHUB_SHA: commit } = env;
  const { GITHUB_WORKSPACE: workspace } = env;
  if (server === undefined || name === undefined || commit === undefined || workspace === undefined)
    return undefined;
  const own = relative(workspace, path);
  if (!server.startsWith('https://') || !isWithin(own)) return undefined;
  const encoded = own.split('/').map(encodeURIComponent).join('/');
  return `${server}/${name}/blob/${commit}/${encoded}#L${line}`;
}

/**
 * @param named finds the most telling of the places that are named which will do; to the letter, as they were found
 * @param folders that paths may be relative to; the first is what the text of the link is relative to
 * @returns undefined if no file is named that exists
 */
export function sourceLink(
  named: (accepts: (place: Place) => boolean) => Place | undefined,
  folders: readonly string[],
  env: Environment = process.env,
): Markup | undefined {
  const pathOf = ({ file }: Place): string | undefined =>
    folders.map((folder) => resolve(folder, file)).find(existsSync);
  const place = named((candidate) => pathOf(candidate) !== undefined);
  const path = place === undefined ? undefined : pathOf(place);
  if (place === undefined || path === undefined) return undefined;
  const short = relative(folders[0] ?? '', path);
  const text = `${isWithin(short) ? short : path}:${place.line}`;
  const address = inRepository(path, place.line, env) ?? pathToFileURL(path).href;
  return html`<a class="place" href="${address}">${visible(text)}</a>`;
}
