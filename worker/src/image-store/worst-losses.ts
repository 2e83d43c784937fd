import { MAX_WASTED_FILES, type WastedFile } from "@slipway/protocol";
import type { LossListener, Present } from "./layer-changes.ts";

/** Remembers the files that waste the most bytes. Losses of one path come one after the other. */
export class WorstLosses implements LossListener {
  #worst: WastedFile[] = [];
  #current: WastedFile | null = null;

  lost({ layer, entry }: Present, lostTo: number, isRemoved: boolean): void {
    const before = this.#current?.path === entry.path ? this.#current : null;
    if (before === null) this.#keep();
    this.#current = {
      path: entry.path,
      wastedBytes: (before?.wastedBytes ?? 0) + entry.sizeBytes,
      copies: (before?.copies ?? 0) + 1,
      writtenBy: before?.writtenBy ?? layer,
      lostTo,
      isRemoved,
    };
  }

  /** The worst first. */
  worst(): WastedFile[] {
    this.#keep();
    this.#cut();
    return this.#worst;
  }

  #keep(): void {
    if (this.#current === null) return;
    this.#worst.push(this.#current);
    this.#current = null;
    if (this.#worst.length >= 2 * MAX_WASTED_FILES) this.#cut();
  }

  #cut(): void {
    this.#worst.sort((left, right) => right.wastedBytes - left.wastedBytes);
    this.#worst = this.#worst.slice(0, MAX_WASTED_FILES);
  }
}
