import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/* Colours come from the page's variables, so the editor follows light and dark without being told. */

const chrome = EditorView.theme({
  "&": { height: "100%", backgroundColor: "transparent", color: "var(--ink)", fontSize: "0.875rem" },
  "&.cm-focused": { outline: "none" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "var(--hover)" },
  ".cm-scroller": {
    fontFamily: "var(--font-code)",
    lineHeight: "1.7",
    overflow: "auto",
    fontVariantLigatures: "none",
  },
  ".cm-content": { padding: "0.5rem 0 4rem", caretColor: "var(--sea)" },
  ".cm-line": { padding: "0 1rem 0 0.5rem" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ink-faint)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 0.5rem 0 0.75rem", minWidth: "2.25rem" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-cursor": { borderLeft: "2px solid var(--sea)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--sea-soft)",
  },
  ".cm-matchingBracket": { backgroundColor: "var(--sea-soft)", outline: "none" },
  ".cm-gutter-lint": { width: "1rem" },
  ".cm-lint-marker": { width: "0.5rem", height: "0.5rem", margin: "0.5rem 0.25rem", borderRadius: "50%" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--bad)" },
  ".cm-lint-marker-warning": { content: "none", backgroundColor: "var(--warn)" },
  ".cm-lintRange-error": { backgroundImage: "none", borderBottom: "2px solid var(--bad)" },
  ".cm-lintRange-warning": { backgroundImage: "none", borderBottom: "2px dotted var(--warn)" },
  ".cm-tooltip": {
    maxWidth: "28rem",
    border: "1px solid var(--line)",
    borderRadius: "7px",
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    boxShadow: "0 12px 32px -8px var(--shade)",
    fontFamily: "var(--font-text)",
    fontSize: "0.8125rem",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-code)", maxHeight: "16rem" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "0.125rem 0.625rem", lineHeight: "1.6" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--sea)",
    color: "var(--on-sea)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": {
    marginLeft: "0.75rem",
    fontStyle: "normal",
    color: "var(--ink-faint)",
  },
  "li[aria-selected] .cm-completionDetail": { color: "var(--on-sea)" },
  ".cm-completionInfo": { padding: "0", maxWidth: "24rem" },
  ".cm-explanation": { padding: "0.5rem 0.75rem", maxHeight: "16rem", overflowY: "auto", lineHeight: "1.55" },
  ".cm-explanation + .cm-explanation, div:not(:empty) > .cm-explanation:not(:first-child)": {
    borderTop: "1px solid var(--line)",
  },
  ".cm-explanation-title": {
    fontFamily: "var(--font-code)",
    fontWeight: "600",
    color: "var(--syntax-keyword)",
  },
  ".cm-explanation pre": {
    marginTop: "0.375rem",
    padding: "0.375rem 0.5rem",
    borderRadius: "4px",
    backgroundColor: "var(--sunk)",
    whiteSpace: "pre-wrap",
    fontSize: "0.75rem",
  },
  ".cm-diagnosticAction": {
    display: "inline-block",
    margin: "0.375rem 0.375rem 0 0",
    padding: "0.125rem 0.5rem",
    border: "1px solid var(--line-strong)",
    borderRadius: "4px",
    backgroundColor: "transparent",
    color: "var(--ink)",
    textAlign: "left",
    cursor: "pointer",
  },
  ".cm-diagnosticAction:hover": { backgroundColor: "var(--hover)" },
  ".cm-diagnosticSource": { fontSize: "0.6875rem", opacity: "1", color: "var(--ink-faint)" },
  ".cm-panels": { backgroundColor: "var(--paper)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-panel.cm-panel-lint ul [aria-selected]": { backgroundColor: "var(--sea-soft)" },
  ".cm-panel.cm-panel-lint ul [aria-selected] u": { textDecoration: "none" },
  ".cm-panel.cm-panel-lint button[name=close]": { color: "var(--ink)", right: "0.5rem" },
  ".cm-diagnostic": { padding: "0.5rem 0.75rem", border: "none" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--bad)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--warn)" },
});

const colours = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.modifier, tags.operatorKeyword],
    color: "var(--syntax-keyword)",
    fontWeight: "600",
  },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--syntax-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--syntax-number)" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.className, tags.typeName],
    color: "var(--syntax-name)",
  },
  { tag: [tags.comment, tags.meta], color: "var(--syntax-comment)", fontStyle: "italic" },
]);

export const editorTheme: Extension = [chrome, syntaxHighlighting(colours)];
