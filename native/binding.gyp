{
  "variables": {
    "cxx_flags": ["-std=c++20", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fstack-protector-strong"]
  },
  "target_defaults": {
    "cflags!": ["-fno-exceptions", "-O3"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20", "-O3"],
    "cflags_cc": ["<@(cxx_flags)"]
  },
  "targets": [
    {
      "target_name": "slipway_native",
      "sources": ["<!@(node sources.mjs addon)"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_ADDON_API_CPP_EXCEPTIONS"]
    },
    {
      "target_name": "slipway-launch",
      "type": "executable",
      "sources": ["<!@(node sources.mjs launch)"],
      "ldflags": ["-static"]
    },
    {
      "target_name": "slipway-shim",
      "type": "executable",
      "sources": ["<!@(node sources.mjs shim/src)"],
      "ldflags": ["-static"]
    },
    {
      "target_name": "slipway-keeper",
      "type": "executable",
      "sources": ["<!@(node sources.mjs keeper)", "shim/src/child.cc", "shim/src/console.cc", "shim/src/files.cc"],
      "ldflags": ["-static"]
    }
  ]
}
