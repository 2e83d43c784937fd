export type Above = string;
