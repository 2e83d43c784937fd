import { Component, type ReactNode } from "react";
import { BrokenNotice } from "./broken-notice.tsx";

type Health = { readonly state: "well" } | { readonly state: "broken" };

/** Catches a defect while a page is drawn. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, Health> {
  override state: Health = { state: "well" };

  static getDerivedStateFromError(): Health {
    return { state: "broken" };
  }

  override render(): ReactNode {
    if (this.state.state === "well") return this.props.children;
    return <BrokenNotice language={document.documentElement.lang === "ko" ? "ko" : "en"} />;
  }
}
