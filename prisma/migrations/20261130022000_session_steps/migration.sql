-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "step" INTEGER,
ADD COLUMN     "step_side" TEXT;

