/** A person in one line. */
export const ownerName = ({
  name,
  email,
}: {
  readonly name: string;
  readonly email: string | null;
}): string => (email === null ? name : `${name} (${email})`);
