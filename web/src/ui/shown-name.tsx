import { shownPieces } from "./shown-text.ts";

/** A name or path out of an image; it takes no part in the direction of the text around it. */
export function ShownName({ name }: { readonly name: string }) {
  return (
    <bdi dir="ltr">
      {shownPieces(name).map(({ at, text, isEscape }) =>
        isEscape ? (
          <span key={at} className="rounded-small bg-warn-soft text-warn">
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </bdi>
  );
}
