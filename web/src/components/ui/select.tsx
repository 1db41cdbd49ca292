interface SelectProps<Value extends string> {
  label: string;
  value: Value | undefined;
  anyText: string;
  options: readonly { value: Value; text: string }[];
  onChange: (value: Value | undefined) => void;
}

/** The platform's own select in the desk's clothes: keyboard, screen reader and phone behaviour for free. */
export function Select<Value extends string>({ label, value, anyText, options, onChange }: SelectProps<Value>) {
  return (
    <select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(options.find((option) => option.value === event.target.value)?.value)}
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
