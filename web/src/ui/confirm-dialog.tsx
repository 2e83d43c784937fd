import { Action, Cancel, Content, Description, Overlay, Portal, Root, Title } from "radix-ui/alert-dialog";
import { Button } from "./button.tsx";

export interface ConfirmDialogProps {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly cancel: string;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

/** Asks before something goes away; open for as long as it is there. */
export function ConfirmDialog({ title, text, confirm, cancel, onConfirm, onCancel }: ConfirmDialogProps) {
  return (
    <Root open onOpenChange={(open) => !open && onCancel()}>
      <Portal>
        <Overlay className="fixed inset-0 z-40 bg-veil" />
        <Content className="appear fixed top-1/2 left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-large border border-line bg-surface p-5 shadow-raised">
          <Title className="break-words font-semibold text-large">{title}</Title>
          <Description className="mt-1.5 text-ink-soft">{text}</Description>
          <div className="mt-5 flex justify-end gap-2">
            <Cancel asChild>
              <Button>{cancel}</Button>
            </Cancel>
            <Action asChild onClick={onConfirm}>
              <Button look="danger">{confirm}</Button>
            </Action>
          </div>
        </Content>
      </Portal>
    </Root>
  );
}
