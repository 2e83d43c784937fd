import { X } from "lucide-react";
import { Close, Content, Description, Overlay, Portal, Root, Title } from "radix-ui/dialog";
import type { KeyboardEventHandler, ReactNode } from "react";
import { IconButton } from "./button.tsx";
import { classNames } from "./class-names.ts";

export interface DialogProps {
  readonly title: string;
  /** What this is for, in a sentence or two. */
  readonly text: string;
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly onKeyDown?: KeyboardEventHandler;
  /** Twice the room, where the screen has it. */
  readonly wide?: boolean;
  /** The whole screen but for an edge. */
  readonly full?: boolean;
  readonly children: ReactNode;
}

/** A dialog in front of the page, open for as long as it is there. What does not fit scrolls; the title stays. */
export function Dialog({ title, text, closeLabel, onClose, onKeyDown, wide, full, children }: DialogProps) {
  return (
    <Root open onOpenChange={(open) => !open && onClose()}>
      <Portal>
        <Overlay className="fixed inset-0 z-40 bg-veil" />
        <Content
          onKeyDown={onKeyDown}
          className={classNames(
            "appear fixed z-50 flex flex-col rounded-large border border-line bg-surface shadow-raised",
            full
              ? "inset-1.5 medium:inset-4"
              : "top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] -translate-x-1/2 -translate-y-1/2",
            !full && (wide ? "w-[min(64rem,calc(100vw-1.5rem))]" : "w-[min(36rem,calc(100vw-1.5rem))]"),
          )}
        >
          <div className="flex items-start gap-3 border-line border-b py-4 pr-3 pl-5">
            <div className="min-w-0">
              <Title className="font-semibold text-large">{title}</Title>
              <Description className="mt-0.5 text-ink-soft text-small">{text}</Description>
            </div>
            <Close asChild>
              <IconButton label={closeLabel} className="ml-auto">
                <X size={17} strokeWidth={1.75} aria-hidden="true" />
              </IconButton>
            </Close>
          </div>
          {children}
        </Content>
      </Portal>
    </Root>
  );
}
