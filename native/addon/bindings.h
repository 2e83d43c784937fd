#pragma once

#include <napi.h>

namespace slipway {

void defineMounts(Napi::Env env, Napi::Object exports);
void defineEntries(Napi::Env env, Napi::Object exports);

}  // namespace slipway
