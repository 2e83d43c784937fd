/** Where the parts of a playground are on the page. */
export const enLayout = {
  areas: "Parts of the playground",
  switch: "{name}, on or off",
  area: { left: "Files", middle: "Editor", build: "Build", session: "Session" },
  tabs: {
    left: "About the files",
    middle: "About the text",
    build: "About builds",
    session: "About the session",
  },
  divide: {
    left: "Width of the files",
    side: "Width of build and session",
    session: "Height of the session",
  },
  loading: "Loading",
  broken: "This part of the page broke, or its code could not be loaded. Your files are safe.",
  reload: "Reload the page",
} as const;

export const koLayout = {
  areas: "플레이그라운드의 화면",
  switch: "{name} 켜기·끄기",
  area: { left: "파일", middle: "편집기", build: "빌드", session: "세션" },
  tabs: {
    left: "파일에 대한 화면",
    middle: "글에 대한 화면",
    build: "빌드에 대한 화면",
    session: "세션에 대한 화면",
  },
  divide: {
    left: "파일 목록의 너비",
    side: "빌드와 세션의 너비",
    session: "세션의 높이",
  },
  loading: "불러오는 중",
  broken: "화면의 이 부분이 고장 났거나 코드를 불러오지 못했어요. 파일은 안전해요.",
  reload: "페이지 새로 고침",
} as const;
