import {
  type ContainerListing,
  containerListingSchema,
  encodeContainerPath,
  filesPath,
  wireErrorSchema,
} from "@slipway/protocol";
import { z } from "zod";
import { rpc } from "../../../rpc/client.ts";
import { WireFailure } from "../../../rpc/failure.ts";

/** A ticket is asked for anew a little before it ends. */
const MARGIN_MS = 30_000;

interface Ticket {
  readonly ticket: string;
  readonly expiresAt: number;
}

/** The way to the files of one session's container. Everything rejects with what the worker says, as a WireFailure. */
export class FilesDoor {
  readonly #sessionId: string;
  #ticket: Ticket | null = null;

  constructor(sessionId: string) {
    this.#sessionId = sessionId;
  }

  /** What is in a directory, or where a terminal's process is. */
  async list(where: { readonly path: string } | { readonly terminalId: string }): Promise<ContainerListing> {
    const query =
      "path" in where ? `path=${encodeContainerPath(where.path)}` : `terminal=${where.terminalId}`;
    const answer = await this.#fetch(query);
    return containerListingSchema.parse(await answer.json());
  }

  /** Has the browser save a file, or a directory as a tar. */
  async download(path: string): Promise<void> {
    const query = `path=${encodeContainerPath(path)}&download`;
    // The answer to a link can't be seen: what would not come is found out before.
    await this.#fetch(`${query}&check`);
    const ticket = encodeURIComponent(await this.#valid());
    window.location.assign(`${filesPath(this.#sessionId)}?${query}&ticket=${ticket}`);
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#fetch(`path=${encodeContainerPath(path)}&directory`, "PUT");
  }

  /** Sends a file; `progress` gets the bytes that have left. */
  async upload(
    path: string,
    file: File,
    progress: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const ticket = await this.#valid();
    // fetch tells nothing of what has been sent.
    const request = new XMLHttpRequest();
    await new Promise<void>((resolve, reject) => {
      const failed = () => reject(failureIn(parsed(request.responseText)));
      const stop = () => request.abort();
      signal.addEventListener("abort", stop);
      request.upload.addEventListener("progress", ({ loaded }) => progress(loaded));
      request.addEventListener("load", () => (request.status === 204 ? resolve() : failed()));
      request.addEventListener("error", failed);
      request.addEventListener("abort", () => reject(signal.reason));
      request.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
      request.open("PUT", `${filesPath(this.#sessionId)}?path=${encodeContainerPath(path)}`);
      request.setRequestHeader("authorization", `Bearer ${ticket}`);
      request.setRequestHeader("content-type", "application/octet-stream");
      request.send(file);
    });
  }

  async #fetch(query: string, method = "GET"): Promise<Response> {
    const headers = { authorization: `Bearer ${await this.#valid()}` };
    const url = `${filesPath(this.#sessionId)}?${query}`;
    const answer = await fetch(url, { method, headers }).catch(() => null);
    if (answer?.ok) return answer;
    throw failureIn(await answer?.json().catch(() => null));
  }

  async #valid(): Promise<string> {
    if (this.#ticket === null || this.#ticket.expiresAt - MARGIN_MS < Date.now())
      this.#ticket = await rpc.session.filesTicket.mutate({ sessionId: this.#sessionId });
    return this.#ticket.ticket;
  }
}

/** What the gateway answers is the error itself. */
function failureIn(body: unknown): WireFailure {
  const answer = z.object({ error: wireErrorSchema }).safeParse(body);
  return answer.success ? new WireFailure(answer.data.error) : WireFailure.fromAnswer(null);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
