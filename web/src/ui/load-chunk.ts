/** Tries to load a chunk, the first included. */
const TRIES = 4;
const PAUSE_MS = 400;

/**
 * Loads code that comes later. A short break of the network, such as a browser sees when the machine that it runs on
 * makes a container's network, costs a try and not the page.
 */
export async function loadChunk<Module>(load: () => Promise<Module>): Promise<Module> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await load();
    } catch (thrown) {
      if (tried === TRIES) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tried));
    }
  }
}
