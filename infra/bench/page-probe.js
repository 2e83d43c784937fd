// Runs in the page that is measured: plain JavaScript, since a compiler's helpers are not there.
const PROMPT_TIMEOUT_MS = 60_000;

const rows = () => document.querySelector('[role="tabpanel"][data-state="active"] .xterm-rows');

/** Milliseconds from a click on `button` to the first prompt on the terminal's screen. */
function launchToPrompt(button) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const look = () => {
      if (/[#$] /.test(rows()?.textContent ?? "")) resolve(performance.now() - started);
      else if (performance.now() - started > PROMPT_TIMEOUT_MS) reject(new Error("no prompt"));
      else requestAnimationFrame(look);
    };
    button.click();
    look();
  });
}

/** From now on, notes for each key how long the terminal's screen took to change. */
function watchKeys() {
  const samples = [];
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
  }).observe(rows(), { childList: true, subtree: true, characterData: true });
  return samples;
}

window.slipwayProbe = { launchToPrompt, watchKeys, samples: [] };
