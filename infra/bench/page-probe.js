// Runs in the page that is measured: plain JavaScript, since a compiler's helpers are not there.
const PROMPT_TIMEOUT_MS = 60_000;

/** Of the terminal in front. */
const rows = () => [...document.querySelectorAll(".xterm-rows")].find((screen) => screen.checkVisibility());

/**
 * @param {HTMLElement} button
 * @returns {Promise<number>} milliseconds from a click on it to the first prompt on the terminal's screen
 */
function launchToPrompt(button) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    // The terminal of the session before is still there to be read.
    const before = rows();
    const look = () => {
      const now = rows();
      if (now !== before && /[#$] /.test(now?.textContent ?? "")) resolve(performance.now() - started);
      else if (performance.now() - started > PROMPT_TIMEOUT_MS) reject(new Error("no prompt"));
      else requestAnimationFrame(look);
    };
    button.click();
    look();
  });
}

/** @returns {number[]} from now on, for each key how long the terminal's screen took to change, milliseconds */
function watchKeys() {
  /** @type {number[]} */
  const samples = [];
  const screen = rows();
  if (!screen) throw new Error("no terminal");
  let pressed = 0;
  window.addEventListener(
    "keydown",
    () => {
      pressed = performance.now();
    },
    true,
  );
  new MutationObserver(() => {
    if (pressed > 0) samples.push(performance.now() - pressed);
    pressed = 0;
  }).observe(screen, { childList: true, subtree: true, characterData: true });
  return samples;
}

/**
 * @param {HTMLElement} element something that scrolls
 * @param {number} frames
 * @param {number} pixels that it moves in each of them
 * @returns {Promise<number[]>} milliseconds from frame to frame while it does
 */
async function scrollFrames(element, frames, pixels) {
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  /** @type {number[]} */
  const samples = [];
  element.scrollTop = 0;
  let last = await nextFrame();
  for (let frame = 0; frame < frames; frame += 1) {
    element.scrollTop += pixels;
    const now = await nextFrame();
    samples.push(now - last);
    last = now;
  }
  return samples;
}

Object.assign(window, { slipwayProbe: { launchToPrompt, watchKeys, scrollFrames, samples: [] } });
