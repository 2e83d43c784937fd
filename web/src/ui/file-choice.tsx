import { type ReactNode, useRef } from "react";
import { Button, type ButtonProps } from "./button.tsx";
import { type Collected, collectInput } from "./collect-files.ts";

export interface FileChoiceProps extends Pick<ButtonProps, "size" | "disabled" | "className"> {
  readonly label: string;
  readonly icon: ReactNode;
  /** A folder with all that is in it, in place of files. */
  readonly folder?: boolean;
  /** Kinds of files, as HTML's `accept` names them; one file then. */
  readonly accept?: string;
  readonly onChosen: (files: Collected[]) => void;
}

/** A button that opens the browser's own chooser. */
export function FileChoice({ label, icon, folder, accept, onChosen, ...look }: FileChoiceProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button {...look} icon={icon} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple={accept === undefined}
        accept={accept}
        aria-label={label}
        // React has no name for it; browsers have had it for ten years.
        {...(folder ? { webkitdirectory: "" } : {})}
        onChange={({ currentTarget }) => {
          if (currentTarget.files) onChosen(collectInput(currentTarget.files));
          currentTarget.value = "";
        }}
      />
    </>
  );
}
