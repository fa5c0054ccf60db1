CREATE TABLE products (
  id integer PRIMARY KEY,
  name text NOT NULL UNIQUE,
  stock integer NOT NULL CHECK (stock >= 0)
);
