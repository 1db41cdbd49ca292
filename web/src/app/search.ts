// Reads search parameters as texts: whatever else a URL carries is dropped.

type Texts<Name extends string> = Partial<Record<Name, string>>;

/** A validator that keeps the named parameters when they are non-empty texts or numbers. */
export function texts<Name extends string>(...names: Name[]): (search: Record<string, unknown>) => Texts<Name> {
  return (search) => {
    const kept: Texts<Name> = {};
    for (const name of names) {
      const value = search[name];
      if ((typeof value === "string" && value !== "") || typeof value === "number") kept[name] = String(value);
    }
    return kept;
  };
}
