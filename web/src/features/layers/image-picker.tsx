import { useLocale, useTranslations } from "use-intl";
import type { ImageName, ListedImage } from "../../rpc/client.ts";
import { classNames } from "../../ui/class-names.ts";
import { FIELD } from "../../ui/field.tsx";
import { bytes, timeAgo } from "../../ui/format.ts";

export interface ImagePickerProps {
  readonly label: string;
  readonly images: readonly ListedImage[];
  readonly chosen: ImageName;
  readonly onChoose: (name: ImageName) => void;
}

/** One of the playground's images: builds by when they were made, saved ones by their name as well. */
export function ImagePicker({ label, images, chosen, onChoose }: ImagePickerProps) {
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
          const image = images.find(({ name }) => keyOf(name) === currentTarget.value);
          if (image !== undefined) onChoose(image.name);
        }}
        className={classNames(FIELD, "h-8 max-w-full flex-1 text-small")}
      >
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
