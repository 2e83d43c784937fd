import { type ClassValue, clsx } from "clsx";

/** Joins class names; what is false, null or empty drops out. */
export const classNames = (...values: ClassValue[]): string => clsx(values);
