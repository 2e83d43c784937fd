import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client.ts";

/** Most connections of one process; the embedded PostgreSQL takes 60 in all. */
const MAX_CONNECTIONS = 16;
/** Longest wait for a connection. */
const CONNECT_TIMEOUT_MS = 10_000;
/**
 * Longest wait of a transaction for one of the connections, and longest time of one. A whole class whose builds talk at the
 * same moment waits its turn; it does not fail.
 */
const TRANSACTION_LIMITS = { maxWait: 20_000, timeout: 30_000 };

export type Database = PrismaClient;
/** What queries inside of a transaction go through. */
export type Transaction = Omit<
  PrismaClient,
  "$connect" | "$disconnect" | "$on" | "$transaction" | "$extends"
>;
export type { Build, Link, Playground, SavedImage, Session, Worker } from "./generated/client.ts";

export function openDatabase(url: string): Database {
  const adapter = new PrismaPg({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "slipway web",
  });
  return new PrismaClient({ adapter, transactionOptions: TRANSACTION_LIMITS });
}
