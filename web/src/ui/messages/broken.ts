/** The error page's words in a file of their own, so that the page does not load all others to say three sentences. */
export const broken = {
  en: {
    title: "Something broke on this page.",
    text: "It is our fault, not yours. Your files were saved up to the last change that said so.",
    retry: "Try again",
  },
  ko: {
    title: "이 페이지에서 문제가 생겼습니다.",
    text: "저희 잘못입니다. 저장되었다고 표시된 변경까지는 그대로 남아 있습니다.",
    retry: "다시 시도",
  },
} as const;
