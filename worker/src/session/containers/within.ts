/** True when `ended` resolves in time. */
export async function within(ended: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.min(timeoutMs, 2 ** 31 - 1));
  });
  const result = await Promise.race([ended.then(() => true as const), late]);
  clearTimeout(timer);
  return result;
}
