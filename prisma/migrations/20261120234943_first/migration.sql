-- CreateEnum
CREATE TYPE "build_state" AS ENUM ('queued', 'building', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "session_state" AS ENUM ('queued', 'starting', 'running', 'stopping', 'ended');

-- CreateEnum
CREATE TYPE "session_start" AS ENUM ('command', 'shell');

-- CreateTable
CREATE TABLE "users" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "is_anonymous" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_sessions" (
    "id" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "auth_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "accounts" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "access_token" TEXT,
    "refresh_token" TEXT,
    "id_token" TEXT,
    "access_token_expires_at" TIMESTAMPTZ(3),
    "refresh_token_expires_at" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verifications" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "verifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ticket_keys" (
    "id" TEXT NOT NULL,
    "private_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ticket_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "playgrounds" (
    "id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "saved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "playgrounds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "playground_files" (
    "playground_id" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "playground_files_pkey" PRIMARY KEY ("playground_id","path")
);

-- CreateTable
CREATE TABLE "builds" (
    "id" TEXT NOT NULL,
    "playground_id" TEXT NOT NULL,
    "state" "build_state" NOT NULL DEFAULT 'queued',
    "no_cache" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "worker_id" TEXT,
    "command_id" TEXT,
    "next_sequence" INTEGER NOT NULL DEFAULT 0,
    "event_length" INTEGER NOT NULL DEFAULT 0,
    "image" TEXT,
    "error" TEXT,

    CONSTRAINT "builds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "build_contexts" (
    "build_id" TEXT NOT NULL,
    "files" TEXT NOT NULL,

    CONSTRAINT "build_contexts_pkey" PRIMARY KEY ("build_id")
);

-- CreateTable
CREATE TABLE "build_events" (
    "build_id" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "event" TEXT NOT NULL,

    CONSTRAINT "build_events_pkey" PRIMARY KEY ("build_id","sequence")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "playground_id" TEXT NOT NULL,
    "build_id" TEXT NOT NULL,
    "state" "session_state" NOT NULL DEFAULT 'queued',
    "start" "session_start" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "image" TEXT NOT NULL,
    "limits" TEXT NOT NULL,
    "egress" TEXT NOT NULL,
    "rows" INTEGER NOT NULL,
    "cols" INTEGER NOT NULL,
    "main_terminal_id" TEXT NOT NULL,
    "shell_terminal_id" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT -1,
    "terminals" TEXT NOT NULL DEFAULT '[]',
    "ports" TEXT NOT NULL DEFAULT '[]',
    "end" TEXT,
    "worker_id" TEXT,
    "runtime_name" TEXT,
    "runtime_hardened" BOOLEAN,
    "launch_command_id" TEXT,
    "stop_command_id" TEXT,
    "extend_command_id" TEXT,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "gateway_url" TEXT NOT NULL,
    "runtime_name" TEXT NOT NULL,
    "runtime_version" TEXT NOT NULL,
    "hardened" BOOLEAN NOT NULL,
    "session_capacity" INTEGER NOT NULL,
    "build_capacity" INTEGER NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "auth_sessions_token_key" ON "auth_sessions"("token");

-- CreateIndex
CREATE INDEX "auth_sessions_user_id_idx" ON "auth_sessions"("user_id");

-- CreateIndex
CREATE INDEX "accounts_user_id_idx" ON "accounts"("user_id");

-- CreateIndex
CREATE INDEX "verifications_identifier_idx" ON "verifications"("identifier");

-- CreateIndex
CREATE INDEX "playgrounds_owner_id_saved_at_idx" ON "playgrounds"("owner_id", "saved_at");

-- CreateIndex
CREATE INDEX "builds_playground_id_created_at_idx" ON "builds"("playground_id", "created_at");

-- CreateIndex
CREATE INDEX "builds_worker_id_state_idx" ON "builds"("worker_id", "state");

-- CreateIndex
CREATE INDEX "builds_state_created_at_idx" ON "builds"("state", "created_at");

-- CreateIndex
CREATE INDEX "sessions_playground_id_created_at_idx" ON "sessions"("playground_id", "created_at");

-- CreateIndex
CREATE INDEX "sessions_build_id_idx" ON "sessions"("build_id");

-- CreateIndex
CREATE INDEX "sessions_worker_id_state_idx" ON "sessions"("worker_id", "state");

-- CreateIndex
CREATE INDEX "sessions_state_expires_at_idx" ON "sessions"("state", "expires_at");

-- AddForeignKey
ALTER TABLE "auth_sessions" ADD CONSTRAINT "auth_sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playgrounds" ADD CONSTRAINT "playgrounds_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playground_files" ADD CONSTRAINT "playground_files_playground_id_fkey" FOREIGN KEY ("playground_id") REFERENCES "playgrounds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "builds" ADD CONSTRAINT "builds_playground_id_fkey" FOREIGN KEY ("playground_id") REFERENCES "playgrounds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "build_contexts" ADD CONSTRAINT "build_contexts_build_id_fkey" FOREIGN KEY ("build_id") REFERENCES "builds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "build_events" ADD CONSTRAINT "build_events_build_id_fkey" FOREIGN KEY ("build_id") REFERENCES "builds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_playground_id_fkey" FOREIGN KEY ("playground_id") REFERENCES "playgrounds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_build_id_fkey" FOREIGN KEY ("build_id") REFERENCES "builds"("id") ON DELETE CASCADE ON UPDATE CASCADE;
