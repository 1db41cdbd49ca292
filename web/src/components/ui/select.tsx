interface SelectProps {
  label: string;
  value: string | undefined;
  anyText: string;
  options: readonly { value: string; text: string }[];
  onChange: (value: string | undefined) => void;
}

/** The platform's own select in the desk's clothes: keyboard, screen reader and phone behaviour for free. */
export function Select({ label, value, anyText, options, onChange }: SelectProps) {
  return (
    <select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      className="h-8 rounded-md border border-line-strong bg-surface-2 px-2 text-xs text-ink hover:bg-surface-3"
    >
      <option value="">{anyText}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.text}
        </option>
      ))}
    </select>
  );
}
