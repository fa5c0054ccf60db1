import postgres from 'postgres';

/** The database that the suite calls `db`; the password is in PGPASSWORD. */
export const sql = postgres({
  host: process.env.DB_HOST,
  port: Number(process.env.DB_PORT),
  user: 'postgres',
  database: 'postgres',
  onnotice: () => {},
});
