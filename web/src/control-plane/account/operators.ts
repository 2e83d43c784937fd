import { SlipwayError } from "@slipway/protocol";
import { isSameSecret } from "../agents/secrets.ts";
import type { Accounts, Person } from "./account.ts";
import type { RoleSettings } from "./role.ts";

/** How somebody whom the settings name shows that they are the one: nothing here sends mail that could prove an address. */
export interface Operators {
  isCode(code: string): boolean;
  /** Whoever knows the code and has a named address has it proved. @throws forbidden for any other address */
  prove(person: Person): Promise<void>;
}

export function createOperators(
  accounts: Pick<Accounts, "proveEmail">,
  roles: RoleSettings,
  code: string | undefined,
): Operators {
  return {
    isCode: (given) => code !== undefined && isSameSecret(given, code),
    async prove({ id, email }) {
      const isNamed = email !== null && roles.operators.includes(email.toLowerCase());
      if (!isNamed) throw new SlipwayError("forbidden", "SLIPWAY_ADMINS does not name this address.");
      await accounts.proveEmail(id);
    },
  };
}
