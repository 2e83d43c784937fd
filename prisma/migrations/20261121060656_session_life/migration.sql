-- CreateEnum
CREATE TYPE "saved_image_state" AS ENUM ('saving', 'saved', 'failed');

-- CreateEnum
CREATE TYPE "link_kind" AS ENUM ('preview', 'terminal');

-- CreateEnum
CREATE TYPE "link_role" AS ENUM ('view', 'drive');

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "files_kept_until" TIMESTAMPTZ(3),
ADD COLUMN     "limit_events" TEXT NOT NULL DEFAULT '[]',
ADD COLUMN     "pause_command_id" TEXT,
ADD COLUMN     "pause_wanted" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "paused" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "saved_image_id" TEXT;

-- CreateTable
CREATE TABLE "terminal_orders" (
    "id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "terminal_id" TEXT NOT NULL,
    "rows" INTEGER NOT NULL,
    "cols" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "terminal_orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "saved_images" (
    "id" TEXT NOT NULL,
    "playground_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "build_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "worker_id" TEXT NOT NULL,
    "state" "saved_image_state" NOT NULL DEFAULT 'saving',
    "command_id" TEXT NOT NULL,
    "image" TEXT,
    "error" TEXT,
    "saved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "saved_images_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "links" (
    "id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "token_digest" TEXT NOT NULL,
    "kind" "link_kind" NOT NULL,
    "port" INTEGER,
    "role" "link_role",
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "links_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "terminal_orders_session_id_idx" ON "terminal_orders"("session_id");

-- CreateIndex
CREATE INDEX "saved_images_worker_id_state_idx" ON "saved_images"("worker_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "saved_images_playground_id_name_key" ON "saved_images"("playground_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "links_token_digest_key" ON "links"("token_digest");

-- CreateIndex
CREATE INDEX "links_session_id_idx" ON "links"("session_id");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_saved_image_id_fkey" FOREIGN KEY ("saved_image_id") REFERENCES "saved_images"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "terminal_orders" ADD CONSTRAINT "terminal_orders_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "saved_images" ADD CONSTRAINT "saved_images_playground_id_fkey" FOREIGN KEY ("playground_id") REFERENCES "playgrounds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "saved_images" ADD CONSTRAINT "saved_images_build_id_fkey" FOREIGN KEY ("build_id") REFERENCES "builds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "links" ADD CONSTRAINT "links_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- One session per playground, image and start, also when two processes launch at the same moment. Prisma knows no partial indexes.
CREATE UNIQUE INDEX "sessions_one_per_image" ON "sessions"("playground_id", "image", "start") WHERE "state" IN ('queued', 'starting', 'running');
