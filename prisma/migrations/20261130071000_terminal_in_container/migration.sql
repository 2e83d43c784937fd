-- AlterTable
ALTER TABLE "terminal_orders" ADD COLUMN     "container" TEXT;
