/** A recorded value as it is: monospaced, keys as recorded, never re-ordered. */
export function Json({ value }: { value: unknown }) {
  return <pre className="mono max-h-80 overflow-auto text-2xs leading-[17px] whitespace-pre-wrap text-ink-2 [overflow-wrap:anywhere]">{JSON.stringify(value, null, 2)}</pre>;
}
