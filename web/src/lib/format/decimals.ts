/** How many decimals a decimal string carries: 2 for a volume step of 0.01. */
export function decimalsOf(value: string): number {
  return (value.split(".")[1] ?? "").length;
}
