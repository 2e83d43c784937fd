// Runs in the page that is measured: plain JavaScript, since a compiler's helpers are not there.
const LINE_TIMEOUT_MS = 90_000;

/**
 * @param {string} selector
 * @param {string} text
 * @returns {Promise<number>} milliseconds until something that the selector finds holds the text and was drawn
 */
function until(selector, text) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const look = () => {
      const found = [...document.querySelectorAll(selector)].some((element) =>
        element.textContent?.includes(text),
      );
      if (found) requestAnimationFrame(() => resolve(performance.now() - started));
      else if (performance.now() - started > LINE_TIMEOUT_MS) reject(new Error(`no ${text}`));
      else requestAnimationFrame(look);
    };
    look();
  });
}

/**
 * Scrolls from top to bottom, a step with each frame.
 * @param {string} selector
 * @param {number} forMs
 * @returns {Promise<{ framesPerSecond: number, longestFrameMs: number }>}
 */
function scroll(selector, forMs) {
  const box = document.querySelector(selector);
  if (!box) throw new Error("nothing to scroll");
  return new Promise((resolve) => {
    const started = performance.now();
    let last = started;
    let frames = 0;
    let longestFrameMs = 0;
    /** @param {number} now */
    const step = (now) => {
      longestFrameMs = Math.max(longestFrameMs, now - last);
      last = now;
      frames += 1;
      const share = (now - started) / forMs;
      if (share >= 1) resolve({ framesPerSecond: (1000 * frames) / (now - started), longestFrameMs });
      else {
        box.scrollTop = share * (box.scrollHeight - box.clientHeight);
        requestAnimationFrame(step);
      }
    };
    requestAnimationFrame(step);
  });
}

Object.assign(window, { slipwayLayers: { until, scroll } });
