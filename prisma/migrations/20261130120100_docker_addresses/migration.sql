-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "docker_addresses" INTEGER NOT NULL DEFAULT 0;
