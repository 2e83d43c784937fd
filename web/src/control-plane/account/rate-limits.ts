import { SlipwayError } from "@slipway/protocol";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** How often each kind of request may come from one person (guests: from one address): `points` in `seconds`. */
export const RATES = {
  "guest-entry": { points: 300, seconds: 60 },
  "playground-create": { points: 30, seconds: 60 },
  write: { points: 600, seconds: 60 },
  /** Zips that come in. */
  upload: { points: 60, seconds: 60 },
  /** Files, zips and repositories that go out. */
  download: { points: 240, seconds: 60 },
  build: { points: 30, seconds: 60 },
  "registry-login": { points: 60, seconds: 60 },
  launch: { points: 30, seconds: 60 },
  "open-terminal": { points: 60, seconds: 60 },
  save: { points: 30, seconds: 60 },
  /** Looks into images: one for each directory that is opened, page of it and file. */
  "image-look": { points: 1200, seconds: 60 },
  /** Looks at running sessions: one a second for each panel that is open. */
  "session-look": { points: 600, seconds: 60 },
  "link-make": { points: 60, seconds: 60 },
  /** Uses of links and of renewals, by address. */
  "link-use": { points: 240, seconds: 60 },
} as const satisfies Record<string, { points: number; seconds: number }>;
export type Rate = keyof typeof RATES;

/** Counts requests and refuses what is too much. */
export interface RateLimits {
  /** @throws rate-limited, with `seconds` to wait */
  spend(rate: Rate, key: string): Promise<void>;
}

/** Counts in this process's memory; rates hold per process. */
export function createRateLimits(): RateLimits {
  const limiter = (rate: Rate) =>
    new RateLimiterMemory({ keyPrefix: rate, points: RATES[rate].points, duration: RATES[rate].seconds });
  const limiters = new Map<Rate, RateLimiterMemory>(
    (Object.keys(RATES) as Rate[]).map((rate) => [rate, limiter(rate)]),
  );
  return {
    async spend(rate, key) {
      try {
        await limiters.get(rate)?.consume(key);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        const seconds = Math.ceil(refusal.msBeforeNext / 1000);
        throw new SlipwayError("rate-limited", `Too many requests; try again in ${seconds} s.`, {
          params: { seconds },
        });
      }
    },
  };
}
