import { SlipwayError } from "@slipway/protocol";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** How often each kind of request may come from one person: `points` in `seconds`. */
export const RATES = {
  /** By address. */
  "guest-entry": { points: 300, seconds: 60 },
  "sign-up": { points: 100, seconds: 60 },
  "sign-in": { points: 200, seconds: 60 },
  /** Guesses of one account's password, from wherever they come. */
  "password-try": { points: 20, seconds: 15 * 60 },
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

/** All guests of one address together may do as much as so many of them: a classroom sits behind one address. */
export const GUESTS_OF_ADDRESS = 40;

/** Counts requests and refuses what is too much. */
export interface RateLimits {
  /** @throws rate-limited, with `seconds` to wait */
  spend(rate: Rate, key: string): Promise<void>;
  /** Counts a guest's request to their address. @throws rate-limited, with `seconds` to wait */
  spendAsGuest(rate: Rate, address: string): Promise<void>;
}

/** Counts in this process's memory; rates hold per process. */
export function createRateLimits(): RateLimits {
  const people = limitersOf("person", 1);
  const addresses = limitersOf("guests", GUESTS_OF_ADDRESS);
  return {
    spend: (rate, key) => consume(people, rate, key),
    spendAsGuest: (rate, address) => consume(addresses, rate, address),
  };
}

type Limiters = ReadonlyMap<Rate, RateLimiterMemory>;

const limitersOf = (kind: string, factor: number): Limiters =>
  new Map(
    (Object.keys(RATES) as Rate[]).map((rate) => {
      const { points, seconds } = RATES[rate];
      const keyPrefix = `${kind}:${rate}`;
      return [rate, new RateLimiterMemory({ keyPrefix, points: points * factor, duration: seconds })];
    }),
  );

async function consume(limiters: Limiters, rate: Rate, key: string): Promise<void> {
  try {
    await limiters.get(rate)?.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const seconds = Math.ceil(refusal.msBeforeNext / 1000);
    throw new SlipwayError("rate-limited", `Too many requests; try again in ${seconds} s.`, {
      params: { seconds },
    });
  }
}
