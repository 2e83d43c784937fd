import { CircleUserRound } from "lucide-react";
import { useEffect, useState } from "react";
import { whoAmI } from "../../rpc/plain.ts";
import { NAME_SLOT } from "./slot.ts";

export interface AccountLinkProps {
  /** Finished texts; `own` holds the placeholder NAME_SLOT. */
  readonly labels: { readonly signIn: string; readonly own: string };
}

/** The way to one's account, with its name; for guests and newcomers the way to sign in. */
export function AccountLink({ labels }: AccountLinkProps) {
  const [name, setName] = useState<string | null>(null);
  const [from, setFrom] = useState("/");
  useEffect(() => {
    setFrom(`${window.location.pathname}${window.location.search}`);
    whoAmI().then(
      (person) => setName(person === null || person.guest ? null : person.name),
      () => setName(null),
    );
  }, []);
  const label = name === null ? labels.signIn : labels.own.replace(NAME_SLOT, name);
  return (
    <a
      href={
        from === "/" || from.startsWith("/account") ? "/account" : `/account?to=${encodeURIComponent(from)}`
      }
      aria-label={label}
      title={label}
      className="inline-flex h-8 items-center gap-1.5 rounded-medium px-2 font-medium text-ink-soft text-small transition-colors hover:bg-hover hover:text-ink"
    >
      <CircleUserRound size={17} strokeWidth={1.75} aria-hidden="true" />
      <span className="max-w-[8rem] truncate max-medium:hidden">{name ?? labels.signIn}</span>
    </a>
  );
}
