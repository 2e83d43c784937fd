import type { Template, TemplateLanguage } from "../playground.ts";
import { dockerHost } from "./docker-host.ts";
import { introduction } from "./introduction.ts";
import { brokenCopy, brokenPackage, brokenScript, brokenStage } from "./repairs.ts";
import { multiStage, python, redis, staticSite } from "./starts.ts";

export interface TemplateContent {
  readonly name: string;
  files(language: TemplateLanguage): Readonly<Record<string, string>>;
}

/** What a new playground can start with. Each builds and runs on the worker's own base images, the broken ones once repaired. */
export const TEMPLATES = {
  node: introduction,
  "docker-host": dockerHost,
  python,
  "static-site": staticSite,
  "multi-stage": multiStage,
  redis,
  "broken-copy": brokenCopy,
  "broken-package": brokenPackage,
  "broken-stage": brokenStage,
  "broken-script": brokenScript,
} as const satisfies Record<Template, TemplateContent>;
