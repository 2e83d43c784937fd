import { AccountLink } from "../features/account/account-link.tsx";
import { PreferenceSwitches } from "../features/preferences/preference-switches.tsx";
import type { Chrome } from "./chrome.ts";

/** What stands at the end of every page's header. */
export function PageTools({ chrome }: { readonly chrome: Chrome }) {
  return (
    <>
      <PreferenceSwitches {...chrome.switches} />
      <AccountLink {...chrome.account} />
    </>
  );
}
