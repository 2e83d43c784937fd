import { useLocale, useTranslations } from "use-intl";
import type { ImageName, ListedImage } from "../../rpc/client.ts";
import { classNames } from "../../ui/class-names.ts";
import { FIELD } from "../../ui/field.tsx";
import { bytes, timeAgo } from "../../ui/format.ts";

/** An image that is in no list of the playground: one of docker, by what docker calls it. */
export interface UnlistedImage {
  readonly name: ImageName;
  readonly label: string;
}

export interface ImagePickerProps {
  readonly label: string;
  readonly images: readonly ListedImage[];
  readonly unlisted: UnlistedImage | null;
  readonly chosen: ImageName;
  readonly onChoose: (name: ImageName) => void;
}

/** One of the playground's images: builds by when they were made, saved ones by their name as well. */
export function ImagePicker({ label, images, unlisted, chosen, onChoose }: ImagePickerProps) {
  const t = useTranslations("layers");
  const language = useLocale();
  const keyOf = (name: ImageName) => JSON.stringify(name);
  const now = Date.now();
  return (
    <label className="flex min-w-0 flex-wrap items-center gap-2 text-small">
      <span className="font-medium">{label}</span>
      <select
        value={keyOf(chosen)}
        onChange={({ currentTarget }) => {
          const all = [unlisted, ...images].map((image) => image?.name);
          const name = all.find((one) => one !== undefined && keyOf(one) === currentTarget.value);
          if (name !== undefined) onChoose(name);
        }}
        className={classNames(FIELD, "h-8 max-w-full flex-1 text-small")}
      >
        {unlisted !== null && (
          <option value={keyOf(unlisted.name)}>{t("imageOfDocker", { name: unlisted.label })}</option>
        )}
        {images.map(({ name, tag, madeAt, sizeBytes, layerCount }) => (
          <option key={keyOf(name)} value={keyOf(name)}>
            {t(tag === null ? "imageOfBuild" : "imageSaved", {
              tag: tag ?? "",
              when: timeAgo(madeAt, now, language),
              size: bytes(sizeBytes),
              layers: layerCount,
            })}
          </option>
        ))}
      </select>
    </label>
  );
}
