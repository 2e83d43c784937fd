/** A port beside the terminals. */
export const enPreview = {
  show: "Show port {port} beside the terminal",
  showShort: "show",
  shown: "shown",
  title: "Preview of port {port}",
  frame: "Page on port {port}",
  path: "Path on port {port}",
  reload: "Load the page again",
  tab: "Open this path of port {port} in a new tab",
  inTab: "Open in a new tab",
  close: "Close the preview",
  closeCommand: "Close the preview of port {port}",
  back: "Back to the terminal",
  backShort: "Terminal",
  divide: "Share of the preview",
  asking: "Port {port} is being asked",
  again: "Try again",
  failed: "Port {port} could not be opened.",
  failure: {
    closed: {
      title: "Nothing answers on port {port}.",
      text: "Start your program in the terminal. It has to listen on 0.0.0.0, not on 127.0.0.1. As soon as it listens, it is shown here.",
    },
    silent: {
      title: "Port {port} does not answer in time.",
      text: "See in the terminal whether your program is busy or has stopped.",
    },
    broken: {
      title: "What port {port} answered is no page.",
      text: "The program broke the connection off, or what it sent is no HTTP. See in the terminal what it says.",
    },
    "frame-refused": {
      title: "This page does not want to be shown inside of another one.",
      text: "Its answer says so, by X-Frame-Options or frame-ancestors. In a tab of its own it opens.",
    },
    "no-cookies": {
      title: "The browser has kept no ticket for this page.",
      text: "Some browsers keep no cookies for a page inside of another one. In a tab of its own it opens.",
    },
    "session-missing": {
      title: "This session has ended.",
      text: "Launch the playground again; your files are still there.",
    },
    "no-worker": { title: "The worker is just starting.", text: "Try again in a moment." },
    "rate-limited": {
      title: "Too many connections to this session.",
      text: "Close previews that you don’t need, or see whether a program opens more and more of them.",
    },
    other: { title: "Port {port} could not be shown.", text: "Load it again, or open it in a new tab." },
  },
} as const;

export const koPreview = {
  show: "{port}번 포트를 터미널 옆에 표시",
  showShort: "보기",
  shown: "표시 중",
  title: "{port}번 포트 미리보기",
  frame: "{port}번 포트의 페이지",
  path: "{port}번 포트의 경로",
  reload: "페이지 다시 불러오기",
  tab: "{port}번 포트의 이 경로를 새 탭에서 열기",
  inTab: "새 탭에서 열기",
  close: "미리보기 닫기",
  closeCommand: "{port}번 포트 미리보기 닫기",
  back: "터미널로 돌아가기",
  backShort: "터미널",
  divide: "미리보기가 차지하는 비율",
  asking: "{port}번 포트에 요청하는 중",
  again: "다시 시도",
  failed: "{port}번 포트를 열 수 없습니다.",
  failure: {
    closed: {
      title: "{port}번 포트에서 응답이 없습니다.",
      text: "터미널에서 프로그램을 시작하세요. 127.0.0.1이 아니라 0.0.0.0에서 들어야 합니다. 듣기 시작하면 바로 여기에 표시됩니다.",
    },
    silent: {
      title: "{port}번 포트가 제때 응답하지 않습니다.",
      text: "프로그램이 바쁘거나 멈췄는지 터미널에서 확인해 보세요.",
    },
    broken: {
      title: "{port}번 포트의 응답이 페이지가 아닙니다.",
      text: "프로그램이 연결을 끊었거나 HTTP가 아닌 응답을 보냈습니다. 터미널에 나온 내용을 확인해 보세요.",
    },
    "frame-refused": {
      title: "다른 페이지 안에 표시되기를 원하지 않는 페이지입니다.",
      text: "응답의 X-Frame-Options나 frame-ancestors가 그렇게 정하고 있습니다. 새 탭에서는 열립니다.",
    },
    "no-cookies": {
      title: "브라우저에 이 페이지의 티켓이 남아 있지 않습니다.",
      text: "다른 페이지 안에 있는 페이지의 쿠키를 저장하지 않는 브라우저가 있습니다. 새 탭에서는 열립니다.",
    },
    "session-missing": {
      title: "세션이 끝났습니다.",
      text: "플레이그라운드를 다시 실행하세요. 파일은 그대로 남아 있습니다.",
    },
    "no-worker": { title: "워커가 시작되고 있습니다.", text: "잠시 후 다시 시도해 주세요." },
    "rate-limited": {
      title: "이 세션에 연결이 너무 많습니다.",
      text: "필요 없는 미리보기를 닫거나, 연결을 계속 여는 프로그램이 있는지 확인해 보세요.",
    },
    other: {
      title: "{port}번 포트를 표시할 수 없습니다.",
      text: "다시 불러오거나 새 탭에서 열어 보세요.",
    },
  },
} as const;
