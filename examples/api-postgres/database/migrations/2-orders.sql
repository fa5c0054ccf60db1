CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product integer NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0)
);
CREATE INDEX ON orders (product);
