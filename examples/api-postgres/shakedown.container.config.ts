/** The same suite, with its database in a container. */
import { container, defineSuite } from 'shakedown';
import suite from './shakedown.config.ts';

const db = container({
  image: 'postgres:16',
  command: ['postgres', '-c', 'fsync=off', '-c', 'restart_after_crash=off'],
  port: 5432,
  env: { POSTGRES_PASSWORD: `${suite.env?.PGPASSWORD}` },
  ready: { exec: 'pg_isready -h 127.0.0.1 -p $PORT' },
});

export default defineSuite({ ...suite, setup: [], services: { ...suite.services, db } });
