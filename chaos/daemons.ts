/** Real programs that go into the background. They are installed when that is possible, and left out loudly when not. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Behaviour, programPath } from './behaviours.ts';

export type Say = (text: string) => void;

const GUNICORN = 'gunicorn==23.0.0';
const isRoot = process.getuid?.() === 0;

/** @param cache folder for what is made once: a virtual environment, a database cluster */
export function realDaemons(cache: string, python: string, say: Say): Behaviour[] {
  return [
    attempt('nginx', say, nginx),
    attempt('redis', say, redis),
    attempt('postgres', say, () => postgres(cache)),
    attempt('gunicorn', say, () => gunicorn(cache, python)),
  ].flatMap((daemon) => daemon ?? []);
}

/** What cannot be made here is left out, and that is said. */
export function attempt(name: string, say: Say, make: () => Behaviour): Behaviour | undefined {
  try {
    return make();
  } catch (error) {
    say(`SKIPPED: ${name} is not among the behaviours: ${(error as Error).message}`);
    return undefined;
  }
}

const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin', '/usr/local/sbin'];

function find(program: string, folders: readonly string[] = FOLDERS): string | undefined {
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** The path of a program; its Debian package is installed when it is missing and that is possible. */
function need(program: string, debianPackage: string, service: string, folders?: () => string[]): string {
  const found = find(program, folders?.());
  if (found !== undefined) return found;
  if (!isRoot || find('apt-get') === undefined)
    throw new Error(`there is no ${program}, and only root can install ${debianPackage}`);
  install(debianPackage);
  // Debian starts what it installs; whoever started it is asked to stop it.
  if (find('service') !== undefined) spawnSync('service', [service, 'stop'], { stdio: 'ignore' });
  const installed = find(program, folders?.());
  if (installed === undefined) throw new Error(`${debianPackage} has no ${program}`);
  return installed;
}

function install(debianPackage: string): void {
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', ['-qq', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: 'ignore',
      timeout: 300_000,
    }).status === 0;
  const get = (): boolean => apt('install', '-y', '--no-install-recommends', debianPackage);
  if (!get() && !(apt('update') && get())) throw new Error(`apt-get could not install ${debianPackage}`);
}

function nginx(): Behaviour {
  const program = need('nginx', 'nginx-light', 'nginx');
  return {
    name: 'nginx',
    births: 0,
    isSteady: true,
    command: ({ folder }) => [program, '-p', `${folder}/`, '-c', 'nginx.conf', '-e', 'error.log'],
    daemon: {
      pidFile: 'nginx.pid',
      prepare: ({ folder, port }) =>
        writeFileSync(
          join(folder, 'nginx.conf'),
          `${isRoot ? 'user root;\n' : ''}daemon on;
worker_processes 2;
pid nginx.pid;
error_log error.log;
events { worker_connections 64; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path temp;`).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "ok\\n"; }
  }
}
`,
        ),
    },
  };
}

function redis(): Behaviour {
  const program = need('redis-server', 'redis-server', 'redis-server');
  return {
    name: 'redis',
    births: 0,
    isSteady: true,
    command: ({ folder }) => [program, join(folder, 'redis.conf')],
    daemon: {
      pidFile: 'redis.pid',
      prepare: ({ folder, port }) =>
        writeFileSync(
          join(folder, 'redis.conf'),
          `bind 127.0.0.1
port ${port}
daemonize yes
dir ${folder}
pidfile ${folder}/redis.pid
logfile ${folder}/redis.log
save ""
`,
        ),
    },
  };
}

const POSTGRES_LIB = '/usr/lib/postgresql';

function postgres(cache: string): Behaviour {
  const folders = (): string[] =>
    existsSync(POSTGRES_LIB)
      ? readdirSync(POSTGRES_LIB).map((version) => join(POSTGRES_LIB, version, 'bin'))
      : [];
  const program = need('pg_ctl', 'postgresql', 'postgresql', folders);
  // It refuses to run as root; the package has made an ordinary user.
  const asUser = isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  const template = postgresCluster(cache, join(program, '../initdb'), asUser);
  return {
    name: 'postgres',
    births: 0,
    isSteady: true,
    command: ({ folder, port }) => {
      const data = join(folder, 'data');
      const options = `-p ${port} -k ${data} -h 127.0.0.1 -c fsync=off -c shared_buffers=1MB -c max_connections=10`;
      return [...asUser, program, '-D', data, '-l', join(data, 'log'), '-s', '-w', '-o', options, 'start'];
    },
    daemon: {
      pidFile: 'data/postmaster.pid',
      prepare: ({ folder }) => {
        execFileSync('cp', ['-a', template, join(folder, 'data')]);
      },
    },
  };
}

/** A cluster is made once and copied for each trial. The ordinary user must reach it, so root's lies in /var/tmp. */
function postgresCluster(cache: string, initdb: string, asUser: readonly string[]): string {
  const home = isRoot ? '/var/tmp/shakedown-chaos-postgres' : join(cache, 'postgres');
  const data = join(home, 'data');
  if (existsSync(join(data, 'PG_VERSION')) && existsSync(join(home, 'complete'))) return data;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  if (isRoot) execFileSync('chown', ['postgres:', home]);
  const [first = initdb, ...rest] = [...asUser, initdb, '-D', data, '-A', 'trust', '-N', '--wal-segsize=1'];
  execFileSync(first, rest, { stdio: 'pipe', cwd: home });
  writeFileSync(join(home, 'complete'), '');
  return data;
}

function gunicorn(cache: string, python: string): Behaviour {
  const venv = join(cache, 'venv');
  const program = join(venv, 'bin/gunicorn');
  if (!existsSync(program)) {
    rmSync(venv, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    execFileSync(python, ['-m', 'venv', venv], { stdio: 'pipe' });
    execFileSync(join(venv, 'bin/pip'), ['install', '--quiet', GUNICORN], { stdio: 'pipe' });
  }
  return {
    name: 'gunicorn',
    births: 0,
    isSteady: true,
    command: ({ folder, port }) => [
      join(venv, 'bin/python'),
      program,
      ...['--daemon', '--workers', '2', '--bind', `127.0.0.1:${port}`],
      ...[
        '--chdir',
        folder,
        '--pid',
        join(folder, 'gunicorn.pid'),
        '--log-file',
        join(folder, 'gunicorn.log'),
      ],
      'app:app',
    ],
    daemon: {
      pidFile: 'gunicorn.pid',
      prepare: ({ folder }) => {
        copyFileSync(programPath('app.py'), join(folder, 'app.py'));
      },
    },
  };
}
