const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** `.dockerignore`, and `Dockerfile.dockerignore`. */
export const isIgnoreFile = (path: string): boolean => fileName(path).endsWith(".dockerignore");

/** `Dockerfile`, `Dockerfile.dev`, `dev.dockerfile`; not the ignore file of one. */
export const isDockerfile = (path: string): boolean =>
  !isIgnoreFile(path) && /^dockerfile(?:\..+)?$|\.dockerfile$/.test(fileName(path).toLowerCase());
