/** Browsers keep a cookie 400 days at most (RFC 6265bis section 5.5). */
const PREFERENCE_SECONDS = 400 * 24 * 60 * 60;

/** Remembers a preference that the server reads when it renders the next page. */
export function rememberPreference(name: string, value: string): void {
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${PREFERENCE_SECONDS}; SameSite=Lax`;
}
