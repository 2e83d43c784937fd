import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode, PreviewMessage, PreviewProblem } from "@slipway/protocol";

type Language = "en" | "ko";

interface Words {
  readonly title: string;
  readonly text: string;
  readonly action: string;
}

const STATUS = {
  "ticket-invalid": 401,
  "ticket-expired": 401,
  "session-missing": 404,
  "no-worker": 503,
  forbidden: 403,
  "rate-limited": 429,
  "request-invalid": 400,
  "frame-refused": 403,
  "port-unreachable": 502,
} as const satisfies Partial<Record<ErrorCode, number>>;

/** Where the action of a page leads: back to Slipway, or to the same page once more. */
const RETRIES: ReadonlySet<string> = new Set(["port-unreachable", "no-worker", "rate-limited"]);

/** Answers with a small page of our own in the browser's language; with one line of text to what is no browser. */
export function answerProblem(
  request: IncomingMessage,
  response: ServerResponse,
  problem: PreviewProblem,
  publicUrl: string,
): void {
  if (response.headersSent) {
    // One that is through already stays: other requests of the browser's connection may follow it.
    if (!response.writableEnded) response.destroy();
    return;
  }
  const language = languageOf(request.headers["accept-language"]);
  const words = WORDS[language](problem);
  const html = (request.headers.accept ?? "").includes("text/html");
  const nonce = newNonce();
  response.writeHead(STATUS[problem.code], {
    "content-type": html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": `${policy(nonce, publicUrl)}; style-src 'unsafe-inline'`,
    "referrer-policy": "no-referrer",
    "x-slipway-error": problem.code,
    connection: "close",
  });
  const href = RETRIES.has(problem.code) ? "" : publicUrl;
  const message: PreviewMessage = { slipwayPreview: problem };
  const tell = `if (parent !== window) parent.postMessage(${inScript(message)}, ${inScript(new URL(publicUrl).origin)})`;
  const script = `<script nonce="${nonce}">${tell}</script>`;
  response.end(html ? page(language, words, href) + script : `${words.title} ${words.text}\n`);
}

/** A page without anything to see that goes on to a path of its origin, and is not gone back to. */
export function onwardPage(response: ServerResponse, to: string, publicUrl: string): void {
  const nonce = newNonce();
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": policy(nonce, publicUrl),
    // Only the gateway sees it, which knows by it what a frame begins with.
    "referrer-policy": "same-origin",
  });
  response.end(
    `<!doctype html><meta name="color-scheme" content="light dark"><script nonce="${nonce}">location.replace(${inScript(to)})</script>\n`,
  );
}

const newNonce = (): string => randomBytes(16).toString("base64");

/** Pages of ours on a preview's origin do nothing but what is written in them, and only Slipway's own page frames them. */
const policy = (nonce: string, publicUrl: string): string =>
  `default-src 'none'; script-src 'nonce-${nonce}'; frame-ancestors 'self' ${new URL(publicUrl).origin}`;

/** A value as a script may have it. */
const inScript = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** The same for a WebSocket, whose page sees no more than that it failed. */
export function refuseUpgrade(socket: Duplex, problem: PreviewProblem): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(
    `HTTP/1.1 ${STATUS[problem.code]} Refused\r\nx-slipway-error: ${problem.code}\r\nconnection: close\r\n\r\n`,
  );
}

/** Korean when the browser puts it before English (RFC 9110 section 12.5.4, order instead of weights). */
export function languageOf(acceptLanguage: string | undefined): Language {
  const languages = (acceptLanguage ?? "").toLowerCase().split(",");
  const wanted = languages
    .map((entry) => entry.trim().slice(0, 2))
    .find((tag) => tag === "ko" || tag === "en");
  return wanted === "ko" ? "ko" : "en";
}

const WORDS: Record<Language, (problem: PreviewProblem) => Words> = { en: english, ko: korean };

