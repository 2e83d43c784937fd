import { SlipwayError } from "@slipway/protocol";
import type { DownloadLimits } from "./container-files.ts";

const MIB = 1024 * 1024;

export function uploadTooLarge(maxBytes: number): SlipwayError {
  const params = { limit: Math.round(maxBytes / MIB) };
  return new SlipwayError("upload-too-large", "A file is larger than what can be uploaded.", { params });
}

export function downloadTooLarge({ maxBytes }: DownloadLimits): SlipwayError {
  const params = { limit: Math.round(maxBytes / MIB) };
  return new SlipwayError("download-too-large", "This is more than can be downloaded at once.", { params });
}
