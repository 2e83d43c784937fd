/**
 * Fields of one CSV record: commas separate, `"…"` holds commas, `""` within it is a quote. null where a quote stands in
 * the middle of a field or is not closed (RFC 4180, as Go's encoding/csv reads it).
 */
export function splitCsv(text: string): string[] | null {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      const field = quotedField(text, at);
      if (field === null) return null;
      fields.push(field.value);
      at = field.end;
    } else {
      const comma = text.indexOf(",", at);
      const end = comma < 0 ? text.length : comma;
      const value = text.slice(at, end);
      if (value.includes('"')) return null;
      fields.push(value);
      at = end;
    }
    if (at >= text.length) return fields;
    if (text[at] !== ",") return null;
    at += 1;
  }
}

function quotedField(text: string, from: number): { value: string; end: number } | null {
  const parts: string[] = [];
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return null;
    parts.push(text.slice(at, quote));
    if (text[quote + 1] !== '"') return { value: parts.join(""), end: quote + 1 };
    parts.push('"');
    at = quote + 2;
  }
}
