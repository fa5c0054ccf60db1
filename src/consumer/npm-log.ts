/** What npm was waiting for when it was stopped: it says so nowhere but in its log for debugging. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `14 silly fetch manifest esbuild@^0.25`; not `…@file:package.tgz`, which nobody is asked for. */
const ASKED = /^\d+ silly fetch manifest (@?[^@\s]+)@[^:\s]*$/;
/** `16 http fetch GET 200 https://registry.example/esbuild 43ms`, or `http cache …`: the end of the path is the name. */
const ANSWERED = /^\d+ http (?:fetch GET \d+|cache) (\S+)/;
/** `18 silly placeDep node_modules/a b@1.0.0 OK for: …`: where it is to be. */
const PLACED = /^\d+ silly placeDep (\S+) (@?[^@\s]+)@(\S+) (?:OK|REPLACE) /;

const isAnswered = (name: string, urls: readonly string[]): boolean =>
  urls.some((url) => url.replace(/%2f/i, '/').endsWith(`/${name}`));

/**
 * @param lines of npm's log
 * @param isThere whether a package has been unpacked: the path of its folder, from the root of the installation
 * @returns the packages that the registry had not answered for; if there are none, those that were not unpacked yet
 */
export function awaitedIn(lines: readonly string[], isThere: (folder: string) => boolean): string[] {
  const urls = lines.flatMap((line) => ANSWERED.exec(line)?.[1] ?? []);
  const asked = lines.flatMap((line) => ASKED.exec(line)?.[1] ?? []);
  const unanswered = asked.filter((name) => !isAnswered(name, urls));
  if (unanswered.length > 0) return [...new Set(unanswered)];
  const missing = lines.flatMap((line) => {
    const [, parent = '', name = '', version = ''] = PLACED.exec(line) ?? [];
    const folder = join(parent === 'ROOT' ? '' : parent, 'node_modules', name);
    return name === '' || isThere(folder) ? [] : [`${name}@${version}`];
  });
  return [...new Set(missing)];
}

/**
 * @param logs absolute path of the folder in which npm has left its log
 * @param root absolute path of the installation
 */
export function readAwaited(logs: string, root: string): string[] {
  if (!existsSync(logs)) return [];
  const lines = readdirSync(logs).flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n'));
  return awaitedIn(lines, (folder) => existsSync(join(root, folder, 'package.json')));
}
