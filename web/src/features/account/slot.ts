/** The place in AccountLink's text that the browser fills in. */
export const NAME_SLOT = "%name%";
