-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "expects_shell" BOOLEAN NOT NULL DEFAULT false;
