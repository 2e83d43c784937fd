import { EngineError } from "./engine-error.ts";
import { momentOf } from "./moments.ts";
import type { Filters } from "./query-values.ts";

/** What a list or a prune is narrowed to; values of one name are alternatives, unless the name says otherwise. */
export class FilterSet {
  readonly #values: Filters;

  /** A name that is not in `known` is Docker's 400. */
  constructor(values: Filters, known: readonly string[]) {
    this.#values = values;
    for (const name of values.keys()) {
      if (!known.includes(name)) throw new EngineError(400, `invalid filter '${name.slice(0, 100)}'`);
    }
  }

  values(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.values(name).length > 0;
  }

  /** True where nobody asked, or one of the values is right. */
  some(name: string, isRight: (value: string) => boolean): boolean {
    return !this.has(name) || this.values(name).some(isRight);
  }

  /** True where nobody asked, or all of the values are right. */
  every(name: string, isRight: (value: string) => boolean): boolean {
    return this.values(name).every(isRight);
  }

  /** `label=a`, `label=a=b` and, where the other name is there, their opposite. */
  labels(labels: Readonly<Record<string, string>>): boolean {
    const has = (value: string): boolean => {
      const equals = value.indexOf("=");
      if (equals < 0) return Object.hasOwn(labels, value);
      const name = value.slice(0, equals);
      return Object.hasOwn(labels, name) && labels[name] === value.slice(equals + 1);
    };
    return this.every("label", has) && this.every("label!", (value) => !has(value));
  }

  /** A yes or a no, in Go's words for them; null where nobody asked. */
  flag(name: string): boolean | null {
    const [value] = this.values(name);
    if (value === undefined) return null;
    if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
    if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
    throw new EngineError(400, `invalid filter '${name}=[${value.slice(0, 100)}]'`);
  }

  /** A moment: seconds since the epoch, a time, or how long ago (`10m`). Milliseconds since the epoch, or null. */
  moment(name: string, nowMs: number): number | null {
    const [value] = this.values(name);
    return value === undefined ? null : momentOf(value, nowMs);
  }
}
