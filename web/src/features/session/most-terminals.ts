/** MAX_TERMINALS of the protocol, whose code is not loaded with the page. */
export const MOST_TERMINALS = 16;
