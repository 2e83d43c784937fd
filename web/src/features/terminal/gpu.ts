import type { Terminal } from "@xterm/xterm";

/** Renderers that draw with the processor; there the DOM is faster than WebGL. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render|mesa offscreen/i;

/** True when WebGL is drawn by real graphics hardware. */
function hasHardwareGl(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (gl === null) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(renderer);
}

/** Draws the terminal with WebGL where that is faster. A context that is lost falls back to the DOM. */
export async function drawWithHardware(terminal: Terminal): Promise<void> {
  if (!hasHardwareGl()) return;
  const { WebglAddon } = await import("@xterm/addon-webgl");
  const addon = new WebglAddon();
  addon.onContextLoss(() => addon.dispose());
  terminal.loadAddon(addon);
}
