-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "stop_reason" TEXT,
ADD COLUMN     "stopped_by_operator" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "draining" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "role_quotas" (
    "role" TEXT NOT NULL,
    "sessions" INTEGER,
    "minutes" INTEGER,
    "memory_bytes" BIGINT,
    "cpus" DOUBLE PRECISION,
    "disk_bytes" BIGINT,
    "builds_per_hour" INTEGER,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_quotas_pkey" PRIMARY KEY ("role")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_id" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "audit_entries_at_idx" ON "audit_entries"("at");
