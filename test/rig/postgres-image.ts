/**
 * An image that stands in for the official one of PostgreSQL, made of the programs of this machine and a static busybox: it takes
 * the password from the same variable, and keeps its data in the same volume.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BUSYBOX, type Docker, importImage } from './docker.ts';

const HOME = '/usr/lib/postgresql';
const NOBODY = 65_534;

const ENTRYPOINT = `#!/bin/sh
set -e
cd /var/lib/postgresql/data
echo "$POSTGRES_PASSWORD" >/tmp/password
initdb --pgdata=. --username=postgres --pwfile=/tmp/password --auth=scram-sha-256 --locale=C --encoding=UTF8 --no-sync
echo 'host all all all scram-sha-256' >>pg_hba.conf
exec "$@" -D . -c listen_addresses='*' -c unix_socket_directories=/tmp
`;

/** The shared libraries that these programs load. */
const librariesOf = (files: readonly string[]): string[] => [
  ...new Set(
    files.flatMap((file) =>
      [...execFileSync('ldd', [file], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(
        ([, path = '']) => path,
      ),
    ),
  ),
];

/** @param name of the image */
export function makePostgresImage(docker: Docker, name: string): void {
  const version = readdirSync(HOME).sort().at(-1) ?? '';
  const programs = ['initdb', 'postgres', 'pg_isready'].map((program) => join(HOME, version, 'bin', program));
  const modules = join(HOME, version, 'lib');
  // The compiler of queries is large, and is done without where it is lacking.
  const loaded = readdirSync(modules).filter((file) => file.endsWith('.so') && !file.startsWith('llvm'));
  const home = mkdtempSync(join(tmpdir(), 'postgres-image-'));
  const root = join(home, 'root');
  const copy = (path: string): void => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    cpSync(path, join(root, path), { dereference: true, recursive: true });
  };
  for (const program of programs) copy(program);
  for (const file of loaded) copy(join(modules, file));
  copy(join('/usr/share/postgresql', version));
  for (const library of librariesOf([...programs, join(modules, 'plpgsql.so')])) copy(library);
  for (const folder of ['bin', 'tmp', 'etc', 'var/lib/postgresql/data'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o777);
  chownSync(join(root, 'var/lib/postgresql/data'), NOBODY, NOBODY);
  cpSync(BUSYBOX ?? '', join(root, 'bin/busybox'));
  for (const applet of ['sh', 'kill']) symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), `nobody:x:${NOBODY}:${NOBODY}:nobody:/:/bin/sh\n`);
  writeFileSync(join(root, 'entrypoint'), ENTRYPOINT, { mode: 0o755 });
  importImage(docker.run, root, name, [
    `ENV PATH=${join(HOME, version, 'bin')}:/bin`,
    `USER ${NOBODY}:${NOBODY}`,
    'VOLUME /var/lib/postgresql/data',
    'ENTRYPOINT ["/entrypoint"]',
  ]);
  rmSync(home, { recursive: true, force: true });
}