function english(problem: PreviewProblem): Words {
  switch (problem.code) {
    case "ticket-invalid":
    case "ticket-expired":
      return {
        title: "This page needs a ticket.",
        text: "Go back to your session in Slipway and open the port from there once more.",
        action: "Go to Slipway",
      };
    case "session-missing":
      return {
        title: "This session has ended.",
        text: "Launch the playground again in Slipway; your files are still there.",
        action: "Go to Slipway",
      };
    case "no-worker":
      return { title: "Slipway is just starting.", text: "Try again in a moment.", action: "Try again" };
    case "forbidden":
      return {
        title: "Another site sent this request.",
        text: "A preview takes requests of its own session's pages only.",
        action: "Go to Slipway",
      };
    case "rate-limited":
      return {
        title: "Too many connections to this session.",
        text: "Close pages of the preview that you don't need, or see whether a program opens more and more of them.",
        action: "Try again",
      };
    case "request-invalid":
      return {
        title: "This request can't be passed on.",
        text: "Only plain HTTP and WebSocket are.",
        action: "Go to Slipway",
      };
    case "frame-refused":
      return {
        title: "This page does not want to be shown inside of another one.",
        text: "Its answer says so, by X-Frame-Options or frame-ancestors. Open it in a tab of its own.",
        action: "Go to Slipway",
      };
    case "port-unreachable":
      return {
        title: `Nothing answers on port ${problem.port}.`,
        text: {
          closed:
            "Start your program in the terminal. It has to listen on 0.0.0.0; on 127.0.0.1 only the container itself reaches it.",
          silent:
            "The container took no connection in time. See in the terminal whether your program is busy or has stopped.",
          broken:
            "The program broke the connection off, or what it sent is no HTTP. See in the terminal what it says.",
        }[problem.reason],
        action: "Try again",
      };
  }
}

function korean(problem: PreviewProblem): Words {
  switch (problem.code) {
    case "ticket-invalid":
    case "ticket-expired":
      return {
        title: "이 페이지를 열려면 티켓이 필요합니다.",
        text: "Slipway의 세션 화면으로 돌아가 포트를 다시 열어 주세요.",
        action: "Slipway로 가기",
      };
    case "session-missing":
      return {
        title: "세션이 끝났습니다.",
        text: "Slipway에서 플레이그라운드를 다시 실행하세요. 파일은 그대로 남아 있습니다.",
        action: "Slipway로 가기",
      };
    case "no-worker":
      return {
        title: "Slipway가 시작되고 있습니다.",
        text: "잠시 후 다시 시도해 주세요.",
        action: "다시 시도",
      };
    case "forbidden":
      return {
        title: "다른 사이트에서 보낸 요청입니다.",
        text: "미리보기는 같은 세션의 페이지에서 온 요청만 받습니다.",
        action: "Slipway로 가기",
      };
    case "rate-limited":
      return {
        title: "이 세션에 연결이 너무 많습니다.",
        text: "필요 없는 미리보기 창을 닫거나, 연결을 계속 여는 프로그램이 있는지 확인해 보세요.",
        action: "다시 시도",
      };
    case "request-invalid":
      return {
        title: "전달할 수 없는 요청입니다.",
        text: "일반 HTTP와 WebSocket만 전달합니다.",
        action: "Slipway로 가기",
      };
    case "frame-refused":
      return {
        title: "다른 페이지 안에 표시되기를 원하지 않는 페이지입니다.",
        text: "응답의 X-Frame-Options나 frame-ancestors가 그렇게 정하고 있습니다. 새 탭에서 열어 주세요.",
        action: "Slipway로 가기",
      };
    case "port-unreachable":
      return {
        title: `${problem.port}번 포트에서 응답이 없습니다.`,
        text: {
          closed:
            "터미널에서 프로그램을 시작하세요. 0.0.0.0에서 기다려야 합니다. 127.0.0.1에서는 컨테이너 안에서만 접속할 수 있습니다.",
          silent:
            "컨테이너가 제때 연결을 받지 않았습니다. 프로그램이 바쁘거나 멈췄는지 터미널에서 확인해 보세요.",
          broken:
            "프로그램이 연결을 끊었거나 HTTP가 아닌 응답을 보냈습니다. 터미널에 나온 내용을 확인해 보세요.",
        }[problem.reason],
        action: "다시 시도",
      };
  }
}

const page = (language: Language, words: Words, href: string): string => `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title}</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
  main { max-width: 30rem; padding: 2rem; }
  h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
  p { margin: 0 0 1.5rem; opacity: .8; }
  a { display: inline-block; padding: .5rem 1rem; border: 1px solid currentColor; border-radius: .5rem;
      color: inherit; text-decoration: none; }
</style>
<main>
  <h1>${words.title}</h1>
  <p>${words.text}</p>
  <a href="${href}">${words.action}</a>
</main>
`;
