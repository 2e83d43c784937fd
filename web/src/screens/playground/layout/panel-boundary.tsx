import { Component, type ReactNode } from "react";
import { Button } from "../../../ui/button.tsx";

interface PanelBoundaryProps {
  readonly children: ReactNode;
  readonly text: string;
  readonly reload: string;
}

type Health = { readonly state: "well" } | { readonly state: "broken" };

/** Keeps a defect of one panel, or code that could not be loaded, from the rest of the page. */
export class PanelBoundary extends Component<PanelBoundaryProps, Health> {
  override state: Health = { state: "well" };

  static getDerivedStateFromError(): Health {
    return { state: "broken" };
  }

  override render(): ReactNode {
    if (this.state.state === "well") return this.props.children;
    return (
      <div role="alert" className="flex flex-col items-start gap-3 p-4">
        <p>{this.props.text}</p>
        <Button size="small" onClick={() => window.location.reload()}>
          {this.props.reload}
        </Button>
      </div>
    );
  }
}
