import pg from "pg";
import path from "node:path";
export const bad = [pg, path];
