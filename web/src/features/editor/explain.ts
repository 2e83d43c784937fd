import type { Hover, Topic } from "@slipway/dockerfile";
import type { Docs } from "./docs/docs.ts";
import type { EditorVoice } from "./editor-voice.ts";

const element = (tag: string, className: string, text: string): HTMLElement => {
  const made = document.createElement(tag);
  made.className = className;
  // Never as HTML: values come from the file.
  made.textContent = text;
  return made;
};

/** A topic as people call it: `COPY --from`, `apt-get update`. */
function titleOf(topic: Topic): string | null {
  const [kind, name = ""] = topic.split(/:(.*)/s);
  if (kind === "flag") return name.replace(".", " --");
  if (kind === "mount") return `--mount=type=${name}`;
  if (kind === "directive") return `# ${name}=`;
  return kind === "instruction" ? name : null;
}

/** What there is to say of a topic, as an element. */
export function explainTopic(topic: Topic, docs: Docs): HTMLElement {
  const { text, example } = docs[topic];
  const box = document.createElement("div");
  box.className = "cm-explanation";
  const title = titleOf(topic);
  if (title !== null) box.append(element("p", "cm-explanation-title", title));
  box.append(element("p", "", text));
  if (example !== undefined) box.append(element("pre", "", example));
  return box;
}

/** Longest value of a variable that is shown, characters. */
const MAX_VALUE_CHARACTERS = 200;

export function explainHover(
  { topics, variable, stage }: Hover,
  docs: Docs,
  voice: EditorVoice,
): HTMLElement {
  const box = document.createElement("div");
  if (stage !== null) {
    box.append(element("p", "cm-explanation", voice.stage(stage.name, stage.image, stage.line)));
  }
  if (variable !== null) {
    const value = variable.value?.slice(0, MAX_VALUE_CHARACTERS) ?? null;
    box.append(element("p", "cm-explanation", voice.variable(variable.name, value, variable.line)));
  }
  box.append(...topics.map((topic) => explainTopic(topic, docs)));
  return box;
}
