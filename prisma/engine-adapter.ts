import { PrismaPg } from "@prisma/adapter-pg";
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
} from "@prisma/driver-adapter-utils";
import pg from "pg";

/** Type id of the catalog's own `"char"` (src/include/catalog/pg_type.dat), which adapter-pg refuses. */
const CATALOG_CHAR = 18;
const TEXT = 25;

interface PgResult {
  fields: { dataTypeID: number }[];
}

/** The inside of adapter-pg that its types keep private. */
interface PgInside {
  performIO(query: SqlQuery): Promise<PgResult>;
}

/** Lets results hold the catalog's `"char"`, as a character. */
function readCatalogChar<Q extends SqlQueryable>(queryable: Q): Q {
  const inside = queryable as unknown as PgInside;
  const performIO = inside.performIO.bind(queryable);
  const queryRaw = queryable.queryRaw.bind(queryable);
  let characters: number[] = [];
  inside.performIO = async (query) => {
    const result = await performIO(query);
    characters = [];
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== CATALOG_CHAR) continue;
      characters.push(index);
      field.dataTypeID = TEXT;
    }
    return result;
  };
  queryable.queryRaw = async (query: SqlQuery): Promise<SqlResultSet> => {
    const result = await queryRaw(query);
    for (const index of characters) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  return queryable;
}

/** Scripts go to the database whole: adapter-pg cuts them at each semicolon, also inside of $$ bodies. */
function fitForEngine(adapter: Awaited<ReturnType<PrismaPg["connect"]>>): SqlDriverAdapter {
  readCatalogChar(adapter);
  adapter.executeScript = async (script) => {
    await adapter.underlyingDriver().query(script);
  };
  const startTransaction = adapter.startTransaction.bind(adapter);
  adapter.startTransaction = async (isolation) => readCatalogChar(await startTransaction(isolation));
  return adapter;
}

/**
 * Connections for the schema engine. The engine never closes them, and an open one would keep its advisory lock, so the
 * owner calls `closeAll` after each command.
 */
export class EngineAdapterFactory implements SqlMigrationAwareDriverAdapterFactory {
  readonly provider = "postgres";
  readonly adapterName = "slipway-schema-engine";
  readonly #url: string;
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  async connect(): Promise<SqlDriverAdapter> {
    return this.#open(this.#url);
  }

  /** A database of its own in which migrations are tried; dropped by `closeAll`. */
  async connectToShadowDb(): Promise<SqlDriverAdapter> {
    const name = `slipway_shadow_${globalThis.crypto.randomUUID()}`;
    const admin = new pg.Client({ connectionString: this.#url });
    await admin.connect();
    await admin.query(`CREATE DATABASE "${name}"`);
    this.#closers.push(async () => {
      await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await admin.end();
    });
    const url = new URL(this.#url);
    url.pathname = `/${name}`;
    return this.#open(url.href);
  }

  async closeAll(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  async #open(url: string): Promise<SqlDriverAdapter> {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    // The end of a shadow database ends its idle connection; that is no news.
    pool.on("error", () => undefined);
    this.#closers.push(() => pool.end());
    return fitForEngine(await new PrismaPg(pool).connect());
  }
}
