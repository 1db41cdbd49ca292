import { clsx } from "clsx";
import { RadioGroup } from "radix-ui";

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string; title?: string }[];
  onChange: (value: Value) => void;
}

/** A small one-of-many switch; arrow keys move inside it. */
export function Segmented<Value extends string>({ label, value, options, onChange }: SegmentedProps<Value>) {
  return (
    <RadioGroup.Root aria-label={label} value={value} onValueChange={(next) => onChange(next as Value)} orientation="horizontal" className="flex gap-0.5">
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          title={option.title}
          className={clsx(
            "h-7 rounded-md px-2 text-xs font-medium",
            option.value === value ? "bg-surface-3 text-ink" : "text-ink-3 hover:bg-surface-2 hover:text-ink",
          )}
        >
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
