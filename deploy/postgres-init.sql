-- Roles and database, made once as superuser: by the image of PostgreSQL at its first start, or by hand with
--   EXPEDITION_OWNER_PASSWORD=... EXPEDITION_PASSWORD=... psql -v ON_ERROR_STOP=1 -f deploy/postgres-init.sql
-- expedition_owner owns the schema and runs the migrations. expedition is the service: it owns nothing, so row-level
-- security binds it (docs/decisions/0003).

\getenv owner_password EXPEDITION_OWNER_PASSWORD
\getenv service_password EXPEDITION_PASSWORD

CREATE ROLE expedition_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE expedition LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'service_password';

CREATE DATABASE expedition OWNER expedition_owner;
REVOKE ALL ON DATABASE expedition FROM PUBLIC;
GRANT CONNECT ON DATABASE expedition TO expedition;
