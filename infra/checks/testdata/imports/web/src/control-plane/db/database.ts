import { PrismaPg } from "@prisma/adapter-pg";
export const good = PrismaPg;
