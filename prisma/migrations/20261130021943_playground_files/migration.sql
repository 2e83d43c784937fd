-- CreateEnum
CREATE TYPE "version_cause" AS ENUM ('pause', 'change', 'build', 'import', 'restore', 'conflict', 'asked');

-- AlterTable
ALTER TABLE "build_context_files" ADD COLUMN     "digest" TEXT,
ADD COLUMN     "executable" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "playground_id" TEXT;

-- AlterTable
ALTER TABLE "playground_files" ADD COLUMN     "digest" TEXT,
ADD COLUMN     "executable" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "playgrounds" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "version_revision" INTEGER NOT NULL DEFAULT -1;

-- CreateTable
CREATE TABLE "playground_blobs" (
    "playground_id" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "is_text" BOOLEAN NOT NULL,
    "is_versioned" BOOLEAN NOT NULL DEFAULT false,
    "content" BYTEA NOT NULL,

    CONSTRAINT "playground_blobs_pkey" PRIMARY KEY ("playground_id","digest")
);

-- Contents move to the blobs of their playground.
UPDATE "build_context_files" c SET "playground_id" = b."playground_id" FROM "builds" b WHERE b."id" = c."build_id";
UPDATE "playground_files" SET "digest" = 'sha256:' || encode(sha256(convert_to("content", 'UTF8')), 'hex');
UPDATE "build_context_files" SET "digest" = 'sha256:' || encode(sha256(convert_to("content", 'UTF8')), 'hex');
INSERT INTO "playground_blobs" ("playground_id", "digest", "bytes", "is_text", "content")
SELECT "playground_id", "digest", octet_length("content"), true, convert_to("content", 'UTF8') FROM "playground_files"
UNION ALL
SELECT "playground_id", "digest", octet_length("content"), true, convert_to("content", 'UTF8') FROM "build_context_files"
ON CONFLICT DO NOTHING;

-- Folders on the way to files have rows of their own.
ALTER TABLE "playground_files" ALTER COLUMN "content" DROP NOT NULL;
INSERT INTO "playground_files" ("playground_id", "path")
SELECT DISTINCT f."playground_id", array_to_string((string_to_array(f."path", '/'))[1:n], '/')
FROM "playground_files" f, generate_series(1, length(f."path") - length(replace(f."path", '/', ''))) n;

ALTER TABLE "playground_files" DROP COLUMN "content";
ALTER TABLE "build_context_files" DROP COLUMN "content",
ALTER COLUMN "playground_id" SET NOT NULL;

-- CreateTable
CREATE TABLE "playground_versions" (
    "playground_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "cause" "version_cause" NOT NULL,
    "name" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "file_count" INTEGER NOT NULL,
    "byte_count" INTEGER NOT NULL,
    "tree" TEXT NOT NULL,

    CONSTRAINT "playground_versions_pkey" PRIMARY KEY ("playground_id","number")
);

-- CreateTable
CREATE TABLE "playground_links" (
    "id" TEXT NOT NULL,
    "playground_id" TEXT NOT NULL,
    "token_digest" TEXT NOT NULL,
    "history" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "playground_links_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "playground_links_token_digest_key" ON "playground_links"("token_digest");

-- CreateIndex
CREATE INDEX "playground_links_playground_id_idx" ON "playground_links"("playground_id");

-- CreateIndex
CREATE INDEX "build_context_files_playground_id_digest_idx" ON "build_context_files"("playground_id", "digest");

-- CreateIndex
CREATE INDEX "playground_files_playground_id_digest_idx" ON "playground_files"("playground_id", "digest");

-- AddForeignKey
ALTER TABLE "playground_blobs" ADD CONSTRAINT "playground_blobs_playground_id_fkey" FOREIGN KEY ("playground_id") REFERENCES "playgrounds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playground_files" ADD CONSTRAINT "playground_files_playground_id_digest_fkey" FOREIGN KEY ("playground_id", "digest") REFERENCES "playground_blobs"("playground_id", "digest") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "playground_versions" ADD CONSTRAINT "playground_versions_playground_id_fkey" FOREIGN KEY ("playground_id") REFERENCES "playgrounds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playground_links" ADD CONSTRAINT "playground_links_playground_id_fkey" FOREIGN KEY ("playground_id") REFERENCES "playgrounds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "build_context_files" ADD CONSTRAINT "build_context_files_playground_id_digest_fkey" FOREIGN KEY ("playground_id", "digest") REFERENCES "playground_blobs"("playground_id", "digest") ON DELETE NO ACTION ON UPDATE NO ACTION;
