/** Places in StatusLine's texts that the browser fills in. */
export const RUNTIMES_SLOT = "%runtimes%";
export const NAME_SLOT = "%name%";
