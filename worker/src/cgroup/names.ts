/** A session, build or container: nothing that could leave the directory. */
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

export function checkName(name: string): void {
  if (!NAME.test(name)) throw new Error(`Not the name of a control group: ${name}`);
}

/** `group` must be below `base`: what is removed there is ours. */
export function checkPath(base: string, group: string): void {
  const names = group.startsWith(`${base}/`) ? group.slice(base.length + 1).split("/") : [];
  if (names.length === 0 || !names.every((name) => NAME.test(name))) {
    throw new Error(`Not a control group below ${base}: ${group}`);
  }
}
