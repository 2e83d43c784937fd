import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { Labelled, TextInput } from "../../ui/field.tsx";

/** Pause in typing after which the search begins. */
const PAUSE_MS = 250;

export function SearchField({ hint, onSearch }: { hint: string; onSearch: (text: string) => void }) {
  const t = useTranslations("admin");
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => onSearch(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, onSearch]);
  return (
    <div className="mb-4 max-w-[26rem]">
      <Labelled label={t("search")} hint={hint}>
        {(ids) => (
          <TextInput
            {...ids}
            type="search"
            maxLength={200}
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      </Labelled>
    </div>
  );
}
