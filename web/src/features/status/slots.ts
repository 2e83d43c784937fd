/*
 * Places in StatusLine's texts that the browser fills in. They stand in a module of their own because a constant that a
 * server component imports from a client module is only a reference to it.
 */
export const RUNTIMES_SLOT = "%runtimes%";
export const NAME_SLOT = "%name%";
