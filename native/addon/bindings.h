#pragma once

#include <napi.h>

namespace slipway {

void defineMounts(Napi::Env env, Napi::Object exports);
void defineEntries(Napi::Env env, Napi::Object exports);
void defineDirectories(Napi::Env env, Napi::Object exports);
void defineApplier(Napi::Env env, Napi::Object exports);
void defineCopies(Napi::Env env, Napi::Object exports);
void definePacker(Napi::Env env, Napi::Object exports);
void definePrograms(Napi::Env env, Napi::Object exports);
void definePlacement(Napi::Env env, Napi::Object exports);

}  // namespace slipway
