import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { type EditorView, hoverTooltip, keymap } from "@codemirror/view";
import { type CompletionItem, complete, formatDockerfile, hoverAt } from "@slipway/dockerfile";
import { dockerfileOf } from "./dockerfile-service.ts";
import type { EditorVoice } from "./editor-voice.ts";
import { explainHover, explainTopic } from "./explain.ts";
import type { ContextFile, KnownImage } from "./surroundings.ts";

export interface DockerfileLanguageOptions {
  readonly voice: EditorVoice;
  readonly files: () => readonly ContextFile[];
  /** The images that are known by now; asking never waits. */
  readonly images: () => readonly KnownImage[];
}

/** Completion, explanations and formatting of Dockerfiles. All of it is worked out on this page. */
export function dockerfileLanguage(options: DockerfileLanguageOptions): Extension {
  return [
    autocompletion({
      override: [(context) => completions(context, options)],
      icons: false,
      activateOnTyping: true,
      // After `FROM node:`, `--from=` and the like the next list is wanted at once.
      activateOnCompletion: ({ apply }) => typeof apply === "string" && /[ =:/]$/.test(apply),
    }),
    hoverTooltip((view, position) => hover(view, position, options.voice)),
    keymap.of([{ key: "Shift-Alt-f", run: format }]),
  ];
}

/** Brings the Dockerfile into the usual form; the cursor stays where it is. True where it did something. */
export function format(view: EditorView): boolean {
  const changes = formatDockerfile(dockerfileOf(view.state.doc)).map(({ from, to, insert }) => ({
    from,
    to,
    insert,
  }));
  if (changes.length === 0) return false;
  view.dispatch({ changes, userEvent: "input.format" });
  return true;
}

function completions(
  context: CompletionContext,
  { voice, files, images }: DockerfileLanguageOptions,
): CompletionResult | null {
  const sources = { files: files().map(({ path }) => path), images: images() };
  const found = complete(dockerfileOf(context.state.doc), context.pos, sources);
  if (found === null) return null;
  const typed = context.state.sliceDoc(found.from, context.pos);
  // An empty word is completed where one asks, and behind what calls for a value.
  if (typed === "" && !context.explicit && !/[=:$\s]$/.test(before(context))) return null;
  const first = found.items[0]?.kind;
  if (typed === "" && !context.explicit && first === "instruction") return null;
  // Most comments are words, and no directives.
  if (first === "directive" && !context.explicit && !found.items.some(({ label }) => isBegun(label, typed)))
    return null;
  return {
    from: found.from,
    // What is written whole already needs no completing: Enter begins a new line.
    options: found.items
      .filter(({ label, insert }) => label !== typed || insert !== undefined)
      .map((item, index) => optionOf(item, index, typed, voice)),
    validFor: (written) =>
      /^[\w$.{/-]*$/.test(written) && !found.items.some(({ label }) => label === written),
  };
}

const isBegun = (label: string, typed: string): boolean => typed.length > 1 && label.startsWith(typed);

const before = ({ state, pos }: CompletionContext): string => state.sliceDoc(Math.max(0, pos - 1), pos);

function optionOf(
  { label, kind, insert, detail, topic }: CompletionItem,
  index: number,
  typed: string,
  voice: EditorVoice,
): Completion {
  // Whoever writes small letters gets them.
  const isSmall = kind === "instruction" && typed !== "" && typed === typed.toLowerCase();
  const apply = insert ?? label;
  return {
    label,
    type: kind,
    apply: isSmall ? apply.toLowerCase() : apply,
    // The order of the service counts among what fits equally well.
    boost: -Math.min(index, 99),
    ...(detail !== undefined && { detail }),
    ...(topic !== undefined && { info: async () => explainTopic(topic, await voice.docs()) }),
  };
}

async function hover(view: EditorView, position: number, voice: EditorVoice) {
  const found = hoverAt(dockerfileOf(view.state.doc), position);
  if (found === null) return null;
  const docs = await voice.docs();
  return {
    pos: found.from,
    end: found.to,
    above: true,
    create: () => ({ dom: explainHover(found, docs, voice) }),
  };
}
