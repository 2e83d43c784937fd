-- AlterTable
ALTER TABLE "builds" ADD COLUMN     "build_args" TEXT NOT NULL DEFAULT '{}',
ADD COLUMN     "pull" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "target" TEXT;

-- CreateTable
CREATE TABLE "registry_logins" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "registry" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "registry_logins_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "build_context_files" (
    "build_id" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "build_context_files_pkey" PRIMARY KEY ("build_id","path")
);

-- CreateTable
CREATE TABLE "build_secrets" (
    "build_id" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,

    CONSTRAINT "build_secrets_pkey" PRIMARY KEY ("build_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "registry_logins_user_id_registry_key" ON "registry_logins"("user_id", "registry");

-- AddForeignKey
ALTER TABLE "registry_logins" ADD CONSTRAINT "registry_logins_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "build_context_files" ADD CONSTRAINT "build_context_files_build_id_fkey" FOREIGN KEY ("build_id") REFERENCES "builds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "build_secrets" ADD CONSTRAINT "build_secrets_build_id_fkey" FOREIGN KEY ("build_id") REFERENCES "builds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Contexts of builds that wait or run while this is applied: from one document per build to one row per file.
INSERT INTO "build_context_files" ("build_id", "path", "content", "updated_at")
SELECT "build_id", file ->> 'path', file ->> 'content', to_timestamp((file ->> 'updatedAt')::double precision / 1000)
FROM "build_contexts", json_array_elements("files"::json) AS file;

-- DropTable
DROP TABLE "build_contexts";
